"""The difference of two metrics' correlations with opinion, on the same draws of references."""

import dataclasses
from collections.abc import Mapping

import numpy as np

from jaxiqa.statistics.bootstrap import STATISTICS, interval, whole_and_draws
from jaxiqa.statistics.resampled import resampled_pearson, resampled_spearman
from jaxiqa.statistics.williams import ROUNDING, two_sided, williams

NAN = float("nan")


@dataclasses.dataclass(frozen=True)
class Difference:
    """Correlations of one distance with opinion less those of another; NaN what has no value.

    Positive where the first agrees better with people.

    Attributes:
      n: number of pairs.
      references: number of reference images, which are what is resampled.
      plcc, plcc_low, plcc_high, plcc_p: difference of Pearson's correlations, the ends of its
        interval, and the two-sided p of no difference.
      srocc, srocc_low, srocc_high, srocc_p: of Spearman's.
      krocc, krocc_low, krocc_high, krocc_p: of Kendall's tau-b.
      plcc_williams, srocc_williams: p of Williams' test, for which all pairs are independent.
    """

    n: int
    references: int
    plcc: float = NAN
    plcc_low: float = NAN
    plcc_high: float = NAN
    plcc_p: float = NAN
    srocc: float = NAN
    srocc_low: float = NAN
    srocc_high: float = NAN
    srocc_p: float = NAN
    krocc: float = NAN
    krocc_low: float = NAN
    krocc_high: float = NAN
    krocc_p: float = NAN
    plcc_williams: float = NAN
    srocc_williams: float = NAN


@dataclasses.dataclass(frozen=True, eq=False)
class Sample:
    """Pairs on which distances are compared, and the draws that all of them meet.

    Attributes:
      badness: (n,) opinion, larger = worse.
      references: number of reference images.
      groups: (n,) integers, the reference of each pair.
      counts: (1 + resamples, R) how often each is drawn, first in the set itself.
    """

    badness: np.ndarray
    references: int
    groups: np.ndarray
    counts: np.ndarray


def sample(badness: np.ndarray, groups: np.ndarray, resamples: int, seed: int) -> Sample:
    """Returns pairs with their draws; ``groups`` are (n,) integers, the reference of each pair.

    Raises:
      InputError: an option is out of range.
    """
    drawn = whole_and_draws(groups, len(badness), resamples, seed)
    return Sample(badness, len(np.unique(groups)), *drawn)


def statistics(distance: np.ndarray, pairs: Sample) -> dict[str, np.ndarray]:
    """Returns {"plcc": (1 + resamples,), ..}: of a distance on the whole set, then on the draws."""
    drawn = pairs.badness, pairs.groups, pairs.counts
    return {name: statistic(distance, *drawn) for name, statistic in STATISTICS.items()}


def difference(
    a: np.ndarray,
    b: np.ndarray,
    found_a: Mapping[str, np.ndarray],
    found_b: Mapping[str, np.ndarray],
    pairs: Sample,
    level: float,
) -> Difference:
    """Returns the difference of two distances from their `statistics` on one sample.

    Args:
      a, b: (n,) distances.
      found_a, found_b: their `statistics`.
      pairs: the sample.
      level: part of the resampled differences inside the interval.
    """
    fields = {}
    for name in STATISTICS:
        values = found_a[name] - found_b[name]
        values[np.abs(values) < ROUNDING] = 0.0
        ends = interval(values[1:], level=level)
        p = _p(values[0], values[1:], pairs.references)
        names = (name, f"{name}_low", f"{name}_high", f"{name}_p")
        fields |= zip(names, (float(values[0]), *ends, p), strict=True)
    n, once = len(a), (np.zeros(len(a)), np.ones((1, 1)))
    for name, statistic in (("plcc", resampled_pearson), ("srocc", resampled_spearman)):
        between = statistic(a, b, *once)[0]
        fields[f"{name}_williams"] = williams(found_a[name][0], found_b[name][0], between, n)[1]
    return Difference(n, pairs.references, **fields)


def _p(value: float, drawn: np.ndarray, references: int) -> float:
    """Of value / standard error on Student's t; the spread over the draws is the latter.

    With R references it falls short by the factor sqrt((R - 1) / R), exactly so for a mean.
    """
    drawn = drawn[~np.isnan(drawn)]
    if len(drawn) < 2 or references < 2 or np.isnan(value):
        return NAN
    if value == 0:
        return 1.0
    error = drawn.std(ddof=1) * np.sqrt(references / (references - 1))
    return two_sided(value / error, references - 1) if error > 0 else NAN
