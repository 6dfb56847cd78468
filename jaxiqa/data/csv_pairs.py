"""Rated pairs from a CSV file."""

import math
import os
import posixpath
import reprlib

import numpy as np

from jaxiqa.checks import InputError
from jaxiqa.data.csv_table import Row, number, read_rows
from jaxiqa.data.fingerprint import file_digest
from jaxiqa.data.pairs import Pairs, table_digest
from jaxiqa.images import read_image

_REQUIRED = ("reference", "distorted", "opinion")
_SIGNS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


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

    Examples:
      >>> import csv
      >>> from jaxiqa import pairs_from_csv
      >>> rows = [("reference", "distorted", "opinion", "distortion")]
      >>> rows += [("a.png", f"a{level}.png", 5 - level, "blur") for level in (1, 2, 3)]
      >>> with open("rated.csv", "w", newline="") as file:
      ...     csv.writer(file).writerows(rows)
      >>> pairs = pairs_from_csv("rated.csv")
      >>> pairs.name, len(pairs), pairs.opinion, pairs.higher_is_better
      ('rated', 3, array([4., 3., 2.]), True)
    """
    path = os.fspath(path)
    rows = read_rows(path, _REQUIRED)
    sign = _sign(path, rows, higher_is_better)
    written = {c: tuple(_image(path, row, c) for row in rows) for c in ("reference", "distorted")}
    columns = {
        "opinion": np.array([number(path, row, "opinion") for row in rows]),
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


def _image(path: str, row: Row, column: str) -> str:
    """Returns an image path as written, in normal form."""
    line, fields = row
    if not fields[column]:
        raise InputError(f"{path}, line {line}: {column} is blank, expected the path of an image")
    return posixpath.normpath(fields[column])


def _deviations(path: str, rows: list[Row]) -> np.ndarray | None:
    column = "opinion_std"
    if not rows or column not in rows[0][1]:
        return None
    return np.array([number(path, row, column) if row[1][column] else math.nan for row in rows])


def _names(
    rows: list[Row], column: str, default: tuple[str, ...] | None = None
) -> tuple[str, ...] | None:
    if not rows or column not in rows[0][1]:
        return default
    blank = default or ("",) * len(rows)
    return tuple(row[1][column] or other for row, other in zip(rows, blank, strict=True))


def _sign(path: str, rows: list[Row], asked: bool | None) -> bool:
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


def _check_table(path: str, rows: list[Row], keys: list[tuple[str, str]], opinion: np.ndarray):
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
