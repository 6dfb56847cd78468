"""The one criterion at which a metric's contrast thresholds come nearest to the human ones.

The metric's threshold for a stimulus is the contrast at which its distance from the background
reaches a criterion common to all stimuli. Log distance is read against log contrast, so a distance
d and a d^p give the same sensitivities: a quadratic measure is treated like a linear one.
"""

from dataclasses import dataclass

import numpy as np

from jaxiqa.checks import InputError
from jaxiqa.data.thresholds import ContrastThresholds

# A stimulus is seen where log distance rises with log contrast about as it does for the others:
# between these multiples of the median slope. Ratios, since d^p has p times the slopes of d.
_ALIKE = (0.4, 2.5)
# Where fewer than this part of the stimuli are seen, the distance is no function of contrast.
_ENOUGH = 0.8
# Between two points of a curve the slope is at least this part of the median slope.
_LEAST_SLOPE = 0.1


@dataclass(frozen=True, eq=False)
class ThresholdFit:
    """A metric's contrast sensitivity beside the human one, at the best common criterion.

    Attributes:
      criterion: the distance at which the metric is taken to see a stimulus.
      log_metric_sensitivity: (m,) log10; nan where the metric sees nothing.
      rms_db: root mean square of 20 log10(metric sensitivity / human), over the stimuli seen.
      extrapolated: how many of the seen reach the criterion outside the contrasts shown.
      unseen: how many stimuli the metric does not see, see `metric_sensitivity`; out of `rms_db`.
    """

    criterion: float
    log_metric_sensitivity: np.ndarray
    rms_db: float
    extrapolated: int
    unseen: int


def metric_sensitivity(distance: np.ndarray, contrasts: np.ndarray, criterion: float) -> np.ndarray:
    """Returns the log10 contrast sensitivity of a metric at a criterion.

    Log distance is interpolated piecewise linearly in log contrast, and extrapolated with the end
    slopes. Points whose distance is not finite or not above 0 are left out. A stimulus is seen
    where the slope of log distance over its contrasts is 0.4 to 2.5 times the median over all
    stimuli; where fewer than 4 in 5 are seen, none is: the distance is no function of contrast.
    Where a step of a seen one does not rise, it is lifted to a tenth of the median slope.

    Args:
      distance: (m, k) distances from the background, 0 or more.
      contrasts: (m, k) positive, rising along k.
      criterion: a distance above 0.

    Returns:
      (m,) log10 of one over the contrast at which the distance reaches the criterion; nan for a
      stimulus that is not seen.

    Raises:
      InputError: shapes that differ, contrasts that do not rise, a criterion not above 0.
    """
    if not (np.isfinite(criterion) and criterion > 0):
        raise InputError(f"expected a criterion above 0, got {criterion}")
    curves = _curves(np.asarray(distance, np.float64), np.asarray(contrasts, np.float64))
    log_criterion = np.log10(criterion)
    return np.array([np.nan if c is None else -_crossing(c, log_criterion) for c in curves])


def fit_criterion(distance: np.ndarray, thresholds: ContrastThresholds) -> ThresholdFit:
    """Returns the criterion, common to all stimuli, of the least RMS error in sensitivity.

    Args:
      distance: (m, k), or (m x k,) in the order of `as_pairs`.
      thresholds: the m stimuli and k multiples shown.

    Returns:
      `ThresholdFit`; criterion and rms_db are nan where the metric sees no stimulus.

    Raises:
      InputError: a distance of another shape.
    """
    contrasts = thresholds.contrasts
    distance = np.asarray(distance, np.float64)
    if distance.shape not in (contrasts.shape, (contrasts.size,)):
        raise InputError(
            f"expected distances of shape {contrasts.shape} (stimulus, contrast) or "
            f"({contrasts.size},), got {distance.shape}"
        )
    curves = _curves(distance.reshape(contrasts.shape), contrasts)
    seen = np.array([c is not None for c in curves])
    log_sensitivity = np.full(len(curves), np.nan)
    human = thresholds.log_human_sensitivity
    visible = [c for c in curves if c is not None]
    if not visible:
        return ThresholdFit(np.nan, log_sensitivity, np.nan, 0, len(curves))
    log_criterion = _best(visible, human[seen])
    log_sensitivity[seen] = [-_crossing(c, log_criterion) for c in visible]
    outside = [not c.log_distance[0] <= log_criterion <= c.log_distance[-1] for c in visible]
    return ThresholdFit(
        criterion=float(10**log_criterion),
        log_metric_sensitivity=log_sensitivity,
        rms_db=float(20 * np.sqrt(np.mean((log_sensitivity - human)[seen] ** 2))),
        extrapolated=sum(outside),
        unseen=int(np.sum(~seen)),
    )


@dataclass(frozen=True, eq=False)
class _Curve:
    """Log10 distance, strictly rising with log10 contrast, and its slopes beyond the two ends."""

    log_contrast: np.ndarray
    log_distance: np.ndarray
    slope_below: float
    slope_above: float


def _curves(distance: np.ndarray, contrasts: np.ndarray) -> list[_Curve | None]:
    """Returns the curve of each stimulus, or None for one whose contrast the metric does not see.

    The ladder of contrasts hangs on the human threshold, so a distance that does not depend on
    contrast must not be read at all: whatever is read off it would be the human threshold again.
    """
    if distance.shape != contrasts.shape or distance.ndim != 2:
        raise InputError(
            f"expected one distance (m, k) per contrast, got {distance.shape} and {contrasts.shape}"
        )
    if not (np.all(contrasts > 0) and np.all(np.diff(contrasts, axis=1) > 0)):
        raise InputError("expected positive contrasts that rise along the second axis")
    usable = np.isfinite(distance) & (distance > 0)
    points = [
        (np.log10(c[u]), np.log10(d[u]))
        for c, d, u in zip(contrasts, distance, usable, strict=True)
    ]
    slopes = np.array([_slope(x, y) for x, y in points])
    typical = float(np.median(slopes)) if slopes.size else 0.0
    low, high = _ALIKE
    seen = (slopes >= low * typical) & (slopes <= high * typical) & (slopes > 0)
    if seen.mean() < _ENOUGH:
        return [None] * len(points)
    return [_rising(x, y, typical) if s else None for (x, y), s in zip(points, seen, strict=True)]


def _slope(x: np.ndarray, y: np.ndarray) -> float:
    """Returns the slope of the line of least squares, 0 where there are fewer than two points."""
    if x.size < 2:
        return 0.0
    x = x - x.mean()
    return float(np.sum(x * y) / np.sum(x * x))


def _rising(x: np.ndarray, y: np.ndarray, typical: float) -> _Curve:
    least = _LEAST_SLOPE * typical
    # z_j = max over i <= j of y_i + least (x_j - x_i): y wherever y rises fast enough
    z = np.maximum.accumulate(y - least * x) + least * x
    slopes = np.diff(z) / np.diff(x) if x.size > 1 else np.array([typical])
    return _Curve(x, z, float(slopes[0]), float(slopes[-1]))


def _crossing(curve: _Curve, log_criterion: float | np.ndarray) -> np.ndarray:
    """Returns the log10 contrast at which the curve reaches the criterion, elementwise."""
    x, y = curve.log_contrast, curve.log_distance
    below = x[0] + (log_criterion - y[0]) / curve.slope_below
    above = x[-1] + (log_criterion - y[-1]) / curve.slope_above
    inside = np.interp(log_criterion, y, x)
    return np.where(log_criterion < y[0], below, np.where(log_criterion > y[-1], above, inside))


def _best(curves: list[_Curve], human: np.ndarray) -> float:
    """Returns the log10 criterion of the least squared error: exact, since between neighbouring
    knots of all curves every error is linear in it and the sum of squares is one parabola."""
    knots = np.unique(np.concatenate([c.log_distance for c in curves]))
    bounds = np.concatenate([knots[:1] - 1, knots, knots[-1:] + 1])
    errors = np.stack([-_crossing(c, bounds) for c in curves]) - human[:, None]
    start, rise = errors[:, :-1], np.diff(errors, axis=1)
    power = np.sum(rise**2, axis=0)
    at = np.divide(-np.sum(start * rise, axis=0), power, out=np.zeros_like(power), where=power > 0)
    low, high = np.zeros_like(at), np.ones_like(at)
    low[0], high[-1] = -np.inf, np.inf
    at = np.clip(at, low, high)
    best = np.argmin(np.sum((start + at * rise) ** 2, axis=0))
    return float(bounds[best] + at[best] * (bounds[best + 1] - bounds[best]))
