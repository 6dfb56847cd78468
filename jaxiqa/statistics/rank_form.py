"""Rank statistics of resampled sets by the references' counts alone, no pair being touched.

A table holds how many pairs of each reference there are at each distinct value. The weight of a
value in a resample is linear in the counts c of the references, and so is the centred midrank:
m_i = sum_s M_is c_s, M_is = (pairs of s below i) + (pairs of s equal to i) / 2 - (all of s) / 2.
What is summed over pairs is then cubic in the counts, with a tensor that no resample changes:
sum_i c_r(i) m_i m'_i = sum_rst T_rst c_r c_s c_t, T_rst = sum of M_is M'_it over the i of r.
"""

import numpy as np

# Elements of a temporary array; a few large products, since each waits for all threads.
_ELEMENTS = 2**20


def rank_sums(runs_x, runs_y, codes: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Returns how the midranks vary in each resample: sums of halves and quarters, hence exact.

    The time grows as n R^2 + len(counts) R^3.

    Args:
      runs_x, runs_y: (n,) integers from 0 that rank like the values, equal where these are.
      codes: (n,) integers below R, the reference of each pair.
      counts: (resamples, R) how often each reference is drawn.

    Returns:
      (3, resamples): covariance, variance of x and of y, each times the size of the resample.
    """
    order, counts = np.argsort(codes, kind="stable"), counts.astype(np.float64)
    x, y = (_midranks(runs, codes)[order] for runs in (runs_x, runs_y))
    ends = np.cumsum(np.bincount(codes))[:-1]
    x, y = np.split(x, ends), np.split(y, ends)
    tensor = np.concatenate([_tensor(a, b) for a, b in ((x, y), (x, x), (y, y))], axis=1)
    step, found = max(1, _ELEMENTS // len(tensor)), []
    for first in range(0, len(counts), step):
        few = counts[first : first + step]
        twice = (few[:, :, None] * few[:, None, :]).reshape(len(few), -1)
        found.append(((twice @ tensor).reshape(len(few), 3, -1) * few[:, None]).sum(2))
    return np.concatenate(found).T


def tie_sums(runs: np.ndarray, codes: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Returns (resamples,) sums over distinct values of their squared weights; see `rank_sums`."""
    table, counts = _table(runs, codes).astype(np.float64), counts.astype(np.float64)
    return ((counts @ (table.T @ table)) * counts).sum(1)


def _table(runs: np.ndarray, codes: np.ndarray) -> np.ndarray:
    references, values = codes.max() + 1, runs.max() + 1
    return np.bincount(runs * references + codes, minlength=values * references).reshape(values, -1)


def _midranks(runs: np.ndarray, codes: np.ndarray) -> np.ndarray:
    table = _table(runs, codes)
    return (np.cumsum(table, axis=0) - (table + table.sum(0, keepdims=True)) / 2)[runs]


def _tensor(a: list[np.ndarray], b: list[np.ndarray]) -> np.ndarray:
    # (R^2, R): r and s first, then t.
    return np.concatenate([left.T @ right for left, right in zip(a, b, strict=True)])
