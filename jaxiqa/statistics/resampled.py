"""Correlations of resampled sets, from how often each reference is drawn; no set is ever built.

A resample is a row of counts, one per reference; its pairs come along as often as it is drawn. With
the counts as weights each statistic is exactly that of the set with its repeated pairs and of the
ties that repetition creates.
"""

import functools
from collections.abc import Callable, Hashable, Sequence

import numpy as np

from jaxiqa.statistics.paired import numbered
from jaxiqa.statistics.rank_form import rank_sums, tie_sums

# Elements of a temporary array: so few that memory is used again where it is, in the cache, and of
# weights at least so many resamples that the cost of the calls is hidden.
_WEIGHTS, _FEWEST, _SIGNS = 2**14, 32, 2**20
# Runs of equal values up to which one product is faster than sums along them.
_FEW_RUNS = 128

# Sums over pairs of references cost R^3 where those over pairs of images cost this much for each.
_CUBE = 100


def resampled_pearson(x, y, groups: Sequence[Hashable], counts: np.ndarray) -> np.ndarray:
    """Returns Pearson's correlation of each resampled set.

    Args:
      x, y: (n,) numbers without NaN.
      groups: (n,) hashables with R distinct values.
      counts: (resamples, R) how often each is drawn, columns in the order of first appearance.

    Returns:
      (resamples,) in [-1, 1]; NaN where x or y of the resample is constant, and throughout where
      one of them holds an infinity.
    """
    codes = numbered(groups, len(x))
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        return np.full(len(counts), np.nan)
    size, x, y = np.bincount(codes), _Blocks(x, codes), _Blocks(y, codes)
    within = [np.bincount(codes, a.rest * b.rest) for a, b in ((x, y), (x, x), (y, y))]

    def statistic(count):
        weight = count * size
        gap_x, gap_y = x.gaps(weight), y.gaps(weight)
        heavy_x, heavy_y = weight * gap_x, weight * gap_y
        products = ((heavy_x, gap_y), (heavy_x, gap_x), (heavy_y, gap_y))
        between = [np.einsum("br,br->b", a, b) for a, b in products]
        sums = [count @ w + b for w, b in zip(within, between, strict=True)]
        return np.where(x.varies(count) & y.varies(count), _ratio(*sums), np.nan)

    return _by_resample(statistic, counts, counts.shape[1])


class _Blocks:
    """Values split into the mean of each group and the rest, to subtract no large sums."""

    def __init__(self, values, codes: np.ndarray):
        values = np.asarray(values, np.float64)
        values = values - values.mean()
        values = values / (np.abs(values).max() or 1.0)
        size, order = np.bincount(codes), np.argsort(codes, kind="stable")
        starts = np.cumsum(size) - size
        self.low = np.minimum.reduceat(values[order], starts)
        self.high = np.maximum.reduceat(values[order], starts)
        self.mean = np.bincount(codes, values) / size
        self.rest = values - self.mean[codes]

    def gaps(self, weight: np.ndarray) -> np.ndarray:
        total = np.maximum(weight.sum(1, keepdims=True), 1)
        return self.mean - (weight @ self.mean)[:, None] / total

    def varies(self, count: np.ndarray) -> np.ndarray:
        # Exact, where the variance of a constant resample would keep a rounding residue.
        drawn = count > 0
        if (self.low < self.high).all():
            return drawn.any(1)
        rising, falling = np.argsort(self.low), np.argsort(-self.high)
        low = self.low[rising][drawn[:, rising].argmax(1)]
        return low < self.high[falling][drawn[:, falling].argmax(1)]


def resampled_spearman(x, y, groups: Sequence[Hashable], counts: np.ndarray) -> np.ndarray:
    """Returns Spearman's correlation of each resampled set: Pearson's of the midranks.

    Args:
      x, y: (n,) numbers without NaN; infinities rank like any other value.
      groups: (n,) hashables with R distinct values.
      counts: (resamples, R) how often each is drawn, columns in the order of first appearance.

    Returns:
      (resamples,) in [-1, 1]; NaN where x or y of the resample is constant.
    """
    codes, x, y = numbered(groups, len(x)), _Ties(x), _Ties(y)
    if _few(counts, codes):
        return _ratio(*rank_sums(x.run, y.run, codes, counts))

    def statistic(count):
        weight = np.ascontiguousarray(count.T)[codes]
        tie_x, tie_y = x.weights(weight), y.weights(weight)
        mid_x, mid_y = _centred_midranks(tie_x), _centred_midranks(tie_y)
        covariance = np.einsum("ib,ib,ib->b", weight, mid_x[x.run], mid_y[y.run])
        variances = ((t * m * m).sum(0) for t, m in ((tie_x, mid_x), (tie_y, mid_y)))
        return _ratio(covariance, *variances)

    return _by_resample(statistic, counts, len(codes))


class _Ties:
    """The runs of equal values: which run each value is in, from 0 in rising order."""

    def __init__(self, values):
        _, self.run, size = np.unique(values, return_inverse=True, return_counts=True)
        self.order, self.starts = np.argsort(self.run, kind="stable"), np.cumsum(size) - size

    def weights(self, weight: np.ndarray) -> np.ndarray:
        # (n, b) weights of the values -> (runs, b) weights of the runs.
        if len(self.starts) == len(self.order):
            return weight[self.order]
        return np.add.reduceat(weight[self.order], self.starts, axis=0)


@functools.lru_cache(maxsize=_FEW_RUNS)
def _half_steps(runs: int) -> np.ndarray:
    """1/2 for what is below a run, -1/2 for what is above it: weights to centred midranks."""
    return np.tri(runs) - (1 + np.eye(runs)) / 2


def _centred_midranks(tie: np.ndarray) -> np.ndarray:
    # Midrank = before + (tie + 1) / 2, less the mean rank (total + 1) / 2: halves, hence exact.
    if len(tie) <= _FEW_RUNS:
        return _half_steps(len(tie)) @ tie
    after = np.cumsum(tie, axis=0)
    return after - tie / 2 - after[-1:] / 2


def resampled_kendall(x, y, groups: Sequence[Hashable], counts: np.ndarray) -> np.ndarray:
    """Returns Kendall's tau-b of each resampled set.

    With w the counts, S_rs the sum of sign(x_i - x_j) sign(y_i - y_j) over pairs i of group r and j
    of s, N the size of the resample and t, u the weights of equal x and of equal y:
    tau_b = w'Sw / sqrt((N^2 - sum t^2) (N^2 - sum u^2)).
    The time grows as n^2 + R^2 len(counts), so that one pair per group is slow beyond some
    thousands of pairs; S is never held as a whole.

    Args:
      x, y: (n,) numbers without NaN; infinities rank like any other value.
      groups: (n,) hashables with R distinct values.
      counts: (resamples, R) how often each is drawn, columns in the order of first appearance.

    Returns:
      (resamples,) in [-1, 1]; NaN where x or y of the resample is constant.

    References:
      M. G. Kendall, "The treatment of ties in ranking problems", Biometrika 33, 1945.
    """
    codes, x, y = numbered(groups, len(x)), _Ties(x), _Ties(y)
    agreement = _agreement(x.run, y.run, codes, counts)
    whole = (counts @ np.bincount(codes)).astype(np.float64) ** 2
    return _ratio(agreement, *(whole - _tied(ties, codes, counts) for ties in (x, y)))


def _tied(ties: _Ties, codes: np.ndarray, counts: np.ndarray) -> np.ndarray:
    if _few(counts, codes):
        return tie_sums(ties.run, codes, counts)

    def statistic(count):
        return (ties.weights(np.ascontiguousarray(count.T)[codes]) ** 2).sum(0)

    return _by_resample(statistic, counts, len(codes))


def _agreement(x: np.ndarray, y: np.ndarray, codes: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Returns w'Sw for each row w of counts, some rows of the upper half of S at a time."""
    order, size = np.argsort(codes, kind="stable"), np.bincount(codes)
    starts, codes, step = np.cumsum(size) - size, codes[order], max(1, _SIGNS // len(codes))
    x, y = x[order].astype(np.int32), y[order].astype(np.int32)
    # Sums of whole numbers, exact in float32 as long as they stay below 2^24.
    small = size.max() * (counts @ size).max(initial=0) < 2**24
    weight, total = counts.T.astype(np.float32 if small else np.float64), np.zeros(len(counts))
    for first in range(0, len(codes), step):
        rows, columns = slice(first, first + step), slice(first, None)
        signs = np.triu(_signs(x[rows], x[columns]) * _signs(y[rows], y[columns]))
        here, right = slice(codes[first], codes[rows][-1] + 1), slice(codes[first], None)
        block = np.add.reduceat(signs, np.maximum(starts[here] - first, 0), axis=0, dtype=np.int32)
        block = np.add.reduceat(block, np.maximum(starts[right] - first, 0), axis=1, dtype=np.int32)
        product = block.astype(weight.dtype) @ weight[right]
        total += 2 * np.einsum("rb,rb->b", counts.T[here], product, dtype=np.float64)
    return total


def _signs(rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    rows = rows[:, None]
    return (rows > columns).view(np.int8) - (rows < columns).view(np.int8)


def _few(counts: np.ndarray, codes: np.ndarray) -> bool:
    return counts.shape[1] ** 3 <= _CUBE * len(codes)


def _by_resample(statistic: Callable, counts: np.ndarray, width: int) -> np.ndarray:
    # The temporaries of a statistic are (width, resamples) arrays: give it a few resamples at once.
    step = max(_FEWEST, _WEIGHTS // width)
    parts = range(0, max(1, len(counts)), step)
    return np.concatenate([statistic(counts[i : i + step].astype(np.float64)) for i in parts])


def _ratio(covariance: np.ndarray, var_x: np.ndarray, var_y: np.ndarray) -> np.ndarray:
    product = var_x * var_y
    scale = np.sqrt(np.where(product > 0, product, np.nan))
    return np.clip(covariance / scale, -1, 1)
