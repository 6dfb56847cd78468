"""The folder of a finished study, read back: its rows, its details and its record."""

import csv
import dataclasses
import math
import pathlib
from collections.abc import Sequence

from jaxiqa import checks
from jaxiqa.arch import ARCHITECTURES
from jaxiqa.relevance.ablation import LayerRow
from jaxiqa.relevance.tables import ChannelRow
from jaxiqa.report.record import read_record
from jaxiqa.study.details import ComparedRow, PartRow
from jaxiqa.study.rows import Row


@dataclasses.dataclass(frozen=True, eq=False)
class Folder:
    """What a study left behind.

    Attributes:
      path: of the folder.
      rows: of ``results.csv``.
      compared: of ``comparisons.csv``, empty where there is none.
      parts: of ``breakdown.csv``, empty where there is none.
      record: ``study.json``.
      banks: folders of the banks that the record names and that are there.
    """

    path: pathlib.Path
    rows: tuple[Row, ...]
    compared: tuple[ComparedRow, ...]
    parts: tuple[PartRow, ...]
    record: dict
    banks: tuple[pathlib.Path, ...]


@dataclasses.dataclass(frozen=True)
class FitTables:
    """What a fit of channel relevance left behind.

    Attributes:
      name: of its file of weights, without the ending.
      layers: what each tap is worth, empty where nothing was held out.
      channels: every weight.
    """

    name: str
    layers: tuple[LayerRow, ...]
    channels: tuple[ChannelRow, ...]


def _cell(text: str | None, kind: type) -> str | int | float:
    if text is None:
        raise ValueError("a line is cut off")
    return math.nan if kind is float and not text else kind(text)


def read_table(path: pathlib.Path, of: type) -> tuple:
    """Returns the rows of a CSV file that ``write_table`` wrote, as instances of a dataclass.

    Raises:
      InputError: the file cannot be read, lacks a column or holds a value of another kind.
    """
    kinds = {field.name: field.type for field in dataclasses.fields(of)}
    try:
        # A spreadsheet may have put a mark before the first name.
        with path.open(newline="", encoding="utf-8-sig") as file:
            found = csv.DictReader(file)
            if lacking := sorted(kinds.keys() - set(found.fieldnames or ())):
                raise ValueError(f"without the columns {', '.join(lacking)}")
            return tuple(
                of(**{k: _cell(line[k], kind) for k, kind in kinds.items()}) for line in found
            )
    except OSError as error:
        raise checks.InputError(f"cannot read {path}: {error.strerror or error}") from error
    except (ValueError, TypeError, csv.Error) as error:
        raise checks.InputError(f"{path} is damaged: {error}; run the study again") from error


def _optional(path: pathlib.Path, of: type) -> tuple:
    return read_table(path, of) if path.exists() else ()


def _check_architectures(rows: Sequence[Row], path: pathlib.Path) -> None:
    for name in dict.fromkeys(row.architecture for row in rows if row.is_net):
        if name not in ARCHITECTURES:
            raise checks.InputError(
                f"{path} is of the architecture {name!r}, which this version of jaxiqa does not "
                f"have{checks.near(name, ARCHITECTURES)}"
            )


def _banks(folder: pathlib.Path, named: Sequence[str]) -> tuple[pathlib.Path, ...]:
    """In the study's own folder, where that has been moved."""
    near = [(folder / "banks" / pathlib.Path(name).name, pathlib.Path(name)) for name in named]
    found = [here if here.is_dir() else there for here, there in near]
    return tuple(path for path in found if path.is_dir())


def read_folder(path: pathlib.Path) -> Folder:
    """Returns what a study left in a folder.

    Raises:
      InputError: no results of a study there, or a damaged file.
    """
    results = path / "results.csv"
    if not results.is_file():
        raise checks.InputError(
            f"{path} is not the folder of a finished study: expected results.csv and study.json in "
            f"it; `jaxiqa study --out {path}` makes one"
        )
    rows, record = read_table(results, Row), read_record(path / "study.json")
    if not rows:
        raise checks.InputError(f"{results} holds no rows; run the study again")
    _check_architectures(rows, results)
    return Folder(
        path,
        rows,
        _optional(path / "comparisons.csv", ComparedRow),
        _optional(path / "breakdown.csv", PartRow),
        record,
        _banks(path, record["banks"]),
    )


def read_fits(folder: pathlib.Path, given: Sequence[pathlib.Path] = ()) -> tuple[FitTables, ...]:
    """Returns the fits that lie in a folder, and those of given files of weights.

    Raises:
      InputError: a given file without its ``.channels.csv`` beside it, or a damaged table.
    """
    ending = ".channels.csv"
    found = {path.with_name(path.name.removesuffix(ending)) for path in folder.glob(f"*{ending}")}
    bases = [*sorted(found), *(path.with_suffix("") for path in given)]
    tables = []
    for base in dict.fromkeys(base.absolute() for base in bases):
        channels = base.with_name(f"{base.name}{ending}")
        if not channels.is_file():
            raise checks.InputError(
                f"no such file: {channels}; give --fit the .safetensors file of `jaxiqa fit`"
            )
        layers = _optional(base.with_name(f"{base.name}.layers.csv"), LayerRow)
        taken = any(one.name == base.name for one in tables)
        name = f"{base.parent.name}/{base.name}" if taken else base.name
        tables.append(FitTables(name, layers, read_table(channels, ChannelRow)))
    return tuple(tables)
