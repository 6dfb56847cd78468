"""From what was extracted to distances, and from distances to rows."""

import dataclasses
import math
from collections.abc import Mapping

import numpy as np

from jaxiqa import checks
from jaxiqa.data import ContrastThresholds, Pairs, ThresholdFit, fit_criterion
from jaxiqa.statistics.correlate import after_logistic, unfitted
from jaxiqa.study.rows import Row

Data = Pairs | ContrastThresholds

# Decimals of log10 sensitivity that are correlated: 0.2 dB, well below what people's thresholds are
# known to. Rank statistics would make data of the rounding between sensitivities that are equal.
RESOLUTION = 2


@dataclasses.dataclass(frozen=True)
class Statistics:
    """How uncertainty is formed: ``resamples`` draws of reference images from ``seed``."""

    resamples: int = 1000
    seed: int = 0


@dataclasses.dataclass(frozen=True, eq=False)
class Judged:
    """One distance over a data set, under the labels of its row.

    Attributes:
      net: label of the net or metric.
      readout: how the distance was formed.
      taps: of the net, joined by ``+``.
      distance: (n,), NaN where a pair failed.
      factors: architecture, function and environment of the net.
    """

    net: str
    readout: str
    taps: str
    distance: np.ndarray
    factors: tuple[str, str, str] = ("", "", "")


@dataclasses.dataclass(frozen=True, eq=False)
class Sample:
    """What is correlated: numbers that rise as people would find things worse, and opinion.

    Attributes:
      distance: (n,), NaN where a pair failed or a stimulus was not seen.
      opinion: (n,) of people.
      higher_is_better: the sign of opinion.
      groups: (n,) the reference image of each pair, or None where each stands for itself.
    """

    distance: np.ndarray
    opinion: np.ndarray
    higher_is_better: bool
    groups: np.ndarray | None


def sample(data: Data, distance: np.ndarray) -> Sample:
    """Returns what a distance on a data set is judged by: ratings, or log sensitivities."""
    if isinstance(data, ContrastThresholds):
        return _sensitivities(data, _criterion(data, distance))
    groups = np.asarray(data.reference_id or data.reference)
    return Sample(distance, data.opinion, data.higher_is_better, groups)


def _criterion(data: ContrastThresholds, distance: np.ndarray) -> ThresholdFit:
    return fit_criterion(distance.reshape(len(data.stimuli), len(data.ladder)), data)


def _sensitivities(data: ContrastThresholds, fitted: ThresholdFit) -> Sample:
    """Stimuli are what is resampled: all share one background."""
    distance = -np.round(fitted.log_metric_sensitivity, RESOLUTION)
    return Sample(distance, data.log_human_sensitivity, True, None)


def _on_pairs(pairs: Pairs, judged: Judged, statistics: Statistics) -> Row:
    """Correlates with opinion, pairs of one reference image being resampled together."""
    asked = sample(pairs, judged.distance)
    row, kept = _correlated(pairs.name, judged, asked, statistics), ~np.isnan(asked.distance)
    if math.isnan(row.srocc):
        return row
    rated = asked.distance[kept], asked.opinion[kept]
    return dataclasses.replace(row, plcc_logistic=after_logistic(*rated, asked.higher_is_better))


def _on_thresholds(data: ContrastThresholds, judged: Judged, statistics: Statistics) -> Row:
    """Correlates log sensitivities; they have no ends of a scale for a logistic to stand for."""
    fitted = _criterion(data, judged.distance)
    found = _correlated(data.name, judged, _sensitivities(data, fitted), statistics)
    return dataclasses.replace(found, rms_db=fitted.rms_db, extrapolated=float(fitted.extrapolated))


def _correlated(name: str, judged: Judged, asked: Sample, statistics: Statistics) -> Row:
    """The row with its correlations; left empty where the distances have none."""
    kept = ~np.isnan(asked.distance)
    distance, count = asked.distance[kept], int(kept.sum())
    row = Row(
        *(name, judged.net, judged.readout, judged.taps, count, len(kept) - count),
        **dict(zip(("architecture", "function", "environment"), judged.factors, strict=True)),
    )
    if count < 3 or (distance == distance[0]).all():
        return row
    found = unfitted(
        distance,
        asked.opinion[kept],
        asked.higher_is_better,
        None if asked.groups is None else asked.groups[kept],
        resamples=statistics.resamples,
        seed=statistics.seed,
    )
    return dataclasses.replace(row, **found)


def judge(data: Data, judged: Judged, statistics: Statistics) -> Row:
    """Returns the row of one distance on one data set."""
    if isinstance(data, ContrastThresholds):
        return _on_thresholds(data, judged, statistics)
    return _on_pairs(data, judged, statistics)


def check_enough(data: Data, count: int, failures: Mapping[int, str]) -> None:
    """Passes if enough of ``count`` pairs were computed.

    Raises:
      InputError: fewer than 3 pairs are left, or pairs of one and the same opinion; says why the
        first one failed.
    """
    left = count - len(failures)
    first = next(iter(failures.values()), "")
    reason = f"; the first that failed: {first}" if first else ""
    if left < 3:
        raise checks.InputError(
            f"{data.name}: only {left} of {count} pairs could be computed, at least 3 are needed"
            + reason
        )
    if isinstance(data, Pairs) and np.ptp(np.delete(data.opinion, list(failures))) == 0:
        raise checks.InputError(
            f"{data.name}: the {left} of {count} pairs that could be computed have one and the "
            f"same opinion, nothing to correlate with{reason}"
        )
