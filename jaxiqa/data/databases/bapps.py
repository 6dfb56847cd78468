"""BAPPS: patches with forced choices (2AFC) and just noticeable differences (JND).

    2afc/{train,val}/SET/{ref,p0,p1,judge}/000000.{png,npy}
    jnd/val/SET/{p0,p1,same}/000000.{png,npy}

A judge file holds one number: in 2AFC the share of judges who found p1 nearer to the reference than
p0, in JND the share who took p0 and p1 for the same.
"""

import pathlib

import numpy as np

from jaxiqa.checks import InputError
from jaxiqa.data.databases.database import TRIPLET, Columns, Database
from jaxiqa.data.databases.folder import Folder

_LISTED = 10


def _share(path: pathlib.Path) -> float:
    try:
        share = float(np.ravel(np.load(path, allow_pickle=False))[0])
    except (ValueError, OSError, EOFError, IndexError) as error:
        raise InputError(f"{path}: not a judge file of BAPPS, or damaged ({error})") from error
    if not 0 <= share <= 1:
        raise InputError(f"{path}: expected a share between 0 and 1, got {share}")
    return share


def _numbered(folder: Folder, top: str, judge: str) -> dict[str, list[str]]:
    """Returns split/set -> the numbers of which any file is there, sorted."""
    found: dict[str, set[str]] = {}
    for name in folder.inside(top):
        parts = name.split("/")
        if len(parts) == 5 and parts[4].lower().endswith((".png", ".npy")):
            found.setdefault("/".join(parts[1:3]), set()).add(parts[4][:-4])
    if not found:
        raise InputError(f"{folder.root / top}: no files such as val/cnn/{judge}/000000.npy")
    return {place: sorted(numbers) for place, numbers in sorted(found.items())}


def _judged(folder: Folder, top: str, judge: str) -> list[tuple[str, str, float]]:
    """Returns split/set, number and share of each row.

    Raises:
      InputError: a row without a judge file; they are named.
    """
    rows = [(p, n) for p, numbers in _numbered(folder, top, judge).items() for n in numbers]
    files = [f"{top}/{place}/{judge}/{number}.npy" for place, number in rows]
    if absent := [file for file in files if folder.find(file) is None]:
        more = f" and {len(absent) - _LISTED} more" if len(absent) > _LISTED else ""
        listed = ", ".join(absent[:_LISTED])
        raise InputError(f"{folder.root}: {len(absent)} files are missing: {listed}{more}")
    shares = (_share(folder.path(file)) for file in files)
    return [(*row, share) for row, share in zip(rows, shares, strict=True)]


def _columns(top: str, rows: list[tuple[str, str, float]], images: dict[str, str]) -> Columns:
    places = [place.split("/") for place, _, _ in rows]
    keys = {
        column: tuple(f"{top}/{place}/{part}/{number}.png" for place, number, _ in rows)
        for column, part in images.items()
    }
    return keys | {
        "opinion": np.array([share for _, _, share in rows]),
        "distortion": tuple(kind for _, kind in places),
        "split": tuple(split for split, _ in places),
    }


def _read_2afc(folder: Folder) -> Columns:
    images = {"reference": "ref", "first": "p0", "second": "p1"}
    return _columns("2afc", _judged(folder, "2afc", "judge"), images)


def _read_jnd(folder: Folder) -> Columns:
    images = {"reference": "p0", "distorted": "p1"}
    return _columns("jnd", _judged(folder, "jnd", "same"), images)


_ADDRESS = "https://github.com/richzhang/PerceptualSimilarity"
_CITATION = (
    "Zhang, Isola, Efros, Shechtman & Wang (2018), The unreasonable effectiveness of deep features "
    "as a perceptual metric, CVPR 2018, 586-595, arXiv:1801.03924"
)
_LICENCE = "BSD-2-Clause, as its repository"

BAPPS_2AFC = Database(
    name="bapps-2afc",
    title="BAPPS, forced choice between two distorted patches",
    address=_ADDRESS,
    manual=f"Run scripts/download_dataset.sh of {_ADDRESS} (or only scripts/"
    "download_dataset_valonly.sh) and give the folder that holds 2afc.",
    marker="2afc/",
    read=_read_2afc,
    # 151,400 triplets to train on and 36,344 to validate
    rows=187744,
    references=187744,
    higher_is_better=True,
    opinion="share of judges who found the second patch nearer to the reference, 0 to 1",
    spread="none is published; 2 judges a triplet in train, 5 in val",
    citation=_CITATION,
    licence=_LICENCE,
    images=TRIPLET,
)

BAPPS_JND = Database(
    name="bapps-jnd",
    title="BAPPS, just noticeable differences between patches",
    address=_ADDRESS,
    manual=f"Run scripts/download_dataset.sh of {_ADDRESS} and give the folder that holds jnd.",
    marker="jnd/",
    read=_read_jnd,
    rows=9600,
    references=9600,
    higher_is_better=True,
    opinion="share of judges who took the two patches for the same, 0 to 1",
    spread="none is published; 3 judges a pair",
    citation=_CITATION,
    licence=_LICENCE,
)
