"""What is looked at in an image, and what is kept of a pair: nets' taps, pixels, a metric.

A probe is static for jit: nets that differ in their weights only share one compiled program.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from jaxiqa import checks
from jaxiqa.arch.geometry import channels
from jaxiqa.arch.graph import Architecture
from jaxiqa.arch.net import PRECISIONS, Net, apply, check_extent, check_taps
from jaxiqa.images import Preprocess
from jaxiqa.metrics import METRICS
from jaxiqa.metrics.formula import FormulaProgram, formula_metric
from jaxiqa.metrics.metric import Program
from jaxiqa.readouts.moments import GRAM, MOMENTS, pair_moments, state

# The array of a bank that holds a metric.
VALUE = "value"


@dataclasses.dataclass(frozen=True)
class NetProbe:
    """Responses of a net at some nodes; of a pair, the moments of each channel.

    Attributes:
      architecture: the table.
      preprocess: what the weights expect of images.
      names: of the nodes.
      precision: of products, see ``responses``.
      moments: of ``MOMENTS``, in their order.
    """

    architecture: Architecture
    preprocess: Preprocess
    names: tuple[str, ...]
    precision: str
    moments: tuple[str, ...]

    @property
    def channel_moments(self) -> tuple[str, ...]:
        """The moments of which there is one per channel, in the order in which they are stored."""
        return tuple(name for name in self.moments if name != GRAM)

    def arrays(self) -> dict[str, tuple[int, ...]]:
        """Returns the arrays that ``compare`` makes of a pair, by name, with their shapes."""
        width = channels(self.architecture)
        found: dict[str, tuple[int, ...]] = {}
        for name in self.names:
            if self.channel_moments:
                found[f"{name}/moments"] = (len(self.channel_moments), width[name])
            if GRAM in self.moments:
                found[f"{name}/{GRAM}"] = ()
        return found

    def check(self, height: int, width: int) -> None:
        """Raises InputError where images of this size are too small for a node."""
        check_extent(self.architecture, self.names, height, width)

    def features(self, variables: Mapping, images: jax.Array) -> dict[str, dict]:
        """Returns by node the (B, h, w, C) responses, with what else of one image is needed."""
        found = apply(
            variables,
            images,
            architecture=self.architecture,
            preprocess=self.preprocess,
            names=self.names,
            precision=PRECISIONS[self.precision],
        )
        return {name: state(found[name], moments=self.moments) for name in self.names}

    def compare(self, variables: Mapping, reference: dict, distorted: dict) -> dict[str, jax.Array]:
        """Returns the arrays of a batch of pairs: (B, moments, C) and (B,) by node."""
        del variables
        found = {}
        for name in self.names:
            kept = pair_moments(reference[name], distorted[name], moments=self.moments)
            if self.channel_moments:
                stacked = jnp.stack([kept[moment] for moment in self.channel_moments], axis=1)
                found[f"{name}/moments"] = stacked
            if GRAM in self.moments:
                found[f"{name}/{GRAM}"] = kept[GRAM][:, 0]
        return found


@dataclasses.dataclass(frozen=True)
class PixelProbe:
    """The images themselves; of a pair, the value of each simple metric."""

    metrics: tuple[str, ...]

    def arrays(self) -> dict[str, tuple[int, ...]]:
        """Returns the arrays that ``compare`` makes of a pair, by name, with their shapes."""
        return dict.fromkeys(self.metrics, ())

    def check(self, height: int, width: int) -> None:
        """Raises InputError where images of this size are too small for a metric."""
        for name, program in self._programs().items():
            program.check(name, (1, height, width, 3))

    def features(self, variables: Mapping, images: jax.Array) -> dict[str, dict]:
        """Returns by metric what it needs of one image."""
        del variables
        return {name: program.state({}, images) for name, program in self._programs().items()}

    def compare(self, variables: Mapping, reference: dict, distorted: dict) -> dict[str, jax.Array]:
        """Returns (B,) values by metric."""
        del variables
        return {
            name: program.compare({}, reference[name], distorted[name])
            for name, program in self._programs().items()
        }

    def _programs(self) -> dict[str, FormulaProgram]:
        return {name: formula_metric(METRICS[name], name, {}).program for name in self.metrics}


@dataclasses.dataclass(frozen=True)
class MetricProbe:
    """Any metric; of a pair, its value.

    Attributes:
      name: of the metric, for messages.
      program: what is computed with its weights, which are the variables.
    """

    name: str
    program: Program

    def arrays(self) -> dict[str, tuple[int, ...]]:
        """Returns the one array that ``compare`` makes of a pair, a number."""
        return {VALUE: ()}

    def check(self, height: int, width: int) -> None:
        """Raises InputError where images of this size are too small for the metric."""
        self.program.check(self.name, (1, height, width, 3))

    def features(self, variables: Mapping, images: jax.Array) -> dict[str, Any]:
        """Returns the metric's state of images, and these: equal ones are told by them."""
        return {"state": self.program.state(variables, images), "images": images}

    def compare(self, variables: Mapping, reference: dict, distorted: dict) -> dict[str, jax.Array]:
        """Returns (B,) values as the metric has them when it is called."""
        values = self.program.compare(variables, reference["state"], distorted["state"])
        images = reference["images"], distorted["images"]
        return {VALUE: self.program.at_equal(values, *images)}


Probe = NetProbe | PixelProbe | MetricProbe


def net_probe(
    net: Net, taps: Sequence[str], *, moments: Sequence[str], precision: str = "highest"
) -> NetProbe:
    """Returns the probe of a net at some taps, each tap's node once.

    Raises:
      InputError: an unknown tap or precision, or a tap that partial weights do not reach.
    """
    listing = f"choose from {', '.join(PRECISIONS)}"
    checks.choose(precision, PRECISIONS, kind="precision", listing=listing)
    names = tuple(dict.fromkeys(check_taps(net, taps)))
    ordered = tuple(name for name in MOMENTS if name in moments)
    return NetProbe(net.architecture, net.preprocess, names, precision, ordered)
