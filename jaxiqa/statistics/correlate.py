"""How well distances agree with human opinion, and how sure that is."""

import dataclasses
from collections.abc import Hashable, Sequence

import numpy as np

from jaxiqa.statistics.bootstrap import estimates
from jaxiqa.statistics.logistic import fit_logistic, predict
from jaxiqa.statistics.paired import badness, paired
from jaxiqa.statistics.resampled import resampled_pearson


@dataclasses.dataclass(frozen=True)
class Correlations:
    """Correlations of n distances with opinion, positive where they agree, each in [-1, 1].

    Attributes:
      n: number of pairs.
      plcc, plcc_low, plcc_high: Pearson, and the ends of its interval.
      srocc, srocc_low, srocc_high: Spearman (midranks), and the ends of its interval.
      krocc, krocc_low, krocc_high: Kendall's tau-b, and the ends of its interval.
      plcc_logistic: Pearson after a fitted monotone logistic; 0 where none agrees.

    NaN: ends that cannot be formed (fewer than 2 references), and plcc with its ends where a
    distance is infinite. Rank statistics and the logistic take infinite distances as they are.
    """

    n: int
    plcc: float
    plcc_low: float
    plcc_high: float
    srocc: float
    srocc_low: float
    srocc_high: float
    krocc: float
    krocc_low: float
    krocc_high: float
    plcc_logistic: float


def correlate(
    distance,
    opinion,
    *,
    higher_is_better: bool,
    reference_id: Sequence[Hashable] | None = None,
    resamples: int = 1000,
    seed: int = 0,
    level: float = 0.95,
) -> Correlations:
    """Returns the correlations of distances with opinion and their bootstrap intervals.

    Signed so that positive = agrees with people: a distance that grows as opinion gets worse. No
    absolute value is taken, so a metric with its sign wrong shows as negative.

    Args:
      distance: (n,) larger = less alike, n >= 3. Infinities (minus PSNR of equal images) rank as
        the extremes and leave Pearson NaN, since it has no value there.
      opinion: (n,) finite scores.
      higher_is_better: the sign of opinion: True for MOS, False for DMOS that rises with damage.
      reference_id: (n,) the reference image of each pair, which is what the bootstrap draws; None
        draws pairs, which is too narrow an interval where pairs share a reference, and slow: about
        a second at n = 3000, ten at 10000 (with 81 references below one).
      resamples: draws of the bootstrap; 0 gives no intervals.
      seed: of the draws.
      level: part of the resampled values inside the interval, in (0, 1).

    Returns:
      `Correlations`.

    Raises:
      InputError: different lengths, fewer than 3 pairs, NaN distances, opinion that is not finite,
        one of the two constant, not one reference per pair, or an option out of range.

    Examples:
      >>> from jaxiqa import correlate
      >>> distance, mos = [0.1, 0.4, 0.3, 0.9, 0.8, 1.2], [6, 5, 4, 3, 2, 1]
      >>> scene = ["a", "a", "b", "b", "c", "c"]
      >>> found = correlate(distance, mos, higher_is_better=True, reference_id=scene)
      >>> found.n, round(found.srocc, 3), round(found.krocc, 3)
      (6, 0.886, 0.733)
      >>> round(correlate(distance, mos, higher_is_better=False).srocc, 3)  # a DMOS
      -0.886

    References:
      VQEG, "Final report on the validation of objective models of video quality assessment", 2000.
    """
    options = {"resamples": resamples, "seed": seed, "level": level}
    found = unfitted(distance, opinion, higher_is_better, reference_id, **options)
    after = after_logistic(distance, opinion, higher_is_better)
    return Correlations(n=len(distance), **found, plcc_logistic=after)


def unfitted(
    distance,
    opinion,
    higher_is_better: bool,
    reference_id: Sequence[Hashable] | None,
    *,
    resamples: int,
    seed: int,
    level: float = 0.95,
) -> dict[str, float]:
    """Returns the fields of `Correlations` that need no fit, by name: plcc, srocc, krocc, ends.

    Args:
      As in `correlate`.

    Raises:
      InputError: as `correlate`.
    """
    distance, opinion = paired(distance, opinion)
    groups = range(len(distance)) if reference_id is None else reference_id
    worse = badness(opinion, higher_is_better)
    found = estimates(distance, worse, groups, resamples=resamples, seed=seed, level=level)
    fields = {}
    for name, values in found.items():
        fields |= zip((name, f"{name}_low", f"{name}_high"), values, strict=True)
    return fields


def after_logistic(distance, opinion, higher_is_better: bool) -> float:
    """Returns Pearson's correlation after a fitted monotone logistic, 0 where none agrees.

    Raises:
      InputError: what cannot be correlated, see `paired`.
    """
    distance, opinion = paired(distance, opinion)
    logistic = fit_logistic(distance, opinion, higher_is_better=higher_is_better)
    if logistic.near == logistic.far:
        return 0.0
    # Predictions carry the sign of opinion, so agreement is positive without turning it.
    predicted, once = predict(logistic, distance), np.ones((1, 1))
    return float(resampled_pearson(predicted, opinion, np.zeros(len(opinion)), once)[0])
