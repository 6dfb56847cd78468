"""`tid2013-kodak`: 720 pairs of TID2013, rebuilt to the last bit from the Kodak photographs.

24 references, six types of distortion, five levels, with TID2013's opinion scores and those of
TID2008 where it has the same image. What TID2013 has beyond them, its synthetic reference I25 and
18 types made by chance or by codecs, cannot be rebuilt.
"""

import csv
import os
import pathlib
from collections.abc import Callable

import numpy as np
from PIL import Image, features

from jaxiqa.checks import InputError
from jaxiqa.data.kodak_photos import Progress, read_pixels, read_references
from jaxiqa.data.kodak_table import Rated, crops, pixels_digest, rated
from jaxiqa.data.tid_distortions import DISTORTIONS
from jaxiqa.whole import write_whole

TABLE = "pairs.csv"

# dB: 596 of 600 agree to the four decimals that are published, the others to this
PSNR_TOLERANCE = 2.5e-4
_COLUMNS = (
    *("reference", "distorted", "opinion", "opinion_std", "higher_is_better", "reference_id"),
    *("distortion", "level", "tid2008", "mos_tid2008", "mos_std_tid2008"),
)


def rebuild(
    photos: str | os.PathLike[str],
    out: str | os.PathLike[str],
    *,
    progress: Progress | None = None,
) -> pathlib.Path:
    """Returns the path of ``pairs.csv``, for `pairs_from_csv`, once all 744 images are written.

    Each image is written whole or not at all, as PNG in ``out/reference`` and ``out/distorted``;
    the table comes last, so that what was interrupted does not load, and the same call goes on.
    Images that are there are kept where their pixels are the right ones. Columns: opinion and
    opinion_std of TID2013 (high = good), distortion (TID2013's number of the type), level, and
    tid2008, mos_tid2008, mos_std_tid2008 where TID2008 has the same image.

    Args:
      photos: folder of the photographs kodim01 to kodim24, see `read_references`.
      out: folder for the result, made where it is not there; 250 MB.
      progress: told after every image how many are there, of 744.

    Raises:
      InputError: photographs that are missing or wrong, all named; an image whose pixels or PSNR
        come out other than published; a folder that cannot be written.
    """
    references, out = read_references(photos), pathlib.Path(out)
    made = 0

    def tell() -> None:
        nonlocal made
        made += 1
        if progress is not None:
            progress(made, len(crops()) + len(rated()))

    try:
        for folder in ("reference", "distorted"):
            (out / folder).mkdir(parents=True, exist_ok=True)
        (out / TABLE).unlink(missing_ok=True)
        for crop in crops():
            path = out / "reference" / f"{crop.reference}.png"
            _keep(path, crop.sha256, lambda name=crop.reference: references[name])
            tell()
        for row in rated():
            path = out / "distorted" / f"{row.distorted}.png"
            _keep(path, row.sha256, lambda row=row: _distorted(references[row.reference], row))
            tell()
        write_whole(out / TABLE, _write_table)
    except OSError as error:
        raise InputError(
            f"{error.filename or out}: cannot be written ({error.strerror})"
        ) from error
    return out / TABLE


def _keep(path: pathlib.Path, sha256: str, make: Callable[[], np.ndarray]) -> None:
    """Writes an image unless the file holds its pixels already."""
    try:
        if path.exists() and pixels_digest(read_pixels(path)) == sha256:
            return
    except InputError:
        pass
    image = Image.fromarray(make())
    write_whole(path, lambda part: image.save(part, "PNG", compress_level=3))


def _distorted(reference: np.ndarray, row: Rated) -> np.ndarray:
    """Returns a distorted image, verified.

    Raises:
      InputError: its pixels or its PSNR are not those of the table.
    """
    found = DISTORTIONS[row.kind](reference, row.parameter)
    if pixels_digest(found) != row.sha256:
        codec = f" (libjpeg-turbo {features.version('libjpeg_turbo')})" if row.kind == 10 else ""
        raise InputError(
            f"{row.distorted}: what is installed here computes other pixels than those of "
            f"TID2013{codec}; another version of Pillow or SciPy may not"
        )
    # a type without published PSNR compares with nan, and passes
    psnr = _psnr(reference, found)
    if abs(psnr - row.psnr) > PSNR_TOLERANCE:
        raise InputError(f"{row.distorted}: PSNR {psnr:.4f} dB, published are {row.psnr:.4f}")
    return found


def _psnr(reference: np.ndarray, distorted: np.ndarray) -> float:
    difference = reference.astype(np.float64) - distorted
    return float(10 * np.log10(255**2 / np.mean(difference**2)))


def _write_table(path: pathlib.Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(_COLUMNS)
        for row in rated():
            images = f"reference/{row.reference}.png", f"distorted/{row.distorted}.png"
            before = (
                (row.tid2008, row.mos_tid2008, row.mos_std_tid2008) if row.tid2008 else 3 * ("",)
            )
            table.writerow(
                (*images, row.mos, row.mos_std, "true", row.reference, row.kind, row.level, *before)
            )
