"""KADID-10k: one folder of images and dmos.csv.

What the publisher calls `dmos` is a mean of ratings from 1 to 5 where 5 is imperceptible, so high
is good; `var` is their standard deviation. Some pairs have identical pixels: distortion and level
1/1, 3/1, 8/1 and 18/3 of most references.
"""

import csv
import re

import numpy as np

from jaxiqa.checks import InputError
from jaxiqa.data.databases.database import Columns, Database
from jaxiqa.data.databases.folder import Folder, number

_TABLE = "dmos.csv"
_COLUMNS = ("dist_img", "ref_img", "dmos", "var")
_NAME = re.compile(r"(I\d\d)_(\d\d)_(\d\d)\.png", re.IGNORECASE)


def _read(folder: Folder) -> Columns:
    lines = dict(folder.lines(_TABLE))
    table = csv.DictReader(lines.values(), skipinitialspace=True)
    rows = list(zip(list(lines)[1:], table, strict=False))
    names = [row.get("dist_img") or "" for _, row in rows]
    parts = [_NAME.fullmatch(name) for name in names]
    if not rows or not all(parts) or any(row.get(c) is None for _, row in rows for c in _COLUMNS):
        raise InputError(
            f"{folder.root / _TABLE}: expected the columns {', '.join(_COLUMNS)}, with names such "
            "as I01_01_01.png"
        )

    def values(column: str) -> np.ndarray:
        return np.array([number(folder, _TABLE, line, row[column]) for line, row in rows])

    return {
        "reference": tuple(f"images/{row['ref_img']}" for _, row in rows),
        "distorted": tuple(f"images/{name}" for name in names),
        "opinion": values("dmos"),
        "opinion_std": values("var"),
        "reference_id": tuple(part[1] for part in parts),
        "distortion": tuple(str(int(part[2])) for part in parts),
        "level": tuple(str(int(part[3])) for part in parts),
    }


KADID10K = Database(
    name="kadid10k",
    title="KADID-10k, Konstanz artificially distorted image quality database",
    address="https://database.mmsp-kn.de/kadid-10k-database.html",
    manual="Download kadid10k.zip from https://database.mmsp-kn.de/kadid-10k-database.html and "
    "unpack it.",
    marker=_TABLE,
    read=_read,
    rows=10125,
    references=81,
    higher_is_better=True,
    opinion="mean of degradation ratings from 1 to 5, called dmos, high = good",
    spread="standard deviation of the ratings (column var)",
    citation="Lin, Hosu & Saupe (2019), KADID-10k: a large-scale artificially distorted IQA "
    "database, QoMEX 2019, 1-3, doi:10.1109/QoMEX.2019.8743252",
    licence="free for the research community; the photographs are from Pixabay, under its terms",
)
