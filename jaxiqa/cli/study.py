"""`jaxiqa study`: the main job, from nets and rated images to a table and a picture."""

import contextlib
import json
import pathlib
import sys
import time
from collections.abc import Sequence

import numpy as np

from jaxiqa import checks
from jaxiqa.checkpoints.store import versions
from jaxiqa.cli.progress import Report
from jaxiqa.data import ContrastThresholds
from jaxiqa.images import to_record
from jaxiqa.report.picture import draw
from jaxiqa.report.summary import conclusions, merge_seeds, shortfalls
from jaxiqa.report.table import console, results_table
from jaxiqa.study.extract import default_batch
from jaxiqa.study.judge import Statistics
from jaxiqa.study.plan import CONTROLS, SHIPPED, Plan, data_sets, entries
from jaxiqa.study.rows import Row, check_folder, write_rows, write_whole
from jaxiqa.study.run import run

DATA = ("contrast-thresholds",)

_DESCRIPTION = """Correlates distances with human opinion, at every tap of every net.

Without --data it runs on contrast-thresholds, which ships: patterns at the threshold of human
vision, computed from formulas. Without --net it takes nets with random weights (the control: no
function). Both run offline."""

_EPILOG = """examples:
  jaxiqa study
  jaxiqa study --data pairs.csv --net alexnet --weights alexnet-owt-7be5be79.pth --out results

PAIRS.csv has the columns reference, distorted, opinion and may have opinion_std, reference_id,
distortion, level, split, higher_is_better; paths are relative to the file."""


def add_verbs(verbs) -> None:
    """Adds `study`."""
    study = verbs.add_parser(
        "study",
        help="correlate nets with human opinion",
        description=_DESCRIPTION,
        epilog=_EPILOG,
    )
    add = study.add_argument
    add(
        "--data",
        action="append",
        default=[],
        metavar="CSV",
        help=f"rated pairs, or one of {', '.join(SHIPPED)}; repeat for more",
    )
    sign = study.add_mutually_exclusive_group()
    sign.add_argument(
        "--higher-is-better",
        dest="higher_is_better",
        action="store_true",
        default=None,
        help="opinion is high for good images, as MOS is (the default)",
    )
    sign.add_argument(
        "--lower-is-better",
        dest="higher_is_better",
        action="store_false",
        help="opinion is high for bad images, as most DMOS are",
    )
    add("--net", action="append", default=[], help="a net, as in `jaxiqa nets`; repeat for more")
    add(
        "--weights",
        action="append",
        default=[],
        metavar="FILE",
        help="checkpoint or converted folder; once for each --net, in the same order",
    )
    add(
        "--taps",
        action="append",
        default=[],
        metavar="TAP",
        help="a tap, or a+b+c for a concatenation; repeat for more (default: every tap, and the "
        "stages together)",
    )
    add("--out", default="jaxiqa-study", metavar="DIR", help="folder (default: %(default)s)")
    add("--batch", type=int, help="images computed at once (default: 1 on a CPU, else 16)")
    add("--resamples", type=int, default=1000, help="of the bootstrap (default: %(default)s)")
    add("--seed", type=int, default=0, help="of the bootstrap (default: %(default)s)")
    study.set_defaults(run=show_study)


def _plan(choices) -> Plan:
    for name, least in (("batch", 1), ("resamples", 0), ("seed", 0)):
        given = getattr(choices, name)
        if given is not None and given < least:
            raise checks.InputError(f"--{name} must be {least} or more, got {given}")
    return Plan(
        data_sets(choices.data or DATA, higher_is_better=choices.higher_is_better),
        entries(choices.net or CONTROLS, choices.weights, choices.taps),
        Statistics(choices.resamples, choices.seed),
        choices.batch or default_batch(),
    )


def _provenance(plan: Plan, rows: Sequence[Row], seconds: float) -> dict:
    """What was computed from what, and which nets of the plan have no rows yet."""
    import jax

    device = jax.devices()[0]
    done = [
        entry
        for entry in plan.entries
        if all((data.name, entry.label) in {(r.data, r.net) for r in rows} for data in plan.data)
    ]
    return {
        "data": [
            {"name": data.name, "left_out": list(data.left_out), "ladder": list(data.ladder)}
            if isinstance(data, ContrastThresholds)
            else {
                "name": data.name,
                "digest": data.digest,
                "pairs": len(data),
                "higher_is_better": data.higher_is_better,
            }
            for data in plan.data
        ],
        "nets": [
            {
                "label": entry.label,
                "architecture": entry.net.architecture.name,
                "source": entry.net.source,
                "preprocess": to_record(entry.net.preprocess),
            }
            for entry in done
        ],
        "unfinished": [entry.label for entry in plan.entries if entry not in done],
        "precision": plan.precision,
        "resamples": plan.statistics.resamples,
        "seed": plan.statistics.seed,
        "device": f"{device.platform} {device.device_kind}",
        "seconds": round(seconds, 1),
        "versions": versions(),
    }


def _write(out: pathlib.Path, plan: Plan, rows: Sequence[Row], seconds: float) -> None:
    record = json.dumps(_provenance(plan, rows, seconds), indent=1)
    with contextlib.suppress(OSError):  # the picture of an earlier study
        (out / "results.png").unlink()
    write_rows(out / "results.csv", rows)
    write_whole(out / "study.json", lambda path: path.write_text(record + "\n", encoding="utf-8"))


def _notes(rows: Sequence[Row], plan: Plan) -> list[str]:
    """How to read the numbers."""
    shipped = [isinstance(data, ContrastThresholds) for data in plan.data]
    notes = ["Positive = agrees with people. In brackets: 95 % bootstrap over reference images."]
    if any(shipped):
        notes = [] if all(shipped) else notes
        notes.append(
            "Thresholds: log sensitivity of people against that of the distance, at one criterion "
            "common to all stimuli; positive = agrees. In brackets: 95 % bootstrap over stimuli."
        )
    for data in plan.data:
        if isinstance(data, ContrastThresholds):
            alike = 20 * np.std(data.log_human_sensitivity)
            notes.append(
                f"{data.name}: RMS dB is the difference to human thresholds; a distance equally "
                f"sensitive to all stimuli has {alike:.1f}."
            )
    if len(merge_seeds(rows)) < len(rows):
        notes.append("xN: mean over N random seeds; brackets span the intervals of all seeds.")
    return notes


def _show(rows: Sequence[Row], plan: Plan) -> None:
    screen, merged = console(), merge_seeds(rows)
    for data in plan.data:
        screen.print(data.name, style="bold", markup=False)
        screen.print(results_table([row for row in merged if row.data == data.name]))
        screen.print()
    for line in (*_notes(rows, plan), *shortfalls(merged), *conclusions(merged)):
        screen.print(line, markup=False, soft_wrap=True)


def show_study(choices) -> int:
    """Runs the study, keeping what is finished, and says where it put it."""
    started, out = time.monotonic(), pathlib.Path(choices.out)
    plan = _plan(choices)
    check_folder(out)
    rows: list[Row] = []
    try:
        with Report(console(stderr=True)) as progress:
            for finished in run(plan, progress):
                rows += finished
                _write(out, plan, rows, time.monotonic() - started)
    except KeyboardInterrupt:
        if rows:
            print(f"jaxiqa: what was finished is in {out / 'results.csv'}", file=sys.stderr)
        raise
    draw(out / "results.png", rows)
    _show(rows, plan)
    files = ", ".join(str(out / name) for name in ("results.csv", "results.png", "study.json"))
    seconds = time.monotonic() - started
    console().print(f"wrote {files} in {seconds:.0f} s", markup=False, soft_wrap=True)
    return 0
