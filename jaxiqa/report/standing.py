"""Where a row stands beside the best one and beside SSIM: the groups of the ranking."""

import math
from collections.abc import Sequence

from jaxiqa.report.summary import SURE
from jaxiqa.study.details import ComparedRow
from jaxiqa.study.rows import Row

SSIM = ("ssim", "ssim_unrounded")

TOP = "not told from the best net"
ABOVE = "below the best, above SSIM"
LEVEL = "below the best, not told from SSIM"
BELOW = "below the best and SSIM"
FAR = "below the best net"
UNTESTED = "not tested"
GROUPS = (TOP, ABOVE, LEVEL, BELOW, FAR, UNTESTED)


def find(compared: Sequence[ComparedRow], data: str, a: str, b: str) -> tuple[ComparedRow, int]:
    """Returns the comparison of two rows and its sign, +1 where it is a less b.

    Raises:
      KeyError: they were not compared.
    """
    for row in compared:
        if row.data == data and {row.label, row.against} == {a, b}:
            return row, 1 if row.label == a else -1
    raise KeyError(a, b)


def _sure(compared: dict, a: str, b: str) -> float:
    """How a differs from b: the sign, 0 where it cannot be told, NaN where it was not tested."""
    found = compared.get((a, b)) or compared.get((b, a))
    if found is None or math.isnan(found.p_holm):
        return math.nan
    sign = 1 if found.label == a else -1
    return math.copysign(1, sign * found.srocc) if found.p_holm < SURE else 0.0


def best_name(rows: Sequence[Row]) -> str:
    """Returns the name of the best readout of a net, empty where there is none."""
    known = [row for row in rows if row.is_net and not math.isnan(row.srocc)]
    return max(known, key=lambda row: row.srocc).name if known else ""


def _group(found: dict, name: str, best: str, ssim: str | None) -> str:
    beside_best = 0.0 if name == best else _sure(found, name, best)
    if math.isnan(beside_best):
        return UNTESTED
    if beside_best >= 0:
        return TOP
    beside = math.nan if ssim is None else _sure(found, name, ssim)
    return FAR if math.isnan(beside) else {1: ABOVE, 0: LEVEL, -1: BELOW}[int(beside)]


def standings(rows: Sequence[Row], compared: Sequence[ComparedRow]) -> dict[tuple[str, str], str]:
    """Returns (data set, name of a row) -> one of ``GROUPS``, by Holm-adjusted p below ``SURE``.

    Args:
      rows: of all data sets, seeds apart.
      compared: of the same study.
    """
    told = {}
    for data in dict.fromkeys(row.data for row in rows):
        here = [row for row in rows if row.data == data]
        found = {(c.label, c.against): c for c in compared if c.data == data}
        best = best_name(here)
        ssim = next((row.name for row in here if row.readout in SSIM and not row.is_net), None)
        for row in here:
            told[data, row.name] = _group(found, row.name, best, ssim)
            if row.name == ssim and told[data, row.name] == FAR:
                told[data, row.name] = LEVEL
    return told
