"""A net as a value, and its responses to images."""

import dataclasses
from collections.abc import Mapping, Sequence

import jax
import jax.numpy as jnp
import numpy as np

from jaxiqa import checks
from jaxiqa.arch.geometry import extents, node_parameters, smallest_image
from jaxiqa.arch.graph import Architecture, feature_taps, resolve, upstream
from jaxiqa.arch.network import Network
from jaxiqa.arch.ops import Precision
from jaxiqa.images import Preprocess, check_images
from jaxiqa.images import preprocess as prepare

PRECISIONS = {
    "highest": Precision.HIGHEST,
    "high": Precision.HIGH,
    "default": Precision.DEFAULT,
}


@jax.tree_util.register_dataclass
@dataclasses.dataclass(frozen=True, eq=False)
class Net:
    """An architecture with weights and with the preprocessing that these weights expect.

    A pytree whose leaves are the weights; everything else is static.

    Attributes:
      variables: ``{"params": {node: {array}}, "batch_stats": ..}``; a partial checkpoint or a net
        with random weights holds some of the nodes only.
      architecture: the table.
      preprocess: what is done to RGB images in [0, 1] before the first node.
      name: as in ``alexnet.imagenet``.
      source: where the weights came from: the sha256 of a file, or a seed.
    """

    variables: Mapping
    architecture: Architecture = dataclasses.field(metadata={"static": True})
    preprocess: Preprocess = dataclasses.field(metadata={"static": True})
    name: str = dataclasses.field(metadata={"static": True})
    source: str = dataclasses.field(metadata={"static": True})


def missing_arrays(net: Net, names: Sequence[str]) -> tuple[str, ...]:
    """Returns the checkpoint keys that the nodes ``names`` need and the net does not hold."""
    held = node_parameters(net.architecture)
    return tuple(
        f"{node.path}.{parameter.key}"
        for node in upstream(net.architecture, names)
        for parameter in held[node.name]
        if parameter.name not in net.variables.get(parameter.collection, {}).get(node.name, {})
    )


def available_taps(net: Net) -> tuple[str, ...]:
    """Returns the field's taps of the convolutional part for which the net holds all weights."""
    return tuple(t for t in feature_taps(net.architecture) if not missing_arrays(net, (t,)))


def check_taps(net: Net, taps: Sequence[str]) -> tuple[str, ...]:
    """Returns the node names of ``taps``, all of them known and covered by the net's weights.

    Raises:
      InputError: a tap is unknown, or needs arrays that a partial checkpoint does not hold.
    """
    if not isinstance(net, Net):
        raise checks.InputError(f"expected a net from load_net, got {net!r}")
    if isinstance(taps, str) or not taps:
        raise checks.InputError(f"taps must be a non-empty sequence of names, got {taps!r}")
    names = tuple(resolve(net.architecture, tap) for tap in taps)
    for tap, name in zip(taps, names, strict=True):
        if missing := missing_arrays(net, (name,)):
            covered = available_taps(net)
            reach = f"; they serve {covered[0]} to {covered[-1]}" if covered else ""
            raise checks.InputError(
                f"the weights of {net.name} do not reach tap {tap!r}: "
                f"{', '.join(missing)} missing{reach}"
            )
    return names


def check_extent(architecture: Architecture, names: Sequence[str], height: int, width: int) -> None:
    """Passes if images of this size have a response at each of the nodes ``names``.

    Raises:
      InputError: a map would have no position left; the smallest size that works for all of them
        is named.
    """
    fits = [extents(architecture, extent) for extent in (height, width)]
    short = {
        name: smallest_image(architecture, name)
        for name in names
        for needed in [upstream(architecture, (name,))]
        if not all(along[node.name] >= 1 for along in fits for node in needed)
    }
    if short:
        name, smallest = max(short.items(), key=lambda item: item[1])
        raise checks.InputError(
            f"images of {width} x {height} pixels are too small for {name} of "
            f"{architecture.name}: it needs at least {smallest} x {smallest}"
        )


def apply(
    variables: Mapping,
    images: jax.Array,
    *,
    architecture: Architecture,
    preprocess: Preprocess,
    names: tuple[str, ...],
    precision: Precision,
    dtype: str = "float32",
) -> dict[str, jax.Array]:
    """Returns responses by node name; traceable and without checks, for use inside a jit.

    In a narrower dtype maps and products are kept in it, the weights and what is made of running
    statistics stay float32 until they are used.
    """
    network = Network(architecture, names, precision)
    return network.apply(variables, prepare(images, preprocess).astype(dtype))


# The net's name and source are no arguments, so that ten seeds of one net compile once.
_responses = jax.jit(apply, static_argnames=("architecture", "preprocess", "names", "precision"))


def needed_variables(net: Net, names: Sequence[str]) -> dict:
    """Returns just the weights that these nodes need, so that a jit is handed no others."""
    needed = {node.name for node in upstream(net.architecture, names)}
    return {
        collection: {name: arrays for name, arrays in nodes.items() if name in needed}
        for collection, nodes in net.variables.items()
    }


def responses(
    net: Net,
    images: np.ndarray | jax.Array,
    *,
    taps: Sequence[str],
    precision: str = "highest",
) -> dict[str, jax.Array]:
    """Returns the responses of a net to images at some taps.

    Compiled once per image shape and set of taps; nothing past the deepest tap is computed.

    Args:
      net: from ``load_net``.
      images: (N, H, W, 3) RGB in [0, 1], NumPy or JAX.
      taps: names of the field (``relu3``), module paths of the canonical definition
        (``features.8``), or ``logits``.
      precision: of products: "highest" (float32), "high" or "default" (on GPU and TPU faster
        and coarser; on a CPU all are float32).

    Returns:
      A dict with one (N, h, w, C) float32 array per tap, under the name that was asked for. Fully
      connected layers and logits have h = w = 1.

    Raises:
      InputError: an unknown tap or precision, a tap that partial weights do not reach, images
        that are not NHWC RGB in [0, 1], or too small for a tap.

    Examples:
      >>> import numpy as np
      >>> from jaxiqa import load_net, responses
      >>> net, images = load_net("squeezenet1_1.random-0"), np.zeros((2, 64, 64, 3), np.float32)
      >>> found = responses(net, images, taps=("relu1", "features.3"))
      >>> {tap: response.shape for tap, response in found.items()}
      {'relu1': (2, 31, 31, 64), 'features.3': (2, 15, 15, 128)}
    """
    listing = f"choose from {', '.join(PRECISIONS)}"
    checks.choose(precision, PRECISIONS, kind="precision", listing=listing)
    images = jnp.asarray(check_images(images))
    names = check_taps(net, taps)
    check_extent(net.architecture, names, *images.shape[1:3])
    unique = tuple(dict.fromkeys(names))
    found = _responses(
        needed_variables(net, unique),
        images,
        architecture=net.architecture,
        preprocess=net.preprocess,
        names=unique,
        precision=PRECISIONS[precision],
    )
    return {tap: found[name] for tap, name in zip(taps, names, strict=True)}
