"""Kendall's correlation of one set of pairs, by counting exchanges rather than pairs of pairs."""

import numpy as np


def kendall(x, y) -> float:
    """Returns Kendall's tau-b in O(n log n) steps.

    Args:
      x, y: (n,) numbers without NaN; infinities rank like any other value.

    Returns:
      A number in [-1, 1]; NaN where x or y is constant.

    References:
      W. R. Knight, "A computer method for calculating Kendall's tau with ungrouped data", Journal
      of the American Statistical Association 61, 1966.
    """
    (x, tied_x), (y, tied_y) = _ranked(x), _ranked(y)
    _, tied_both = _ranked(x * (y.max() + 1) + y)
    pairs = len(x) * (len(x) - 1) // 2
    discordant = exchanges(y[np.lexsort((y, x))])
    agreement = pairs - tied_x - tied_y + tied_both - 2 * discordant
    untied = float(pairs - tied_x) * float(pairs - tied_y)
    return agreement / np.sqrt(untied) if untied else np.nan


def exchanges(ranks: np.ndarray) -> int:
    """Returns how many pairs i < j of (n,) integers from 0 have ranks[i] > ranks[j].

    Bit by bit from the highest: among ranks that agree in all higher bits, which lie side by side,
    each 1 before a 0 is such a pair.
    """
    found, place = 0, np.arange(len(ranks))
    for bit in reversed(range(int(ranks.max()).bit_length())):
        high, ones = ranks >> (bit + 1), (ranks >> bit) & 1
        before = np.cumsum(ones) - ones
        first = np.maximum.accumulate(np.where(np.diff(high, prepend=-1) > 0, place, 0))
        found += int((before - before[first])[ones == 0].sum())
        ranks = ranks[np.argsort(ranks >> bit, kind="stable")]
    return found


def _ranked(values) -> tuple[np.ndarray, int]:
    """The place of each value among the distinct ones, and how many pairs of values are equal."""
    _, ranks, size = np.unique(values, return_inverse=True, return_counts=True)
    return ranks, int((size * (size - 1) // 2).sum())
