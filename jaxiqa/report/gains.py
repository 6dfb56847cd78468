"""What fitting changes, as numbers, as a table and as a sentence."""

import dataclasses
import math
from collections.abc import Mapping, Sequence

import numpy as np
from rich.table import Table

from jaxiqa.relevance.held_out import Gain, choice_scores
from jaxiqa.relevance.opinions import Opinions
from jaxiqa.report.summary import SURE, with_interval
from jaxiqa.report.table import plain_table
from jaxiqa.statistics.bootstrap import interval, whole_and_draws

CHOICES = "2AFC"
_MEASURES = {"SROCC": "srocc", "PLCC": "plcc", "KROCC": "krocc"}
_NAN = float("nan")


@dataclasses.dataclass(frozen=True)
class Change:
    """A measure of agreement with people before and after fitting, with 95 % intervals.

    Attributes:
      before, before_low, before_high: of the plain readout.
      after, after_low, after_high: with fitted weights.
      difference, difference_low, difference_high: after less before, on the same draws.
      p: of no difference, NaN where there is no test.
    """

    before: float
    before_low: float
    before_high: float
    after: float
    after_low: float
    after_high: float
    difference: float
    difference_low: float
    difference_high: float
    p: float = _NAN


@dataclasses.dataclass(frozen=True)
class Judged:
    """What fitting changes on one set of pairs.

    Attributes:
      name: which pairs.
      n: how many, or how many choices between two images.
      references: how many scenes they show, which are what is resampled.
      changes: by the name of a measure, the main one first.
      shared: why these pairs are not held out, None where nothing is known against it.
    """

    name: str
    n: int
    references: int
    changes: Mapping[str, Change]
    shared: str | None = None


def changes_of(gain: Gain) -> dict[str, Change]:
    """Returns the change of each correlation, Spearman's first."""

    def ends(record, name: str) -> list[float]:
        return [float(getattr(record, f"{name}{end}")) for end in ("", "_low", "_high")]

    parts = gain.before, gain.after, gain.difference
    return {
        label: Change(
            *(number for part in parts for number in ends(part, name)),
            getattr(gain.difference, f"{name}_p"),
        )
        for label, name in _MEASURES.items()
    }


def choice_changes(
    before: np.ndarray, after: np.ndarray, opinions: Opinions, *, resamples: int, seed: int
) -> dict[str, Change]:
    """Returns the change of the mean 2AFC score.

    Args:
      before, after: (n,) distances, first images in the first half, second ones in the other.
      opinions: of them, from ``paired_choices``.
      resamples: of the bootstrap over references; below 2 there are no intervals.
      seed: of its draws.
    """
    scores = [choice_scores(distance, opinions) for distance in (before, after)]
    count = len(scores[0])
    groups, counts = whole_and_draws(opinions.reference[:count], count, resamples, seed)
    drawn = counts @ np.bincount(groups)
    means = [counts @ np.bincount(groups, weights=score) / drawn for score in scores]
    parts = (*means, means[1] - means[0])
    found = [[float(values[0]), *interval(values[1:])] for values in parts]
    return {CHOICES: Change(*(number for numbers in found for number in numbers))}


def _signed(value: float, low: float, high: float) -> str:
    """A difference with its interval; three decimals, since differences are small."""
    if math.isnan(value):
        return "-"
    return f"{value:+.3f}" if math.isnan(low) else f"{value:+.3f} [{low:+.3f}, {high:+.3f}]"


def _p(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.2g}"


def _difference(change: Change) -> str:
    return _signed(change.difference, change.difference_low, change.difference_high)


def gains_table(judged: Sequence[Judged]) -> Table:
    """Returns a line per set of pairs and measure: before, after, difference and p."""
    cells = []
    for row in judged:
        name = row.name if row.shared is None else f"{row.name}, NOT held out: {row.shared}"
        for place, (measure, change) in enumerate(row.changes.items()):
            first = "" if place else name
            before = with_interval(change.before, change.before_low, change.before_high)
            after = with_interval(change.after, change.after_low, change.after_high)
            count = "" if place else str(row.n)
            cells.append([first, count, measure, before, after, _difference(change), _p(change.p)])
    right = ("n", "before", "after", "difference", "p")
    return plain_table(("pairs", "n", "agreement", *right[1:]), right, cells)


def verdict(change: Change) -> str:
    """Returns what a difference says: fitting helps, harms, or neither can be told.

    It helps or harms where the interval is on one side of 0 and p, if there is one, is small.
    """
    if math.isnan(change.difference_low):
        return "no interval, so whether fitting helps cannot be told"
    surely = math.isnan(change.p) or change.p < SURE
    if surely and change.difference_low > 0:
        return "fitting helps"
    if surely and change.difference_high < 0:
        return "fitting harms"
    return "fitting makes no difference that can be told"


def conclusion(held: Judged | None) -> str:
    """Returns in one sentence what fitting is worth on pairs that were held out."""
    if held is None:
        return "Nothing was held out: what fitting is worth on other pairs is not known."
    measure, change = next(iter(held.changes.items()))
    p = "" if math.isnan(change.p) else f", p = {_p(change.p)}"
    return f"Held out, {measure} changes by {_difference(change)}{p}: {verdict(change)}."
