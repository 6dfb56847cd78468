"""CSV files that people made, with the line that is wrong in every message."""

import csv
import io
import math
import os
import reprlib
from collections.abc import Callable, Iterator, Sequence

from jaxiqa.checks import InputError, near

# a row of the file: its line number and its fields by column
Row = tuple[int, dict[str, str]]


def read_rows(
    path: str,
    required: Sequence[str],
    *,
    holds: str = "rated pairs",
    named: Callable[[str], str] = str.lower,
) -> list[Row]:
    """Returns the rows below the header, blank lines left out.

    UTF-8 with or without byte order mark, any line ends and spaces around fields are fine.

    Args:
      path: of the file.
      required: columns that must be there.
      holds: what the file is for, as told in messages.
      named: field of the header -> name of the column.

    Raises:
      InputError: the file is missing, a folder, unreadable, not UTF-8 or empty; a column is
        missing or named twice; a row is too short or too long.
    """
    header: list[str] = []
    rows = []
    for line, raw in _records(path, _text(path, required, holds)):
        fields = [field.strip() for field in raw]
        if not any(fields):
            continue
        if header:
            rows.append((line, _fields(path, line, header, fields)))
        else:
            header = [named(field) for field in fields]
            _check_header(path, line, header, required)
    return rows


def number(path: str, row: Row, column: str) -> float:
    """Returns the number in a field.

    Raises:
      InputError: it is none, or not finite.
    """
    line, fields = row
    try:
        value = float(fields[column])
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        shown = reprlib.repr(fields[column])
        raise InputError(f"{path}, line {line}: {column} must be a finite number, got {shown}")
    return value


def _text(path: str, required: Sequence[str], holds: str) -> str:
    if os.path.isdir(path):
        raise InputError(f"{path} is a folder, expected a CSV file of {holds}")
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
        raise InputError(f"{path} is not a text file, expected a CSV file of {holds}")
    if not text.strip():
        raise InputError(f"{path} is empty, expected the columns {', '.join(required)}")
    return text


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


def _check_header(path: str, line: int, header: list[str], required: Sequence[str]) -> None:
    for column in required:
        if column not in header:
            hint = near(column, header) or f"; the file has {reprlib.repr(header)}"
            raise InputError(f"{path}, line {line}: no column {column!r}{hint}")
    twice = sorted({column for column in header if column and header.count(column) > 1})
    if twice:
        raise InputError(f"{path}, line {line}: column {twice[0]!r} is named twice")


def _fields(path: str, line: int, header: list[str], fields: list[str]) -> dict[str, str]:
    while len(fields) > len(header) and not fields[-1]:
        fields.pop()
    if len(fields) != len(header):
        raise InputError(
            f"{path}, line {line}: {len(fields)} fields, expected {len(header)} as in the header; "
            "a field that contains a comma needs double quotes"
        )
    return dict(zip(header, fields, strict=True))
