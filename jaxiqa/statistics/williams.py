"""Whether one of two correlations with the same opinion is larger: Williams' test."""

import numpy as np

# Correlations of doubles are good to about this; what differs by less, is equal.
ROUNDING = 1e-12


def williams(r_ay: float, r_by: float, r_ab: float, n: int) -> tuple[float, float]:
    """Returns Williams' t of two dependent correlations that share opinion, and its p.

    With det = 1 - r_ay^2 - r_by^2 - r_ab^2 + 2 r_ay r_by r_ab and mean = (r_ay + r_by) / 2:
    t = (r_ay - r_by) sqrt((n - 1) (1 + r_ab) / (2 det (n - 1) / (n - 3) + mean^2 (1 - r_ab)^3)),
    on n - 3 degrees of freedom. It takes all pairs as independent and as jointly normal: pairs that
    share a reference image make its p too small, and for rank correlations it is an approximation.

    Args:
      r_ay, r_by: correlations of the distances a and b with opinion y, with their signs.
      r_ab: correlation of the two distances.
      n: number of pairs.

    Returns:
      (t, p): t positive where r_ay is larger, p two-sided. (0, 1) where the two correlations are
      equal; NaN where t has no value: n below 4, a NaN correlation, or b = -a.

    References:
      E. J. Williams, "Regression Analysis", 1959. J. H. Steiger, "Tests for comparing elements of a
      correlation matrix", Psychological Bulletin 87, 1980, equation 7.
    """
    difference, mean = r_ay - r_by, (r_ay + r_by) / 2
    if n < 4 or np.isnan(difference * r_ab):
        return np.nan, np.nan
    if abs(difference) < ROUNDING:
        return 0.0, 1.0
    if 1 - abs(r_ab) < ROUNDING:
        return np.nan, np.nan
    # Not below 0 for any data; correlations rounded to some digits can make it so.
    determinant = max(0.0, 1 - r_ay**2 - r_by**2 - r_ab**2 + 2 * r_ay * r_by * r_ab)
    variance = 2 * determinant * (n - 1) / (n - 3) + mean**2 * (1 - r_ab) ** 3
    t = float(difference * np.sqrt((n - 1) * (1 + r_ab) / variance))
    return t, two_sided(t, n - 3)


def two_sided(t: float, freedom: float) -> float:
    """Returns the chance that Student's t on ``freedom`` degrees is at least as far from 0."""
    from scipy.special import stdtr

    return float(2 * stdtr(freedom, -abs(t)))
