"""Nets that differ in nothing but their random start: their mean, and how sure it is.

The mean over k seeds varies with the seeds, s^2 / k, and with the pairs that all of them are judged
by. Both add up, and the interval is that of Student's t with the degrees of freedom of the sum.
"""

import math
import re
from collections.abc import Sequence

import numpy as np

from jaxiqa.statistics.williams import two_sided

# What is started from other random weights: nets without training, and the small ones that ship.
_SEED = re.compile(r"(.*\.random|pocket\.[a-z]+)-\d+")
# Standard errors from the middle of a normal distribution to the ends of a 95 % interval.
_WIDE = 1.959964
INTERVAL = "95 % t interval over seeds, the bootstrap over pairs or stimuli added to it"


def family(net: str) -> str:
    """Returns a net's name without its seed: ``pocket.rotation-2`` is one of ``pocket.rotation``.

    Any other name comes back as it is.
    """
    found = _SEED.fullmatch(net)
    return found[1] if found else net


def standard_error(low: float, high: float) -> float:
    """Returns the standard error that a 95 % interval speaks of."""
    return (high - low) / (2 * _WIDE)


def spread(values: Sequence[float]) -> float:
    """Returns the variance of the mean of several seeds; 0 for what has none."""
    return float(np.var(values, ddof=1)) / len(values) if len(values) > 1 else 0.0


def t_interval(value: float, parts: Sequence[tuple[float, float]]) -> tuple[float, float, float]:
    """Returns the ends of a 95 % interval about a value, and the two-sided p of it being 0.

    Args:
      value: a mean, or a difference of two.
      parts: variances that add up, each with its degrees of freedom (infinity: known exactly).

    References:
      F. E. Satterthwaite, "An approximate distribution of estimates of variance components",
      Biometrics Bulletin 2(6), 1946, 110-114.
    """
    from scipy.special import stdtrit

    variance = sum(part for part, _ in parts)
    if math.isnan(variance) or math.isnan(value):
        return math.nan, math.nan, math.nan
    if variance == 0:
        return value, value, 1.0 if value == 0 else 0.0
    shares = sum(part**2 / freedom for part, freedom in parts)
    freedom = min(variance**2 / shares, 1e9) if shares else 1e9
    half = float(stdtrit(freedom, 0.975)) * math.sqrt(variance)
    return value - half, value + half, two_sided(value / math.sqrt(variance), freedom)


def mean_of_seeds(
    values: Sequence[float], lows: Sequence[float], highs: Sequence[float]
) -> tuple[float, float, float]:
    """Returns the mean correlation of several seeds and the ends of its 95 % interval.

    Args:
      values: a correlation for each seed.
      lows, highs: the ends of its interval over pairs; all seeds err together on these.
    """
    mean = sum(values) / len(values)
    shared = float(np.mean([standard_error(*ends) for ends in zip(lows, highs, strict=True)])) ** 2
    low, high, _ = t_interval(mean, ((spread(values), len(values) - 1), (shared, math.inf)))
    return mean, max(low, -1.0), min(high, 1.0)
