"""What a metric without weights is made of: pure functions of images, and what to know of them."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import jax
import numpy as np

from jaxiqa import checks
from jaxiqa.metrics.metric import Metric
from jaxiqa.readouts.distance import zero_if_equal

Features = dict[str, jax.Array]
Options = Mapping[str, str]


def dissimilarity(similarity: Any) -> Any:
    """Returns 1 - similarity: 0 for equal images, larger = less alike."""
    return 1 - similarity


def unchanged(distance: Any) -> Any:
    """Returns the values, of a metric that is a distance already."""
    return distance


@dataclasses.dataclass(frozen=True, eq=False)
class Formula:
    """A metric without weights.

    All functions are traceable, without checks, and take every option by name.

    Attributes:
      features: images (N, H, W, 3) float32 RGB in [0, 1] -> a dict of arrays that have N first:
        what of one image serves all its pairs.
      compare: features of references, features of distorted images -> (N,) values as published.
      higher_is_better: True for a similarity, False for a distance.
      distance: those values -> (N,), 0 for equal images, larger = less alike.
      description: what is computed where no option is chosen, in one line.
      smallest: options -> least height and width of an image.
      options: what may be chosen, by name, the default first.
      local: features, features -> (N, h, w) local dissimilarity over the image, maybe coarser than
        it, 0 where the images agree; None for a metric that has no map.
    """

    features: Callable[..., Features]
    compare: Callable[..., jax.Array]
    higher_is_better: bool
    distance: Callable[[Any], Any]
    description: str
    smallest: Callable[..., int]
    options: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    local: Callable[..., jax.Array] | None = None

    def __reduce__(self):
        """Copied and pickled by name, so that a copy is the same metric to jit."""
        from jaxiqa.metrics import METRICS

        names = [name for name, formula in METRICS.items() if formula is self]
        return (_registered, (names[0],)) if names else super().__reduce__()


def _registered(name: str) -> Formula:
    from jaxiqa.metrics import METRICS

    return METRICS[name]


def choose_options(formula: Formula, name: str, given: Options) -> dict[str, str]:
    """Returns a value for every option of a formula, the default where none is given.

    Raises:
      InputError: an unknown option, or a value that it does not have.
    """
    listing = f"it takes {', '.join(formula.options) or 'none'}"
    for option, value in given.items():
        checks.choose(option, formula.options, kind=f"option of {name}:", listing=listing)
        values = formula.options[option]
        checks.choose(
            str(value),
            values,
            kind=f"{option} of {name}:",
            listing=f"choose from {', '.join(values)}",
        )
    return {o: str(given.get(o, values[0])) for o, values in formula.options.items()}


def check_size(formula: Formula, name: str, shape: tuple[int, ...], options: Options) -> None:
    """Passes if images of a shape (N, H, W, 3) are large enough.

    Raises:
      InputError: they are not; the smallest size that works is named.
    """
    least = formula.smallest(**options)
    height, width = shape[1:3]
    if min(height, width) < least:
        raise checks.InputError(
            f"{name}: needs images of at least {least} x {least} pixels, got {width} x {height}"
        )


@dataclasses.dataclass(frozen=True)
class FormulaProgram:
    """A formula with its options chosen, as what a ``Metric`` computes.

    Attributes:
      formula: the metric.
      options: a value for each of its options.
    """

    formula: Formula
    options: tuple[tuple[str, str], ...]

    @property
    def higher_is_better(self) -> bool:
        return self.formula.higher_is_better

    @property
    def description(self) -> str:
        defaults = {option: values[0] for option, values in self.formula.options.items()}
        other = " ".join(f"{key}={value}" for key, value in self.options if value != defaults[key])
        return self.formula.description + (f", but with {other}" if other else "")

    @property
    def has_map(self) -> bool:
        return self.formula.local is not None

    def check(self, name: str, shape: tuple[int, ...]) -> None:
        check_size(self.formula, name, shape, dict(self.options))

    def state(self, weights: Mapping, images: jax.Array) -> Features:
        return self.formula.features(images, **dict(self.options))

    def compare(self, weights: Mapping, reference: Features, distorted: Features) -> jax.Array:
        return self.formula.compare(reference, distorted, **dict(self.options))

    def local(
        self, weights: Mapping, reference: Features, distorted: Features, size: tuple[int, int]
    ) -> jax.Array:
        return self.formula.local(reference, distorted, **dict(self.options))

    def at_equal(self, values: jax.Array, reference: jax.Array, distorted: jax.Array) -> jax.Array:
        """A root of a root makes 5e-5 of what rounding leaves of a distance (MDSI)."""
        if self.higher_is_better:
            return values
        return zero_if_equal(values, reference, distorted)

    def distance(self, values: Any) -> Any:
        return self.formula.distance(values)


def formula_metric(formula: Formula, name: str, options: Options) -> Metric:
    """Returns a formula as a ``Metric``.

    Raises:
      InputError: an unknown option, or a value that it does not have.
    """
    chosen = choose_options(formula, name, options)
    return Metric({}, FormulaProgram(formula, tuple(chosen.items())), name)


def evaluate(
    formula: Formula,
    name: str,
    reference: jax.Array | np.ndarray,
    distorted: jax.Array | np.ndarray,
    **options: str,
) -> jax.Array:
    """Returns the values of a formula for two batches of images.

    Args:
      formula: the metric.
      name: what it is called in a message.
      reference: (N, H, W, 3) RGB in [0, 1].
      distorted: (N, H, W, 3) RGB in [0, 1].
      **options: as the formula has them.

    Returns:
      (N,) float32, as the formula's ``compare`` gives them.

    Raises:
      InputError: not two batches of images of one shape, images that are too small, or an unknown
        option.
    """
    return formula_metric(formula, name, options)(reference, distorted)
