"""The monotone logistic from distance to opinion, which takes a saturating scale out of Pearson.

    opinion = near + (far - near) / (1 + exp(-(distance - middle) / width)),   width > 0

`far` is never better than `near`: a metric that disagrees gets a flat curve, not a rising one. For
a given middle and width the ends are a linear fit, so least squares over all four is the middle and
width whose curve has the highest Pearson correlation with opinion; only those two are searched.
"""

import dataclasses

import numpy as np

from jaxiqa.statistics.paired import paired

# Widths that the middle may lie outside the data: beyond, the curve is an exponential already.
_OUTSIDE = 6.0
# Bounds of the width: below, in spreads, it is a step; above, in ranges of the data, a line.
_NARROWEST, _WIDEST = 0.01, 30.0
# The grid of starts: middles as quantiles of the distance, widths in spreads. Three are refined.
_QUANTILES = (0, 0.03, 0.1, 0.25, 0.5, 0.75, 0.9, 0.97, 1)
_WIDTHS = (0.03, 0.1, 0.3, 1.0, 3.0, 9.0)
_REFINED, _STEPS = 3, 60


@dataclasses.dataclass(frozen=True)
class Logistic:
    """A curve from distance to opinion; `near` equals `far` where no agreeing curve was found.

    Attributes:
      near: opinion towards a distance of minus infinity.
      far: opinion towards a distance of plus infinity, never better than `near`.
      middle: distance half way between the two.
      width: distance, > 0, over which the logit of the curve changes by one.
    """

    near: float
    far: float
    middle: float
    width: float


def predict(logistic: Logistic, distance) -> np.ndarray:
    """Returns the opinion that the curve gives to distances.

    Args:
      logistic: from `fit_logistic`.
      distance: any shape; infinite distances get `near` or `far`.

    Returns:
      float64 of the same shape, on the scale and with the sign of the fitted opinion.
    """
    with np.errstate(over="ignore"):
        logit = (np.asarray(distance, np.float64) - logistic.middle) / logistic.width
    return logistic.near + (logistic.far - logistic.near) * _rise(logit)


def fit_logistic(distance, opinion, *, higher_is_better: bool) -> Logistic:
    """Returns the least squares logistic among those that agree: more distance, no better opinion.

    It follows the units of distance and opinion and is deterministic: bounded searches from the
    best of a fixed grid. Infinite distances take part with the value of the curve there.

    Args:
      distance: (n,) larger = less alike, n >= 3.
      opinion: (n,) finite scores.
      higher_is_better: the sign of the opinion scores.

    Returns:
      The curve; flat at the mean opinion where no agreeing curve of the grid is better than that.

    Raises:
      InputError: the pairs cannot be correlated, see `paired`.

    References:
      VQEG, "Final report on the validation of objective models of video quality assessment", 2000
      and 2003: the curve. G. Golub, V. Pereyra, SIAM J. Numer. Anal. 10, 1973, and L. Kaufman, BIT
      15, 1975: least squares with the linear unknowns projected out.
    """
    distance, opinion = paired(distance, opinion)
    centre, spread = _standard(distance[np.isfinite(distance)])
    with np.errstate(over="ignore"):
        scaled = (distance - centre) / spread
    found = _search(scaled, _unit(-opinion if higher_is_better else opinion))
    mean = float(opinion.mean())
    if found is None:
        return Logistic(mean, mean, centre, spread)
    middle, width = found
    curve = _rise((scaled - middle) / width)
    centred = curve - curve.mean()
    step = (centred * (opinion - mean)).sum() / (centred * centred).sum()
    near = mean - step * curve.mean()
    return Logistic(float(near), float(near + step), centre + spread * middle, spread * width)


def _rise(logit: np.ndarray) -> np.ndarray:
    # Clipped to where exp is finite, which puts +-inf on the asymptotes.
    return 1 / (1 + np.exp(-np.clip(logit, -700, 700)))


def _standard(finite: np.ndarray) -> tuple[float, float]:
    # Quartiles rather than the standard deviation, which one outlier can take off the bulk.
    if not len(finite):
        return 0.0, 1.0
    low, centre, high = np.quantile(finite, (0.25, 0.5, 0.75))
    return float(centre), float((high - low) or finite.std() or 1.0)


def _unit(values: np.ndarray) -> np.ndarray:
    values = values / np.abs(values).max()
    values = values - values.mean()
    return values / np.sqrt((values * values).sum())


def _search(z: np.ndarray, target: np.ndarray) -> tuple[float, float] | None:
    """Returns the middle and width that agree best with the unit vector target, if any do."""
    finite = z[np.isfinite(z)] if np.isfinite(z).any() else np.zeros(1)
    frame = (finite.min() + finite.max()) / 2, (finite.max() - finite.min()) / 2
    extent = max(1.0, 2 * frame[1])
    bounds = np.array([(-1, np.log(_NARROWEST)), (1, np.log(_WIDEST * extent))])
    best, found = 0.0, None
    for start in _starts(z, target, finite, extent):
        agreement, point = _climb(_point(*start, frame), z, target, frame, bounds)
        if agreement > best:
            best, found = agreement, _curve(point, frame)[:2]
    return found


def _starts(z, target, finite, extent) -> list[tuple[float, float]]:
    # The best middle of each width, so that the starts differ in kind; then the best of those.
    middles, best = np.quantile(finite, _QUANTILES)[:, None], []
    for width in (*_WIDTHS, extent):
        curves = _rise((z - middles) / width)
        curves -= curves.mean(1, keepdims=True)
        norms = np.sqrt((curves * curves).sum(1))
        agreement = (curves * target).sum(1) / np.where(norms > 0, norms, np.inf)
        best.append((agreement.max(), float(middles[agreement.argmax(), 0]), width))
    best = sorted((b for b in best if b[0] > 0), reverse=True)
    return [start for _, *start in best[:_REFINED]]


def _point(middle: float, width: float, frame: tuple[float, float]) -> np.ndarray:
    # (a, log width): a in [-1, 1] is from _OUTSIDE widths below the data to as many above.
    centre, half = frame
    return np.array([(middle - centre) / (half + _OUTSIDE * width), np.log(width)])


def _curve(point: np.ndarray, frame: tuple[float, float]) -> tuple[float, float, float]:
    width = float(np.exp(point[1]))
    reach = frame[1] + _OUTSIDE * width
    return float(frame[0] + point[0] * reach), width, reach


def _climb(point, z, target, frame, bounds) -> tuple[float, np.ndarray]:
    """Returns the agreement and the place of a local best: Levenberg-Marquardt within bounds.

    Two unknowns need no linear algebra library, whose threads would cost more than the fit.
    """
    (low, high), damping = bounds, 1e-3
    point = np.clip(point, low, high)
    agreement, gradient, normal = _linearised(point, z, target, frame)
    for _ in range(_STEPS):
        held = ((point <= low) & (gradient < 0)) | ((point >= high) & (gradient > 0))
        free = ~held & (normal.diagonal() > 1e-30)
        trial = np.clip(point + _step(gradient, normal, free, damping), low, high)
        found = _linearised(trial, z, target, frame)
        gain = found[0] - agreement
        if gain > 0:
            point, (agreement, gradient, normal), damping = trial, found, max(damping / 10, 1e-9)
        else:
            damping *= 10
        if 0 < gain < 1e-12 or damping > 1e6:
            break
    return agreement, point


def _step(gradient, normal, free, damping) -> np.ndarray:
    (a, b), (_, d) = normal * np.outer(free, free)
    a, d = a * (1 + damping) or 1.0, d * (1 + damping) or 1.0
    first, second = gradient * free
    return np.array([d * first - b * second, a * second - b * first]) / (a * d - b * b)


def _linearised(point, z, target, frame) -> tuple[float, np.ndarray, np.ndarray]:
    """Returns the agreement c of a curve, and gradient and normal matrix of -(1 - c^2) / 2."""
    middle, width, reach = _curve(point, frame)
    logit = np.clip((z - middle) / width, -700, 700)
    curve = _rise(logit)
    unit = curve - curve.mean()
    norm = np.sqrt((unit * unit).sum()) or 1.0
    unit /= norm
    agreement = max(float((unit * target).sum()), 0.0)
    # The logit changes by -reach / width per a; per log width by minus itself and by the middle
    # moving outwards. What the ends of the curve can follow is projected out (Kaufman 1975).
    moved = np.stack([np.full_like(z, -reach / width), -logit - point[0] * _OUTSIDE])
    moved *= curve * (1 - curve) * (agreement / norm)
    moved -= moved.mean(1, keepdims=True)
    moved -= (moved * unit).sum(1, keepdims=True) * unit
    return agreement, (moved * target).sum(1), np.einsum("in,jn->ij", moved, moved)
