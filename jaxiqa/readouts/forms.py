"""Forms: how the pair moments of taps become a distance, written once for NumPy and JAX.

Each form is a sum of contributions over channels, then over taps, then a finish on the sums.
"""

import dataclasses
from collections.abc import Callable, Mapping

import jax
import numpy as np

Array = jax.Array | np.ndarray
Moments = Mapping[str, Array]


def safe_sqrt(values: Array) -> Array:
    """Returns the square root, with gradient 0 instead of infinity where the value is 0."""
    xp = values.__array_namespace__()
    zero = values == 0
    return xp.where(zero, 0.0, xp.sqrt(xp.where(zero, 1.0, values)))


def safe_divide(numerator: Array, denominator: Array) -> Array:
    """Returns the quotient, 0 with gradient 0 where the denominator is 0."""
    xp = numerator.__array_namespace__()
    zero = denominator == 0
    return xp.where(zero, 0.0, numerator / xp.where(zero, 1.0, denominator))


@dataclasses.dataclass(frozen=True)
class Form:
    """How moments become a distance.

    Attributes:
      moments: those it needs.
      contributions: moments of one tap -> (N, C, K), additive over channels and over taps.
      finish: sums (N, K) -> (N,) distances.
      description: in one line.
      by_positions: whether a larger map counts more in a raw concatenation.
      entries: of how many numbers the contributions of C channels are a sum, as a power of C.
      channelwise: whether a relevance of channels makes sense.
      parts: what the K stand for where each may have a relevance of its own; empty where one
        relevance of a channel weighs all of them.
    """

    moments: tuple[str, ...]
    contributions: Callable[[Moments], Array]
    finish: Callable[[Array], Array]
    description: str
    by_positions: bool = False
    entries: int = 1
    channelwise: bool = True
    parts: tuple[str, ...] = ()

    @property
    def rooted(self) -> bool:
        """Whether the distance is the root of the sums, which has no derivative at 0."""
        return self.finish is _root

    @property
    def growth(self) -> float:
        """By which power of a common factor of all contributions the distance grows."""
        return {_root: 0.5, _cosine_finish: 0.0}.get(self.finish, 1.0)

    def size(self, totals: Array) -> Array:
        """Returns (..., K) contributions or sums as the (...) by which a tap's size is measured."""
        return totals.sum(axis=-1) if self.parts else totals[..., 0]


def _energy(moments: Moments) -> Array:
    return moments["energy"][..., None]


def _unit(moments: Moments) -> Array:
    return moments["unit_energy"][..., None]


def _mean(moments: Moments) -> Array:
    return (moments["mean_difference"] ** 2)[..., None]


def _std(moments: Moments) -> Array:
    # std_b - std_a without the cancellation between two near numbers.
    both = safe_sqrt(moments["var_reference"]) + safe_sqrt(moments["var_distorted"])
    return (safe_divide(moments["var_difference"], both) ** 2)[..., None]


def _mean_std(moments: Moments) -> Array:
    return _mean(moments) + _std(moments)


def _gram(moments: Moments) -> Array:
    return moments["gram"][..., None]


def _cosine(moments: Moments) -> Array:
    """Sums of (b-a)^2, a^2, b^2 and b^2 - a^2, each per position."""
    mean_a, mean_b = moments["mean_reference"], moments["mean_distorted"]
    mean_difference = moments["mean_difference"]
    sums = (
        moments["energy"],
        moments["var_reference"] + mean_a**2,
        moments["var_distorted"] + mean_b**2,
        moments["var_difference"] + mean_difference * (2 * mean_a + mean_difference),
    )
    return sums[0].__array_namespace__().stack(sums, axis=-1)


def _dists(moments: Moments) -> Array:
    """1 - l and 1 - s of DISTS, l of the means ("texture") and s of the variances ("structure").

    1 - l = (mean_b - mean_a)^2 / (mean_a^2 + mean_b^2 + c)
    1 - s = var(b - a) / (var_a + var_b + c)

    var(b - a) is taken as the difference of whichever are the smaller: energy less the square of
    the mean, or the variances less twice the covariance.
    """
    energy, change = moments["energy"], moments["mean_difference"] ** 2
    xp = energy.__array_namespace__()
    means = moments["mean_reference"] ** 2 + moments["mean_distorted"] ** 2
    variances = moments["var_reference"] + moments["var_distorted"]
    spread = xp.where(energy < variances, energy - change, variances - 2 * moments["covariance"])
    losses = (
        change / (means + _DISTS_CONSTANT),
        xp.maximum(spread, 0.0) / (variances + _DISTS_CONSTANT),
    )
    return xp.stack(losses, axis=-1)


def _root(totals: Array) -> Array:
    return safe_sqrt(totals[:, 0])


def _as_is(totals: Array) -> Array:
    return totals[:, 0]


def _sum(totals: Array) -> Array:
    return totals.sum(axis=-1)


def _cosine_finish(totals: Array) -> Array:
    """1 - cos = (|b-a|^2 - (|b|-|a|)^2) / (2 |a| |b|); 0 if both are 0, 1 if one of them is.

    A length below a millionth of the other, or 1e-18, counts as 0: float32 moments do not tell.
    """
    xp = totals.__array_namespace__()
    squares = totals[:, 1:3]
    least = xp.maximum(1e-12 * xp.max(squares, axis=1, keepdims=True), 1e-36)
    lengths = safe_sqrt(xp.where(squares < least, 0.0, squares))
    a, b = lengths[:, 0], lengths[:, 1]
    # Products with inverses: in the gradient of a quotient of tiny numbers float32 overflows.
    inverse_a, inverse_b, inverse = (safe_divide(xp.ones_like(x), x) for x in (a, b, a + b))
    longer = totals[:, 3] * inverse
    distance = (totals[:, 0] - longer**2) * inverse_a * inverse_b / 2
    return xp.where((a == 0) != (b == 0), 1.0, xp.maximum(distance, 0.0))


# c1 = c2 of the authors' program.
_DISTS_CONSTANT = 1e-6
_VARIANCES = ("var_reference", "var_distorted", "var_difference")

FORMS: dict[str, Form] = {
    "euclidean": Form(
        ("energy",),
        _energy,
        _root,
        "root of the summed energies: the Euclidean distance of responses",
        by_positions=True,
    ),
    "unit": Form(
        ("unit_energy",),
        _unit,
        _as_is,
        "energies of responses of unit length at each position, no root: LPIPS",
    ),
    "mean": Form(
        ("mean_difference",),
        _mean,
        _root,
        "Euclidean distance of the channels' means over positions",
    ),
    "std": Form(
        _VARIANCES,
        _std,
        _root,
        "Euclidean distance of the channels' standard deviations over positions",
    ),
    "mean-std": Form(
        ("mean_difference", *_VARIANCES),
        _mean_std,
        _root,
        "Euclidean distance of means and standard deviations together",
    ),
    "gram": Form(
        ("gram",),
        _gram,
        _root,
        "Frobenius distance of the Gram matrices of channels",
        entries=2,
        channelwise=False,
    ),
    "cosine": Form(
        ("energy", "mean_reference", "mean_distorted", "mean_difference", *_VARIANCES),
        _cosine,
        _cosine_finish,
        "1 - cosine of the angle between the responses",
        by_positions=True,
    ),
    "dists": Form(
        (
            *("energy", "mean_reference", "mean_distorted", "mean_difference"),
            *("var_reference", "var_distorted", "covariance"),
        ),
        _dists,
        _sum,
        "1 - similarity of means and of structure, channel by channel: DISTS",
        parts=("texture", "structure"),
    ),
}
