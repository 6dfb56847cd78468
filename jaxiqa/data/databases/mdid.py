"""MDID: reference_images, distortion_images, mos.txt and mos_std.txt in the order of the names.

Every distorted image has several distortions of random kind and strength, so there is no column for
either.
"""

import numpy as np

from jaxiqa.checks import InputError
from jaxiqa.data.databases.database import Columns, Database
from jaxiqa.data.databases.folder import Folder

_SCORES, _SPREAD = "mos.txt", "mos_std.txt"
_REFERENCES, _EACH = 20, 80


def _names(folder: Folder, count: int) -> list[str]:
    """Returns img01_01 to img20_80; for a table of another length, the names of the images."""
    if count == _REFERENCES * _EACH:
        pairs = ((r, d) for r in range(1, _REFERENCES + 1) for d in range(1, _EACH + 1))
        return [f"img{r:02d}_{d:02d}" for r, d in pairs]
    found = [name.rpartition("/")[2] for name in folder.inside("distortion_images")]
    names = sorted(name[:-4].lower() for name in found if name.lower().endswith(".bmp"))
    if len(names) != count:
        raise InputError(
            f"{folder.root / _SCORES} has {count} scores, expected {_REFERENCES * _EACH}, or one "
            f"for each of the {len(names)} images in distortion_images"
        )
    return names


def _read(folder: Folder) -> Columns:
    opinion, spread = folder.numbers(_SCORES), folder.numbers(_SPREAD)
    names = _names(folder, len(opinion))
    if len(spread) != len(opinion):
        raise InputError(
            f"{folder.root / _SPREAD} has {len(spread)} rows, but {_SCORES} {len(opinion)}"
        )
    scenes = tuple(name.partition("_")[0] for name in names)
    return {
        "reference": tuple(f"reference_images/{scene}.bmp" for scene in scenes),
        "distorted": tuple(f"distortion_images/{name}.bmp" for name in names),
        "opinion": np.array(opinion),
        "opinion_std": np.array(spread),
        "reference_id": scenes,
    }


MDID = Database(
    name="mdid",
    title="MDID, multiply distorted image database",
    address="https://www.sz.tsinghua.edu.cn/labs/vipl/mdid.html",
    manual="Download MDID from https://www.sz.tsinghua.edu.cn/labs/vipl/mdid.html and unpack it.",
    marker="distortion_images/",
    read=_read,
    rows=1600,
    references=20,
    higher_is_better=True,
    opinion="MOS, 0 to 8, high = good",
    spread="standard deviation of the ratings (mos_std.txt)",
    citation="Sun, Zhou & Liao (2017), MDID: a multiply distorted image database for image "
    "quality assessment, Pattern Recognition 61, 153-168, doi:10.1016/j.patcog.2016.07.033",
    licence="for research; see the publisher's page",
)
