"""A map of where two images differ, as a picture."""

import os
import pathlib

import numpy as np

from jaxiqa import checks
from jaxiqa.whole import write_whole

_COLOURS = "magma"


def check_heatmap(path: str | os.PathLike) -> None:
    """Passes if a picture may be written there.

    Raises:
      InputError: another kind of file, or in a folder that does not exist.
    """
    path = pathlib.Path(path)
    if path.suffix.lower() != ".png":
        raise checks.InputError(f"a heat map is written as PNG, got {str(path)!r}; end it in .png")
    if not path.parent.is_dir():
        raise checks.InputError(f"cannot write {path}: there is no folder {path.parent}")


def write_heatmap(path: str | os.PathLike, values: np.ndarray) -> float:
    """Returns the largest value, after writing a map as a PNG, whole or not at all.

    Args:
      path: of the picture, ``.png``.
      values: (H, W), 0 where the images agree and larger where they do less; 0 is black, the
        largest value pale yellow, in a scale of colours whose lightness grows evenly.

    Raises:
      InputError: another kind of file, or one that cannot be written.
    """
    import matplotlib
    from PIL import Image

    check_heatmap(path)
    path = pathlib.Path(path)
    values = np.maximum(np.asarray(values, np.float64), 0)
    largest = float(values.max())
    scaled = values / largest if largest else values
    picture = Image.fromarray(matplotlib.colormaps[_COLOURS](scaled, bytes=True)[..., :3])
    write_whole(path, lambda unfinished: picture.save(unfinished, format="PNG"))
    return largest
