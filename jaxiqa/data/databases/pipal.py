"""PIPAL, training part: Train_Ref, Train_Label with a table a reference, and Distortion_1 to _4.

Scores are Elo ratings from comparisons, high = good, without a spread. Names are A0001_03_12.bmp:
reference, group of distortions, number within it. The images of the four archives may lie in one
folder too, as the NTIRE challenges have them.
"""

import re

import numpy as np

from jaxiqa.checks import InputError
from jaxiqa.data.databases.database import Columns, Database
from jaxiqa.data.databases.folder import Folder, number

_LABELS, _REFERENCES = "Train_Label", "Train_Ref"
_LISTED = 10
_IMAGES = (*(f"Distortion_{part}" for part in range(1, 5)), "Train_Dis", "Train_Distort")
_NAME = re.compile(r"(A\d+)_(\d+)_(\d+)\.(bmp|png)", re.IGNORECASE)


def _place(folder: Folder, name: str) -> str:
    """Returns the key of a distorted image; one that is missing is missed in Train_Dis."""
    places = (f"{place}/{name}" for place in _IMAGES)
    return next((key for key in places if folder.find(key)), f"Train_Dis/{name}")


def _rows(folder: Folder, table: str) -> list[tuple[re.Match, float]]:
    found = []
    for line, text in folder.lines(table):
        name, _, score = text.partition(",")
        parts = _NAME.fullmatch(name.strip())
        if not parts:
            raise InputError(
                f"{folder.root / table}, line {line}: expected a line such as "
                f"'A0001_00_00.bmp,1520.0648', got {text!r}"
            )
        found.append((parts, number(folder, table, line, score)))
    return found


def _check_tables(folder: Folder) -> None:
    """Passes if each reference has its table.

    Raises:
      InputError: some have none; the tables that are missing are named.
    """
    files = (name.rpartition("/")[2] for name in folder.inside(_REFERENCES))
    wanted = (f"{_LABELS}/{f[:-4]}.txt" for f in files if f.lower().endswith((".bmp", ".png")))
    if missing := [table for table in wanted if folder.find(table) is None]:
        more = f" and {len(missing) - _LISTED} more" if len(missing) > _LISTED else ""
        listed = ", ".join(missing[:_LISTED])
        raise InputError(f"{folder.root}: {len(missing)} tables are missing: {listed}{more}")


def _read(folder: Folder) -> Columns:
    tables = [name for name in folder.inside(_LABELS) if name.lower().endswith(".txt")]
    rows = [row for table in tables for row in _rows(folder, table)]
    if not rows:
        raise InputError(f"{folder.root / _LABELS}: no table such as A0001.txt")
    _check_tables(folder)
    return {
        "reference": tuple(f"{_REFERENCES}/{parts[1]}.{parts[4]}" for parts, _ in rows),
        "distorted": tuple(_place(folder, parts[0]) for parts, _ in rows),
        "opinion": np.array([score for _, score in rows]),
        "reference_id": tuple(parts[1] for parts, _ in rows),
        "distortion": tuple(parts[2] for parts, _ in rows),
        "level": tuple(parts[3] for parts, _ in rows),
    }


PIPAL = Database(
    name="pipal",
    title="PIPAL, perceptual image processing algorithms (training part)",
    address="https://github.com/HaomingCai/PIPAL-dataset",
    manual="Download Train_Ref.zip, Train_Label.zip and Distortion_1.zip to Distortion_4.zip as "
    "https://github.com/HaomingCai/PIPAL-dataset says and unpack them into one folder.",
    marker=f"{_LABELS}/",
    read=_read,
    rows=23200,
    references=200,
    higher_is_better=True,
    opinion="Elo rating, about 900 to 1850, high = good",
    spread="none is published",
    citation="Gu, Cai, Chen, Ye, Ren & Dong (2020), PIPAL: a large-scale image quality assessment "
    "dataset for perceptual image restoration, ECCV 2020, arXiv:2007.12142",
    licence="for research; see the publisher's page",
)
