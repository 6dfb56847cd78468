"""A readout of a net as what a `Metric` computes; LPIPS and DISTS are two of them."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp

from jaxiqa.arch.graph import Architecture, resolve
from jaxiqa.arch.net import PRECISIONS, apply, check_extent
from jaxiqa.images import Preprocess
from jaxiqa.metrics.filters import enlarge
from jaxiqa.readouts.distance import compare, without_rounding
from jaxiqa.readouts.forms import FORMS
from jaxiqa.readouts.moments import EPSILON, local_energy, state
from jaxiqa.readouts.readout import Readout, tap_weights

# The moments of which a map can be made, position by position.
_LOCAL = {"euclidean": "energy", "unit": "unit_energy"}


@dataclasses.dataclass(frozen=True)
class NetProgram:
    """A readout of a net, computed in float32.

    Attributes:
      architecture: of the net.
      preprocess: what its weights expect of images.
      readout: one that needs no data set.
      precision: of products in the net, a name of ``PRECISIONS``.
      resize: the shorter side that larger images are brought to first; None for none.
    """

    architecture: Architecture
    preprocess: Preprocess
    readout: Readout
    precision: str = "highest"
    resize: int | None = None

    higher_is_better = False
    dtype = "float32"

    @property
    def description(self) -> str:
        taps, form = "+".join(self.readout.taps), FORMS[self.readout.form].description
        return f"{self.architecture.name} at {taps}: {form}"

    @property
    def has_map(self) -> bool:
        return self.readout.form in _LOCAL

    @property
    def names(self) -> tuple[str, ...]:
        """The nodes that are read."""
        return tuple(resolve(self.architecture, tap) for tap in self.readout.taps)

    def check(self, name: str, shape: tuple[int, ...]) -> None:
        check_extent(self.architecture, self.names, *self._size(*shape[1:3]))

    def _size(self, height: int, width: int) -> tuple[int, int]:
        """Height and width at which the net sees an image, as torchvision's resize has it."""
        shorter, longer = min(height, width), max(height, width)
        if self.resize is None or shorter <= self.resize:
            return height, width
        other = self.resize * longer // shorter
        return (self.resize, other) if height <= width else (other, self.resize)

    def responses(self, weights: Mapping, images: jax.Array, dtype: str) -> dict[str, jax.Array]:
        """Returns (N, h, w, C) by tap, of maps kept in a dtype."""
        size = self._size(*images.shape[1:3])
        if size != images.shape[1:3]:
            # Antialiased triangles, as Pillow resizes.
            shape = (len(images), *size, 3)
            images = jax.image.resize(images, shape, "linear", precision=PRECISIONS["highest"])
        found = apply(
            weights["net"],
            images,
            architecture=self.architecture,
            preprocess=self.preprocess,
            names=tuple(dict.fromkeys(self.names)),
            precision=PRECISIONS[self.precision],
            dtype=dtype,
        )
        return {tap: found[name] for tap, name in zip(self.readout.taps, self.names, strict=True)}

    def state(self, weights: Mapping, images: jax.Array) -> dict[str, Any]:
        found = self.responses(weights, images, self.dtype)
        moments = self.readout.moments
        return {tap: state(response, moments=moments) for tap, response in found.items()}

    def compare(self, weights: Mapping, reference: dict, distorted: dict) -> jax.Array:
        return compare(reference, distorted, weights["relevance"], readout=self.readout)

    def local(
        self, weights: Mapping, reference: dict, distorted: dict, size: tuple[int, int]
    ) -> jax.Array:
        """The contributions to the sum of the form, each tap interpolated to the image.

        Its mean is the metric, for ``euclidean`` the square of it, up to the interpolation.
        """
        maps, sizes = [], []
        for tap in self.readout.taps:
            pair = reference[tap], distorted[tap]
            squares = local_energy(*pair, moment=_LOCAL[self.readout.form])
            if (relevance := weights["relevance"].get(tap)) is not None:
                squares = squares * relevance.reshape(1, 1, 1, -1)
            maps.append(jnp.sum(squares, axis=-1))
            sizes.append(squares.shape[1:])
        positions, channels = [h * w for h, w, _ in sizes], [c for *_, c in sizes]
        says = tap_weights(self.readout, positions, channels)
        return sum(say * enlarge(part, *size) for say, part in zip(says, maps, strict=True))

    @property
    def is_embedding(self) -> bool:
        """Whether the distance is that of two vectors, which ``embedding`` gives, or its square."""
        return self.readout.form in _LOCAL

    def embedding(self, weights: Mapping, state: dict) -> jax.Array:
        """Returns the vectors (N, D) whose squared distance is that sum of the form."""
        responses = [state[tap]["response"] for tap in self.readout.taps]
        positions = [x.shape[1] * x.shape[2] for x in responses]
        says = tap_weights(self.readout, positions, [x.shape[-1] for x in responses])
        parts = []
        for tap, values, count, say in zip(
            self.readout.taps, responses, positions, says, strict=True
        ):
            if self.readout.form == "unit":
                values = values / (state[tap]["length"] + EPSILON)
            if (relevance := weights["relevance"].get(tap)) is not None:
                values = values * jnp.sqrt(relevance).reshape(1, 1, 1, -1)
            parts.append((values * (say / count) ** 0.5).reshape(len(values), -1))
        return jnp.concatenate(parts, axis=1)

    def from_squares(self, squares: jax.Array) -> jax.Array:
        """Returns the values of the metric from squared distances of embeddings."""
        return jnp.sqrt(squares) if self.readout.form == "euclidean" else squares

    def at_equal(self, values: jax.Array, reference: jax.Array, distorted: jax.Array) -> jax.Array:
        return without_rounding(values, reference, distorted, form=self.readout.form)

    def distance(self, values: Any) -> Any:
        return values
