"""Rows as a reader wants them: seeds together, numbers with their intervals, sentences."""

import collections
import dataclasses
import math
import re
from collections.abc import Callable, Sequence

from jaxiqa.study.details import ComparedRow
from jaxiqa.study.rows import Row

_SEED = re.compile(r"(.*\.random)-\d+")
# What seeds have in common is their mean, but for these; a NaN among them stays a NaN.
_COMBINE: dict[str, Callable] = {
    **dict.fromkeys(("n", "plcc_low", "srocc_low", "krocc_low"), min),
    **dict.fromkeys(("failed", "plcc_high", "srocc_high", "krocc_high"), max),
}
# The adjusted p below which two readouts are told apart.
SURE = 0.05
# Of rows in a sentence; the rest are counted.
_MOST = 3
_NAMES = {"psnr": "PSNR", "ssim": "SSIM", "ssim_unrounded": "SSIM (unrounded grey)"}


def net_name(row: Row) -> str:
    """Returns the net of a row as a reader wants it, or the simple metric's usual name."""
    return _NAMES.get(row.readout, row.net)


def full_name(row: Row) -> str:
    """Returns net, tap and, where it is not the Euclidean one, the readout."""
    words = [net_name(row), row.taps, row.readout]
    return " ".join(words[: 3 if row.is_net and row.readout != "euclidean" else 2]).strip()


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _merged(rows: Sequence[Row], label: str) -> Row:
    values = {}
    for field in dataclasses.fields(Row):
        found = [getattr(row, field.name) for row in rows]
        if isinstance(found[0], str):
            values[field.name] = found[0]
        elif any(map(math.isnan, found)):
            values[field.name] = math.nan
        else:
            values[field.name] = _COMBINE.get(field.name, _mean)(found)
    return Row(**{**values, "net": label})


def merge_seeds(rows: Sequence[Row]) -> list[Row]:
    """Returns rows in which the random seeds of a net stand as one row per readout.

    Such a row holds the mean over seeds; its intervals span those of all seeds, and it rests on as
    many pairs as the seed with the fewest. What one seed lacks, it lacks.
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


def _named(rows: Sequence[Row]) -> str:
    names = list(map(full_name, rows))
    more = [f"{len(names) - _MOST} more"] if len(names) > _MOST else []
    *first, last = [*names[:_MOST], *more]
    return f"{', '.join(first)} and {last}" if first else last


def _srocc(row: Row) -> str:
    return with_interval(row.srocc, row.srocc_low, row.srocc_high)


def _highest(rows: Sequence[Row]) -> list[Row]:
    """The row of the highest SROCC, or the rows that share it."""
    highest = max((row.srocc for row in rows), default=math.nan)
    return [row for row in rows if row.srocc == highest]


def _beside(best: Sequence[Row], rows: Sequence[Row]) -> str:
    """What the best are seen against: the best net where none is among them, and PSNR and SSIM."""
    nets = [row for row in rows if row.is_net]
    simple = [row for row in rows if not row.is_net and row not in best]
    others = [[row] for row in simple]
    if nets and all(row not in nets for row in best):
        others = [_highest(nets), *others]
    told = ", ".join(f"{_named(few)} {_srocc(few[0])}" for few in others)
    return f"; beside {'it' if len(best) == 1 else 'them'} {told}." if told else "."


def _conclusion(data: str, rows: Sequence[Row]) -> str:
    best = _highest(rows)
    who, value, beside = _named(best), f"SROCC {_srocc(best[0])}", _beside(best, rows)
    if best[0].srocc <= 0:
        return f"{data}: nothing agrees with people, at the most {who}, {value}{beside}"
    agree = "agrees" if len(best) == 1 else "agree"
    doubt = ", an interval that holds 0" if best[0].srocc_low <= 0 else ""
    among = f", the highest of {len(rows)}" if len(rows) > 2 else ""
    return f"{data}: {who} {agree} best with people, {value}{among}{doubt}{beside}"


def _by_data(rows: Sequence[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = collections.defaultdict(list)
    for row in rows:
        found[row.data].append(row)
    return found


def conclusions(rows: Sequence[Row]) -> list[str]:
    """Returns a sentence per data set: what agrees best with people, and what stands beside it."""
    known = [row for row in rows if not math.isnan(row.srocc)]
    return [_conclusion(data, found) for data, found in _by_data(known).items()]


def shortfalls(rows: Sequence[Row]) -> list[str]:
    """Returns sentences on what is not there: pairs that were left out, and empty correlations."""
    told = []
    for data, found in _by_data(rows).items():
        pairs = all(math.isnan(row.rms_db) for row in found)
        kind, done = ("pairs", "computed") if pairs else ("stimuli", "seen")
        rests: dict[tuple[int, int], dict[str, None]] = collections.defaultdict(dict)
        for row in found:
            rests[row.n, row.n + row.failed][net_name(row)] = None
        for (n, total), nets in rests.items():
            who = f"{', '.join(nets)}: " if len(rests) > 1 else ""
            told += [f"{data}: {who}{n} of {total} {kind} {done}."] * (n < total)
        if empty := [row for row in found if math.isnan(row.srocc)]:
            why = "is the same for all pairs" if kind == "pairs" else "does not grow with contrast"
            reason = f"a distance that {why}, or is not a number, has none"
            told.append(f"{data}: no correlation for {_named(empty)}; {reason}.")
    return told


def _against_metrics(compared: Sequence[ComparedRow]) -> dict[tuple[str, str], list[float]]:
    """SROCC of each readout less that of each simple metric, 0 where they cannot be told apart."""
    found: dict[tuple[str, str], list[float]] = collections.defaultdict(list)
    for row in compared:
        if math.isnan(row.p_holm) or (row.label in _NAMES) == (row.against in _NAMES):
            continue
        sure = row.srocc if row.p_holm < SURE else 0.0
        if row.against in _NAMES:
            found[row.data, row.against].append(sure)
        else:
            found[row.data, row.label].append(-sure)
    return found


def verdicts(compared: Sequence[ComparedRow]) -> list[str]:
    """Returns a sentence per data set and simple metric: how many readouts differ from it."""
    told = []
    for (data, metric), found in _against_metrics(compared).items():
        better, worse = sum(d > 0 for d in found), sum(d < 0 for d in found)
        told.append(
            f"{data}: beside {_NAMES[metric]}, of {len(found)} readouts of nets {better} agree "
            f"better with people and {worse} worse (SROCC, bootstrap, Holm-adjusted p < {SURE}); "
            f"{found.count(0.0)} cannot be told from it."
        )
    return told
