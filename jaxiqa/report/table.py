"""Rows as a table in the terminal, plain where it is not one."""

import math
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from jaxiqa.report.summary import net_name, with_interval
from jaxiqa.study.rows import Row

# A pipe or a file has no width; this one keeps every row of a result on one line.
PLAIN_WIDTH = 200


def console(*, stderr: bool = False) -> Console:
    """Returns where tables and progress go: a terminal with its width, or plain, wide text."""
    # A name such as ":eye:" stays one.
    options = {"stderr": stderr, "highlight": False, "emoji": False}
    found = Console(**options, soft_wrap=False)
    return found if found.is_terminal else Console(**options, width=PLAIN_WIDTH, no_color=True)


def plain_table(
    columns: Sequence[str], right: Sequence[str], rows: Sequence[Sequence[str]]
) -> Table:
    """Returns a table of texts, the columns named in ``right`` aligned to the right."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, justify="right" if column in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    return table


def _cells(row: Row, *, readouts: bool, thresholds: bool) -> list[str]:
    correlations = [
        with_interval(*(getattr(row, f"{name}{end}") for end in ("", "_low", "_high")))
        for name in ("plcc", "srocc", "krocc")
    ]
    if thresholds:
        last = "-" if math.isnan(row.rms_db) else f"{row.rms_db:.1f}"
    else:
        last = with_interval(row.plcc_logistic, math.nan, math.nan)
    readout = [row.readout if row.is_net else "-"] * readouts
    return [net_name(row), *readout, row.taps or "-", *correlations, last, str(row.n)]


def results_table(rows: Sequence[Row]) -> Table:
    """Returns the rows of a data set as a table: correlations with intervals, n, and failures."""
    thresholds = any(not math.isnan(row.rms_db) for row in rows)
    failed = any(row.failed for row in rows)
    readouts = any(row.is_net and row.readout != "euclidean" for row in rows)
    names = ["net", *(["readout"] * readouts), "tap"]
    numbers = ["PLCC", "SROCC", "KROCC", "RMS dB" if thresholds else "PLCC logistic", "n"]
    numbers += ["failed"] * failed
    cells = [
        [*_cells(row, readouts=readouts, thresholds=thresholds), *([str(row.failed)] * failed)]
        for row in rows
    ]
    return plain_table([*names, *numbers], numbers, cells)
