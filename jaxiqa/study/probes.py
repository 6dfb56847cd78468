"""What is looked at in an image, and what is kept of a pair: nets with their taps, and pixels.

A probe is static for jit: nets that differ in their weights only share one compiled program.
"""

import dataclasses
from collections.abc import Mapping, Sequence

import jax
import jax.numpy as jnp

from jaxiqa.arch.geometry import extents
from jaxiqa.arch.graph import Architecture
from jaxiqa.arch.net import PRECISIONS, Net, apply, check_extent, check_taps
from jaxiqa.images import Preprocess
from jaxiqa.metrics import METRICS
from jaxiqa.readouts.moments import energy


@dataclasses.dataclass(frozen=True)
class NetProbe:
    """Responses of a net at some nodes; of a pair, the energy of each channel."""

    architecture: Architecture
    preprocess: Preprocess
    names: tuple[str, ...]
    precision: str

    def check(self, height: int, width: int) -> None:
        """Raises InputError where images of this size are too small for a node."""
        check_extent(self.architecture, self.names, height, width)

    def features(self, variables: Mapping, images: jax.Array) -> dict[str, jax.Array]:
        """Returns (B, h, w, C) responses by node."""
        return apply(
            variables,
            images,
            architecture=self.architecture,
            preprocess=self.preprocess,
            names=self.names,
            precision=PRECISIONS[self.precision],
        )

    def compare(self, reference: dict, distorted: dict) -> dict[str, jax.Array]:
        """Returns (B, C) energies by node."""
        return {name: energy(reference[name], distorted[name]) for name in self.names}

    def positions(self, height: int, width: int) -> tuple[int, ...]:
        """Returns h * w of each node's map for images of this size."""
        rows, columns = (extents(self.architecture, extent) for extent in (height, width))
        return tuple(rows[name] * columns[name] for name in self.names)


@dataclasses.dataclass(frozen=True)
class PixelProbe:
    """The images themselves; of a pair, the value of each simple metric."""

    metrics: tuple[str, ...]

    def check(self, height: int, width: int) -> None:
        """Raises InputError where images of this size are too small for a metric."""
        images = {"images": jax.ShapeDtypeStruct((1, height, width, 3), jnp.float32)}
        jax.eval_shape(self.compare, images, images)

    def features(self, variables: Mapping, images: jax.Array) -> dict[str, jax.Array]:
        """Returns the images."""
        del variables
        return {"images": images}

    def compare(self, reference: dict, distorted: dict) -> dict[str, jax.Array]:
        """Returns (B,) values by metric."""
        pair = reference["images"], distorted["images"]
        return {name: METRICS[name].function(*pair) for name in self.metrics}


Probe = NetProbe | PixelProbe


def net_probe(net: Net, taps: Sequence[str], *, precision: str = "highest") -> NetProbe:
    """Returns the probe of a net at some taps, each tap's node once.

    Raises:
      InputError: an unknown tap, or one that partial weights do not reach.
    """
    names = tuple(dict.fromkeys(check_taps(net, taps)))
    return NetProbe(net.architecture, net.preprocess, names, precision)
