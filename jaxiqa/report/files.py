"""The files of a report beside its page, by name."""

import contextlib
import pathlib
from collections.abc import Collection

from jaxiqa.report.page import CAPTIONS

PAGE = "report.html"
FIGURES = (*CAPTIONS, "scatter")
TABLES = ("results", "best", "conclusions")


def report_files() -> list[str]:
    """Returns the names of all files that a report can have, relative to the study's folder."""
    figures = [f"figures/{name}.{kind}" for name in FIGURES for kind in ("svg", "pdf")]
    tables = [f"tables/{name}.{kind}" for name in TABLES for kind in ("md", "tex")]
    return [PAGE, "references.bib", *tables, *figures]


def remove_report(folder: pathlib.Path, *, keep: Collection[pathlib.Path] = ()) -> None:
    """Removes what an earlier report left in a folder, and nothing else.

    Args:
      folder: of a study.
      keep: files of a report that stay.
    """
    for path in (folder / name for name in report_files()):
        if path not in keep:
            with contextlib.suppress(OSError):
                path.unlink()
