"""LIVE-MD: two parts, blur with JPEG and blur with noise, each with Imagelists.mat and Scores.mat.

DMOS is the mean over observers of the difference between the scores of reference and distorted
image (`dist_diffscores`, observers by images), high = bad, so that its deviation and error follow.
Images with blur alone are in both parts and were judged twice; the references lie beside them.
"""

import re

import numpy as np

from jaxiqa.checks import InputError
from jaxiqa.data.databases.database import Columns, Database
from jaxiqa.data.databases.folder import Folder
from jaxiqa.data.databases.matlab import numbers, texts, variables

_PARTS = {"Part 1": "blurjpeg", "Part 2": "blurnoise"}
_NAME = re.compile(r"(.+?)((?:_[a-z]+\d)+)\.bmp", re.IGNORECASE)


def _kind(path: object, name: str) -> tuple[str, str]:
    """Returns "blur+jpeg" and "1+3" of babygirl_blur1_jpeg3.bmp."""
    parts = _NAME.fullmatch(name)
    if not parts:
        raise InputError(f"{path}: expected names such as babygirl_blur1_jpeg3.bmp, got {name!r}")
    steps = parts[2].lower().strip("_").split("_")
    return "+".join(step[:-1] for step in steps), "+".join(step[-1] for step in steps)


def _part(folder: Folder, part: str, images: str) -> Columns:
    lists, scores = (folder.path(f"{part}/{name}") for name in ("Imagelists.mat", "Scores.mat"))
    distorted, references = variables(lists, "distimgs", "refimgs")
    (of,) = numbers(lists, "ref4dist")
    if not np.all(np.isfinite(of)):
        raise InputError(f"{lists}: ref4dist holds something else than numbers")
    names, references = texts(distorted), texts(references)
    of = np.ravel(of).astype(np.int64) - 1
    opinion, raw = numbers(scores, "DMOSscores", "dist_diffscores")
    opinion, n = np.ravel(opinion), len(names)
    if not len(of) == len(opinion) == n or raw.ndim != 2 or raw.shape[1] != n:
        raise InputError(
            f"{scores} has {len(opinion)} scores and differences {raw.shape}, and {lists.name} "
            f"{n} images of {len(of)} references; expected one of each an image"
        )
    if n and not 0 <= of.min() <= of.max() < len(references):
        raise InputError(f"{lists}: ref4dist counts beyond the {len(references)} references")
    if not np.all(np.any(np.isfinite(raw), axis=0)):
        raise InputError(f"{scores}: dist_diffscores has an image that nobody judged")
    judged = np.sum(np.isfinite(raw), axis=0)
    std = np.nanstd(raw, axis=0, ddof=1)
    return {
        "reference": [f"{part}/{images}/{references[i]}" for i in of],
        "distorted": [f"{part}/{images}/{name}" for name in names],
        "opinion": opinion,
        "opinion_std": std,
        "opinion_error": std / np.sqrt(judged),
        "reference_id": [references[i].rpartition(".")[0] for i in of],
        "distortion": [_kind(lists, name)[0] for name in names],
        "level": [_kind(lists, name)[1] for name in names],
    }


def _read(folder: Folder) -> Columns:
    first, second = (_part(folder, part, images) for part, images in _PARTS.items())
    return {
        name: np.concatenate([first[name], second[name]])
        if isinstance(first[name], np.ndarray)
        else (*first[name], *second[name])
        for name in first
    }


LIVE_MD = Database(
    name="live-md",
    title="LIVE multiply distorted image quality database",
    address="https://live.ece.utexas.edu/research/quality/live_multidistortedimage.html",
    manual="Ask for the password with the form at "
    "https://live.ece.utexas.edu/research/quality/live_multidistortedimage.html, download "
    "LIVEmultidistortiondatabase.rar and unpack it.",
    marker="Part 1/Scores.mat",
    read=_read,
    rows=450,
    references=15,
    higher_is_better=False,
    opinion="DMOS, 0 to 100, high = bad",
    spread="standard deviation of the differences over observers (dist_diffscores)",
    citation="Jayaraman, Mittal, Moorthy & Bovik (2012), Objective quality assessment of multiply "
    "distorted images, Asilomar Conference on Signals, Systems and Computers, 1693-1697, "
    "doi:10.1109/ACSSC.2012.6489321",
    licence="free use with the copyright notice of the University of Texas at Austin and an "
    "acknowledgement",
)
