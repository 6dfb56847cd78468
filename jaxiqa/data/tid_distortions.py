"""Six distortions of TID2013 that follow from a formula, to the last bit.

All act on RGB of 8 bits and round half up. Parameters were found by search: with them 596 of the
600 images of which TID2013 publishes the PSNR have it to its 4 decimals, the others to 2.1e-4 dB.

References:
  N. Ponomarenko et al., "Image database TID2013: peculiarities, results and perspectives", Signal
  Processing: Image Communication 30, 2015, 57-77.
  ITU-T T.81 (JPEG), annex K.1: the quantisation tables. ITU-R BT.601: YCbCr of studio range.
"""

import io
from collections.abc import Callable

import numpy as np
from PIL import Image
from scipy.ndimage import correlate1d

# the blur's kernel reaches this far to either side
_REACH = 5

# fmt: off
_LUMINANCE = (
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55,
    14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62,
    18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92,
    49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
)
_CHROMINANCE = (
    17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99,
    24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99, 99, 99, 99, 99, 99,
) + 32 * (99,)
# fmt: on

_TO_YCBCR = (
    np.array([[65.481, 128.553, 24.966], [-37.797, -74.203, 112.0], [112.0, -93.786, -18.214]])
    / 255
)
_TO_RGB = np.linalg.inv(_TO_YCBCR)
_YCBCR_ZERO = np.array([[[16.0, 128.0, 128.0]]])


def _rounded(values: np.ndarray) -> np.ndarray:
    return np.clip(np.floor(values + 0.5), 0, 255).astype(np.uint8)


def quantise(image: np.ndarray, step: float) -> np.ndarray:
    """Returns the image with its values at multiples of a step: TID2013's quantisation noise."""
    return _rounded(np.floor(image / step + 0.5) * step)


def blur(image: np.ndarray, sigma: float) -> np.ndarray:
    """Returns the image under a Gaussian of 11 x 11 pixels, black outside of the border."""
    offset = np.arange(-_REACH, _REACH + 1)
    bell = np.exp(-(offset**2) / (2 * sigma**2))
    found = image.astype(np.float64)
    for axis in (0, 1):
        found = correlate1d(found, bell / bell.sum(), axis=axis, mode="constant")
    return _rounded(found)


def jpeg(image: np.ndarray, quality: float) -> np.ndarray:
    """Returns the image through JPEG, chrominance at half of the resolution.

    Quality scales the tables as in the library of the Independent JPEG Group, and steps may exceed
    255: at quality 4 the coarsest is 1513. Pillow's own `quality` would cut them.
    """
    quality = int(quality)
    scale = 5000 // quality if quality < 50 else 200 - 2 * quality
    tables = [
        [max((step * scale + 50) // 100, 1) for step in table]
        for table in (_LUMINANCE, _CHROMINANCE)
    ]
    file = io.BytesIO()
    # Progressive: the same coefficients, and libjpeg does not print that the steps are no baseline.
    Image.fromarray(image).save(file, "JPEG", qtables=tables, subsampling=2, progressive=True)
    with Image.open(file) as found:
        return np.asarray(found)


def shift(image: np.ndarray, step: float) -> np.ndarray:
    """Returns the image lighter by a step: TID2013's mean shift."""
    return _rounded(image + float(step))


def stretch(image: np.ndarray, factor: float) -> np.ndarray:
    """Returns the image with its contrast about the mean of all its values times a factor."""
    mean = image.mean(dtype=np.float64)
    return _rounded(mean + factor * (image - mean))


def saturate(image: np.ndarray, factor: float) -> np.ndarray:
    """Returns the image with its colour differences times a factor; below 0 hues are turned."""
    colour = _rounded(image @ _TO_YCBCR.T + _YCBCR_ZERO).astype(np.float64)
    colour[..., 1:] = 128 + factor * (colour[..., 1:] - 128)
    return _rounded((_rounded(colour) - _YCBCR_ZERO) @ _TO_RGB.T)


# by TID2013's number of the type, as in the names of its files
DISTORTIONS: dict[int, Callable[[np.ndarray, float], np.ndarray]] = {
    7: quantise,
    8: blur,
    10: jpeg,
    16: shift,
    17: stretch,
    18: saturate,
}
