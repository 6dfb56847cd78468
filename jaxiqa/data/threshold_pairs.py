"""Stimuli of known human contrast threshold as image pairs."""

import dataclasses
import functools

import numpy as np

from jaxiqa.data import stimuli as stimuli_
from jaxiqa.data.display import MODELFEST, NEUTRAL
from jaxiqa.data.pairs import Pairs, table_digest
from jaxiqa.data.stimuli import Stimulus
from jaxiqa.data.thresholds import ContrastThresholds

# Images of 256 x 256 pixels take 200 MB.
_KEPT = 256


def as_pairs(thresholds: ContrastThresholds) -> Pairs:
    """Returns the stimuli as image pairs, rendered when read.

    Returns:
      `Pairs` of m x k rows, stimulus by stimulus: row i * k + j is stimulus i at `ladder[j]`, so
      that distances (m x k,) reshape to (m, k). The reference is "background", or that of another
      colour as "background-red", and opinion is minus the log10 of the multiple of the threshold:
      0 at threshold, lower when plainer.
    """
    shown = {
        f"{stimulus.name}@{multiple:.6g}": (stimulus, stimulus.threshold * multiple)
        for stimulus in thresholds.stimuli
        for multiple in thresholds.ladder
    }
    m, k = thresholds.contrasts.shape

    grounds = {_ground_key(s): s.ground for s in thresholds.stimuli}
    reference = tuple(_ground_key(stimulus) for stimulus, _ in shown.values())

    # A study asks for each once a net, and drawing takes longer than a small net does.
    @functools.lru_cache(maxsize=_KEPT)
    def read(key: str) -> np.ndarray:
        if key in grounds:
            image = stimuli_.background(thresholds.display, grounds[key])
        else:
            image = stimuli_.render(*shown[key], thresholds.display)
        image.flags.writeable = False
        return image

    table = {
        "reference": reference,
        "distorted": tuple(shown),
        "opinion": np.tile(-np.log10(thresholds.ladder), m),
        "reference_id": reference,
        "distortion": tuple(np.repeat(thresholds.stimulus_set, k).tolist()),
        "level": tuple(str(j + 1) for j in range(k)) * m,
    }
    drawn = {"contrasts": [contrast for _, contrast in shown.values()]}
    if thresholds.display != MODELFEST:  # of which there was no other when digests were first made
        drawn["display"] = dataclasses.astuple(thresholds.display)
    return Pairs(
        name=thresholds.name,
        **table,
        higher_is_better=True,
        read=read,
        citation=thresholds.citation,
        licence="computed; thresholds from the papers cited, collected under the MIT licence",
        digest=table_digest({**table, **drawn}),
    )


def _ground_key(stimulus: Stimulus) -> str:
    return "background" if stimulus.ground == NEUTRAL else f"background-{stimulus.ground}"
