"""An answer to a claim, and the rows that claims are about."""

import dataclasses
from collections.abc import Sequence

from jaxiqa.report.evidence import Gap
from jaxiqa.study.rows import Row

_MOST = 3


@dataclasses.dataclass(frozen=True)
class Answer:
    """Whether a claim holds, None where that cannot be told, why, and the gap that decides."""

    holds: bool | None
    text: str
    gap: Gap | None = None


def best(rows: Sequence[Row]) -> dict[str, Row]:
    """Returns the row of the highest SROCC of each net."""
    found: dict[str, Row] = {}
    for row in sorted(rows, key=lambda row: -row.srocc):
        found.setdefault(row.net, row)
    return found


def trained(rows: Sequence[Row]) -> list[Row]:
    """Returns the rows of nets that are not random."""
    return [row for row in rows if row.is_net and row.function != "none"]


def plain(rows: Sequence[Row]) -> list[Row]:
    """Returns the Euclidean distances of trained nets, as the paper has them."""
    return [row for row in trained(rows) if row.readout == "euclidean"]


def metric(rows: Sequence[Row], *starts: str) -> Row | None:
    """Returns the best of the metrics whose names start so, None where there is none."""
    found = [row for row in rows if not row.is_net and row.readout.startswith(starts)]
    return max(found, key=lambda row: row.srocc, default=None)


def names(words: Sequence[str]) -> str:
    """Returns the first few words, and how many more there are."""
    more = f" and {len(words) - _MOST} more" if len(words) > _MOST else ""
    return ", ".join(words[:_MOST]) + more


def conjunction(parts: Sequence[bool | None]) -> bool | None:
    """Returns False where one is, True where all are, None else."""
    if False in parts:
        return False
    return True if parts and None not in parts else None


def sign(gap: Gap) -> bool | None:
    """Returns True where a gap is surely above 0, False where surely below."""
    return True if gap.surely_positive else False if gap.surely_negative else None


def small(gap: Gap) -> bool | None:
    """Returns True where a gap is surely small, False where surely big."""
    return True if gap.surely_small else False if gap.surely_big else None
