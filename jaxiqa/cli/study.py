"""`jaxiqa study`: the main job, from nets and rated images to a table and a picture."""

import sys
import time
from collections.abc import Sequence, Set

import numpy as np

from jaxiqa import checks
from jaxiqa.cli.progress import Report
from jaxiqa.cli.study_options import DESCRIPTION, EPILOG, add_options, study_of
from jaxiqa.data import ContrastThresholds
from jaxiqa.report.picture import draw
from jaxiqa.report.summary import conclusions, merge_seeds, shortfalls, verdicts
from jaxiqa.report.table import console, results_table
from jaxiqa.study.details import ComparedRow, ceilings, comparisons, parts
from jaxiqa.study.plan import Plan, plan_of
from jaxiqa.study.results import write_details, write_results
from jaxiqa.study.rows import Row, check_folder
from jaxiqa.study.run import Finished, run


def add_verbs(verbs) -> None:
    """Adds `study`."""
    study = verbs.add_parser(
        "study", help="correlate nets with human opinion", description=DESCRIPTION, epilog=EPILOG
    )
    add_options(study)
    study.set_defaults(run=show_study)


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
    for name, ceiling in ceilings(plan.data, plan.statistics).items():
        notes.append(
            f"{name}: noise ceiling {ceiling.srocc:.3f}: the SROCC of a metric that knew the true "
            "opinion, given the standard errors of the measured one."
        )
    if len(merge_seeds(rows)) < len(rows):
        notes.append("xN: mean over N random seeds; brackets span the intervals of all seeds.")
    return notes


def _without(compared: Sequence[ComparedRow], metrics: Set[str]) -> list[ComparedRow]:
    """The comparisons of nets with PSNR and SSIM: of the others no sentence is made."""
    others = metrics - {"psnr", "ssim"}
    return [row for row in compared if not {row.label, row.against} & others]


def _show(rows: Sequence[Row], compared: Sequence[ComparedRow], plan: Plan) -> None:
    screen, merged = console(), merge_seeds(rows)
    for data in plan.data:
        screen.print(data.name, style="bold", markup=False)
        screen.print(results_table([row for row in merged if row.data == data.name]))
        screen.print()
    counted = verdicts(_without(compared, {metric.label for metric in plan.metrics}))
    told = (*_notes(rows, plan), *shortfalls(merged), *conclusions(merged), *counted)
    for line in told:
        screen.print(line, markup=False, soft_wrap=True)


def show_study(choices) -> int:
    """Runs the study, keeping what is finished, and says where it put it."""
    started, study = time.monotonic(), study_of(choices)
    plan = plan_of(study, batch=choices.batch)
    check_folder(study.out)
    done: list[Finished] = []
    try:
        with Report(console(stderr=True)) as progress:
            for finished in run(plan, progress):
                done.append(finished)
                write_results(study, plan, done, time.monotonic() - started)
    except KeyboardInterrupt:
        if done:
            print(f"jaxiqa: what was finished is in {study.out}", file=sys.stderr)
        raise
    if not done:
        raise checks.InputError(progress.skips[0])
    rows = [row for finished in done for row in finished.rows]
    compared = comparisons(done, plan.statistics)
    write_details(study.out, compared, parts(done, plan.statistics))
    _show(rows, compared, plan)
    draw(study.out / "results.png", rows)
    seconds = time.monotonic() - started
    files = "results.csv, comparisons.csv, breakdown.csv, results.png, study.json, study.toml"
    console().print(
        f"wrote {files} to {study.out} in {seconds:.0f} s", markup=False, soft_wrap=True
    )
    if progress.skips:
        raise checks.InputError(f"{len(progress.skips)} skipped, the first: {progress.skips[0]}")
    return 0
