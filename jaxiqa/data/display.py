"""The display on which threshold stimuli are shown: sRGB, from cone contrast to code values.

Model: sRGB primaries, white D65, the sRGB transfer function. The background has the chromaticity of
the experiment's, its largest primary at half of the peak, so that an achromatic contrast can reach
1; the backgrounds that were meant to be neutral (D65 and near it) are the display's own grey. What
the display is set to is the experiment's luminance: only contrast relative to the background is
drawn. Cone responses are those of CIE 170-2:2015 (2 degrees); its XYZ_F is treated as CIE 1931 XYZ,
which is an approximation: without the spectra of the primaries there is no exact transform. The
units of L, M and S do not matter.

References:
  IEC 61966-2-1:1999 (sRGB). CIE 170-2:2015, Fundamental chromaticity diagram, part 2.
"""

import functools
from dataclasses import dataclass

import numpy as np

BACKGROUND = 0.5


@dataclass(frozen=True)
class Display:
    """How stimuli are shown; the default is the geometry of ModelFest, 2.13 degrees across.

    Attributes:
      pixels: along each side of the image.
      pixels_per_degree: of visual angle.
      white: luminance of the white at its brightest, cd/m2. A background is at half of the white,
        so that experiments on brighter ones are left out.
    """

    pixels: int = 256
    pixels_per_degree: float = 120.0
    white: float = 400.0

    @property
    def degrees(self) -> float:
        """Side of the image in degrees of visual angle."""
        return self.pixels / self.pixels_per_degree


MODELFEST = Display()
MONITOR = Display(pixels=512, pixels_per_degree=60)
WIDE = Display(pixels=512, pixels_per_degree=25)

# CIE 1931 (x, y) of backgrounds that are not grey, from the collection's cone responses
GROUNDS = {
    "blue": (0.2178, 0.2138),
    "red": (0.4968, 0.3402),
    "cyan": (0.2446, 0.3634),
    "yellow": (0.3957, 0.4259),
    "B1": (0.4800, 0.4195),
    "B2": (0.4041, 0.3962),
    "B3": (0.3360, 0.3520),
}
NEUTRAL = "neutral"

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


@functools.cache
def ground(name: str = NEUTRAL) -> np.ndarray:
    """Returns the linear sRGB values (3,) of a background: ``NEUTRAL`` or a name of ``GROUNDS``."""
    if name == NEUTRAL:
        return np.full(3, BACKGROUND)
    linear = np.linalg.solve(RGB_TO_XYZ, _xyz(np.array([GROUNDS[name]]))[:, 0])
    return BACKGROUND * linear / linear.max()


def rgb_per_contrast(
    direction: tuple[float, float, float], background: str = NEUTRAL
) -> np.ndarray:
    """Returns the change of linear sRGB that makes unit cone contrast along a direction.

    Args:
      direction: (dL/L, dM/M, dS/S) relative to the background, any length but zero.
      background: as for `ground`.

    Returns:
      (3,) float64: added to the background times c, it gives sqrt(mean of squares of
      (dL/L, dM/M, dS/S)) = c. Digits below 1e-12 are rounded off, so that grey stays exactly grey.
    """
    relative = np.asarray(direction, np.float64)
    relative = relative / np.sqrt(np.mean(relative**2))
    return np.round(linear_from_lms(relative * lms_from_linear(ground(background))), 12)


def cone_contrast(code: np.ndarray, background: str = NEUTRAL) -> np.ndarray:
    """Returns (dL/L, dM/M, dS/S) (..., 3) of sRGB code values (..., 3) against a background."""
    linear = linear_from_code(np.asarray(code, np.float64))
    return lms_from_linear(linear) / lms_from_linear(ground(background)) - 1
