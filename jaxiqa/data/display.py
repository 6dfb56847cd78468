"""The display on which threshold stimuli are shown: sRGB, from cone contrast to code values.

Model: sRGB primaries, white D65, the sRGB transfer function, and a grey background at half of the
peak's linear light, so that an achromatic contrast can reach 1. Cone responses are those of
CIE 170-2:2015 (2 degrees); its XYZ_F is treated as CIE 1931 XYZ, which is an approximation: without
the spectra of the primaries there is no exact transform. Only cone contrast relative to the
background is used, so the units of L, M and S do not matter.

References:
  IEC 61966-2-1:1999 (sRGB). CIE 170-2:2015, Fundamental chromaticity diagram, part 2.
"""

import numpy as np

BACKGROUND = 0.5

_PRIMARIES_XY = np.array([[0.64, 0.33], [0.30, 0.60], [0.15, 0.06]])
_WHITE_XY = np.array([[0.3127, 0.3290]])
_LMS_TO_XYZ = np.array(
    [
        [1.94735469, -1.41445123, 0.36476327],
        [0.68990272, 0.34832189, 0.0],
        [0.0, 0.0, 1.93485343],
    ]
)


def _xyz(xy: np.ndarray) -> np.ndarray:
    """Returns XYZ (3, n) at Y = 1 of chromaticities (n, 2)."""
    x, y = xy.T
    return np.stack([x / y, np.ones_like(x), (1 - x - y) / y])


# columns: the primaries, scaled so that (1, 1, 1) is the white
RGB_TO_XYZ = _xyz(_PRIMARIES_XY) * np.linalg.solve(_xyz(_PRIMARIES_XY), _xyz(_WHITE_XY)[:, 0])
RGB_TO_LMS = np.linalg.solve(_LMS_TO_XYZ, RGB_TO_XYZ)
LMS_TO_RGB = np.linalg.inv(RGB_TO_LMS)


def lms_from_linear(rgb: np.ndarray) -> np.ndarray:
    """Returns the cone responses (..., 3) of linear sRGB values (..., 3)."""
    return rgb @ RGB_TO_LMS.T


def linear_from_lms(lms: np.ndarray) -> np.ndarray:
    """Returns linear sRGB (..., 3) of cone responses (..., 3), outside [0, 1] if out of gamut."""
    return lms @ LMS_TO_RGB.T


def code_from_linear(linear: np.ndarray) -> np.ndarray:
    """Returns sRGB code values in [0, 1] of linear light in [0, 1], any shape."""
    low = linear <= 0.0031308
    return np.where(low, 12.92 * linear, 1.055 * np.maximum(linear, 0.0031308) ** (1 / 2.4) - 0.055)


def linear_from_code(code: np.ndarray) -> np.ndarray:
    """Returns linear light in [0, 1] of sRGB code values in [0, 1], any shape."""
    return np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)


def rgb_per_contrast(direction: tuple[float, float, float]) -> np.ndarray:
    """Returns the change of linear sRGB that makes unit cone contrast along a direction.

    Args:
      direction: (dL/L, dM/M, dS/S) relative to the background, any length but zero.

    Returns:
      (3,) float64: added to the background times c, it gives sqrt(mean of squares of
      (dL/L, dM/M, dS/S)) = c. Digits below 1e-12 are rounded off, so that grey stays exactly grey.
    """
    relative = np.asarray(direction, np.float64)
    relative = relative / np.sqrt(np.mean(relative**2))
    background = lms_from_linear(np.full(3, BACKGROUND))
    return np.round(linear_from_lms(relative * background), 12)


def cone_contrast(code: np.ndarray) -> np.ndarray:
    """Returns (dL/L, dM/M, dS/S) (..., 3) of sRGB code values (..., 3) against the background."""
    background = lms_from_linear(np.full(3, BACKGROUND))
    return lms_from_linear(linear_from_code(np.asarray(code, np.float64))) / background - 1
