"""Where fits start, and what they aim at: the problems that the optimiser is given."""

from collections.abc import Sequence

import jax.numpy as jnp
import numpy as np

from jaxiqa.relevance.choices import Choices
from jaxiqa.relevance.losses import Problems
from jaxiqa.relevance.objectives import OBJECTIVES

# Standard deviation of the log of a random start.
_SPREAD = 0.5


def problems_of(
    badness: np.ndarray,
    trains: Sequence[np.ndarray],
    asides: Sequence[np.ndarray],
    means: np.ndarray,
    mean: np.ndarray,
    choices: Choices,
) -> Problems:
    """Returns starts and targets of every seed of every choice of training pairs.

    Args:
      badness: (n,) opinion, larger = worse.
      trains: T choices, (n,) True for the pairs that may be used.
      asides: T * seeds of them, (n,) True for those that tell when to stop, seed by seed.
      means: (T, P) mean contributions over the training pairs.
      mean: (P,) those over all pairs, in units of which the columns are.
      choices: objective and seeds.
    """
    objective = OBJECTIVES[choices.objective]
    columns: dict[str, list] = {name: [] for name in ("start", "plain", "scale", "train")}
    targets, watched = [], []
    for k, aside in enumerate(asides):
        place, seed = divmod(k, choices.seeds)
        rows = (trains[place] & ~aside).astype(np.float32)
        columns["start"].append(_start(means[place], seed))
        columns["plain"].append(means[place] / means[place].sum())
        columns["scale"].append(_quotient(mean, means[place]))
        columns["train"].append(rows)
        targets.append(objective.target(badness, rows))
        watched.append(objective.target(badness, aside if aside.any() else rows))
    return Problems(
        **{name: _stacked(arrays) for name, arrays in columns.items()},
        watch=_stacked(asides),
        target={name: _stacked([t[name] for t in targets]) for name in targets[0]},
        watched={name: _stacked([t[name] for t in watched]) for name in watched[0]},
    )


def _start(mean: np.ndarray, seed: int) -> np.ndarray:
    """Shares (P,) half way between the plain ones and equal ones, for a square leaves 0 slowly."""
    noise = np.random.default_rng(seed).standard_normal(len(mean)) * bool(seed)
    alive = mean > 0
    return (mean / mean.sum() + alive / alive.sum()) / 2 * np.exp(_SPREAD * noise)


def _quotient(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    """0 where the denominator is 0."""
    alive = denominator > 0
    return np.where(alive, numerator / np.where(alive, denominator, 1), 0)


def _stacked(arrays: Sequence[np.ndarray]):
    whole = np.stack(arrays)
    return jnp.asarray(whole if whole.dtype == np.int32 else whole.astype(np.float32))
