"""Differences between correlations with intervals, and what can be said of them."""

import dataclasses
import math
from collections.abc import Mapping, Sequence

from jaxiqa.report.standing import find
from jaxiqa.report.summary import SURE
from jaxiqa.statistics.holm import holm
from jaxiqa.study.details import ComparedRow
from jaxiqa.study.rows import Row

# SROCC that makes a difference: what is within it on both sides is none to speak of.
BIG = 0.05


@dataclasses.dataclass(frozen=True)
class Level:
    """A correlation, or a mean of some, with its interval, NaN where there is none."""

    value: float
    low: float = math.nan
    high: float = math.nan


@dataclasses.dataclass(frozen=True)
class Gap(Level):
    """A difference of two levels.

    Attributes:
      p: of none, NaN where it was not tested on shared draws.
    """

    p: float = math.nan

    @property
    def surely_positive(self) -> bool:
        """Whether the interval is above 0 and p, if there is one, is small."""
        return self.low > 0 and (math.isnan(self.p) or self.p < SURE)

    @property
    def surely_negative(self) -> bool:
        """Whether the interval is below 0 and p, if there is one, is small."""
        return self.high < 0 and (math.isnan(self.p) or self.p < SURE)

    @property
    def surely_small(self) -> bool:
        """Whether the interval lies within ``BIG`` on both sides of 0."""
        return self.low > -BIG and self.high < BIG

    @property
    def surely_big(self) -> bool:
        """Whether the interval lies outside ``BIG``, on one side of 0."""
        return self.low > BIG or self.high < -BIG


def level(row: Row) -> Level:
    """Returns the SROCC of a row."""
    return Level(row.srocc, row.srocc_low, row.srocc_high)


def mean_level(rows: Sequence[Row]) -> Level:
    """Returns the mean SROCC of rows between the means of their bounds.

    That is as wide as if all rows erred together, which those of one data set nearly do.
    """
    parts = zip(*(dataclasses.astuple(level(row)) for row in rows), strict=True)
    return Level(*(sum(part) / len(rows) for part in parts))


def between(a: Level, b: Level) -> Gap:
    """Returns a less b from their own intervals, as if they were independent.

    On the same pairs they are not, and then the interval is too wide: it errs towards "cannot be
    told".

    References:
      G. Y. Zou, "Toward using confidence intervals to compare correlations", Psychological Methods
      12(4), 2007, 399-413.
    """
    value = a.value - b.value
    low = value - math.hypot(a.value - a.low, b.high - b.value)
    return Gap(value, low, value + math.hypot(a.high - a.value, b.value - b.low))


def difference(a: Row, b: Row, compared: Sequence[ComparedRow]) -> Gap:
    """Returns the SROCC of a less that of b, on shared draws where the study compared the two."""
    try:
        found, sign = find(compared, a.data, a.name, b.name)
    except KeyError:
        return between(level(a), level(b))
    ends = sorted((sign * found.srocc_low, sign * found.srocc_high))
    return Gap(sign * found.srocc, *ends, found.srocc_p)


def adjusted(gaps: Mapping[str, Gap]) -> dict[str, Gap]:
    """Returns differences with p adjusted by Holm for all of them together."""
    made = holm([gap.p for gap in gaps.values()])
    return {
        name: dataclasses.replace(gap, p=float(p))
        for (name, gap), p in zip(gaps.items(), made, strict=True)
    }
