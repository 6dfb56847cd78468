"""As many fits side by side as memory allows, group after group."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np

from jaxiqa.relevance.choices import Choices
from jaxiqa.relevance.descent import Solved, descend
from jaxiqa.relevance.losses import Problems
from jaxiqa.relevance.objectives import ANCHORS, OBJECTIVES

# Bytes that fits may take side by side.
_ROOM = 2**30


def solve(
    problems: Problems,
    values: np.ndarray,
    layer: np.ndarray,
    *,
    form: str,
    choices: Choices,
    progress: Callable[[int], None],
) -> Solved:
    """Returns the shares at which each fit's watched loss was least.

    Args:
      problems: S fits.
      values: (n, P, K) columns of a design.
      layer: (P,) place of the tap of each.
      form: a name of ``FORMS``.
      choices: objective, optimiser, penalties and when to stop.
      progress: called with the number of further fits that have ended.
    """
    count = len(problems.train)
    size = min(_together(values, choices), count)
    values, found = jnp.asarray(values), []
    for start in range(0, count, size):
        real = min(size, count - start)
        # The last group is filled up, so that all are of one shape and compiled once.
        index = start + np.arange(size) % real
        part = jax.tree.map(lambda leaf, index=index: leaf[index], problems)
        told = _Told(progress, real)
        solved = descend(part, values, layer, form=form, choices=choices, progress=told)
        told(size)
        found.append({name: rows[:real] for name, rows in vars(solved).items()})
    return Solved(**{name: np.concatenate([one[name] for one in found]) for name in found[0]})


def _together(values: np.ndarray, choices: Choices) -> int:
    """How many fits have room side by side: a line search copies the values for each of them."""
    ranks = OBJECTIVES[choices.objective].ranks * 8 * 4 * len(values) * ANCHORS
    return max(1, _ROOM // (2 * values.nbytes + ranks))


class _Told:
    """Passes on how many fits have ended, but for those that fill up a group."""

    def __init__(self, progress: Callable[[int], None], count: int):
        self._progress, self._left = progress, count

    def __call__(self, ended: int) -> None:
        counted = min(ended, self._left)
        self._left -= counted
        self._progress(counted)
