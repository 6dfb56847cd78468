"""Stimuli of known human contrast threshold as a data set.

Each stimulus is shown at a few multiples of its human threshold, so that a metric's own threshold
can be read off: see `criterion`.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, replace

import numpy as np

from jaxiqa.checks import InputError
from jaxiqa.data import stimuli as stimuli_
from jaxiqa.data.display import MODELFEST, MONITOR, WIDE, Display
from jaxiqa.data.stimuli import Stimulus
from jaxiqa.data.threshold_sets import ALL_SETS, SETS, catalogue
from jaxiqa.data.threshold_tables import CITATIONS

# Above twice the threshold more of the faint patterns leave the display's gamut. Sensitivities of
# 1 - SSIM in float32 differ from those of 12 steps by .9 dB rms; by 2.1 with (1/2, 1, 2), whose
# slopes are local, and by 1.1 with (1/8, 1/2, 2), where rounding begins to show.
LADDER = (0.25, 0.5**0.5, 2.0)
# Fewer samples draw a wave too roughly for its contrast to be the one asked for.
PIXELS_PER_CYCLE = 3


@dataclass(frozen=True)
class ContrastThresholds:
    """Stimuli with human thresholds and the contrasts at which they are shown.

    Attributes:
      stimuli: m stimuli.
      ladder: k multiples of the human threshold, rising.
      left_out: names of the stimuli that the display cannot show at the top of the ladder.
      citation: of the experiments.
      name: of the data set.
      reasons: why each of `left_out` is: "brighter than the display", "larger than the image",
        "finer than 3 pixels a cycle" or "out of gamut", the first that applies.
      display: on which the stimuli are shown.
    """

    stimuli: tuple[Stimulus, ...]
    ladder: tuple[float, ...] = LADDER
    left_out: tuple[str, ...] = ()
    citation: str = ""
    name: str = "contrast-thresholds"
    reasons: tuple[str, ...] = ()
    display: Display = MODELFEST

    @property
    def left_out_by_reason(self) -> dict[str, int]:
        """How many stimuli are left out, by reason."""
        return dict(Counter(self.reasons))

    @property
    def contrasts(self) -> np.ndarray:
        """Cone contrasts shown, (m, k)."""
        return np.outer([s.threshold for s in self.stimuli], self.ladder)

    @property
    def log_human_sensitivity(self) -> np.ndarray:
        """Log10 of one over the human threshold, (m,)."""
        return -np.log10([s.threshold for s in self.stimuli])

    @property
    def stimulus_set(self) -> np.ndarray:
        """Name of the set of each stimulus, (m,) str."""
        return np.array([s.set for s in self.stimuli])


def contrast_thresholds(
    sets: tuple[str, ...] = SETS,
    *,
    ladder: tuple[float, ...] = LADDER,
    display: Display = MODELFEST,
) -> ContrastThresholds:
    """Returns the stimuli of the named sets, less those that the display cannot show.

    Args:
      sets: names among `threshold_sets.ALL_SETS`.
      ladder: 2 or more rising multiples of the human threshold at which each is shown.
      display: its size, resolution and luminance.

    Raises:
      InputError: no or an unknown set; a ladder that is too short, not positive or not rising, or
        so high that no stimulus can be shown.
    """
    sets = tuple(dict.fromkeys((sets,) if isinstance(sets, str) else sets))
    if not sets:
        raise InputError(f"expected at least one stimulus set among {', '.join(ALL_SETS)}")
    steps = np.asarray(ladder, np.float64)
    rising = steps.ndim == 1 and np.all(np.diff(steps) > 0) and np.all(np.isfinite(steps))
    if not rising or steps.size < 2 or steps[0] <= 0:
        raise InputError(f"expected a ladder of 2 or more positive rising multiples, got {ladder}")
    every = catalogue(sets)
    why = {s: _reason(s, s.threshold * steps[-1], display) for s in every}
    if all(why.values()):
        counts = ", ".join(f"{n} {reason}" for reason, n in Counter(why.values()).items())
        raise InputError(
            f"no stimulus can be shown at {steps[-1]:g} times threshold ({counts}); lower the "
            "ladder or take another display"
        )
    return ContrastThresholds(
        stimuli=tuple(s for s in every if not why[s]),
        ladder=tuple(steps.tolist()),
        left_out=tuple(s.name for s in every if why[s]),
        citation="; ".join(CITATIONS[key] for key in dict.fromkeys(s.citation for s in every)),
        reasons=tuple(why[s] for s in every if why[s]),
        display=display,
    )


def _reason(stimulus: Stimulus, contrast: float, display: Display) -> str:
    """Why a display cannot show a stimulus, or an empty text if it can."""
    if stimulus.luminance > display.white / 2:
        return "brighter than the display"
    if stimuli_.extent(stimulus) > display.degrees:
        return "larger than the image"
    if stimulus.frequency * PIXELS_PER_CYCLE > display.pixels_per_degree:
        return f"finer than {PIXELS_PER_CYCLE} pixels a cycle"
    return "" if stimuli_.in_gamut(stimulus, contrast, display) else "out of gamut"


def full_contrast_thresholds() -> ContrastThresholds:
    """Returns every stimulus that fits ModelFest's geometry exactly, under a name of its own."""
    return replace(contrast_thresholds(), name="contrast-thresholds-full")


def all_contrast_thresholds() -> ContrastThresholds:
    """Returns the stimuli of all sets that a monitor shows: 8.5 degrees, 60 pixels per degree."""
    return replace(contrast_thresholds(ALL_SETS, display=MONITOR), name="contrast-thresholds-all")


def wide_contrast_thresholds() -> ContrastThresholds:
    """Returns the stimuli of all sets that a wide display shows: 20.5 degrees, 25 pixels each.

    It has the patterns of 19 degrees, many on coloured backgrounds, and lacks the finest ones.
    """
    return replace(contrast_thresholds(ALL_SETS, display=WIDE), name="contrast-thresholds-wide")


def short_contrast_thresholds() -> ContrastThresholds:
    """Returns half of the stimuli: ModelFest, and ColorFest where all its directions were measured.

    Seven colour directions at each of the frequencies that they share, and ModelFest's 14 Gabors.
    """
    full = contrast_thresholds(("modelfest", "colorfest"))
    directions = defaultdict(set)
    for stimulus in full.stimuli:
        directions[stimulus.set, stimulus.frequency].add(stimulus.direction)
    most = max(map(len, directions.values()))
    kept = tuple(
        s
        for s in full.stimuli
        if s.set == "modelfest" or len(directions[s.set, s.frequency]) == most
    )
    return replace(full, stimuli=kept, left_out=(), reasons=())
