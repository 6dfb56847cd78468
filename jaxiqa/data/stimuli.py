"""Gabor patches and gratings with a known human threshold, computed from formulas.

The stimulus is centred on pixel (n / 2, n / 2) of an image of n x n pixels, 256 at 120 pixels per
degree (the geometry of ModelFest) unless a `Display` says otherwise. With r the distance from the
centre and u the coordinate across the bars, in degrees, the pattern is

    Gabor:    exp(-r^2 / (2 sigma^2)) cos(2 pi f u)
    grating:  w (cos(2 pi f u) - m)    w: covered part of the pixel by a square of the given side,
    disc:     the same                 by a disc of the given radius,
    smooth disc: the same              a disc whose edge falls as a cosine, 0.95 to 1.05 radii;
                                       m: the value that makes the sum over the patch zero

and the linear light is the background times (1 + contrast x direction x pattern). A Gabor keeps
the small mean over the image that its formula leaves (below 0.7 % of its amplitude for ModelFest).
The squares and discs stand for apertures of that area whose softened edges the papers only name.
"""

import functools
from dataclasses import dataclass

import numpy as np

from jaxiqa import checks
from jaxiqa.data import display
from jaxiqa.data.display import MODELFEST, NEUTRAL, Display

PIXELS = MODELFEST.pixels
PIXELS_PER_DEGREE = MODELFEST.pixels_per_degree
# Half of the width over which the edge of a smooth disc falls, in radii.
_SOFT = 0.05


@dataclass(frozen=True)
class Stimulus:
    """A pattern that people just detect at a known contrast.

    Attributes:
      name: set and number, as "modelfest-04".
      set: which experiment.
      form: "gabor", "grating", "disc" or "smooth disc".
      frequency: cycles per degree.
      size: degrees; sigma of the Gaussian of a Gabor, side of the square of a grating, radius of
        a disc.
      orientation: degrees; 0 for vertical bars, 90 for horizontal bars.
      direction: (dL/L, dM/M, dS/S) relative to the background; only its direction counts.
      threshold: cone contrast at which people detect it.
      citation: key into `threshold_tables.CITATIONS`.
      luminance: of the background on which it was shown, cd/m2.
      ground: colour of that background, `display.NEUTRAL` or a name of `display.GROUNDS`.
    """

    name: str
    set: str
    form: str
    frequency: float
    size: float
    orientation: int
    direction: tuple[float, float, float]
    threshold: float
    citation: str
    luminance: float
    ground: str = NEUTRAL


def extent(stimulus: Stimulus) -> float:
    """Returns the degrees of visual angle that an image must be across to hold a stimulus.

    Of a Gabor 4.2 sigma: ModelFest's own images end there.
    """
    return stimulus.size * {"gabor": 4.2, "grating": 1.0}.get(stimulus.form, 2 + 2 * _SOFT)


def pattern(stimulus: Stimulus, screen: Display = MODELFEST) -> np.ndarray:
    """Returns the pattern (n, n) float64, row by column, of amplitude 1 at contrast 1."""
    degrees = _degrees(screen)
    across = np.cos(2 * np.pi * stimulus.frequency * degrees)
    wave = across[:, None] if stimulus.orientation == 90 else across[None, :]
    if stimulus.form == "gabor":
        bell = np.exp(-(degrees**2) / (2 * stimulus.size**2))
        return np.outer(bell, bell) * wave
    window = _window(stimulus.form, stimulus.size, screen)
    return window * (wave - np.sum(window * wave) / np.sum(window))


def _degrees(screen: Display) -> np.ndarray:
    return (np.arange(screen.pixels) - screen.pixels // 2) / screen.pixels_per_degree


@functools.lru_cache(maxsize=8)
def _window(form: str, size: float, screen: Display) -> np.ndarray:
    """Returns (n, n), 1 inside, 0 outside."""
    offset = np.arange(screen.pixels) - screen.pixels // 2
    if form == "grating":
        covered = np.clip(size * screen.pixels_per_degree / 2 + 0.5 - np.abs(offset), 0, 1)
        return np.outer(covered, covered)
    beyond = np.hypot(*np.meshgrid(offset, offset)) - size * screen.pixels_per_degree
    if form == "disc":
        return np.clip(0.5 - beyond, 0, 1)
    reach = _SOFT * size * screen.pixels_per_degree
    return 0.5 - 0.5 * np.sin(np.pi / 2 * np.clip(beyond / reach, -1, 1))


def _extremes(stimulus: Stimulus, screen: Display) -> tuple[float, float]:
    """The lowest and the highest value of a pattern: they lie on the line through its centre."""
    if stimulus.form == "gabor":
        degrees = _degrees(screen)
        line = np.exp(-(degrees**2) / (2 * stimulus.size**2))
        line = line * np.cos(2 * np.pi * stimulus.frequency * degrees)
    else:
        shape = pattern(stimulus, screen)
        line = shape if stimulus.orientation == 90 else shape.T
        line = line[:, screen.pixels // 2]
    return float(line.min()), float(line.max())


def in_gamut(stimulus: Stimulus, contrast: float, screen: Display = MODELFEST) -> bool:
    """Returns whether the display can show the stimulus at a cone contrast."""
    step = contrast * display.rgb_per_contrast(stimulus.direction, stimulus.ground)
    light = display.ground(stimulus.ground) + np.outer(_extremes(stimulus, screen), step)
    return bool(np.all((light >= 0) & (light <= 1)))


def render(stimulus: Stimulus, contrast: float, screen: Display = MODELFEST) -> np.ndarray:
    """Returns the image of a stimulus, never rounded to 8 bits.

    Args:
      stimulus: one of `catalogue`.
      contrast: cone contrast, 0 or more; `stimulus.threshold` is where people just see it.
      screen: its size and resolution.

    Returns:
      (n, n, 3) float32, sRGB code values in [0, 1].

    Raises:
      InputError: the contrast is negative or not finite, or beyond what the display can show.
    """
    if not (np.isfinite(contrast) and contrast >= 0):
        raise checks.InputError(f"contrast must be a number of 0 or more, got {contrast}")
    if not in_gamut(stimulus, contrast, screen):
        raise checks.InputError(
            f"{stimulus.name} at cone contrast {contrast:.4g} is outside the display's gamut; "
            "ask for a lower contrast"
        )
    step = contrast * display.rgb_per_contrast(stimulus.direction, stimulus.ground)
    linear = display.ground(stimulus.ground) + pattern(stimulus, screen)[..., None] * step
    return display.code_from_linear(linear).astype(np.float32)


def background(screen: Display = MODELFEST, ground: str = NEUTRAL) -> np.ndarray:
    """Returns the uniform background, (n, n, 3) float32, sRGB code values in [0, 1]."""
    linear = np.broadcast_to(display.ground(ground), (screen.pixels, screen.pixels, 3))
    return display.code_from_linear(linear).astype(np.float32)
