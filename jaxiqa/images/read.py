"""Picture files as RGB arrays, with an error that names the file for everything that can go wrong.

What the numbers of each kind of file become is said in `jaxiqa.images.decode`.
"""

import contextlib
import os
import pathlib
import re
import warnings
from collections.abc import Iterator

import numpy as np

from jaxiqa.checks import InputError
from jaxiqa.images.decode import decode

_SILENCE = ("ignore", None, Warning, re.compile(r"PIL\."), 0)


def read_image(path: str | os.PathLike) -> np.ndarray:
    """Returns the picture in a file as RGB values in [0, 1]; safe to call from several threads.

    Args:
      path: a PNG, BMP, JPEG, GIF, TIFF, WebP, PBM, PGM or PPM file.

    Returns:
      A float32 array of shape (H, W, 3); `jaxiqa.images.decode` says how each kind is read.

    Raises:
      InputError: the file is missing, a folder, not readable, empty, not a picture, cut short or
        damaged, larger than `PIL.Image.MAX_IMAGE_PIXELS`, or of a kind that is refused.

    Examples:
      >>> import PIL.Image
      >>> from jaxiqa import read_image
      >>> PIL.Image.new("RGB", (4, 2), (255, 51, 0)).save("red.png")
      >>> image = read_image("red.png")
      >>> image.shape, image.dtype.name, image[0, 0].round(3).tolist()
      ((2, 4, 3), 'float32', [1.0, 0.20000000298023224, 0.0])
    """
    return image_from_bytes(_file_bytes(path), name=os.fspath(path))


def image_from_bytes(data: bytes, *, name: str = "image") -> np.ndarray:
    """Returns the picture in the bytes of a file, as `read_image` does.

    Args:
      data: the whole content of a picture file.
      name: what the picture is called in a message.

    Returns:
      A float32 array of shape (H, W, 3), RGB in [0, 1].

    Raises:
      InputError: not a picture, cut short or damaged, too large, or of a kind that is refused.
    """
    try:
        with _pillow_silent():
            return decode(data)
    except InputError as error:
        raise InputError(f"{name}: {error}") from None
    except Exception as error:
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise InputError(f"{name}: cannot be decoded, damaged or cut short ({reason})") from error


def read_pair(
    reference: str | os.PathLike, distorted: str | os.PathLike
) -> tuple[np.ndarray, np.ndarray]:
    """Returns a reference and a distorted picture of the same size, each as by `read_image`.

    Args:
      reference: the file of the reference.
      distorted: the file of the distorted picture.

    Returns:
      Two float32 arrays of shape (H, W, 3) in [0, 1].

    Raises:
      InputError: a file cannot be read, or the sizes differ.
    """
    first, second = read_image(reference), read_image(distorted)
    if first.shape != second.shape:
        sizes = [f"{image.shape[1]} x {image.shape[0]}" for image in (first, second)]
        raise InputError(
            f"{reference} is {sizes[0]} pixels but {distorted} is {sizes[1]} (width x height): "
            "a pair needs one size, crop or resize one of them"
        )
    return first, second


def _file_bytes(path: str | os.PathLike) -> bytes:
    try:
        data = pathlib.Path(path).read_bytes()
    except TypeError:
        raise InputError(f"expected the path of a picture, got {type(path).__name__}") from None
    except FileNotFoundError:
        raise InputError(f"{path}: no such file, upper and lower case count") from None
    except (OSError, ValueError) as error:
        if isinstance(error, OSError) and os.path.isdir(path):
            raise InputError(f"{path}: a folder, expected a picture file") from None
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"{str(path)!r}: cannot be read ({reason})") from None
    if not data:
        raise InputError(f"{path}: an empty file, expected a picture")
    return data


@contextlib.contextmanager
def _pillow_silent() -> Iterator[None]:
    """Silences Pillow alone: `catch_warnings` would undo the filters of other threads."""
    warnings.filters.insert(0, _SILENCE)
    try:
        yield
    finally:
        # Another thread's catch_warnings may have put back a list without our entry.
        with contextlib.suppress(ValueError):
            warnings.filters.remove(_SILENCE)
