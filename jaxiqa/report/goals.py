"""What nets were trained for, held against the same nets without training and against metrics."""

import dataclasses
import math
from collections.abc import Sequence

from jaxiqa.report.answer import best as best_taps
from jaxiqa.report.answer import plain
from jaxiqa.report.evidence import Gap, adjusted, difference
from jaxiqa.report.summary import net_name
from jaxiqa.study.details import ComparedRow
from jaxiqa.study.rows import Row

UNTRAINED = "the same net without training"
BETTER, WORSE, OPEN = "surely better", "surely worse", "cannot be told"


@dataclasses.dataclass(frozen=True)
class GoalGap:
    """A trained net less what it is held against.

    Attributes:
      row: of the net, at its best tap.
      against: ``UNTRAINED``, or the name of a metric.
      gap: the difference in SROCC, p adjusted by Holm for all nets against the same.
    """

    row: Row
    against: str
    gap: Gap

    @property
    def verdict(self) -> str:
        """``BETTER`` or ``WORSE`` where interval and adjusted p agree, else ``OPEN``."""
        if self.gap.surely_positive:
            return BETTER
        return WORSE if self.gap.surely_negative else OPEN


def _others(rows: Sequence[Row], row: Row) -> dict[str, Row]:
    """What a net is held against: the same without training, and every metric."""
    found = {}
    alike = [one for one in rows if one.is_net and one.architecture == row.architecture]
    untrained = [one for one in alike if one.function == "none" and one.readout == row.readout]
    if untrained:
        found[UNTRAINED] = max(untrained, key=lambda one: one.srocc)
    return found | {net_name(one): one for one in rows if not one.is_net}


def goal_gaps(rows: Sequence[Row], compared: Sequence[ComparedRow]) -> list[GoalGap]:
    """Returns each trained net less the same without training, and less every metric.

    Nets stand at the best of their Euclidean taps, chosen on these very pairs on both sides.

    Args:
      rows: of one data set, seeds together.
      compared: of the same, from ``together``.
    """
    known = [row for row in rows if not math.isnan(row.srocc)]
    found: dict[str, dict[str, tuple[Row, Gap]]] = {}
    for net, row in best_taps(plain(known)).items():
        for against, other in _others(known, row).items():
            found.setdefault(against, {})[net] = (row, difference(row, other, compared))
    made = []
    for against, held in found.items():
        gaps = adjusted({net: gap for net, (_, gap) in held.items()})
        made += [GoalGap(held[net][0], against, gap) for net, gap in gaps.items()]
    return made
