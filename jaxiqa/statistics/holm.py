"""Many tests at once: Holm's adjustment of their p."""

import numpy as np

from jaxiqa.checks import InputError


def holm(p) -> np.ndarray:
    """Returns p adjusted for the number of tests, so that any below 0.05 may be called significant.

    The chance of one false claim or more among all tests then stays below 0.05, whatever the
    dependence between them. The k-th smallest of m is multiplied by m + 1 - k, and none is below a
    smaller one.

    Args:
      p: (m,) in [0, 1]; NaN for a test that could not be made, which does not count as one.

    Returns:
      (m,) float64 in [0, 1], NaN where p is.

    Raises:
      InputError: p is not (m,) numbers in [0, 1].

    References:
      S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of
      Statistics 6, 1979.
    """
    p = np.asarray(p, np.float64)
    if p.ndim != 1 or (p < 0).any() or (p > 1).any():
        raise InputError(f"p: expected (m,) numbers in [0, 1] or NaN, got {p!r}")
    adjusted, made = np.full(len(p), np.nan), np.flatnonzero(~np.isnan(p))
    order = made[np.argsort(p[made], kind="stable")]
    times = np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(times * p[order]), 1)
    return adjusted
