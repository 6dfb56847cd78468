"""`jaxiqa correlate`: how well the scores of a table, whoever computed them, agree with people."""

import csv
import dataclasses
import math
import sys
from collections.abc import Sequence

import numpy as np

from jaxiqa import checks
from jaxiqa.cli.output import add_output, note, plain, print_json
from jaxiqa.data.score_table import ScoreTable, distances, scores_from_csv
from jaxiqa.report.summary import with_interval
from jaxiqa.report.table import console, plain_table
from jaxiqa.statistics.compare import Comparison, compare_all
from jaxiqa.statistics.correlate import Correlations, correlate

_NAMES = ("plcc", "srocc", "krocc")


def add_verbs(verbs) -> None:
    """Adds `correlate`."""
    verb = verbs.add_parser(
        "correlate",
        help="correlate a table of scores with opinion",
        description="Correlates scores, also those of another program, with opinion: a CSV file "
        "with a row per distorted image, a column opinion and a column per score. No image is "
        "needed. Correlations are positive where a score agrees with people; intervals are of a "
        "bootstrap over reference images.",
        epilog="examples:\n  jaxiqa correlate scores.csv --higher-is-better SSIM\n"
        "  jaxiqa correlate scores.csv --score LPIPS --score PSNR --higher-is-better PSNR "
        "--lower-is-better --json",
    )
    add = verb.add_argument
    add("file", metavar="SCORES.csv", help="a table with a line of column names")
    add(
        "--score",
        action="append",
        default=[],
        metavar="NAME",
        help="a column of scores; repeat for more (default: every column of numbers that differ)",
    )
    add(
        "--higher-is-better",
        action="append",
        default=[],
        metavar="NAME",
        help="a score that is higher for better images, as PSNR; repeat for more",
    )
    add("--opinion", default="opinion", metavar="NAME", help="its column (default: opinion)")
    add(
        "--lower-is-better",
        action="store_true",
        help="opinion is low for good images, as most DMOS are (default: high, as MOS)",
    )
    add(
        "--reference-id",
        metavar="NAME",
        help="the column that tells the reference image of each row (default: reference_id or "
        "reference, where there is one; else each row is drawn for itself)",
    )
    add("--against", action="append", metavar="NAME", help="compare with this score only; repeat")
    add("--resamples", type=int, default=1000, help="of the bootstrap, 2 or more; 0 for none")
    add("--seed", type=int, default=0, help="of the bootstrap (default: 0)")
    add_output(verb, "scores, comparisons, resamples, seed", csv="a row per score")
    verb.set_defaults(run=show_correlations)


@dataclasses.dataclass(frozen=True)
class _Labels:
    """Fields of the last base come first, and a table starts with its labels."""

    score: str
    failed: int


@dataclasses.dataclass(frozen=True)
class ScoreRow(Correlations, _Labels):
    """The `Correlations` of one score.

    Attributes:
      score: its name.
      failed: rows without it, which are left out.
    """


def _row(name: str, distance: np.ndarray, table: ScoreTable, options: dict) -> ScoreRow:
    kept = ~np.isnan(distance)
    groups = options["reference_id"]
    few = None if groups is None else [g for g, keep in zip(groups, kept, strict=True) if keep]
    try:
        found = correlate(distance[kept], table.opinion[kept], **{**options, "reference_id": few})
    except checks.InputError as error:
        raise checks.InputError(f"score {name!r}: {error}") from error
    return ScoreRow(name, int((~kept).sum()), **dataclasses.asdict(found))


def _print_csv(rows: Sequence[ScoreRow]) -> None:
    table = csv.DictWriter(
        sys.stdout, [field.name for field in dataclasses.fields(ScoreRow)], lineterminator="\n"
    )
    table.writeheader()
    for row in rows:
        cells = {k: "" if v is None else v for k, v in plain(row).items()}
        table.writerow({k: f"{v:.6g}" if isinstance(v, float) else v for k, v in cells.items()})


def _cells(record: ScoreRow | Comparison) -> list[str]:
    return [
        with_interval(*(getattr(record, f"{name}{end}") for end in ("", "_low", "_high")))
        for name in _NAMES
    ]


def _p(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.2g}"


def _print_tables(rows: Sequence[ScoreRow], compared: Sequence[Comparison]) -> None:
    numbers = ("PLCC", "SROCC", "KROCC", "PLCC logistic", "n", "failed")
    cells = [
        [row.score, *_cells(row), f"{row.plcc_logistic:.3f}", str(row.n), str(row.failed)]
        for row in rows
    ]
    screen = console()
    screen.print(plain_table(("score", *numbers), numbers, cells))
    if compared:
        numbers = ("PLCC", "SROCC", "KROCC", "p SROCC", "p Holm")
        cells = [[c.label, c.against, *_cells(c), _p(c.srocc_p), _p(c.p_holm)] for c in compared]
        screen.print("\nDifferences, positive where the first agrees better with people:")
        screen.print(plain_table(("first", "second", *numbers), numbers, cells))


def _advise(rows: Sequence[ScoreRow], table: ScoreTable, choices) -> None:
    """Says what is likely to be meant otherwise."""
    told = [f"{name} is left out: {reason}" for name, reason in table.left_out.items()]
    if table.reference_id is None and choices.resamples:
        told.append(
            "no column of references: rows are drawn one by one, and intervals are too narrow "
            "where rows share a reference; name it with --reference-id"
        )
    if inverted := [row.score for row in rows if row.srocc < 0]:
        told.append(
            f"{', '.join(inverted)}: negative; --higher-is-better NAME is for scores that are "
            "higher for better images, --lower-is-better for such opinion"
        )
    for line in told:
        note(choices, line)


def _check_options(choices) -> None:
    if choices.csv and choices.against:
        raise checks.InputError(
            "--csv prints no comparisons, which --against is about; leave one of them out, or "
            "take --json"
        )
    if choices.resamples < 2 and choices.resamples != 0:
        raise checks.InputError(
            f"--resamples must be 2 or more, or 0 for no intervals, got {choices.resamples}"
        )


def show_correlations(choices) -> int:
    """Prints correlations of each score, and the differences between scores."""
    _check_options(choices)
    table = scores_from_csv(
        choices.file,
        opinion=choices.opinion,
        scores=choices.score,
        reference_id=choices.reference_id,
    )
    options = {
        "higher_is_better": not choices.lower_is_better,
        "reference_id": table.reference_id,
        "resamples": choices.resamples,
        "seed": choices.seed,
    }
    held = distances(table, higher_is_better=choices.higher_is_better)
    against = tuple(held) if choices.against is None else choices.against
    for name in against:
        checks.choose(name, held, kind="score", listing=f"There are {', '.join(held)}.")
    rows = [_row(name, distance, table, options) for name, distance in held.items()]
    _advise(rows, table, choices)
    if choices.csv:
        _print_csv(rows)
        return 0
    compared = compare_all(held, table.opinion, against=against, **options)
    if choices.json:
        told = {"resamples": choices.resamples, "seed": choices.seed}
        print_json({**told, "scores": rows, "comparisons": compared})
    else:
        _print_tables(rows, compared)
    return 0
