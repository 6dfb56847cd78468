"""From a name and a file to a net."""

import dataclasses
import pathlib
import re

import jax
import jax.numpy as jnp

from jaxiqa import checks
from jaxiqa.arch import ARCHITECTURES
from jaxiqa.arch.geometry import node_parameters
from jaxiqa.arch.graph import Architecture
from jaxiqa.arch.initial import random_variables
from jaxiqa.arch.layers import Lightness, Normalise
from jaxiqa.arch.net import Net, available_taps, missing_arrays
from jaxiqa.checkpoints import cache, store
from jaxiqa.checkpoints.fit import fit
from jaxiqa.checkpoints.read import digest, read
from jaxiqa.checkpoints.renames import renamed
from jaxiqa.checkpoints.sources import Source, shipped, source, sources
from jaxiqa.images import IDENTITY, IMAGENET, Preprocess, from_record, to_record

_RANDOM = re.compile(r"random(?:-(\d{1,9}))?")


def is_random(name: str) -> bool:
    """Returns whether a name such as ``vgg16.random-1`` asks for random weights."""
    return isinstance(name, str) and bool(_RANDOM.fullmatch(name.partition(".")[2]))


def needs_no_weights(name: str) -> bool:
    """Returns whether a net's weights are drawn, or ship."""
    return is_random(name) or (name in sources() and sources()[name].ships)


def architecture_of(name: str) -> Architecture:
    """Returns the table of a net, named with or without its training.

    Args:
      name: as in ``alexnet``, ``alexnet.imagenet`` or ``alexnet.random-3``.

    Raises:
      InputError: no such architecture or training; the near matches are named.
    """
    if not isinstance(name, str):
        raise checks.InputError(f"expected the name of a net, such as 'alexnet', got {name!r}")
    architecture, dot, _ = name.partition(".")
    listing = "`jaxiqa nets` lists them."
    checks.choose(architecture, ARCHITECTURES, kind="net", listing=listing)
    if dot and not is_random(name):
        return _table_of(source(name))
    return ARCHITECTURES[architecture]


def _table_of(record: Source) -> Architecture:
    """The table that a record names, which for another form of a net differs from its name."""
    if record.architecture not in ARCHITECTURES:
        raise checks.InputError(
            f"{record.name} is of architecture {record.architecture}, which this version has not"
        )
    return ARCHITECTURES[record.architecture]


def _unrecorded(architecture: Architecture) -> Preprocess:
    """ImageNet's mean and deviation, or nothing for a net that looks at colours itself."""
    itself = any(isinstance(node.layer, Lightness | Normalise) for node in architecture.nodes)
    return IDENTITY if itself else IMAGENET


def _random_net(name: str) -> Net:
    """The net of no function, behind the preprocessing that its trained siblings have."""
    architecture = architecture_of(name)
    seed = int(_RANDOM.fullmatch(name.partition(".")[2])[1] or 0)
    variables = random_variables(architecture, seed)
    return Net(variables, architecture, _unrecorded(architecture), name, f"seed {seed}")


def _record_of(name: str) -> Source | None:
    """What is known of a training; where none is named, of that on ImageNet."""
    return source(name) if "." in name else sources().get(f"{name}.imagenet")


def _converted(name: str, path: str | pathlib.Path) -> Net:
    """The net in a folder that ``convert`` wrote; what it holds is checked against the table."""
    architecture = architecture_of(name)
    variables, record = store.load(path)
    try:
        converted, origin = record["architecture"], f"sha256 {record['source']['sha256']}"
        expected = from_record(record["preprocess"])
    except (KeyError, TypeError) as error:
        raise checks.InputError(
            f"{path}: its record does not say which weights these are ({error}); convert them again"
        ) from error
    if converted != architecture.name:
        raise checks.InputError(f"{path} holds weights of {converted}, not of {architecture.name}")
    found = Net(variables, architecture, expected, name, origin)
    _check_shapes(found, path)
    return found


def _check_shapes(net: Net, path) -> None:
    for node, held in node_parameters(net.architecture).items():
        for parameter in held:
            array = net.variables.get(parameter.collection, {}).get(node, {}).get(parameter.name)
            if array is not None and array.shape != parameter.shape:
                raise checks.InputError(
                    f"{path}: {node} {parameter.name} is {array.shape} and should be "
                    f"{parameter.shape}; convert the weights again"
                )


def _at_hand(name: str) -> pathlib.Path:
    """Where the weights of a training are that ships or is in the cache; a net alone has none."""
    record = source(name) if "." in name else None
    if record and record.ships:
        return shipped() / record.address
    if record and cache.is_converted(record.name):
        return cache.converted(record.name)
    raise _no_weights(name)


def _renamed(arrays: dict, record: Source | None, path: str) -> dict:
    return renamed(arrays, record.renames, record.ignored, source=path) if record else arrays


def _no_weights(name: str) -> checks.InputError:
    record = _record_of(name)
    where = f" (for example {record.file} from {record.address})" if record else ""
    known = f"`jaxiqa weights get {record.name}` gets those of {record.name}; or " if record else ""
    return checks.InputError(
        f"{name} needs weights: {known}give a checkpoint file or a converted folder{where}, "
        f"or take random ones with {name.partition('.')[0]}.random-0"
    )


def load_net(
    name: str,
    weights: str | pathlib.Path | None = None,
    *,
    preprocess: Preprocess | None = None,
) -> Net:
    """Returns a net with its weights and the preprocessing that they expect.

    Args:
      name: an architecture (``alexnet``), with or without its training (``alexnet.imagenet``), or
        with random weights of some seed (``alexnet.random-3``).
      weights: a checkpoint file in one of ``jaxiqa.checkpoints.FORMATS``, a folder of npy arrays,
        or what ``jaxiqa weights convert`` wrote. A partial checkpoint serves the taps
        that it reaches. None for random weights, for those that ship, and where ``jaxiqa weights
        get`` or ``add`` has put those of this training into the cache.
      preprocess: what the weights expect of RGB images in [0, 1], where it is not what the
        record of the training says, else ImageNet's mean and deviation, or nothing for a net
        whose table begins with colours.

    Returns:
      The net, its weights on the default device.

    Raises:
      InputError: an unknown name, no weights, a file that cannot be read, or arrays that do not
        fit the architecture.

    Examples:
      >>> load_net("squeezenet1_1.random-0").source
      'seed 0'
    """
    if is_random(name):
        if weights is not None:
            raise checks.InputError(f"{name} has random weights; leave out {weights}")
        net = _random_net(name)
    else:
        architecture, record = architecture_of(name), _record_of(name)
        weights = _at_hand(name) if weights is None else weights
        if store.is_stored(weights):
            net = _converted(name, weights)
        else:
            found = _renamed(read(weights), record, str(weights))
            fitted = fit(architecture, found, source=str(weights))
            origin = f"sha256 {digest(weights)}"
            expected = record.preprocess if record else _unrecorded(architecture)
            net = Net(fitted.variables, architecture, expected, name, origin)
    placed = jax.tree.map(jnp.asarray, net.variables)
    return dataclasses.replace(net, variables=placed, preprocess=preprocess or net.preprocess)


def convert(name: str, weights: str | pathlib.Path, out: str | pathlib.Path) -> dict:
    """Returns the record that was written, with the weights, to the folder ``out``.

    Args:
      name: an architecture, with or without its training.
      weights: a checkpoint as ``load_net`` takes it.
      out: a folder that does not exist yet.

    Raises:
      InputError: as ``load_net``, or the folder exists already or cannot be written.
    """
    path = pathlib.Path(weights)
    net = load_net(name, path)
    nodes = [node.name for node in net.architecture.nodes]
    record = {
        "format": store.FORMAT,
        "name": name,
        "architecture": net.architecture.name,
        "preprocess": to_record(net.preprocess),
        "source": {"file": path.resolve().name, "sha256": net.source.removeprefix("sha256 ")},
        "missing": list(missing_arrays(net, nodes)),
        "taps": list(available_taps(net)),
        "versions": store.versions(),
    }
    store.save(out, net.variables, record)
    return record
