"""Rows as a reader wants them: seeds together, numbers with their intervals, sentences."""

import collections
import dataclasses
import math
import re
from collections.abc import Sequence

from jaxiqa.study.rows import Row

_SEED = re.compile(r"(.*\.random)-\d+")
_LOWER = ("plcc_low", "srocc_low", "krocc_low")
_UPPER = ("plcc_high", "srocc_high", "krocc_high")


def _mean(values: Sequence[float]) -> float:
    known = [value for value in values if not math.isnan(value)]
    return sum(known) / len(known) if known else math.nan


def _merged(rows: Sequence[Row], label: str) -> Row:
    """Means over seeds, between the lowest of the lower and the highest of the upper bounds."""
    values = {}
    for field in dataclasses.fields(Row):
        found = [getattr(row, field.name) for row in rows]
        if field.name in _LOWER:
            values[field.name] = min(found)
        elif field.name in _UPPER:
            values[field.name] = max(found)
        elif field.type is float or field.type == "float":
            values[field.name] = _mean(found)
        else:
            values[field.name] = found[0]
    return Row(**{**values, "net": label})


def merge_seeds(rows: Sequence[Row]) -> list[Row]:
    """Returns rows in which the random seeds of a net stand as one row per readout.

    Such a row holds the mean over seeds; its intervals span those of all seeds.
    """
    groups: dict[tuple, list[Row]] = collections.defaultdict(list)
    for row in rows:
        seeded = _SEED.fullmatch(row.net)
        net = seeded[1] if seeded else row.net
        groups[row.data, net, row.readout, row.taps].append(row)
    return [
        _merged(group, f"{net} x{len(group)}") if len(group) > 1 else group[0]
        for (_, net, *_), group in groups.items()
    ]


def with_interval(value: float, low: float, high: float) -> str:
    """Returns ``0.925 [0.89, 0.95]``, without brackets where no interval could be formed."""
    if math.isnan(value):
        return "-"
    if math.isnan(low):
        return f"{value:.3f}"
    return f"{value:.3f} [{low:.2f}, {high:.2f}]"


def _named(row: Row) -> str:
    return f"{row.net} {row.taps}".strip() if row.readout == "euclidean" else row.net.upper()


def conclusions(rows: Sequence[Row]) -> list[str]:
    """Returns a sentence per data set: what agrees best with people, beside PSNR and SSIM."""
    sentences = []
    for data in dict.fromkeys(row.data for row in rows):
        found = [row for row in rows if row.data == data and not math.isnan(row.srocc)]
        nets = [row for row in found if row.readout == "euclidean"]
        simple = [row for row in found if row.readout != "euclidean"]
        best = max(nets or simple, key=lambda row: row.srocc, default=None)
        if best is None:
            continue
        beside = ", ".join(
            f"{_named(row)} {with_interval(row.srocc, row.srocc_low, row.srocc_high)}"
            for row in simple
            if row is not best
        )
        value = with_interval(best.srocc, best.srocc_low, best.srocc_high)
        sentences.append(
            f"{data}: {_named(best)} agrees best with people, SROCC {value}"
            + (f"; beside it {beside}." if beside else ".")
        )
    return sentences
