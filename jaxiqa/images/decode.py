"""What the numbers in a picture file become: (H, W, 3) float32 RGB in [0, 1].

  8 bit                 value / 255, correctly rounded; 1, 2 and 4 bit grey are spread over 0..1
  16 bit, 12 bit grey   value / 65535, value / 4095
  16 bit colour         value / 65535 with all 16 bits, from PNG and TIFF; PPM, CMYK, planar TIFF
                        and grey with alpha are refused, of which Pillow keeps 8 bits at best
  32 bit or signed      refused: the range is not known
  floating point        grey as stored where all values are in [0, 1], else refused
  grey                  repeated over the three channels
  palette               the colours of the palette, transparent or not
  alpha                 ignored: the colours as stored, which is what published metrics were fed
                        (colours that a file stores multiplied with alpha are divided by it)
  CMYK, YCbCr           Pillow's plain formula, after Adobe's inverted CMYK JPEG is turned round
  Lab                   refused: it needs a white point
  PGM, PPM              maxval other than 255 or 65535 is spread over that range and rounded
  EXIF orientation      applied; colour profiles and gamma are ignored
  several frames        the first one

Everything is decoded to the last pixel, and in PNG every checksum is verified: a file that is cut
short or damaged is an error and never a picture with a grey rest.
"""

import contextlib
import io
import sys

import numpy as np
from PIL import Image, ImageFile, UnidentifiedImageError

from jaxiqa.checks import InputError

FORMATS = ("PNG", "BMP", "JPEG", "GIF", "TIFF", "WEBP", "PPM")

_PEAK = {"1": 1, "F": 1} | dict.fromkeys(("L", "LA", "RGB", "RGBA", "RGBX"), 255)
_PEAK |= dict.fromkeys(("I", "I;16", "I;16L", "I;16B"), 65535)
_CONVERT = {"P": "RGB", "PA": "RGBA", "La": "LA", "RGBa": "RGBA", "CMYK": "RGB", "YCbCr": "RGB"}

# Of 16 bit colour Pillow keeps the upper byte; told the opposite byte order, it keeps the lower.
_OPPOSITE = {"B": "L", "L": "B", "N": "B" if sys.byteorder == "little" else "L"}
_LOWER = {f"{c};16{a}": f"{c};16{b}" for c in ("RGB", "RGBA", "RGBX") for a, b in _OPPOSITE.items()}

# The axes to flip for an EXIF orientation; for 5 to 8 rows and columns are exchanged before.
_FLIPS = {2: (1,), 3: (0, 1), 4: (0,), 6: (1,), 7: (0, 1), 8: (0,)}
_BITS, _PHOTOMETRIC, _ORIENTATION, _PLANES = 258, 262, 274, 284


def decode(data: bytes) -> np.ndarray:
    """Returns the picture in the bytes of a file, by the rules above.

    Args:
      data: the whole content of a file in one of `FORMATS`.

    Returns:
      A float32 array of shape (H, W, 3), RGB in [0, 1].

    Raises:
      InputError: no picture, too large a picture, or one of a kind that is refused; the message
        leaves out the name of the file.
      Exception: whatever Pillow raises for damaged data.
    """
    if ImageFile.LOAD_TRUNCATED_IMAGES:
        raise InputError("PIL.ImageFile.LOAD_TRUNCATED_IMAGES hides damage, set it to False")
    image = _open(data)
    if image.format == "PNG":
        image.verify()
        image = _open(data)
    layout = _layout(image)
    if reason := _refused(image, layout):
        raise InputError(f"{reason}; save it with 8 bits per channel in RGB")
    peak = 4095 if layout.startswith("I;12") else _PEAK.get(image.mode, 255)
    values = _values(image)
    if layout in _LOWER:
        values, peak = values * 256 + _values(_with_layout(_open(data), _LOWER[layout])), 65535
    values = values / np.float32(peak)
    if image.mode == "F" and not (values.min() >= 0 and values.max() <= 1):
        raise InputError(
            f"floating point values from {values.min():.6g} to {values.max():.6g}, expected [0, 1]"
        )
    return _upright(values, image)


def _open(data: bytes) -> ImageFile.ImageFile:
    limit = Image.MAX_IMAGE_PIXELS
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
        too_large = limit is not None and image.width * image.height > limit
    except UnidentifiedImageError:
        raise InputError(
            f"not a picture of a kind that is read ({', '.join(FORMATS)}), or its header is damaged"
        ) from None
    except Image.DecompressionBombError:
        too_large = True
    if too_large:
        raise InputError(f"more than {limit} pixels; PIL.Image.MAX_IMAGE_PIXELS sets the limit")
    return image


def _layout(image: ImageFile.ImageFile) -> str:
    """Returns how Pillow unpacks the stored samples, as "RGB;16B"; empty where it does not say."""
    args = image.tile[0].args if image.tile else ""
    return str(args[0]) if isinstance(args, tuple) and args else str(args or "")


def _with_layout(image: ImageFile.ImageFile, layout: str) -> ImageFile.ImageFile:
    image.tile = [
        tile._replace(args=(layout, *tile.args[1:]) if isinstance(tile.args, tuple) else layout)
        for tile in image.tile
    ]
    return image


def _refused(image: ImageFile.ImageFile, layout: str) -> str:
    """Returns why a picture is refused: Pillow would change or lose numbers, or has no rule."""
    tags = getattr(image, "tag_v2", {})
    grey = image.mode.startswith(("1", "L", "I", "F"))
    if image.mode not in _PEAK | _CONVERT:
        return f"colours of the kind {image.mode}"
    if image.mode == "I" and image.format == "TIFF":
        return "32 bit or signed grey, of which the range is not known"
    if image.mode.startswith(("I;", "F")) and tags.get(_PHOTOMETRIC) == 0:
        return "grey of more than 8 bits with white at zero"
    deep = ";16" in layout or max(tags.get(_BITS, (8,))) > 8
    if image.format == "PPM" and not grey:
        deep = isinstance(image.tile[0].args[-1], int) and image.tile[0].args[-1] > 255
    exact = layout in _LOWER and tags.get(_PLANES, 1) == 1
    if deep and not exact and not image.mode.startswith(("I", "F")):
        return "more than 8 bits per channel, of which only 8 could be read"
    return ""


def _values(image: ImageFile.ImageFile) -> np.ndarray:
    """Returns the colours as float32 (H, W, 1 or 3), in the numbers of the file."""
    image.load()
    # Pillow warns about, and looks for, a transparent colour that is not asked for here.
    image.info.pop("transparency", None)
    mode = _CONVERT.get(image.mode)
    values = np.asarray(image.convert(mode) if mode else image).astype(np.float32)
    channels = 1 if values.ndim == 2 or values.shape[2] == 2 else 3
    return values.reshape(*values.shape[:2], -1)[..., :channels]


def _upright(values: np.ndarray, image: ImageFile.ImageFile) -> np.ndarray:
    orientation = 1
    with contextlib.suppress(Exception):  # EXIF that cannot be read counts as none
        orientation = image.getexif().get(_ORIENTATION, 1)
    if orientation in (5, 6, 7, 8):
        values = values.swapaxes(0, 1)
    values = np.flip(values, _FLIPS.get(orientation, ()))
    return np.ascontiguousarray(np.broadcast_to(values, (*values.shape[:2], 3)))
