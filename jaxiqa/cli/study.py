"""`jaxiqa study`: the main job, from nets and rated images to a table and a picture."""

import functools
import pathlib
import time
from collections.abc import Callable, Sequence

import numpy as np

from jaxiqa import checks
from jaxiqa.cli.output import add_output, note, print_json, progress_console
from jaxiqa.cli.progress import Report
from jaxiqa.cli.report import written_report
from jaxiqa.cli.study_options import add_options, study_of
from jaxiqa.cli.study_words import DESCRIPTION, EPILOG
from jaxiqa.data import ContrastThresholds
from jaxiqa.report.files import PAGE, remove_report
from jaxiqa.report.goal_answers import goal_answers, is_controlled
from jaxiqa.report.page import check_installed
from jaxiqa.report.picture import draw
from jaxiqa.report.seeds import INTERVAL
from jaxiqa.report.summary import conclusions, merge_seeds, shortfalls, verdicts
from jaxiqa.report.table import console, results_table
from jaxiqa.report.tested import Tested, read_tested
from jaxiqa.study.choices import StudyFile
from jaxiqa.study.details import ComparedRow, ceilings, comparisons, parts
from jaxiqa.study.plan import Plan, plan_of
from jaxiqa.study.results import write_details, write_results
from jaxiqa.study.rows import Row, check_folder
from jaxiqa.study.run import Finished, run

_FILES = (
    *("results.csv", "comparisons.csv", "breakdown.csv", "results.png"),
    *("study.json", "study.toml"),
)


def add_verbs(verbs) -> None:
    """Adds `study`."""
    study = verbs.add_parser(
        "study", help="correlate nets with human opinion", description=DESCRIPTION, epilog=EPILOG
    )
    add_options(study)
    add_output(study, "rows (as results.csv), sentences, folder, files, skipped, seconds")
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
        notes.append(f"xN: mean over N seeds, with the {INTERVAL}.")
    return notes


def _sentences(rows: Sequence[Row], compared: Sequence[ComparedRow], plan: Plan) -> list[str]:
    merged = merge_seeds(rows)
    counted = verdicts(compared, {row.name for row in rows if not row.is_net})
    return [*_notes(rows, plan), *shortfalls(merged), *conclusions(merged), *counted]


def _answers(rows: Sequence[Row], read: Callable[[], Tested]) -> list[str]:
    """Which goal, which depth, better than SSIM or not, where that is what was studied."""
    merged = merge_seeds(rows)
    return goal_answers(merged, read().compared) if is_controlled(merged) else []


def _show(rows: Sequence[Row], sentences: Sequence[str], plan: Plan) -> None:
    screen, merged = console(), merge_seeds(rows)
    for data in plan.data:
        screen.print(data.name, style="bold", markup=False)
        screen.print(results_table([row for row in merged if row.data == data.name]))
        screen.print()
    for line in sentences:
        screen.print(line, markup=False, soft_wrap=True)


def _computed(
    study: StudyFile, plan: Plan, choices, started: float
) -> tuple[list[Finished], list[str]]:
    """What was finished, each written at once, and why the rest was skipped."""
    done: list[Finished] = []
    try:
        with Report(progress_console(choices)) as progress:
            for finished in run(plan, progress):
                if not done:  # an earlier report does not belong to these rows
                    remove_report(study.out)
                done.append(finished)
                write_results(study, plan, done, time.monotonic() - started)
    except KeyboardInterrupt:
        if done:
            note(choices, f"what was finished is in {study.out}")
        raise
    if not done:
        raise checks.InputError(progress.skips[0])
    return done, progress.skips


def add_page(folder: pathlib.Path, choices, read: Callable[[], Tested]) -> list[pathlib.Path]:
    """Returns the files of the report that it makes of finished results, none without the extra.

    Args:
      folder: of the study.
      choices: of the command line.
      read: reads it back.

    Raises:
      InputError: whatever keeps the page from being made: it costs nothing but itself.
    """
    try:
        check_installed()
    except checks.InputError as error:
        note(choices, f"no page: {error}, then `jaxiqa report {folder}`")
        return []
    try:
        report, files = written_report(read())
    except Exception as error:
        raise checks.InputError(
            f"the page could not be made ({type(error).__name__}: {error}); the results are in "
            f"{folder}, and `jaxiqa report {folder}` tries again"
        ) from error
    for line in report.notes:
        note(choices, line)
    return files


def _names(folder: pathlib.Path, files: Sequence[pathlib.Path]) -> str:
    """The files at the top of a folder, and the folders of the others."""
    parts = [path.relative_to(folder).parts for path in files]
    return ", ".join(dict.fromkeys(part[0] + "/" * (len(part) > 1) for part in parts))


def show_study(choices) -> int:
    """Runs the study, keeping what is finished, and says where it put it."""
    started, study = time.monotonic(), study_of(choices)
    plan = plan_of(study, batch=choices.batch)
    check_folder(study.out)
    done, skips = _computed(study, plan, choices, started)
    rows = [row for finished in done for row in finished.rows]
    compared = comparisons(done, plan.statistics)
    write_details(study.out, compared, parts(done, plan.statistics))
    # Read back once, and only if the answers or the page want it.
    read = functools.cache(lambda: read_tested(study.out))
    sentences = [*_sentences(rows, compared, plan), *_answers(rows, read)]
    if not choices.json:
        _show(rows, sentences, plan)
    draw(study.out / "results.png", rows)
    files = [study.out / name for name in _FILES]
    wrong = [f"{len(skips)} skipped, the first: {skips[0]}"] if skips else []
    try:
        files += add_page(study.out, choices, read)
    except checks.InputError as error:
        wrong.append(str(error))
    seconds = time.monotonic() - started
    told = {"rows": rows, "sentences": sentences, "folder": study.out, "files": files}
    if choices.json:
        print_json({**told, "skipped": skips, "seconds": round(seconds, 1)})
    else:
        line = f"wrote {_names(study.out, files)} to {study.out} in {seconds:.0f} s"
        if study.out / PAGE in files:
            line += f"; {study.out / PAGE} opens in a browser"
        console().print(line, markup=False, soft_wrap=True)
    if wrong:
        raise checks.InputError("; ".join(wrong))
    return 0
