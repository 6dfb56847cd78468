"""How uncertain a correlation is: what other reference images would have given.

Pairs made from one reference are not independent, so references are drawn with replacement, all
pairs of one together, and the spread of the correlation over the draws gives its interval.
"""

import functools
from collections.abc import Hashable, Sequence

import numpy as np

from jaxiqa.checks import InputError
from jaxiqa.statistics.paired import numbered, paired
from jaxiqa.statistics.resampled import resampled_kendall, resampled_pearson, resampled_spearman

STATISTICS = {
    "plcc": resampled_pearson,
    "srocc": resampled_spearman,
    "krocc": resampled_kendall,
}


def bootstrap(
    distance,
    opinion,
    groups: Sequence[Hashable],
    *,
    resamples: int = 1000,
    seed: int = 0,
    level: float = 0.95,
) -> dict[str, tuple[float, float]]:
    """Returns percentile intervals of the correlations of distance and opinion, as they are given.

    No sign is turned here: hand over opinion with larger = worse for positive = agrees, as
    `correlate` does.

    Args:
      distance: (n,) numbers, larger = less alike; may be infinite.
      opinion: (n,) finite numbers.
      groups: (n,) hashables, the reference image of each pair; references are what is drawn.
      resamples: number of draws.
      seed: of the draws.
      level: part of the resampled values inside the interval, in (0, 1).

    Returns:
      {"plcc": (low, high), "srocc": .., "krocc": ..}; NaN where an interval cannot be formed, see
      `interval`. That of plcc is NaN where a distance is infinite.

    Raises:
      InputError: the pairs cannot be correlated (see `paired`), there is not one group per pair, or
        an option is out of range.

    References:
      B. Efron, R. Tibshirani, "An Introduction to the Bootstrap", 1993, chapters 8 and 13.
    """
    found = estimates(
        *paired(distance, opinion), groups, resamples=resamples, seed=seed, level=level
    )
    return {name: (low, high) for name, (_, low, high) in found.items()}


def estimates(
    distance: np.ndarray,
    opinion: np.ndarray,
    groups: Sequence[Hashable],
    *,
    resamples: int,
    seed: int,
    level: float,
) -> dict[str, tuple[float, float, float]]:
    """Returns {"plcc": (value, low, high), ..}: `bootstrap` with the value of the set itself.

    Args:
      distance, opinion: (n,) arrays from `paired`; the rest as in `bootstrap`.

    Raises:
      InputError: there is not one group per pair, or an option is out of range.
    """
    groups, counts = whole_and_draws(groups, len(distance), resamples, seed)
    found = {}
    for name, statistic in STATISTICS.items():
        value, *resampled = statistic(distance, opinion, groups, counts)
        found[name] = (float(value), *interval(np.array(resampled), level=level))
    return found


def whole_and_draws(
    groups: Sequence[Hashable], length: int, resamples: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Returns groups as integers, and their counts in the set itself and then in each resample.

    Args:
      groups: (n,) hashables with R distinct values.
      length: n, the number of pairs.
      resamples, seed: as in `draws`.

    Returns:
      (n,) integers and (1 + resamples, R) counts, the first row all ones. Where nothing can be
      drawn, one group of all pairs and (1, 1): the cheapest way to the value of the set itself.

    Raises:
      InputError: there is not one group per pair, or an option is out of range.
    """
    groups = numbered(groups, length)
    counts = draws(groups, resamples, seed)
    if min(counts.shape[1] - 1, resamples) < 1:
        return np.zeros_like(groups), np.ones((1, 1), np.int64)
    return groups, np.concatenate([np.ones((1, counts.shape[1]), np.int64), counts])


def draws(groups: Sequence[Hashable], resamples: int, seed: int) -> np.ndarray:
    """Returns how often each reference is drawn in each resample.

    They depend on groups and seed alone, so two metrics over the same pairs meet the same draws and
    the difference of their correlations can be resampled. Fewer resamples are the first of more.

    Args:
      groups: (n,) hashables with R distinct values.
      resamples: number of draws, from 0 up.
      seed: of `numpy.random.default_rng`.

    Returns:
      (resamples, R) integers; each row adds to R, columns are in the order of first appearance.

    Raises:
      InputError: resamples or seed is not an integer from 0 up.
    """
    for name, value in (("resamples", resamples), ("seed", seed)):
        if not isinstance(value, int | np.integer) or value < 0:
            raise InputError(f"{name}: expected an integer from 0 up, got {value!r}")
    return _counts(int(numbered(groups, len(groups)).max()) + 1, resamples, seed)


@functools.lru_cache(maxsize=64)
def _counts(distinct: int, resamples: int, seed: int) -> np.ndarray:
    """The draws of so many references, kept: a study asks for the same ones for every row."""
    generator = np.random.default_rng(seed)
    counts = np.empty((resamples, distinct), np.int64)
    for row in counts:
        row[:] = np.bincount(generator.integers(distinct, size=distinct), minlength=distinct)
    counts.flags.writeable = False
    return counts


def interval(values: np.ndarray, *, level: float = 0.95) -> tuple[float, float]:
    """Returns the percentile interval of resampled values, NaN left out.

    Args:
      values: (resamples,) a statistic of each resample, NaN where it was degenerate.
      level: part of the values inside the interval, in (0, 1).

    Returns:
      (low, high); both NaN where no value is left.

    Raises:
      InputError: the level is not between 0 and 1.
    """
    if not 0 < level < 1:
        raise InputError(f"level: expected a number between 0 and 1, such as 0.95, got {level!r}")
    values = np.sort(values)  # NaN last
    values = values[: len(values) - np.isnan(values).sum()]
    if not len(values):
        return np.nan, np.nan
    # What numpy.quantile gives, a tenth of its time: a study asks for tens of thousands.
    places = np.array([(1 - level) / 2, (1 + level) / 2]) * (len(values) - 1)
    low, high = np.interp(places, np.arange(len(values)), values)
    return float(low), float(high)
