"""Which goal makes distances that people agree with: the table of the pocket nets.

    jaxiqa data prepare tid2013-kodak --photos DIR
    python scripts/compare_goals.py --study pocket-goals --out docs/pocket_goals.csv

Every tap of every net that ships, and of the same without training, on the contrast thresholds, on
all pairs of tid2013-kodak, and on those of them that are noise, blur and JPEG; beside it how well
the nets do at their own tasks. A line for each goal at its best tap: means over seeds with their 95
% interval over seeds and references, or stimuli. What is extracted stays in the folder of the
study, where an interrupted run goes on.
"""

import argparse
import csv
import dataclasses
import pathlib
import sys
from collections.abc import Iterator, Sequence

import jax
import numpy as np
from rich.console import Console

from jaxiqa.checkpoints.sources import shipped, sources
from jaxiqa.checkpoints.store import versions
from jaxiqa.cli import study_options
from jaxiqa.cli.main import guarded
from jaxiqa.cli.progress import Report
from jaxiqa.data import ContrastThresholds, subset
from jaxiqa.report.answer import best
from jaxiqa.report.summary import merge_seeds
from jaxiqa.study.choices import StudyFile
from jaxiqa.study.judge import judge
from jaxiqa.study.plan import plan_of
from jaxiqa.study.rows import Row
from jaxiqa.study.run import Finished, run
from jaxiqa.training.goals import GOALS
from jaxiqa.training.shipped import read_record
from jaxiqa.whole import write_whole

THRESHOLDS, PHOTOS = "contrast-thresholds", "tid2013-kodak"
# Of TID2013, by their numbers: quantisation noise, Gaussian blur, JPEG.
KINDS = ("7", "8", "10")
PART = "noise, blur, JPEG"


def _parser() -> argparse.ArgumentParser:
    plain = argparse.RawTextHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=plain)
    parser.add_argument("--study", type=pathlib.Path, required=True, help="folder of the study")
    parser.add_argument("--out", type=pathlib.Path, required=True, help="the table, a CSV file")
    return parser


def study_of(folder: pathlib.Path) -> StudyFile:
    """Returns the study that `jaxiqa study` would run on both data sets, whole."""
    parser = argparse.ArgumentParser()
    study_options.add_options(parser)
    words = ("--data", THRESHOLDS, "--data", PHOTOS, "--moments", "needed", "--out", str(folder))
    return study_options.study_of(parser.parse_args(words))


def _rows(finished: Finished, statistics) -> Iterator[Row]:
    """The rows of a data set, and of pairs those of its part too, off the same distances."""
    yield from finished.rows
    if isinstance(finished.data, ContrastThresholds):
        return
    mask = np.isin(finished.data.distortion, KINDS)
    few = dataclasses.replace(subset(finished.data, mask), name=PART)
    for judged in finished.judged:
        yield judge(few, dataclasses.replace(judged, distance=judged.distance[mask]), statistics)


def _at_task(goal: str) -> dict[str, str]:
    """How well the nets that ship do at what they were trained for, on held-out scenes."""
    if goal not in GOALS:
        return {"task": "", "merit": "", "chance": ""}
    names = [name for name in sources() if name.startswith(f"pocket.{goal}-")]
    held = [read_record(shipped() / sources()[name].address) for name in names]
    merit = np.mean([float(one["held_out_merit"]) for one in held])
    return {
        "task": GOALS[goal].merit,
        "merit": f"{merit:.3f}",
        "chance": f"{GOALS[goal].chance:.3g}",
    }


def _line(name: str, rows: Sequence[Row], made_with: str) -> dict[str, str]:
    line = {"goal": name, **_at_task(name)}
    for row in rows:
        line |= {f"{row.data}: best tap": row.taps, f"{row.data}: n": str(row.n)}
        for end in ("", "_low", "_high"):
            line[f"{row.data}: srocc{end}"] = f"{getattr(row, f'srocc{end}'):.5f}"
    return {**line, "made_with": made_with}


def table(rows: Sequence[Row]) -> list[dict[str, str]]:
    """Returns a line for each goal, the one that people agree with most on all pairs first."""
    merged = merge_seeds(rows)
    found: dict[str, dict[str, Row]] = {}
    for name in dict.fromkeys(row.data for row in merged):
        for row in best([row for row in merged if row.data == name]).values():
            found.setdefault(row.function if row.is_net else row.net, {})[name] = row
    device = jax.devices()[0].device_kind
    made_with = ", ".join([*(f"{name} {version}" for name, version in versions().items()), device])
    order = sorted(found, key=lambda goal: -found[goal][PHOTOS].srocc)
    return [_line(goal, list(found[goal].values()), made_with) for goal in order]


def main(words=None) -> int:
    """Runs the study and writes the table."""
    choices = _parser().parse_args(words)
    plan, rows = plan_of(study_of(choices.study), batch=None), []
    with Report(Console(file=sys.stderr)) as progress:
        for finished in run(plan, progress):
            rows += _rows(finished, plan.statistics)
    lines = table(rows)

    def write(to: pathlib.Path) -> None:
        with to.open("w", newline="", encoding="utf-8") as file:
            found = csv.DictWriter(file, list(lines[0]), lineterminator="\n")
            found.writeheader()
            found.writerows(lines)

    write_whole(choices.out, write)
    print(f"wrote {choices.out}")
    return 0


if __name__ == "__main__":
    raise SystemExit(guarded(main, None))
