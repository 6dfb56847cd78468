"""Objectives: how well distances agree with opinion, as differentiable losses over all pairs.

Each is of the whole training set at once. Rows come with weights, 1 for a pair that counts and 0
for one that does not, so that many splits are fitted side by side.
"""

import dataclasses
from collections.abc import Callable, Mapping

import jax
import jax.numpy as jnp
import numpy as np

Target = Mapping[str, np.ndarray]

# Pairs that each pair is ranked among; all of them where there are no more.
ANCHORS = 512
# Width of a soft step between two distances, in standard deviations of all distances.
_SOFTNESS = 0.1


@dataclasses.dataclass(frozen=True)
class Objective:
    """What a fit makes small.

    Attributes:
      target: badness (n,), row weights (n,) of one split -> arrays that the loss needs.
      loss: distances (n,), row weights (n,), target -> a number, smaller = agrees better.
      description: in one line.
      scale_free: whether a common factor of the weights does not matter.
      unit: what a fitted distance is measured in: "plain", with the mean of the plain readout;
        "opinion"; or "odds", the log of the odds that the other one of two images is chosen.
      ranks: whether it compares each pair with ``ANCHORS`` others, which takes memory.
    """

    target: Callable[[np.ndarray, np.ndarray], Target]
    loss: Callable[[jax.Array, jax.Array, Mapping[str, jax.Array]], jax.Array]
    description: str
    scale_free: bool
    unit: str = "plain"
    ranks: bool = False


def centred(values: jax.Array, rows: jax.Array) -> jax.Array:
    """Returns values (n,) less their mean over the rows that count."""
    return values - jnp.sum(rows * values) / jnp.sum(rows)


def spread(values: jax.Array, rows: jax.Array) -> jax.Array:
    """Returns the standard deviation of values (n,) over the rows that count."""
    variance = jnp.sum(rows * centred(values, rows) ** 2) / jnp.sum(rows)
    flat = variance == 0
    return jnp.where(flat, 0.0, jnp.sqrt(jnp.where(flat, 1.0, variance)))


def _uncorrelated(x: jax.Array, y: jax.Array, rows: jax.Array) -> jax.Array:
    """1 - Pearson's correlation, 1 where one of both is constant.

    With z standardised it is mean((z_x - z_y)^2) / 2, which near 0 has digits that 1 - r has not.
    """
    scales = [spread(values, rows) for values in (x, y)]
    flat = (scales[0] == 0) | (scales[1] == 0)
    z_x, z_y = (
        centred(values, rows) / jnp.where(flat, 1.0, scale)
        for values, scale in zip((x, y), scales, strict=True)
    )
    return jnp.where(flat, 1.0, jnp.sum(rows * (z_x - z_y) ** 2) / (2 * jnp.sum(rows)))


def _standardised(badness: np.ndarray, rows: np.ndarray) -> Target:
    used = badness[rows > 0]
    return {"badness": (badness - used.mean()) / (used.std() or 1.0)}


def _ranked(badness: np.ndarray, rows: np.ndarray) -> Target:
    """Midranks among the pairs that count, and which of these serve as anchors."""
    from scipy.stats import rankdata

    used = np.flatnonzero(rows)
    ranks = np.zeros(len(badness))
    ranks[used] = rankdata(badness[used]) / len(used)
    return {"badness": ranks, "anchors": _anchors(badness, rows)}


def _anchors(badness: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Places of pairs that count, spread evenly over opinion."""
    used = np.flatnonzero(rows)
    order = used[np.argsort(badness[used], kind="stable")]
    places = np.linspace(0, len(order) - 1, min(ANCHORS, len(badness)))
    return order[np.round(places).astype(np.int64)].astype(np.int32)


def _with_anchors(badness: np.ndarray, rows: np.ndarray) -> Target:
    return {**_standardised(badness, rows), "anchors": _anchors(badness, rows)}


def _correlation_loss(distance, rows, target):
    return _uncorrelated(distance, target["badness"], rows)


def _rank_loss(distance, rows, target):
    """1 - correlation of the ranks with ranks that are sums of sigmoids in place of steps."""
    scale = spread(distance, rows)
    z = distance / jnp.where(scale == 0, 1.0, scale)
    gaps = (z[:, None] - z[target["anchors"]][None]) / _SOFTNESS
    return _uncorrelated(jnp.mean(jax.nn.sigmoid(gaps), axis=1), target["badness"], rows)


def _ranking_loss(distance, rows, target):
    """Mean over two pairs, of which one is rated worse, of -log P(its distance is larger)."""
    anchors, worse = target["anchors"], target["badness"]
    sign = jnp.sign(worse[:, None] - worse[anchors][None])
    gaps = distance[:, None] - distance[anchors][None]
    weight = rows[:, None] * rows[anchors][None] * jnp.abs(sign)
    total = jnp.sum(weight)
    return jnp.sum(weight * jax.nn.softplus(-sign * gaps)) / jnp.where(total == 0, 1.0, total)


def _square_loss(distance, rows, target):
    """Mean squared error of opinion = distance + a constant, in variances of opinion."""
    residual = centred(target["badness"] - distance, rows)
    return jnp.sum(rows * residual**2) / jnp.sum(rows)


def _preferred(badness: np.ndarray, rows: np.ndarray) -> Target:
    """Of each image of a triplet the share of judges who found the other one nearer.

    Its opinion is the share who chose it, so that its badness is that less 1.
    """
    del rows
    return {"badness": 1 + badness}


def _choice_loss(distance, rows, target):
    """Cross entropy of the choices between rows k and n/2 + k, of odds exp(d[k] - d[n/2 + k])."""
    first, second = jnp.split(distance, 2)
    chosen_second = jnp.split(target["badness"], 2)[0]
    weight = jnp.split(rows, 2)[0]
    odds = first - second
    entropy = jax.nn.softplus(odds) - chosen_second * odds
    return jnp.sum(weight * entropy) / jnp.sum(weight)


OBJECTIVES: dict[str, Objective] = {
    "pearson": Objective(
        _standardised, _correlation_loss, "1 - Pearson's correlation with opinion", True
    ),
    "spearman-soft": Objective(
        _ranked,
        _rank_loss,
        "1 - Spearman's correlation, steps between ranks made soft",
        True,
        ranks=True,
    ),
    "ranking": Objective(
        _with_anchors,
        _ranking_loss,
        "logistic loss on which of two pairs is rated worse",
        False,
        ranks=True,
    ),
    "mse": Objective(
        _standardised,
        _square_loss,
        "mean squared error of opinion from distance + constant",
        False,
        "opinion",
    ),
    "2afc": Objective(
        _preferred,
        _choice_loss,
        "cross entropy of choices between two images (LPIPS)",
        False,
        "odds",
    ),
}
