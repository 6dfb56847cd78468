"""The report of a study: what goes into its page, and the files beside it."""

import contextlib
import dataclasses
import pathlib
from collections.abc import Callable, Mapping, Sequence

from jaxiqa.bank.store import open_bank
from jaxiqa.checks import InputError
from jaxiqa.data.databases import DATABASES
from jaxiqa.report import figures
from jaxiqa.report.bibliography import bibliography, nets_used
from jaxiqa.report.chart import best_taps
from jaxiqa.report.figure_details import channels_figure, heat_figure, layers_figure
from jaxiqa.report.figure_goals import goals_figure
from jaxiqa.report.figure_scatter import page_data, scatter_figure
from jaxiqa.report.files import PAGE, remove_report
from jaxiqa.report.folder import FitTables, Folder
from jaxiqa.report.goal_answers import goal_answers
from jaxiqa.report.origin import lead, origin
from jaxiqa.report.page import answers_html, page
from jaxiqa.report.record import unfinished
from jaxiqa.report.scatter import Rated
from jaxiqa.report.seeds import INTERVAL
from jaxiqa.report.sentences import Sentence, sentences
from jaxiqa.report.standing import standings
from jaxiqa.report.summary import conclusions, merge_seeds, shortfalls, verdicts
from jaxiqa.report.tables import Cells, conclusions_cells, latex, markdown, results_cells
from jaxiqa.report.tested import Tested
from jaxiqa.report.theme import printed
from jaxiqa.study.details import ComparedRow
from jaxiqa.study.rows import Row
from jaxiqa.whole import write_whole


@dataclasses.dataclass(frozen=True, eq=False)
class Report:
    """What a study comes to.

    Attributes:
      html: the page.
      specs: its figures as Vega-Lite.
      tables: by the name of their files.
      bibtex: of what was used.
      told: the paper's conclusions.
      notes: what is missing, in sentences.
    """

    html: str
    specs: Mapping[str, dict]
    tables: Mapping[str, Cells]
    bibtex: str
    told: tuple[Sentence, ...]
    notes: tuple[str, ...]


def _specs(
    folder: Folder,
    fits: Sequence[FitTables],
    rated: Sequence[Rated],
    compared: Sequence[ComparedRow],
) -> dict[str, dict]:
    rows = merge_seeds(folder.rows)
    drawn = {
        "depth": figures.depth_figure(rows),
        "goals": goals_figure(rows, compared),
        "factors": figures.factor_figure(rows),
        "ranking": figures.ranking_figure(rows, standings(rows, compared)),
        "heat": heat_figure(folder.parts, folder.rows),
        "layers": layers_figure(fits),
        "channels": channels_figure(fits),
        "scatter": scatter_figure(rated),
    }
    return {name: spec for name, spec in drawn.items() if spec is not None}


def _ceilings(record: Mapping) -> list[str]:
    return [
        f"{name}: noise ceiling {found['srocc']:.3f}: the SROCC of a metric that knew the true "
        "opinion, given the standard errors of the measured one."
        for name, found in (record.get("noise_ceilings") or {}).items()
    ]


def _plain(folder: Folder, rows: Sequence[Row], compared: Sequence[ComparedRow]) -> list[str]:
    """What the numbers say, in sentences that stand before the paper's conclusions."""
    told = [*conclusions(rows), *goal_answers(rows, compared)]
    if len(rows) < len(folder.rows):
        told.append(f"xN: mean over N seeds, with the {INTERVAL}.")
    return [*told, *_ceilings(folder.record), *shortfalls(rows), *unfinished(folder.record)]


def _citations(folder: Folder) -> list[tuple[str, str]]:
    """Of each data set: as its bank has it, else as the list of databases does."""
    held = {name: database.citation for name, database in DATABASES.items()}
    for path in folder.banks:
        with contextlib.suppress(InputError, KeyError):
            table = open_bank(path).record["table"]
            held[table["name"]] = table["citation"] or held.get(table["name"], "")
    names = dict.fromkeys(row.data for row in folder.rows)
    return [(name, held.get(name, "")) for name in names]


def make_report(
    study: Tested, fits: Sequence[FitTables] = (), *, most_thumbnails: int = 500
) -> Report:
    """Returns the report of a study.

    Args:
      study: from ``read_tested``.
      fits: from ``read_fits``.
      most_thumbnails: pairs of each data set that are shown as pictures; 0 for none.
    """
    folder, compared = study.folder, study.compared
    merged = merge_seeds(folder.rows)
    told = tuple(sentences(folder.rows, compared))
    specs = _specs(folder, fits, study.rated, compared)
    counted = verdicts(compared, {row.name for row in merged if not row.is_net})
    best = results_cells(best_taps(merged), "The best tap of each net and readout")
    made = page(
        title=f"Image quality and deep features: {folder.path.resolve().name}",
        lead=lead(merged),
        specs=specs,
        scatter=page_data(study.rated, most_thumbnails=most_thumbnails),
        answers=answers_html(told, _plain(folder, merged, compared), counted),
        notes=study.notes,
        best=best,
        origin=origin(folder),
    )
    tables = {
        "results": results_cells(merged, "All rows"),
        "best": best,
        "conclusions": conclusions_cells(told),
    }
    nets = nets_used(folder.rows, folder.record.get("metrics", []))
    bibtex = bibliography(folder.rows, nets, _citations(folder))
    return Report(made, specs, tables, bibtex, told, study.notes)


def _write(path: pathlib.Path, content: str | bytes) -> None:
    held = content.encode("utf-8") if isinstance(content, str) else content
    write_whole(path, lambda unfinished: unfinished.write_bytes(held))


def _figure_files(specs: Mapping[str, dict]) -> dict[str, Callable[[], str | bytes]]:
    import vl_convert

    makers = {"svg": vl_convert.vegalite_to_svg, "pdf": vl_convert.vegalite_to_pdf}
    return {
        f"{name}.{kind}": lambda spec=spec, make=make: make(printed(spec))
        for name, spec in specs.items()
        for kind, make in makers.items()
    }


def write_report(path: pathlib.Path, report: Report) -> list[pathlib.Path]:
    """Returns the files of a report, each written whole or not at all; those of an earlier one go.

    Raises:
      InputError: the folder cannot be written.
    """
    files: dict[str, str | bytes] = {PAGE: report.html, "references.bib": report.bibtex}
    for name, cells in report.tables.items():
        files |= {f"tables/{name}.md": markdown(cells), f"tables/{name}.tex": latex(cells)}
    for name, content in files.items():
        _write(path / name, content)
    drawn = _figure_files(report.specs)
    for name, make in drawn.items():
        _write(path / "figures" / name, make())
    written = [path / name for name in files] + [path / "figures" / name for name in drawn]
    remove_report(path, keep=written)
    return written
