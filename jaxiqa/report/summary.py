"""Rows as a reader wants them: seeds together, numbers with their intervals, sentences."""

import collections
import dataclasses
import math
from collections.abc import Callable, Collection, Sequence

from jaxiqa.report.names import metric_name
from jaxiqa.report.seeds import family, mean_of_seeds
from jaxiqa.study.details import ComparedRow
from jaxiqa.study.rows import Row

# What seeds have in common is their mean, but for these; a NaN among them stays a NaN.
_COMBINE: dict[str, Callable] = {"n": min, "failed": max}
_MEASURES = ("plcc", "srocc", "krocc")
# The adjusted p below which two readouts are told apart.
SURE = 0.05
# Of rows in a sentence; the rest are counted.
_MOST = 3
_SIMPLE = ("psnr", "ssim", "ssim_unrounded")


def net_name(row: Row) -> str:
    """Returns the net of a row as a reader wants it, or the simple metric's usual name."""
    return row.net if row.is_net else metric_name(row.readout)


def full_name(row: Row) -> str:
    """Returns net, tap and, where it is not the Euclidean one, the readout."""
    words = [net_name(row), row.taps, row.readout]
    return " ".join(words[: 3 if row.is_net and row.readout != "euclidean" else 2]).strip()


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _correlations(rows: Sequence[Row]) -> dict[str, float]:
    found = {}
    for name in _MEASURES:
        ends = [f"{name}{end}" for end in ("", "_low", "_high")]
        columns = [[getattr(row, end) for row in rows] for end in ends]
        found |= zip(ends, mean_of_seeds(*columns), strict=True)
    return found


def _merged(rows: Sequence[Row], label: str) -> Row:
    values = {}
    for field in dataclasses.fields(Row):
        found = [getattr(row, field.name) for row in rows]
        if isinstance(found[0], str):
            values[field.name] = found[0]
        else:
            nothing = any(map(math.isnan, found))
            combine = _COMBINE.get(field.name, _mean)
            values[field.name] = math.nan if nothing else combine(found)
    return Row(**{**values, **_correlations(rows), "net": label})


def seeds_of(rows: Sequence[Row]) -> list[list[Row]]:
    """Returns rows in groups that differ in nothing but the seed, most of them of one row."""
    groups: dict[tuple, list[Row]] = collections.defaultdict(list)
    for row in rows:
        alike = row.architecture, row.function, row.environment
        groups[row.data, family(row.net), row.readout, row.taps, alike].append(row)
    return list(groups.values())


def merge_seeds(rows: Sequence[Row]) -> list[Row]:
    """Returns rows in which the random seeds of a net stand as one row per readout.

    Such a row holds the mean over seeds with the interval of ``mean_of_seeds``, and rests on as
    many pairs as the seed with the fewest. What one seed lacks, it lacks.
    """
    return [merge_group(group) for group in seeds_of(rows)]


def merge_group(group: Sequence[Row]) -> Row:
    """Returns the row of several seeds, one alone as it is."""
    if len(group) == 1:
        return group[0]
    return _merged(group, f"{family(group[0].net)} x{len(group)}")


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


def _against_metrics(
    compared: Sequence[ComparedRow], metrics: Collection[str]
) -> dict[tuple[str, str], list[float]]:
    """SROCC of each readout less that of each metric, 0 where they cannot be told apart."""
    found: dict[tuple[str, str], list[float]] = collections.defaultdict(list)
    for row in compared:
        if math.isnan(row.p_holm) or (row.label in metrics) == (row.against in metrics):
            continue
        sure = row.srocc if row.p_holm < SURE else 0.0
        if row.against in metrics:
            found[row.data, row.against].append(sure)
        else:
            found[row.data, row.label].append(-sure)
    return found


def verdicts(compared: Sequence[ComparedRow], metrics: Collection[str] = _SIMPLE) -> list[str]:
    """Returns a sentence per data set and metric: how many readouts of nets differ from it.

    Args:
      compared: of a study.
      metrics: names of all rows of it that are no nets'.
    """
    told = []
    for (data, metric), found in _against_metrics(compared, metrics).items():
        better, worse = sum(d > 0 for d in found), sum(d < 0 for d in found)
        told.append(
            f"{data}: beside {metric_name(metric)}, of {len(found)} readouts of nets {better} "
            f"agree better with people and {worse} worse (SROCC, bootstrap, Holm-adjusted p < "
            f"{SURE}); {found.count(0.0)} cannot be told from it."
        )
    return told
