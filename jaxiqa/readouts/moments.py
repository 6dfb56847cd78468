"""Pair moments: what is kept, channel by channel, of two responses to compare them later."""

import functools
from collections.abc import Iterator, Mapping
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from jaxiqa.readouts.gram import gram

CHANNEL_MOMENTS: dict[str, str] = {
    "energy": "mean over positions of (b - a)^2",
    "unit_energy": "the same of responses scaled to unit length over channels at each position",
    "mean_reference": "mean of a",
    "mean_distorted": "mean of b",
    "mean_difference": "mean of b - a",
    "var_reference": "population variance of a",
    "var_distorted": "population variance of b",
    "var_difference": "variance of b - variance of a",
    "covariance": "population covariance of a and b",
}
GRAM = "gram"
MOMENTS = (*CHANNEL_MOMENTS, GRAM)

_SPACE = (1, 2)
_SPREADS = frozenset({"var_reference", "var_distorted", "var_difference", "covariance"})
_AVERAGES = _SPREADS | {"mean_reference", "mean_distorted"}
# LPIPS adds it to the length that it divides by.
EPSILON = 1e-10


def energy(reference: jax.Array, distorted: jax.Array) -> jax.Array:
    """Returns the mean over positions of the squared difference of two responses.

    Args:
      reference: (N, h, w, C) responses.
      distorted: (N, h, w, C) responses.

    Returns:
      (N, C) float32, 0 where responses are equal.
    """
    difference = distorted.astype(jnp.float32) - reference.astype(jnp.float32)
    return jnp.mean(jnp.square(difference), axis=_SPACE)


def _anew(arrays: Any) -> Iterator[Any]:
    """Yields a tree of arrays again and again, so that each sum over them is a pass of its own.

    XLA would write out a difference of which two sums are taken, which costs more than both.
    """
    while True:
        arrays = lax.optimization_barrier(arrays)
        yield arrays


def _centred(response: jax.Array, mean: jax.Array) -> jax.Array:
    return response - mean[:, None, None]


def _mean(response: jax.Array) -> jax.Array:
    """(N, C) means, corrected by the mean of what they leave: exact for a flat map."""
    first = jnp.mean(response, axis=_SPACE)
    response, mean = next(_anew((response, first)))
    return mean + jnp.mean(_centred(response, mean), axis=_SPACE)


def _length(response: jax.Array) -> jax.Array:
    """(N, h, w, 1) Euclidean length over channels, with gradient 0 where the squares vanish."""
    squares = jnp.sum(jnp.square(response), axis=-1, keepdims=True)
    zero = squares == 0
    return jnp.where(zero, 0.0, jnp.sqrt(jnp.where(zero, 1.0, squares)))


def state(response: jax.Array, *, moments: tuple[str, ...]) -> dict[str, jax.Array]:
    """Returns what of one image's response serves all its pairs.

    Args:
      response: (N, h, w, C) of any floating dtype.
      moments: names of ``MOMENTS`` that ``pair_moments`` will be asked for.

    Returns:
      A dict of float32 arrays that have N first: ``response`` (N, h, w, C) and, as far as these
      moments need them, ``mean`` and ``var`` (N, C) and ``length`` (N, h, w, 1).
    """
    kept = {"response": response.astype(jnp.float32)}
    if _AVERAGES & set(moments):
        kept["mean"] = _mean(kept["response"])
    anew = _anew(dict(kept))
    if _SPREADS & set(moments):
        again = next(anew)
        rest = _centred(again["response"], again["mean"])
        kept["var"] = jnp.mean(jnp.square(rest), axis=_SPACE)
    if "unit_energy" in moments:
        kept["length"] = _length(next(anew)["response"])
    return kept


def _scaled(response: jax.Array, factor: jax.Array) -> jax.Array:
    """A factor (N, h, w, 1) times a response, as a product whose gradient is a product too."""
    factor = factor[..., 0]
    return jnp.einsum("nhwc,nhw->nhwc", response, factor, precision=lax.Precision.HIGHEST)


def _unit_change(anew: Iterator) -> jax.Array:
    """b / |b| - a / |a|, (N, h, w, C), as (b - a) / max(|a|, |b|) - s (|b| - |a|) / (|a| |b|).

    s is the shorter of a and b. No two near numbers are subtracted, nor two large ones where one of
    the responses vanishes.
    """
    a, b = next(anew)
    change, total = b["response"] - a["response"], b["response"] + a["response"]
    inner = jnp.einsum("nhwc,nhwc->nhw", change, total, precision=lax.Precision.HIGHEST)
    # 1e-18: nothing beside epsilon, and its square does not underflow in the gradient.
    longer = inner[..., None] / (a["length"] + b["length"] + 1e-18)
    inverse_a, inverse_b = 1 / (a["length"] + EPSILON), 1 / (b["length"] + EPSILON)
    rescaled, shorter = longer * inverse_a * inverse_b, a["length"] <= b["length"]
    of_a, of_b = jnp.where(shorter, rescaled, 0.0), jnp.where(shorter, 0.0, rescaled)
    a, b = (x["response"] for x in next(anew))
    change = _scaled(b - a, jnp.minimum(inverse_a, inverse_b))
    return change - (_scaled(a, of_a) + _scaled(b, of_b))


def _covariance(anew: Iterator) -> jax.Array:
    a, b = (_centred(x["response"], x["mean"]) for x in next(anew))
    return jnp.mean(a * b, axis=_SPACE)


def _var_difference(anew: Iterator, mean_difference: jax.Array) -> jax.Array:
    """Covariance of b - a and b + a."""
    (a, b), mean = next(_anew((next(anew), mean_difference)))
    change = _centred(b["response"] - a["response"], mean)
    total = _centred(a["response"], a["mean"]) + _centred(b["response"], b["mean"])
    return jnp.mean(change * total, axis=_SPACE)


def local_energy(
    reference: Mapping[str, jax.Array], distorted: Mapping[str, jax.Array], *, moment: str
) -> jax.Array:
    """Returns the (N, h, w, C) squares of which ``energy`` or ``unit_energy`` is the mean.

    Args:
      reference: ``state`` of the responses a, made for this moment.
      distorted: ``state`` of the responses b.
      moment: which of the two.
    """
    if moment == "energy":
        return jnp.square(distorted["response"] - reference["response"])
    return jnp.square(_unit_change(_anew((reference, distorted))))


def pair_moments(
    reference: Mapping[str, jax.Array],
    distorted: Mapping[str, jax.Array],
    *,
    moments: tuple[str, ...],
) -> dict[str, jax.Array]:
    """Returns moments of pairs of responses; traceable and without checks.

    Args:
      reference: ``state`` of the responses a, made for at least these moments.
      distorted: ``state`` of the responses b.
      moments: names of ``MOMENTS``, static.

    Returns:
      (N, C) float32 per channel moment, (N, 1) for ``gram``. Energies, differences and ``gram`` are
      exactly 0 where responses are equal.
    """
    anew = _anew((reference, distorted))

    def responses():
        return (x["response"] for x in next(anew))

    @functools.cache
    def mean_difference():
        a, b = responses()
        return jnp.mean(b - a, axis=_SPACE)

    compute = {
        "energy": lambda: energy(*responses()),
        "unit_energy": lambda: jnp.mean(jnp.square(_unit_change(anew)), axis=_SPACE),
        "mean_reference": lambda: reference["mean"],
        "mean_distorted": lambda: distorted["mean"],
        "mean_difference": mean_difference,
        "var_reference": lambda: reference["var"],
        "var_distorted": lambda: distorted["var"],
        "var_difference": lambda: _var_difference(anew, mean_difference()),
        "covariance": lambda: _covariance(anew),
        "gram": lambda: gram(*responses()),
    }
    return {name: compute[name]() for name in moments}
