"""LIVE, release 2: a folder a distortion, refimgs, refnames_all.mat and dmos_realigned.mat.

The tables list 982 images, 203 of which (`orgs`) are copies of references, and leave 779 pairs. The
DMOS are the realigned ones, which put the five distortions on one scale: -2.64 to 111.77, high =
bad. dmos.mat holds older ones that must not be compared between distortions.
"""

import numpy as np

from jaxiqa.checks import InputError
from jaxiqa.data.databases.database import Columns, Database
from jaxiqa.data.databases.folder import Folder
from jaxiqa.data.databases.matlab import numbers, texts, variables

_SCORES, _NAMES = "dmos_realigned.mat", "refnames_all.mat"

# The order of the tables, and how many images each folder has.
_FOLDERS = {"jp2k": 227, "jpeg": 233, "wn": 174, "gblur": 174, "fastfading": 174}


def _distorted(folder: Folder, count: int) -> list[tuple[str, str]]:
    """Returns folder and file of each row of the tables."""
    sizes = dict(_FOLDERS)
    if count != sum(sizes.values()):
        names = {folder_: folder.inside(folder_) for folder_ in _FOLDERS}
        sizes = {f: sum(n.lower().endswith(".bmp") for n in found) for f, found in names.items()}
    if count != sum(sizes.values()):
        told = ", ".join(f"{name} {size}" for name, size in sizes.items())
        raise InputError(f"{folder.root / _SCORES} has {count} rows, expected one an image: {told}")
    return [
        (name, f"{name}/img{i}.bmp") for name, size in sizes.items() for i in range(1, size + 1)
    ]


def _read(folder: Folder) -> Columns:
    path = folder.path(_SCORES)
    scores, spread, copies = map(np.ravel, numbers(path, "dmos_new", "dmos_std", "orgs"))
    names = texts(variables(folder.path(_NAMES), "refnames_all")[0])
    if not len(scores) == len(spread) == len(copies) == len(names):
        raise InputError(
            f"{path} has {len(scores)} scores, {len(spread)} deviations and {len(copies)} flags, "
            f"and {_NAMES} {len(names)} names; expected one of each an image"
        )
    distorted = _distorted(folder, len(scores))
    rows = [i for i, copy in enumerate(copies) if not copy]
    return {
        "reference": tuple(f"refimgs/{names[i]}" for i in rows),
        "distorted": tuple(distorted[i][1] for i in rows),
        "opinion": scores[rows],
        "opinion_std": spread[rows],
        "reference_id": tuple(names[i].rpartition(".")[0] for i in rows),
        "distortion": tuple(distorted[i][0] for i in rows),
    }


LIVE = Database(
    name="live",
    title="LIVE image quality assessment database, release 2",
    address="https://live.ece.utexas.edu/research/quality/subjective.htm",
    manual="Ask for the password with the form at "
    "https://live.ece.utexas.edu/research/quality/subjective.htm, download databaserelease2.zip "
    "and unpack it; dmos_realigned.mat is on the same page and belongs into the same folder.",
    marker=_SCORES,
    read=_read,
    rows=779,
    references=29,
    higher_is_better=False,
    opinion="realigned DMOS, about 0 to 112, high = bad",
    spread="standard deviation of the realigned DMOS (dmos_std)",
    citation="Sheikh, Sabir & Bovik (2006), A statistical evaluation of recent full reference "
    "image quality assessment algorithms, IEEE Transactions on Image Processing 15(11), "
    "3440-3451, doi:10.1109/TIP.2006.881959; Sheikh, Wang, Cormack & Bovik, LIVE image quality "
    "assessment database release 2",
    licence="free use with the copyright notice of the University of Texas at Austin and an "
    "acknowledgement",
)
