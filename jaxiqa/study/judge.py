"""From what was extracted to distances, and from distances to rows."""

import dataclasses
import math
from collections.abc import Sequence

import numpy as np

from jaxiqa import checks
from jaxiqa.arch.graph import resolve
from jaxiqa.data import ContrastThresholds, Pairs, fit_criterion
from jaxiqa.readouts.euclidean import from_energies
from jaxiqa.study.correlate import correlate
from jaxiqa.study.extract import Extracted
from jaxiqa.study.probes import NetProbe
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
    """

    net: str
    readout: str
    taps: str
    distance: np.ndarray


def euclidean_distance(probe: NetProbe, found: Extracted, taps: Sequence[str]) -> np.ndarray:
    """Returns (n,) Euclidean distances at one tap or at several concatenated, NaN where failed."""
    names = [resolve(probe.architecture, tap) for tap in taps]
    distance = np.full(len(found.sizes), np.nan)
    for size in np.unique(found.sizes, axis=0):
        if size.any():
            rows = np.all(found.sizes == size[None], axis=1)
            positions = dict(zip(probe.names, probe.positions(*map(int, size)), strict=True))
            distance[rows] = from_energies(
                [found.values[name][rows] for name in names], [positions[name] for name in names]
            )
    return distance


def _on_pairs(pairs: Pairs, judged: Judged, statistics: Statistics) -> Row:
    """Correlates with opinion, pairs of one reference image being resampled together."""
    kept = ~np.isnan(judged.distance)
    groups = np.asarray(pairs.reference_id or pairs.reference)[kept]
    row = Row(
        pairs.name, judged.net, judged.readout, judged.taps, int(kept.sum()), int((~kept).sum())
    )
    return _correlated(
        row,
        judged.distance[kept],
        pairs.opinion[kept],
        pairs.higher_is_better,
        groups,
        statistics,
    )


def _on_thresholds(data: ContrastThresholds, judged: Judged, statistics: Statistics) -> Row:
    """Correlates log sensitivities, resampling stimuli: all share one background."""
    ladder = judged.distance.reshape(len(data.stimuli), len(data.ladder))
    fitted = fit_criterion(ladder, data)
    seen = ~np.isnan(fitted.log_metric_sensitivity)
    row = Row(
        data.name,
        judged.net,
        judged.readout,
        judged.taps,
        int(seen.sum()),
        int((~seen).sum()),
        rms_db=fitted.rms_db,
        extrapolated=float(fitted.extrapolated),
    )
    found = _correlated(
        row,
        -np.round(fitted.log_metric_sensitivity[seen], RESOLUTION),
        data.log_human_sensitivity[seen],
        True,
        None,
        statistics,
    )
    # A logistic stands for the ends of a rating scale, and log sensitivity has none.
    return dataclasses.replace(found, plcc_logistic=math.nan)


def _correlated(row: Row, distance, opinion, higher_is_better, groups, statistics) -> Row:
    """The row with its correlations; left empty where the distances have none."""
    if len(distance) < 3 or (distance == distance[0]).all():
        return row
    found = correlate(
        distance,
        opinion,
        higher_is_better=higher_is_better,
        reference_id=groups,
        resamples=statistics.resamples,
        seed=statistics.seed,
    )
    values = {k: v for k, v in dataclasses.asdict(found).items() if k != "n"}
    return dataclasses.replace(row, **values)


def judge(data: Data, judged: Judged, statistics: Statistics) -> Row:
    """Returns the row of one distance on one data set."""
    if isinstance(data, ContrastThresholds):
        return _on_thresholds(data, judged, statistics)
    return _on_pairs(data, judged, statistics)


def check_enough(data: Data, found: Extracted) -> None:
    """Passes if enough pairs were computed.

    Raises:
      InputError: fewer than 3 pairs are left, or pairs of one and the same opinion; says why the
        first one failed.
    """
    total, left = len(found.sizes), len(found.sizes) - len(found.failures)
    first = next(iter(found.failures.values()), "")
    reason = f"; the first that failed: {first}" if first else ""
    if left < 3:
        raise checks.InputError(
            f"{data.name}: only {left} of {total} pairs could be computed, at least 3 are needed"
            + reason
        )
    if isinstance(data, Pairs) and np.ptp(np.delete(data.opinion, list(found.failures))) == 0:
        raise checks.InputError(
            f"{data.name}: the {left} of {total} pairs that could be computed have one and the "
            f"same opinion, nothing to correlate with{reason}"
        )
