"""Scores of any program beside opinion: a CSV file with a column per metric, no images needed."""

import dataclasses
import math
import os
import reprlib
from collections.abc import Sequence

import numpy as np

from jaxiqa.checks import InputError, choose
from jaxiqa.data.csv_table import Row, number, read_rows

# What a table of rated pairs holds beside scores.
_NO_SCORES = (
    *("reference", "distorted", "reference_id", "distortion", "level", "split"),
    *("opinion", "opinion_std", "opinion_error", "higher_is_better"),
)
_REFERENCES = ("reference_id", "reference")


@dataclasses.dataclass(frozen=True, eq=False)
class ScoreTable:
    """Opinion and scores of n images.

    Attributes:
      opinion: (n,) float64.
      scores: name -> (n,) float64 as in the file, nan where a field is blank.
      reference_id: n names of the scene, or None.
      left_out: name of a column that nobody asked for -> why it is no score.
    """

    opinion: np.ndarray
    scores: dict[str, np.ndarray]
    reference_id: tuple[str, ...] | None
    left_out: dict[str, str] = dataclasses.field(default_factory=dict)


def scores_from_csv(
    path: str | os.PathLike[str],
    *,
    opinion: str = "opinion",
    scores: Sequence[str] = (),
    reference_id: str | None = None,
) -> ScoreTable:
    """Returns the scores of a CSV file with a line of column names; upper and lower case count.

    Args:
      path: the file.
      opinion: the column of opinion, a finite number in each row.
      scores: columns of scores. None named stands for every column of numbers that is not one of
        a table of rated pairs (level, opinion_std ..), with two different ones at least. Blank and
        "nan" fields are no scores, infinite ones are.
      reference_id: the column of references; None takes "reference_id", else "reference", if there
        is one.

    Raises:
      InputError: the file cannot be read, see `read_rows`; a column that is asked for is not
        there; a field is no number; a reference is blank; there are no scores or no rows.
    """
    path = os.fspath(path)
    wanted = dict.fromkeys((opinion, *scores, *([reference_id] if reference_id else [])))
    rows = read_rows(path, tuple(wanted), holds="scores", named=str)
    if not rows:
        raise InputError(f"{path} has no rows below the names of its columns")
    columns = tuple(filter(None, rows[0][1]))
    groups = reference_id or next((name for name in _REFERENCES if name in columns), None)
    names, left_out = tuple(dict.fromkeys(scores)), {}
    if not names:
        others = {opinion, groups, *_NO_SCORES}
        reasons = {name: _no_score(rows, name) for name in columns if name not in others}
        names = tuple(name for name, reason in reasons.items() if not reason)
        left_out = {name: reason for name, reason in reasons.items() if reason}
    if not names:
        why = "".join(f"; {name}: {reason}" for name, reason in left_out.items())
        raise InputError(f"{path} has no column of scores beside {', '.join(columns)}{why}")
    return ScoreTable(
        opinion=np.array([number(path, row, opinion) for row in rows]),
        scores={name: np.array([_score(path, row, name) for row in rows]) for name in names},
        reference_id=None if groups is None else tuple(_name(path, row, groups) for row in rows),
        left_out=left_out,
    )


def distances(table: ScoreTable, *, higher_is_better: Sequence[str] = ()) -> dict[str, np.ndarray]:
    """Returns the scores with the sign at which larger = less alike.

    Args:
      table: the scores.
      higher_is_better: names of the scores that are similarities.

    Raises:
      InputError: an unknown score.
    """
    for name in higher_is_better:
        choose(name, table.scores, kind="score", listing=f"There are {', '.join(table.scores)}.")
    return {
        name: -values if name in higher_is_better else values
        for name, values in table.scores.items()
    }


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return not text
    return True


def _no_score(rows: list[Row], name: str) -> str:
    """Returns why a column is no score, or an empty text where it is one."""
    for line, fields in rows:
        if not _is_number(fields[name]):
            return f"line {line} is {reprlib.repr(fields[name])}, no number"
    values = np.array([float(fields[name] or math.nan) for _, fields in rows])
    different = np.unique(values[~np.isnan(values)])
    if not len(different):
        return "no line has a number"
    return f"{different[0]:g} in every line" if len(different) == 1 else ""


def _score(path: str, row: Row, name: str) -> float:
    line, fields = row
    if not _is_number(fields[name]):
        raise InputError(f"{path}, line {line}: {name} must be a number, got {fields[name]!r}")
    return float(fields[name] or math.nan)


def _name(path: str, row: Row, column: str) -> str:
    line, fields = row
    if not fields[column]:
        raise InputError(
            f"{path}, line {line}: {column} is blank, expected the name of a reference"
        )
    return fields[column]
