"""Which goal, which depth, better than SSIM or not: three sentences on nets of one architecture."""

import collections
import math
from collections.abc import Sequence

import numpy as np

from jaxiqa.report.answer import best, metric, plain
from jaxiqa.report.goals import BETTER, OPEN, UNTRAINED, WORSE, GoalGap, goal_gaps
from jaxiqa.report.seeds import t_interval
from jaxiqa.report.summary import SURE, net_name, with_interval
from jaxiqa.report.tables import signed
from jaxiqa.study.details import ComparedRow
from jaxiqa.study.rows import Row

# Goals that a sentence names before it counts the rest.
_NAMED = 8


def _counts(gaps: Sequence[GoalGap]) -> str:
    found = collections.Counter(one.verdict for one in gaps)
    told = [f"{found[verdict]} {verdict}" for verdict in (BETTER, WORSE, OPEN) if found[verdict]]
    return ", ".join(told)


def _level(row: Row) -> str:
    return with_interval(row.srocc, row.srocc_low, row.srocc_high)


def _goal(goals: Sequence[Row], gaps: Sequence[GoalGap], untrained: Row) -> str:
    first, *others = goals
    after = ", ".join(f"{row.function} {row.srocc:.3f}" for row in others[:_NAMED])
    return (
        f"which goal: {first.function} agrees best with people, SROCC {_level(first)} at "
        f"{first.taps}, then {after}; the same net without training {_level(untrained)} at "
        f"{untrained.taps}; beside it, of {len(goals)} goals "
        f"{_counts([one for one in gaps if one.against == UNTRAINED])}."
    )


def _by_stage(rows: Sequence[Row], goals: Sequence[Row]) -> dict[str, list[float]]:
    """SROCC of all goals at each tap that all of them have on its own, shallow to deep."""
    found: dict[str, list[float]] = {}
    nets = {row.net for row in goals}
    for row in rows:
        if row.net in nets and row.readout == "euclidean" and "+" not in row.taps:
            found.setdefault(row.taps, []).append(row.srocc)
    whole = {tap: values for tap, values in found.items() if len(values) == len(nets)}
    return {tap: whole[tap] for tap in whole if tap.startswith("relu")} or whole


def _depth(rows: Sequence[Row], goals: Sequence[Row]) -> str:
    stages = _by_stage(rows, goals)
    if len(stages) < 2:
        return "which depth: no two taps of all goals are among the rows."
    means = ", ".join(f"{tap} {np.mean(values):.3f}" for tap, values in stages.items())
    taps, kept = list(stages), list(stages.values())
    change = np.subtract(kept[-1], kept[0])
    part = float(change.var(ddof=1)) / len(change)
    low, high, _ = t_interval(float(change.mean()), [(part, len(change) - 1)])
    way = "rises" if low > 0 else "falls" if high < 0 else "does not surely change"
    return (
        f"which depth: agreement {way} from {taps[0]} to {taps[-1]}, by {change.mean():+.3f} "
        f"[{low:+.2f}, {high:+.2f}] (t interval over {len(goals)} goals); mean over goals {means}."
    )


def _ssim(rows: Sequence[Row], gaps: Sequence[GoalGap]) -> str:
    ssim = metric(rows, "ssim")
    if ssim is None:
        return "better than SSIM: SSIM is not among the rows."
    few = [one for one in gaps if one.against == net_name(ssim)]
    top = max(few, key=lambda one: one.row.srocc)
    gap = signed(top.gap.value, top.gap.low, top.gap.high)
    return (
        f"better than SSIM: beside {net_name(ssim)}, {_level(ssim)}, of {len(few)} goals at their "
        f"best taps {_counts(few)}; the best of them by {gap} (Holm-adjusted p < {SURE})."
    )


def _goals(here: Sequence[Row]) -> tuple[list[Row], Row | None]:
    """Trained nets of one architecture at their best taps, best first, and the same untrained."""
    bare = [r for r in here if r.is_net and r.function == "none" and r.readout == "euclidean"]
    untrained = max(bare, key=lambda row: row.srocc, default=None)
    found = best(plain(here)).values()
    goals = [row for row in found if untrained and row.architecture == untrained.architecture]
    return sorted(goals, key=lambda row: -row.srocc), untrained


def is_controlled(rows: Sequence[Row]) -> bool:
    """Returns whether nets of several goals are there, and the same net without training."""
    goals, _ = _goals(rows)
    return len({row.function for row in goals}) > 1


def goal_answers(rows: Sequence[Row], compared: Sequence[ComparedRow]) -> list[str]:
    """Returns which goal, which depth, and whether better than SSIM, on each data set.

    Nothing on a data set of which ``is_controlled`` says no.

    Args:
      rows: of a study, seeds together.
      compared: of the same, from ``together``.
    """
    told = []
    for data in dict.fromkeys(row.data for row in rows):
        here = [row for row in rows if row.data == data and not math.isnan(row.srocc)]
        if is_controlled(here):
            goals, untrained = _goals(here)
            nets = {row.net for row in goals}
            gaps = [one for one in goal_gaps(here, compared) if one.row.net in nets]
            answers = _goal(goals, gaps, untrained), _depth(here, goals), _ssim(here, gaps)
            told += [f"{data}, {answer}" for answer in answers]
    return told
