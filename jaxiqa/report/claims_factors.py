"""What the rows of one data set say to the claims R5 to R8, about what nets differ in."""

import collections
import dataclasses
from collections.abc import Mapping, Sequence

from jaxiqa.arch import ARCHITECTURES
from jaxiqa.arch.graph import resolve
from jaxiqa.report.answer import Answer, best, conjunction, names, plain, sign, small, trained
from jaxiqa.report.evidence import BIG, Gap, between, difference, mean_level
from jaxiqa.report.picture import depth
from jaxiqa.report.summary import full_name
from jaxiqa.study.details import ComparedRow
from jaxiqa.study.rows import Row

# Families without shortcuts or branches across many layers; all others count as very deep.
SIMPLE = ("alexnet", "caffenet", "vgg", "squeezenet")
STATISTICS = ("mean", "std", "mean-std", "gram")
# Ways to join layers that take no mean over the data set channel by channel.
_JOINED = ("euclidean", "euclidean/averaged", "euclidean/balanced")
# How far the single taps of a net must reach, and how many there must be, to speak of depth.
_REACH, _TAPS = 0.85, 4


def _is_simple(row: Row) -> bool:
    return row.architecture.startswith(SIMPLE)


def simple_beat_deep(rows: Sequence[Row], compared: Sequence[ComparedRow]) -> Answer:
    """Means over classifiers of either kind, each at its best tap."""
    nets = best([row for row in plain(rows) if row.function == "classification"]).values()
    simple = [row for row in nets if _is_simple(row)]
    deep = [row for row in nets if not _is_simple(row)]
    if not simple or not deep:
        lacking = "very deep" if simple else "simple"
        return Answer(None, f"No {lacking} net trained to classify is among the rows.")
    gap = between(mean_level(simple), mean_level(deep))
    text = f"Mean of {len(simple)} simple nets less that of {len(deep)} very deep ones."
    return Answer(sign(gap), text, gap)


def _stages(rows: Sequence[Row]) -> list[Row]:
    """Euclidean rows of single stages, from shallow to deep."""
    single = [row for row in rows if row.readout == "euclidean" and "+" not in row.taps]
    kept = [
        row
        for row in single
        if resolve(ARCHITECTURES[row.architecture], row.taps)
        in ARCHITECTURES[row.architecture].stages
    ]
    return sorted(kept, key=depth)


def _rises(rows: Sequence[Row]) -> dict[str, Gap]:
    """The deeper half of the stages less the shallower, of nets that are seen to the end."""
    nets = collections.defaultdict(list)
    for row in rows:
        nets[row.net].append(row)
    found = {}
    for net, few in nets.items():
        stages = _stages(few)
        if len(stages) >= _TAPS and depth(stages[-1]) >= _REACH:
            half = len(stages) // 2
            found[net] = between(mean_level(stages[-half:]), mean_level(stages[:half]))
    return found


def rises_with_depth(rows: Sequence[Row], compared: Sequence[ComparedRow]) -> Answer:
    """Deeper half of the stages less the shallower: up in simple nets, not up in very deep ones."""
    simple = _rises([row for row in plain(rows) if _is_simple(row)])
    deep = _rises([row for row in plain(rows) if not _is_simple(row)])
    if not simple and not deep:
        return Answer(None, "It takes a net of which at least four stages to the last are known.")
    parts = [sign(gap) for gap in simple.values()]
    parts += [
        False if gap.surely_positive else True if gap.high < BIG else None for gap in deep.values()
    ]
    holds = conjunction(parts)
    both = bool(simple) and bool(deep)
    least = min(simple or deep, key=lambda net: (simple or deep)[net].value)
    told = [f"{net} {gap.value:+.3f}" for net, gap in [*simple.items(), *deep.items()]]
    lacking = "" if both else f" No {'very deep' if simple else 'simple'} net to hold against."
    text = f"The deeper half of the stages less the shallower: {names(told)}.{lacking}"
    return Answer(holds if both or holds is False else None, text, (simple or deep)[least])


def environment_is_small(rows: Sequence[Row], compared: Sequence[ComparedRow]) -> Answer:
    """The best environment less the worst, of nets of one architecture and function."""
    groups = collections.defaultdict(dict)
    for row in best(plain(rows)).values():
        if row.environment not in ("unknown", "none", ""):
            groups[row.architecture, row.function].setdefault(row.environment, row)
    gaps = {}
    for (architecture, function), found in groups.items():
        ranked = sorted(found.values(), key=lambda row: row.srocc)
        if len(ranked) > 1:
            name = (
                f"{architecture}, {function}: {ranked[-1].environment} less {ranked[0].environment}"
            )
            gaps[name] = difference(ranked[-1], ranked[0], compared)
    if not gaps:
        return Answer(None, "No two nets differ in nothing but the images they were trained on.")
    return _smallness(gaps, "The largest difference: ")


def _smallness(gaps: Mapping[str, Gap], lead: str) -> Answer:
    largest = max(gaps, key=lambda name: abs(gaps[name].value))
    holds = conjunction([small(gap) for gap in gaps.values()])
    return Answer(holds, f"{lead}{largest}; {BIG} counts as big.", gaps[largest])


def readout_is_small(rows: Sequence[Row], compared: Sequence[ComparedRow]) -> Answer:
    """The best statistic, and the best concatenation, of each net less its best plain tap."""
    euclidean = [row for row in trained(rows) if row.readout in _JOINED]
    single = best([row for row in plain(rows) if "+" not in row.taps])
    joined = best([row for row in euclidean if "+" in row.taps])
    few = best([row for row in trained(rows) if row.readout in STATISTICS])
    gaps = {
        f"{full_name(found[net])} less {full_name(row)}": difference(found[net], row, compared)
        for found in (few, joined)
        for net, row in single.items()
        if net in found
    }
    lacking = [
        word for word, found in (("statistics", few), ("concatenations", joined)) if not found
    ]
    if not gaps:
        return Answer(None, f"No {' or '.join(lacking) or 'plain taps'} among the rows.")
    answer = _smallness(gaps, "The largest difference: ")
    if not lacking or answer.holds is False:
        return answer
    return dataclasses.replace(
        answer, holds=None, text=f"{answer.text} No {lacking[0]} among the rows."
    )
