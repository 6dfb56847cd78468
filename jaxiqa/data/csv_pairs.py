"""Rated pairs from a CSV file."""

import csv
import io
import math
import os
import posixpath
import reprlib
from collections.abc import Iterator

import numpy as np

from jaxiqa.checks import InputError, near
from jaxiqa.data.fingerprint import file_digest
from jaxiqa.data.pairs import Pairs, table_digest
from jaxiqa.images import read_image

_REQUIRED = ("reference", "distorted", "opinion")
_SIGNS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}

# a row of the file: its line number and its fields by column
_Row = tuple[int, dict[str, str]]


def pairs_from_csv(path: str | os.PathLike[str], *, higher_is_better: bool | None = None) -> Pairs:
    """Returns the rated pairs of a CSV file; the images are not opened.

    The first line names the columns: `reference`, `distorted` (paths relative to the file) and
    `opinion`; optional are `opinion_std`, `reference_id` (else the reference path), `distortion`,
    `level`, `split` and `higher_is_better`. Other columns are ignored. UTF-8 with or without byte
    order mark, any line ends, blank lines and spaces around fields are fine.

    Args:
      path: the file; its stem becomes the name of the database.
      higher_is_better: the sign of `opinion`. None takes it from the column `higher_is_better`
        (true/false, yes/no, 1/0; the same in every row), and True, as for MOS, where there is none.

    Returns:
      `Pairs` whose keys are absolute paths. The digest covers the paths as written in the file.

    Raises:
      InputError: the file is missing, a folder, unreadable, not UTF-8 or empty; a column is
        missing or named twice; a row is too short or too long; a reference or distorted is blank;
        an opinion is not a finite number; a pair comes twice; there are fewer than 3 pairs; all
        opinions are equal; the sign is unreadable, not constant or contradicts the argument.
    """
    path = os.fspath(path)
    rows = list(_rows(path))
    sign = _sign(path, rows, higher_is_better)
    written = {c: tuple(_image(path, row, c) for row in rows) for c in ("reference", "distorted")}
    columns = {
        "opinion": np.array([_number(path, row, "opinion") for row in rows]),
        "opinion_std": _deviations(path, rows),
        "reference_id": _names(rows, "reference_id", written["reference"]),
        **{name: _names(rows, name) for name in ("distortion", "level", "split")},
    }
    folder = os.path.dirname(os.path.abspath(path))
    keys = {
        column: tuple(os.path.abspath(os.path.join(folder, text)) for text in texts)
        for column, texts in written.items()
    }
    _check_table(path, rows, list(zip(*keys.values(), strict=True)), columns["opinion"])
    return Pairs(
        name=os.path.splitext(os.path.basename(path))[0],
        **keys,
        **columns,
        higher_is_better=sign,
        read=read_image,
        digest=table_digest({**written, **columns, "higher_is_better": sign}),
        stamp=file_digest,
    )


def _text(path: str) -> str:
    if os.path.isdir(path):
        raise InputError(f"{path} is a folder, expected a CSV file of rated pairs")
    try:
        with open(path, "rb") as file:
            text = file.read().decode("utf-8-sig")
    except FileNotFoundError:
        raise InputError(f"no such file: {path}") from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise InputError(f"{path}, line {line}: not UTF-8; save the file as UTF-8") from None
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from None
    if "\0" in text:
        raise InputError(f"{path} is not a text file, expected a CSV file of rated pairs")
    if not text.strip():
        raise InputError(f"{path} is empty, expected the columns {', '.join(_REQUIRED)}")
    return text


def _rows(path: str) -> Iterator[_Row]:
    """Yields the rows below the header, blank lines left out."""
    text = _text(path)
    header: list[str] = []
    for line, raw in _records(path, text):
        fields = [field.strip() for field in raw]
        if not any(fields):
            continue
        if header:
            yield line, _fields(path, line, header, fields)
        else:
            header = _header(path, line, fields)


def _records(path: str, text: str) -> Iterator[tuple[int, list[str]]]:
    """Yields the records with the line on which each begins; a quoted field may hold line ends."""
    reader = csv.reader(io.StringIO(text, newline=""), skipinitialspace=True)
    line = 1
    try:
        for raw in reader:
            if reader.line_num > line and text.count('"') % 2:
                raise InputError(f"{path}, line {line}: a double quote is opened and never closed")
            yield line, raw
            line = reader.line_num + 1
    except csv.Error as error:
        raise InputError(f"{path}, line {line}: {error}") from None


def _header(path: str, line: int, fields: list[str]) -> list[str]:
    header = [field.lower() for field in fields]
    for column in _REQUIRED:
        if column not in header:
            hint = near(column, header) or f"; the file has {reprlib.repr(fields)}"
            raise InputError(f"{path}, line {line}: no column {column!r}{hint}")
    twice = sorted({column for column in header if column and header.count(column) > 1})
    if twice:
        raise InputError(f"{path}, line {line}: column {twice[0]!r} is named twice")
    return header


def _fields(path: str, line: int, header: list[str], fields: list[str]) -> dict[str, str]:
    while len(fields) > len(header) and not fields[-1]:
        fields.pop()
    if len(fields) != len(header):
        raise InputError(
            f"{path}, line {line}: {len(fields)} fields, expected {len(header)} as in the header; "
            "a field that contains a comma needs double quotes"
        )
    return dict(zip(header, fields, strict=True))


def _image(path: str, row: _Row, column: str) -> str:
    """Returns an image path as written, in normal form."""
    line, fields = row
    if not fields[column]:
        raise InputError(f"{path}, line {line}: {column} is blank, expected the path of an image")
    return posixpath.normpath(fields[column])


def _number(path: str, row: _Row, column: str) -> float:
    line, fields = row
    try:
        value = float(fields[column])
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        shown = reprlib.repr(fields[column])
        raise InputError(f"{path}, line {line}: {column} must be a finite number, got {shown}")
    return value


def _deviations(path: str, rows: list[_Row]) -> np.ndarray | None:
    column = "opinion_std"
    if not rows or column not in rows[0][1]:
        return None
    return np.array([_number(path, row, column) if row[1][column] else math.nan for row in rows])


def _names(
    rows: list[_Row], column: str, default: tuple[str, ...] | None = None
) -> tuple[str, ...] | None:
    if not rows or column not in rows[0][1]:
        return default
    blank = default or ("",) * len(rows)
    return tuple(row[1][column] or other for row, other in zip(rows, blank, strict=True))


def _sign(path: str, rows: list[_Row], asked: bool | None) -> bool:
    """Returns the sign of the opinion scores, from the argument or the column."""
    if not (asked is None or isinstance(asked, bool | np.bool_)):
        raise InputError(f"higher_is_better must be True, False or None, got {asked!r}")
    declared: bool | None = None
    for line, fields in rows:
        if "higher_is_better" not in fields:
            break
        text = fields["higher_is_better"]
        if text.lower() not in _SIGNS:
            shown = reprlib.repr(text)
            raise InputError(f"{path}, line {line}: higher_is_better is {shown}, not true or false")
        value = _SIGNS[text.lower()]
        if declared is not None and value != declared:
            raise InputError(f"{path}, line {line}: higher_is_better is not the same in every row")
        declared = value
    if asked is not None and declared is not None and bool(asked) != declared:
        raise InputError(
            f"{path}: its column higher_is_better says {declared}, asked for {bool(asked)}; "
            "drop one of the two"
        )
    known = declared if asked is None else bool(asked)
    return True if known is None else known


def _check_table(path: str, rows: list[_Row], keys: list[tuple[str, str]], opinion: np.ndarray):
    if len(rows) < 3:
        raise InputError(f"{path} has {len(rows)} rated pairs, expected at least 3")
    if np.ptp(opinion) == 0:
        raise InputError(f"{path}: every opinion is {opinion[0]:g}; nothing to correlate with")
    first: dict[tuple[str, str], int] = {}
    for (line, fields), pair in zip(rows, keys, strict=True):
        if pair in first:
            shown = f"{reprlib.repr(fields['reference'])}, {reprlib.repr(fields['distorted'])}"
            raise InputError(f"{path}, line {line}: the pair {shown} is on line {first[pair]} too")
        first[pair] = line
