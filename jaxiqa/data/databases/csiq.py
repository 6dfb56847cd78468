"""CSIQ: src_imgs, dst_imgs with a folder a distortion, and csiq.DMOS.xlsx.

DMOS is high for bad images. The spreadsheet names distortions in other words than the files do.
"""

import numpy as np

from jaxiqa.checks import InputError
from jaxiqa.data.databases.database import Columns, Database
from jaxiqa.data.databases.folder import Folder
from jaxiqa.data.databases.xlsx import Row, sheet

_TABLE, _SHEET = "csiq.DMOS.xlsx", "all_by_image"
_COLUMNS = ("image", "dst_type", "dst_lev", "dmos_std", "dmos")

# the spreadsheet's word -> that of folder and file
_DISTORTIONS = {
    "noise": "AWGN",
    "blur": "BLUR",
    "contrast": "contrast",
    "fnoise": "fnoise",
    "jpeg": "JPEG",
    "jpeg 2000": "jpeg2000",
}


def _whole(text: str) -> str:
    """Returns what a spreadsheet writes as 1600.0 as 1600."""
    return text.removesuffix(".0").strip()


def _table(folder: Folder) -> list[dict[str, str]]:
    """Returns the rows below the header, by its names; the header need not be in the first row."""
    header: dict[str, str] = {}
    found = []
    for row in sheet(folder.path(_TABLE), _SHEET):
        if header:
            found.append(_named(row, header))
        elif set(_COLUMNS) <= set(row.values()):
            header = {letters: name for letters, name in row.items() if name in _COLUMNS}
    return [row for row in found if row.get("image")]


def _named(row: Row, header: dict[str, str]) -> dict[str, str]:
    return {name: row[letters] for letters, name in header.items() if letters in row}


def _read(folder: Folder) -> Columns:
    rows = _table(folder)
    try:
        images = [_whole(row["image"]) for row in rows]
        kinds = [_DISTORTIONS[row["dst_type"].strip().lower()] for row in rows]
        levels = [_whole(row["dst_lev"]) for row in rows]
        scores = {c: np.array([float(row[c]) for row in rows]) for c in ("dmos", "dmos_std")}
    except (KeyError, ValueError) as error:
        raise InputError(
            f"{folder.root / _TABLE}, sheet {_SHEET}: a row cannot be read ({error})"
        ) from error
    if not rows:
        raise InputError(f"{folder.root / _TABLE}: no row below the columns {', '.join(_COLUMNS)}")
    return {
        "reference": tuple(f"src_imgs/{image}.png" for image in images),
        "distorted": tuple(
            f"dst_imgs/{kind}/{image}.{kind}.{level}.png"
            for image, kind, level in zip(images, kinds, levels, strict=True)
        ),
        "opinion": scores["dmos"],
        "opinion_std": scores["dmos_std"],
        "reference_id": tuple(images),
        "distortion": tuple(kinds),
        "level": tuple(levels),
    }


CSIQ = Database(
    name="csiq",
    title="CSIQ, categorical subjective image quality",
    address="http://vision.eng.shizuoka.ac.jp/mod/page/view.php?id=23",
    manual="Download src_imgs.zip, dst_imgs.zip and csiq.DMOS.xlsx from "
    "http://vision.eng.shizuoka.ac.jp/mod/page/view.php?id=23 and unpack both into the folder of "
    "the spreadsheet, as src_imgs and dst_imgs.",
    marker=_TABLE,
    read=_read,
    rows=866,
    references=30,
    higher_is_better=False,
    opinion="DMOS, 0 to 1, high = bad",
    spread="standard deviation of the ratings (column dmos_std)",
    citation="Larson & Chandler (2010), Most apparent distortion: full-reference image quality "
    "assessment and the role of strategy, Journal of Electronic Imaging 19(1), 011006, "
    "doi:10.1117/1.3267105",
    licence="for research; see the publisher's page",
)
