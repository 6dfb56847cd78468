"""The conclusions of arXiv 2302.13345, R1 to R8, each held against the numbers of a study."""

import dataclasses
import math
from collections.abc import Callable, Sequence

from jaxiqa.report import claims, claims_factors
from jaxiqa.report.answer import Answer
from jaxiqa.report.summary import merge_seeds
from jaxiqa.study.details import ComparedRow
from jaxiqa.study.rows import Row

HOLDS, FAILS, UNKNOWN = "holds", "does not hold", "cannot be told here"
UNRATED = "No pairs rated by people here: the conclusions of arXiv 2302.13345 are about such."
_VERDICTS = {True: HOLDS, False: FAILS, None: UNKNOWN}

Claim = Callable[[Sequence[Row], Sequence[ComparedRow]], Answer]

# The order of the paper's abstract.
CONCLUSIONS: dict[str, tuple[str, Claim]] = {
    "R1": ("Every net agrees better with people than SSIM.", claims.beats_ssim),
    "R2": (
        "Some nets are on a par with LPIPS and DISTS, without having been tuned to people.",
        claims.on_a_par,
    ),
    "R3": ("Nets trained to classify agree better than LPIPS.", claims.classifiers_beat_lpips),
    "R4": (
        "Nets trained on self-supervised tasks agree better than LPIPS too.",
        claims.self_supervised_beat_lpips,
    ),
    "R5": (
        "Simple architectures agree better than very deep ones.",
        claims_factors.simple_beat_deep,
    ),
    "R6": (
        "In simple nets agreement rises with depth; in very deep ones it does not.",
        claims_factors.rises_with_depth,
    ),
    "R7": (
        "Small changes of the images that a net was trained on make no big difference.",
        claims_factors.environment_is_small,
    ),
    "R8": (
        "Statistics of responses and concatenations of layers have no major impact.",
        claims_factors.readout_is_small,
    ),
}


@dataclasses.dataclass(frozen=True)
class Sentence:
    """What a study says to one of the paper's conclusions.

    Attributes:
      key: R1 to R8.
      claim: the conclusion.
      data: the data set.
      verdict: ``HOLDS``, ``FAILS`` or ``UNKNOWN``.
      text: why, in a sentence.
      value, low, high: the difference in SROCC that decides, with its interval; NaN if none.
    """

    key: str
    claim: str
    data: str
    verdict: str
    text: str
    value: float = math.nan
    low: float = math.nan
    high: float = math.nan


def rated_sets(rows: Sequence[Row]) -> list[str]:
    """Returns the data sets whose rows are about opinion; thresholds have an RMS in dB."""
    thresholds = {row.data for row in rows if not math.isnan(row.rms_db)}
    return [data for data in dict.fromkeys(row.data for row in rows) if data not in thresholds]


def sentences(rows: Sequence[Row], compared: Sequence[ComparedRow]) -> list[Sentence]:
    """Returns R1 to R8 for each data set of rated pairs.

    A difference is sure where its 95 % interval is on one side of 0 and its p, Holm-adjusted over
    the nets of the claim, is below ``SURE``; it is small where the interval lies within ``BIG``.

    Args:
      rows: of a study, seeds apart or together.
      compared: of the same study.
    """
    known = [row for row in merge_seeds(rows) if not math.isnan(row.srocc)]
    told = []
    for data in rated_sets(rows):
        here = [row for row in known if row.data == data]
        for key, (claim, judge) in CONCLUSIONS.items():
            found = judge(here, compared)
            decides = (found.gap.value, found.gap.low, found.gap.high) if found.gap else ()
            told.append(Sentence(key, claim, data, _VERDICTS[found.holds], found.text, *decides))
    return told
