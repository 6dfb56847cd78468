"""Stimuli of known human contrast threshold as a data set.

Each stimulus is shown at a few multiples of its human threshold, so that a metric's own threshold
can be read off: see `criterion`.
"""

from collections import defaultdict
from dataclasses import dataclass, replace

import numpy as np

from jaxiqa.checks import InputError
from jaxiqa.data import stimuli as stimuli_
from jaxiqa.data.pairs import Pairs, table_digest
from jaxiqa.data.stimuli import SETS, Stimulus
from jaxiqa.data.threshold_tables import CITATIONS

# Above twice the threshold more of the faint patterns leave the display's gamut. Sensitivities of
# 1 - SSIM in float32 differ from those of 12 steps by .9 dB rms; by 2.1 with (1/2, 1, 2), whose
# slopes are local, and by 1.1 with (1/8, 1/2, 2), where rounding begins to show.
LADDER = (0.25, 0.5**0.5, 2.0)


@dataclass(frozen=True)
class ContrastThresholds:
    """Stimuli with human thresholds and the contrasts at which they are shown.

    Attributes:
      stimuli: m stimuli.
      ladder: k multiples of the human threshold, rising.
      left_out: names of the stimuli that the display cannot show at the top of the ladder.
      citation: of the experiments.
      name: of the data set.
    """

    stimuli: tuple[Stimulus, ...]
    ladder: tuple[float, ...] = LADDER
    left_out: tuple[str, ...] = ()
    citation: str = ""
    name: str = "contrast-thresholds"

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
    sets: tuple[str, ...] = SETS, *, ladder: tuple[float, ...] = LADDER
) -> ContrastThresholds:
    """Returns the stimuli of the named sets, less those that the display cannot show.

    Args:
      sets: names among "modelfest", "colorfest", "rovamo1993".
      ladder: 2 or more rising multiples of the human threshold at which each is shown.

    Raises:
      InputError: no or an unknown set; a ladder that is too short, not positive or not rising, or
        so high that no stimulus can be shown.
    """
    sets = tuple(dict.fromkeys((sets,) if isinstance(sets, str) else sets))
    if not sets:
        raise InputError(f"expected at least one stimulus set among {', '.join(SETS)}")
    steps = np.asarray(ladder, np.float64)
    rising = steps.ndim == 1 and np.all(np.diff(steps) > 0) and np.all(np.isfinite(steps))
    if not rising or steps.size < 2 or steps[0] <= 0:
        raise InputError(f"expected a ladder of 2 or more positive rising multiples, got {ladder}")
    every = stimuli_.catalogue(sets)
    shown = tuple(s for s in every if stimuli_.in_gamut(s, s.threshold * steps[-1]))
    if not shown:
        raise InputError(
            f"no stimulus can be shown at {steps[-1]:g} times threshold; lower the ladder"
        )
    return ContrastThresholds(
        stimuli=shown,
        ladder=tuple(steps.tolist()),
        left_out=tuple(s.name for s in every if s not in shown),
        citation="; ".join(CITATIONS[key] for key in dict.fromkeys(s.citation for s in every)),
    )


def full_contrast_thresholds() -> ContrastThresholds:
    """Returns every stimulus of every set that the display can show, under a name of its own."""
    return replace(contrast_thresholds(), name="contrast-thresholds-full")


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
    return replace(full, stimuli=kept, left_out=())


def as_pairs(thresholds: ContrastThresholds) -> Pairs:
    """Returns the stimuli as image pairs, rendered when read.

    Returns:
      `Pairs` of m x k rows, stimulus by stimulus: row i * k + j is stimulus i at `ladder[j]`, so
      that distances (m x k,) reshape to (m, k). The reference is always "background", and opinion
      is minus the log10 of the multiple of the threshold: 0 at threshold, lower when plainer.
    """
    shown = {
        f"{stimulus.name}@{multiple:.6g}": (stimulus, stimulus.threshold * multiple)
        for stimulus in thresholds.stimuli
        for multiple in thresholds.ladder
    }
    m, k = thresholds.contrasts.shape

    def read(key: str) -> np.ndarray:
        return stimuli_.background() if key == "background" else stimuli_.render(*shown[key])

    table = {
        "reference": ("background",) * len(shown),
        "distorted": tuple(shown),
        "opinion": np.tile(-np.log10(thresholds.ladder), m),
        "reference_id": ("background",) * len(shown),
        "distortion": tuple(np.repeat(thresholds.stimulus_set, k).tolist()),
        "level": tuple(str(j + 1) for j in range(k)) * m,
    }
    contrasts = [contrast for _, contrast in shown.values()]
    return Pairs(
        name=thresholds.name,
        **table,
        higher_is_better=True,
        read=read,
        citation=thresholds.citation,
        licence="computed; thresholds from the papers cited, collected under the MIT licence",
        digest=table_digest({**table, "contrasts": contrasts}),
    )
