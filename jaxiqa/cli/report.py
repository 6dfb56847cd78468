"""`jaxiqa report`: one page of a finished study that opens anywhere, offline."""

import json
import pathlib
import sys

from jaxiqa import checks
from jaxiqa.report.folder import read_fits, read_folder
from jaxiqa.report.table import console, plain_table

_DESCRIPTION = """\
Makes one page of a finished study, DIR/report.html: what the numbers say in plain sentences, with
figures to choose and hover over. It holds all it needs and opens offline. Beside it lie the figures
for papers (DIR/figures, SVG and PDF), tables (DIR/tables, Markdown and LaTeX) and references.bib.
"""
_EPILOG = """\
example:
  jaxiqa study --data pairs.csv --net alexnet --weights alexnet.pth --out results
  jaxiqa report results
"""


def add_verbs(verbs) -> None:
    """Adds `report`."""
    report = verbs.add_parser(
        "report", help="one page of a finished study", description=_DESCRIPTION, epilog=_EPILOG
    )
    report.add_argument("folder", metavar="DIR", type=pathlib.Path, help="of a finished study")
    report.add_argument(
        "--fit",
        action="append",
        default=[],
        type=pathlib.Path,
        metavar="FILE",
        help="weights that `jaxiqa fit` wrote, if not in DIR; repeats",
    )
    report.add_argument(
        "--thumbnails",
        type=int,
        default=500,
        metavar="N",
        help="pairs of each data set that are shown as pictures, 0 for none (default: 500)",
    )
    report.add_argument("--json", action="store_true", help="print conclusions and files as JSON")
    report.set_defaults(run=show_report)


def show_report(choices) -> int:
    """Writes the report and says what the numbers say."""
    from jaxiqa.report.page import check_installed

    if choices.thumbnails < 0:
        raise checks.InputError(f"--thumbnails must be 0 or more, got {choices.thumbnails}")
    folder = read_folder(choices.folder)
    fits = read_fits(choices.folder, choices.fit)
    check_installed()
    from jaxiqa.report.report import make_report, write_report
    from jaxiqa.report.sentences import UNRATED
    from jaxiqa.report.tables import conclusions_cells

    report = make_report(folder, fits, most_thumbnails=choices.thumbnails)
    files = write_report(choices.folder, report)
    for note in report.notes:
        print(f"jaxiqa: {note}", file=sys.stderr)
    cells = conclusions_cells(report.told)
    if choices.json:
        told = [dict(zip(_KEYS, row, strict=True)) for row in cells.rows]
        print(json.dumps({"conclusions": told, "files": [str(path) for path in files]}, indent=1))
        return 0
    screen = console()
    shown = [row[1:5] for row in cells.rows]
    columns = ("", "conclusion", "here", "difference in SROCC")
    screen.print(plain_table(columns, (), shown) if shown else UNRATED)
    screen.print(f"wrote {choices.folder / 'report.html'}", markup=False, soft_wrap=True)
    return 0


_KEYS = ("data", "key", "claim", "verdict", "difference", "why")
