"""`jaxiqa report`: one page of a finished study that opens anywhere, offline."""

import pathlib
from collections.abc import Sequence

from jaxiqa import checks
from jaxiqa.cli.output import add_output, note, print_json
from jaxiqa.report.files import PAGE
from jaxiqa.report.folder import read_fits
from jaxiqa.report.page import check_installed
from jaxiqa.report.sentences import UNRATED
from jaxiqa.report.table import console, plain_table
from jaxiqa.report.tables import conclusions_cells
from jaxiqa.report.tested import Tested, read_tested

_DESCRIPTION = """\
Makes one page of a finished study, DIR/report.html: what the numbers say in plain sentences, with
figures to choose and hover over. It holds all it needs and opens offline. Beside it lie the figures
for papers (DIR/figures, SVG and PDF), tables (DIR/tables, Markdown and LaTeX) and references.bib.
`jaxiqa study` ends with the same; this makes it anew, say with a fit or other numbers of pictures.
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
    add_output(
        report,
        "conclusions (key, claim, data, verdict, text, and the difference in SROCC that decides: "
        "value, low, high), notes, files",
    )
    report.set_defaults(run=show_report)


def written_report(study: Tested, fits: Sequence[pathlib.Path] = (), *, thumbnails: int = 500):
    """Returns the report of a finished study, and its files, which it writes.

    Args:
      study: from ``read_tested``.
      fits: files of weights, beside those in the study's folder.
      thumbnails: pairs of each data set that are shown as pictures.

    Raises:
      InputError: no such fits, a library missing, or a place that cannot be written.
    """
    folder = study.folder.path
    tables = read_fits(folder, fits)
    from jaxiqa.report.report import make_report, write_report

    report = make_report(study, tables, most_thumbnails=thumbnails)
    return report, write_report(folder, report)


def show_report(choices) -> int:
    """Writes the report and says what the numbers say."""
    if choices.thumbnails < 0:
        raise checks.InputError(f"--thumbnails must be 0 or more, got {choices.thumbnails}")
    study = read_tested(choices.folder)
    check_installed()
    report, files = written_report(study, choices.fit, thumbnails=choices.thumbnails)
    for line in report.notes:
        note(choices, line)
    if choices.json:
        print_json({"conclusions": report.told, "notes": report.notes, "files": files})
        return 0
    screen = console()
    shown = [row[1:5] for row in conclusions_cells(report.told).rows]
    columns = ("", "conclusion", "here", "difference in SROCC")
    screen.print(plain_table(columns, (), shown) if shown else UNRATED)
    screen.print(f"wrote {choices.folder / PAGE}", markup=False, soft_wrap=True)
    return 0
