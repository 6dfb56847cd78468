"""How well a perfect metric would agree with opinion that is known only so well."""

import dataclasses

import numpy as np

from jaxiqa.checks import InputError
from jaxiqa.statistics.bootstrap import interval
from jaxiqa.statistics.kendall import kendall
from jaxiqa.statistics.paired import numbers
from jaxiqa.statistics.resampled import resampled_pearson, resampled_spearman


@dataclasses.dataclass(frozen=True)
class Ceiling:
    """What true opinion would correlate with measured opinion, see `noise_ceiling`.

    Attributes:
      n: pairs that the numbers rest on, those with a standard error.
      reliability: part of the variance of measured opinion that is not error.
      plcc, plcc_low, plcc_high: Pearson's correlation, mean and interval over measurements.
      srocc, srocc_low, srocc_high: Spearman's.
      krocc, krocc_low, krocc_high: Kendall's tau-b.
    """

    n: int
    reliability: float
    plcc: float
    plcc_low: float
    plcc_high: float
    srocc: float
    srocc_low: float
    srocc_high: float
    krocc: float
    krocc_low: float
    krocc_high: float


def noise_ceiling(
    opinion, standard_error, *, resamples: int = 200, seed: int = 0, level: float = 0.95
) -> Ceiling:
    """Returns the correlations that a metric equal to true opinion would reach, all positive.

    The model: measured = true + error, errors being independent and normal with the standard error
    of each pair. Measured opinion spreads wider than true opinion, so errors added to it would seem
    too small. It is therefore drawn in to its mean by sqrt(reliability), with reliability = 1 -
    mean square standard error / variance, which gives a stand-in for true opinion of the right
    variance; errors are drawn on top of that, and the two are correlated. For Pearson's correlation
    that is sqrt(reliability). Drawing in does not pull apart what errors have merged: where true
    opinion clusters more tightly than its errors, ceilings of rank correlations come out too high.

    Args:
      opinion: (n,) finite scores, of either sign.
      standard_error: (n,) of each score, as the mean of its ratings, from 0 up; NaN where it is not
        known. Not the spread of the ratings, which is larger by sqrt(number of ratings): TID2008
        and TID2013 publish standard errors (``mos_std``), KADID-10k spreads (its ``var``).
      resamples: measurements drawn, from 1 up.
      seed: of the draws.
      level: part of the measurements inside the interval, in (0, 1).

    Returns:
      `Ceiling`. Intervals tell what other ratings of the same images would give, not other images.

    Raises:
      InputError: lengths differ, opinion is not finite, a standard error is negative or infinite,
        fewer than 3 pairs have one, errors as large as the spread of opinion, or bad options.

    References:
      C. Spearman, "The proof and measurement of association between two things", American Journal
      of Psychology 15, 1904 (attenuation by errors of measurement).
    """
    opinion, error = _known(opinion, standard_error)
    reliability = _reliability(opinion, error)
    for name, value, least in (("resamples", resamples, 1), ("seed", seed, 0)):
        if not isinstance(value, int | np.integer) or value < least:
            raise InputError(f"{name}: expected an integer from {least} up, got {value!r}")
    generator = np.random.default_rng(seed)
    true = np.sqrt(reliability) * (opinion - opinion.mean())
    drawn = (true + error * generator.normal(size=len(true)) for _ in range(resamples))
    found = np.array([_correlations(true, measured) for measured in drawn])
    fields = {}
    for name, values in zip(("plcc", "srocc", "krocc"), found.T, strict=True):
        names = (name, f"{name}_low", f"{name}_high")
        fields |= zip(names, (float(values.mean()), *interval(values, level=level)), strict=True)
    return Ceiling(len(true), reliability, **fields)


def _correlations(true: np.ndarray, measured: np.ndarray) -> tuple[float, float, float]:
    once = np.zeros(len(true), np.intp), np.ones((1, 1))
    plcc, srocc = (f(true, measured, *once)[0] for f in (resampled_pearson, resampled_spearman))
    return plcc, srocc, kendall(true, measured)


def _known(opinion, standard_error) -> tuple[np.ndarray, np.ndarray]:
    opinion, error = numbers("opinion", opinion), numbers("standard_error", standard_error)
    if len(opinion) != len(error):
        raise InputError(
            f"expected one standard error per opinion, {len(opinion)}, got {len(error)}"
        )
    if not np.isfinite(opinion).all():
        raise InputError("opinion is not finite for some pairs: leave those out")
    if (error < 0).any() or np.isinf(error).any():
        raise InputError("standard_error: expected numbers from 0 up, or NaN where not known")
    known = ~np.isnan(error)
    if known.sum() < 3:
        raise InputError(
            f"a ceiling needs at least 3 pairs with a standard error, got {known.sum()}"
        )
    return opinion[known], error[known]


def _reliability(opinion: np.ndarray, error: np.ndarray) -> float:
    spread, size = opinion.std(ddof=1), np.sqrt(np.mean(error**2))
    if size >= spread:
        raise InputError(
            f"standard errors of {size:.3g} are no smaller than the spread of opinion, which is "
            f"{spread:.3g}: give that of each mean opinion, not the spread of its ratings"
        )
    return float(1 - (size / spread) ** 2)
