"""Gabor patches and gratings with a known human threshold, computed from formulas.

Geometry of every image: 256 x 256 pixels at 120 pixels per degree (that of ModelFest), 2.13 degrees
across, the stimulus centred on pixel (128, 128). With r the distance from the centre, u the
coordinate across the bars, in degrees, the pattern is

    Gabor:    exp(-r^2 / (2 sigma^2)) cos(2 pi f u)
    grating:  w (cos(2 pi f u) - m)    w: covered part of the pixel by a square of the given side,
                                       m: the value that makes the sum over the patch zero

and the linear light is the background times (1 + contrast x direction x pattern). A Gabor keeps
the small mean over the image that its formula leaves (below 0.7 % of its amplitude).
"""

from dataclasses import dataclass

import numpy as np

from jaxiqa import checks
from jaxiqa.data import display
from jaxiqa.data import threshold_tables as tables

PIXELS = 256
PIXELS_PER_DEGREE = 120
SETS = ("modelfest", "colorfest", "rovamo1993")


@dataclass(frozen=True)
class Stimulus:
    """A pattern that people just detect at a known contrast.

    Attributes:
      name: set and number, as "modelfest-04".
      set: which experiment.
      form: "gabor" or "grating".
      frequency: cycles per degree.
      size: degrees; sigma of the Gaussian of a Gabor, side of the square of a grating.
      orientation: degrees; 0 for vertical bars, 90 for horizontal bars.
      direction: (dL/L, dM/M, dS/S) relative to the background; only its direction counts.
      threshold: cone contrast at which people detect it.
      citation: key into `threshold_tables.CITATIONS`.
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


def catalogue(sets: tuple[str, ...] = SETS) -> tuple[Stimulus, ...]:
    """Returns all stimuli of the named sets, in the order given.

    Args:
      sets: names among `SETS`.

    Raises:
      InputError: an unknown set.
    """
    found: list[Stimulus] = []
    for name in sets:
        checks.choose(name, SETS, kind="stimulus set", listing=f"Known: {', '.join(SETS)}.")
        found += _BUILDERS[name]()
    return tuple(found)


def pattern(stimulus: Stimulus) -> np.ndarray:
    """Returns the pattern (256, 256) float64, row by column, of amplitude 1 at contrast 1."""
    offset = np.arange(PIXELS) - PIXELS // 2
    degrees = offset / PIXELS_PER_DEGREE
    across = np.cos(2 * np.pi * stimulus.frequency * degrees)
    wave = across[:, None] if stimulus.orientation == 90 else across[None, :]
    if stimulus.form == "gabor":
        bell = np.exp(-(degrees**2) / (2 * stimulus.size**2))
        return np.outer(bell, bell) * wave
    half = stimulus.size * PIXELS_PER_DEGREE / 2
    covered = np.clip(half + 0.5 - np.abs(offset), 0, 1)
    window = np.outer(covered, covered)
    return window * (wave - np.sum(window * wave) / np.sum(window))


def in_gamut(stimulus: Stimulus, contrast: float) -> bool:
    """Returns whether the display can show the stimulus at a cone contrast."""
    shape = pattern(stimulus)
    ends = np.array([shape.min(), shape.max()])
    change = contrast * np.outer(ends, display.rgb_per_contrast(stimulus.direction))
    return bool(np.all(np.abs(change) <= display.BACKGROUND))


def render(stimulus: Stimulus, contrast: float) -> np.ndarray:
    """Returns the image of a stimulus, never rounded to 8 bits.

    Args:
      stimulus: one of `catalogue`.
      contrast: cone contrast, 0 or more; `stimulus.threshold` is where people just see it.

    Returns:
      (256, 256, 3) float32, sRGB code values in [0, 1].

    Raises:
      InputError: the contrast is negative or not finite, or beyond what the display can show.
    """
    if not (np.isfinite(contrast) and contrast >= 0):
        raise checks.InputError(f"contrast must be a number of 0 or more, got {contrast}")
    if not in_gamut(stimulus, contrast):
        raise checks.InputError(
            f"{stimulus.name} at cone contrast {contrast:.4g} is outside the display's gamut; "
            "ask for a lower contrast"
        )
    step = contrast * display.rgb_per_contrast(stimulus.direction)
    linear = display.BACKGROUND + pattern(stimulus)[..., None] * step
    return display.code_from_linear(linear).astype(np.float32)


def background() -> np.ndarray:
    """Returns the uniform background, (256, 256, 3) float32, sRGB code values in [0, 1]."""
    linear = np.full((PIXELS, PIXELS, 3), display.BACKGROUND)
    return display.code_from_linear(linear).astype(np.float32)


def _modelfest() -> list[Stimulus]:
    return [
        Stimulus(f"modelfest-{number:02d}", "modelfest", "gabor", frequency, sigma, 90,
                 tables.ACHROMATIC, 10**log_threshold, "watson2000")
        for number, (frequency, sigma, log_threshold) in enumerate(tables.MODELFEST, 1)
    ]  # fmt: skip


def _colorfest() -> list[Stimulus]:
    return [
        Stimulus(f"colorfest-{number:02d}", "colorfest", "gabor", frequency,
                 tables.COLORFEST_SIGMA, 0, tables.COLORFEST_DIRECTIONS[direction],
                 10**log_threshold, "wuerger2002")
        for number, (frequency, direction, log_threshold) in enumerate(tables.COLORFEST, 1)
    ]  # fmt: skip


def _rovamo1993() -> list[Stimulus]:
    return [
        Stimulus(f"rovamo1993-{number:02d}", "rovamo1993", "grating", frequency, side, 0,
                 tables.ACHROMATIC, 10**log_threshold, "rovamo1993")
        for number, (frequency, side, log_threshold) in enumerate(tables.ROVAMO1993, 1)
    ]  # fmt: skip


_BUILDERS = {"modelfest": _modelfest, "colorfest": _colorfest, "rovamo1993": _rovamo1993}
