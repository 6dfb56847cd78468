"""`jaxiqa fit`: relevance of channels fitted to opinion, what it is worth, and a metric's file."""

import math
import time
from collections.abc import Sequence

from jaxiqa.cli.fit_bank import data_of, net_of
from jaxiqa.cli.fit_files import pair_rows, write_beside
from jaxiqa.cli.fit_job import Job, job_of
from jaxiqa.cli.fit_options import DESCRIPTION, EPILOG, add_options
from jaxiqa.cli.fit_progress import told
from jaxiqa.cli.fit_results import CHOICES, Result, result_of, summary_of
from jaxiqa.cli.output import add_output, note, print_json, progress_console
from jaxiqa.metrics.metric_file import save_metric
from jaxiqa.relevance.ablation import LayerRow, PathRow
from jaxiqa.relevance.file import metric_file
from jaxiqa.relevance.tables import channel_rows, channels_for
from jaxiqa.report.gains import conclusion, gains_table
from jaxiqa.report.table import console, plain_table

_KEYS = (
    "file, files, data, net, readout, choices, weights, weights_for_95, split, folds, resamples, "
    "seed, pairs, seeds_held_out, layers, path, conclusion, seconds"
)


def add_verbs(verbs) -> None:
    """Adds `fit`."""
    fit = verbs.add_parser(
        "fit",
        help="fit the relevance of channels to human opinion",
        description=DESCRIPTION,
        epilog=EPILOG,
    )
    add_options(fit)
    add_output(fit, _KEYS)
    fit.set_defaults(run=show_fit)


def _weights(result: Result) -> tuple[int, int]:
    """How many weights carry nearly all of the distance, and how many there are."""
    shares = result.fit.shares
    return channels_for(shares), len(shares)


def _heading(result: Result, job: Job, seconds: float) -> str:
    fitted, fit, (_, weights) = result.fitted, job.choices, _weights(result)
    penalties = "".join(
        f", {name} {value:g}" for name in ("l1", "l2", "group") if (value := getattr(fit, name))
    )
    kind = "choices" if fit.objective == CHOICES else "pairs"
    return (
        f"{net_of(job.bank)} {'+'.join(job.readout.taps)}, {job.readout.name}, fitted to "
        f"{fitted.n} {kind} of {data_of(job.bank)} ({fitted.references} references): {weights} "
        f"weights, one a {fit.per}; {fit.objective}{penalties}, {fit.optimiser}, {seconds:.1f} s"
    )


def _in_folds(result: Result) -> str:
    """How many it takes without each fold, which tells whether the number means much."""
    if result.held is None:
        return ""
    counts = [channels_for(fit.shares) for fit in result.held.fits]
    return f"; without each fold {min(counts)} to {max(counts)} do"


def _lines(result: Result) -> list[str]:
    """What is told below the table."""
    few, weights = _weights(result)
    lines = [f"{few} of {weights} weights make up 95 % of the distance{_in_folds(result)}."]
    if len(result.seeds) > 1:
        measure = next(iter(result.held_out.changes))
        low, high = min(result.seeds), max(result.seeds)
        lines.append(f"Held out, {measure} of {len(result.seeds)} seeds: {low:.3f} to {high:.3f}.")
    return lines


def _number(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.3f}"


def _layers_table(rows: Sequence[LayerRow]):
    right = ("weights", "above 0", "share", "share plain", "SROCC without", "SROCC alone")
    names = ("share", "share_plain", "srocc_without", "srocc_alone")
    cells = [
        [row.tap, str(row.channels), str(row.used), *(_number(getattr(row, n)) for n in names)]
        for row in rows
    ]
    return plain_table(("layer", *right), right, cells)


def _path_table(rows: Sequence[PathRow]):
    """About two to a factor of ten, and the last; the file has all."""
    shown = [row for row in rows if str(row.channels)[0] in "13" or row is rows[-1]]
    right = ("largest", "share", "SROCC")
    cells = [[str(row.channels), _number(row.share), _number(row.srocc)] for row in shown]
    return plain_table(right, right, cells)


def _show(result: Result, job: Job, files: Sequence[str], seconds: float) -> None:
    screen = console()

    def say(line: str) -> None:
        screen.print(line, markup=False, soft_wrap=True)

    say(_heading(result, job, seconds))
    screen.print(gains_table(result.judged))
    for line in _lines(result):
        say(line)
    if result.layers:
        say("\nHeld out, each layer taken away and by itself, weights as fitted:")
        screen.print(_layers_table(result.layers))
        say("\nHeld out, the weights of the largest shares alone:")
        screen.print(_path_table(result.path))
    say(f"\nwrote {', '.join(files)} to {job.out.parent}")
    say(conclusion(result.held_out))


def _print_json(result: Result, job: Job, files: Sequence[str], seconds: float) -> None:
    few, weights = _weights(result)
    found = {
        "file": job.out,
        "files": list(files),
        "data": data_of(job.bank),
        "net": net_of(job.bank),
        "readout": job.readout,
        "choices": job.choices,
        "weights": weights,
        "weights_for_95": few,
        "split": job.split if job.folds else None,
        "folds": job.folds,
        "resamples": job.resamples,
        "seed": job.seed,
        "pairs": result.judged,
        "seeds_held_out": result.seeds,
        "layers": result.layers,
        "path": result.path,
        "conclusion": conclusion(result.held_out),
        "seconds": round(seconds, 2),
    }
    print_json(found)


def _write(result: Result, job: Job) -> list[str]:
    """Writes the metric's file last, so that whoever finds it finds the rest; returns all names."""
    held = None
    if result.held:
        held = result.layers, result.path, pair_rows(result.held, job.bank), result.ablation
    title = f"{job.out.stem}: {net_of(job.bank)}, {job.readout.name}, {data_of(job.bank)}"
    files = write_beside(job.out, channel_rows(result.fit), held, title=title)
    summary = summary_of(result, job)
    save_metric(job.out, metric_file(result.fit, job.bank, job.out.stem, held_out=summary))
    return [job.out.name, *files]


def show_fit(choices) -> int:
    """Fits, writes the metric with what belongs to it, and tells what fitting is worth."""
    started, job = time.monotonic(), job_of(choices)
    with told(progress_console(choices), job.fits) as advance:
        result = result_of(job, advance)
    seconds = time.monotonic() - started
    files = _write(result, job)
    for judged in result.tests:
        if judged.shared is not None:
            note(choices, f"{judged.name} is NOT held out: {judged.shared}")
    show = _print_json if choices.json else _show
    show(result, job, files, seconds)
    return 0
