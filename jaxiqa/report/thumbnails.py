"""Small pictures of rated pairs, as text that a page holds."""

import base64
import io
import pathlib
from collections.abc import Sequence

import numpy as np

from jaxiqa import checks
from jaxiqa.images.read import read_image

LARGEST, QUALITY = 96, 82


def _encoded(path: str) -> str:
    """A small JPEG as a data URI, empty for what is no image file."""
    from PIL import Image

    if not pathlib.Path(path).is_file():
        return ""
    try:
        pixels = np.rint(np.asarray(read_image(path)) * 255).astype(np.uint8)
    except checks.InputError:
        return ""
    image, held = Image.fromarray(pixels), io.BytesIO()
    image.thumbnail((LARGEST, LARGEST))
    image.save(held, "JPEG", quality=QUALITY)
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
