"""The 24 photographs of the Kodak Photo CD suite, out of which TID2013's references were cut."""

import os
import pathlib
from collections.abc import Callable

import numpy as np

from jaxiqa.checkpoints.download import fetch
from jaxiqa.checks import InputError
from jaxiqa.data.kodak_table import HEIGHT, WIDTH, Crop, crops, pixels_digest
from jaxiqa.images import read_image

# Unverified: what comes from there is trusted for its pixels alone, which are checked.
ADDRESS = "https://r0k.us/graphics/kodak/kodak"

# Called with how many are done and how many there are.
Progress = Callable[[int, int], None]


def read_pixels(path: str | os.PathLike[str]) -> np.ndarray:
    """Returns a picture of 8 bits as (H, W, 3) uint8.

    Raises:
      InputError: as `read_image`.
    """
    return np.rint(read_image(path) * np.float32(255)).astype(np.uint8)


def read_references(photos: str | os.PathLike[str]) -> dict[str, np.ndarray]:
    """Returns TID2013's references I01 to I24, cut out of the photographs in a folder.

    Args:
      photos: folder of kodim01 to kodim24 in any lossless format; case does not matter, other files
        are passed over.

    Returns:
      {"I01": (384, 512, 3) uint8, ..}.

    Raises:
      InputError: no such folder; photographs that are missing, cannot be read, or are others than
        those of the suite (resized, turned, compressed): all are named.
    """
    files = _files(pathlib.Path(photos))
    if missing := [c.photograph for c in crops() if c.photograph not in files]:
        raise InputError(
            f"{photos}: {len(missing)} of {len(crops())} photographs are missing: "
            f"{', '.join(missing)}; they are published at {ADDRESS.rpartition('/')[0]}"
        )
    found = {crop.reference: _cut(files[crop.photograph], crop) for crop in crops()}
    wrong = [files[c.photograph].name for c in crops() if found[c.reference] is None]
    if wrong:
        raise InputError(
            f"{photos}: {', '.join(wrong)}: other pixels than those of the Kodak suite; the PNG "
            f"files of {ADDRESS.rpartition('/')[0]} are needed, unchanged"
        )
    return found


def _files(folder: pathlib.Path) -> dict[str, pathlib.Path]:
    try:
        paths = sorted(path for path in folder.iterdir() if path.is_file())
    except OSError as error:
        raise InputError(f"{folder}: no folder of photographs ({error.strerror})") from None
    return {path.stem.lower(): path for path in paths}


def _cut(path: pathlib.Path, crop: Crop) -> np.ndarray | None:
    """The reference, or None where these are not the pixels it has."""
    rows, columns = slice(crop.top, crop.top + HEIGHT), slice(crop.left, crop.left + WIDTH)
    found = read_pixels(path)[rows, columns]
    return found if pixels_digest(found) == crop.sha256 else None


def download_photographs(
    folder: str | os.PathLike[str], *, address: str = ADDRESS, progress: Progress | None = None
) -> pathlib.Path:
    """Returns the folder once it holds the 24 photographs, 15 MB.

    Those that are there and whole are kept, and a download that broke goes on where it broke.

    Args:
      folder: made where it is not there.
      address: of the folder on the web; the default is that of R. Franzen's copy of the suite.
      progress: told after every photograph how many are there, of 24.

    Raises:
      InputError: no connection, or a file that is not the photograph wanted.
    """
    folder = pathlib.Path(folder)
    for done, crop in enumerate(crops(), 1):
        whole = folder / f"{crop.photograph}.png"
        if not (whole.exists() and _cut(whole, crop) is not None):
            _download(f"{address}/{whole.name}", whole, crop)
        if progress is not None:
            progress(done, len(crops()))
    return folder


def _download(address: str, whole: pathlib.Path, crop: Crop) -> None:
    part = fetch(address, whole.with_name(f"{whole.name}.part"))
    try:
        good = _cut(part, crop) is not None
    except InputError:
        good = False
    if not good:
        part.unlink()
        raise InputError(
            f"{address} is not the photograph of the Kodak suite; name a folder that holds them"
        )
    os.replace(part, whole)
