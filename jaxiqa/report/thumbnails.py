"""Small pictures of rated pairs, as text that a page holds."""

import base64
import io
import pathlib
from collections.abc import Sequence

import numpy as np

from jaxiqa.images.read import read_image

LARGEST, QUALITY = 96, 82
# Modes of 8 bits that need no rule, and where a file says which way is up.
_PLAIN, _ORIENTATION = ("L", "RGB"), 274


def _small(path: str):
    """A picture of a file at small size; only what needs it is decoded by the rules of metrics."""
    from PIL import Image

    with Image.open(path) as image:
        if image.mode in _PLAIN and image.getexif().get(_ORIENTATION, 1) == 1:
            image.draft("RGB", (2 * LARGEST, 2 * LARGEST))
            image.thumbnail((LARGEST, LARGEST))
            return image.convert("RGB")
    pixels = np.rint(np.asarray(read_image(path)) * 255).astype(np.uint8)
    found = Image.fromarray(pixels)
    found.thumbnail((LARGEST, LARGEST))
    return found


def _encoded(path: str) -> str:
    """A small JPEG as a data URI, empty for what is no image file."""
    if not pathlib.Path(path).is_file():
        return ""
    held = io.BytesIO()
    try:
        _small(path).save(held, "JPEG", quality=QUALITY)
    # Pillow has many kinds of errors for damage, and a study tells of it elsewhere.
    except Exception:
        return ""
    return "data:image/jpeg;base64," + base64.b64encode(held.getvalue()).decode("ascii")


def thumbnails(table: dict, places: Sequence[int]) -> dict:
    """Returns small pictures of some pairs, a reference that is shown many times held once.

    Args:
      table: ``reference`` and ``distorted``, paths of images where their files are at hand.
      places: of the pairs.

    Returns:
      ``images``: data URIs; ``shown``: place of a pair -> places of its two images among those.
      Pairs of which a file is missing or cannot be read are left out.
    """
    images: dict[str, str] = {}
    pairs: dict[int, list[int]] = {}
    for place in places:
        keys = [table[name][place] for name in ("reference", "distorted")]
        for key in keys:
            if key not in images:
                images[key] = _encoded(key)
        if all(images[key] for key in keys):
            pairs[int(place)] = keys
    kept = [key for key, image in images.items() if image]
    index = {key: k for k, key in enumerate(kept)}
    return {
        "images": [images[key] for key in kept],
        "shown": {place: [index[key] for key in keys] for place, keys in pairs.items()},
    }
