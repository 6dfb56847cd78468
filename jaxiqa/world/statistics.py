"""What is measured of images to say whether they are like photographs.

All of it is of code values, as files hold them and nets are shown them, and in numpy: these numbers
are for people and for tests, no net learns from them.
"""

import numpy as np

# Rec. 601, as of grey in image files.
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)
# Cycles per patch that Hann's window tells from the mean.
_LOWEST = 2


def luma(images: np.ndarray) -> np.ndarray:
    """Returns the grey (..., H, W) of RGB images (..., H, W, 3)."""
    return images @ _LUMA


def patches(image: np.ndarray, size: int) -> np.ndarray:
    """Returns the (N, size, size, C) that an image (H, W, C) has side by side, row by row."""
    rows, columns = (extent // size for extent in image.shape[:2])
    cut = image[: rows * size, : columns * size].reshape(rows, size, columns, size, -1)
    return cut.swapaxes(1, 2).reshape(rows * columns, size, size, -1)


def power_spectrum(greys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns the power of patches by frequency, its mean over patches and directions.

    Each patch loses its mean and fades out at its border, by a Hann window in both directions.

    Args:
      greys: (N, s, s).

    Returns:
      Frequencies in cycles per pixel, (s // 2,), rings of one cycle per patch without the zeroth;
      and the power in each, mean of |F|^2, (s // 2,).

    References:
      Burton, Moorhead 1987, "Color and spatial structure in natural scenes", Applied Optics 26,
      157. Field 1987, "Relations between the statistics of natural images and the response
      properties of cortical cells", JOSA A 4, 2379.
    """
    size = greys.shape[-1]
    hann = np.hanning(size + 1)[:size]
    window = np.outer(hann, hann)
    means = (greys * window).sum((1, 2), keepdims=True) / window.sum()
    power = (np.abs(np.fft.fft2((greys - means) * window)) ** 2).mean(0)
    cycles = np.fft.fftfreq(size, 1 / size)
    ring = np.rint(np.hypot(cycles[:, None], cycles[None])).astype(int).ravel()
    radial = np.bincount(ring, power.ravel()) / np.bincount(ring)
    rings = np.arange(1, size // 2 + 1)
    return rings / size, radial[rings]


def spectral_exponent(greys: np.ndarray, *, low: float = 0.0, high: float = 0.5) -> float:
    """Returns a of the law power = c f^-a that is nearest to the spectrum of patches.

    Nearest in the logarithm of power, each octave of frequency counting alike. White noise has 0,
    edges and photographs have about 2.

    Args:
      greys: (N, s, s).
      low: the lowest frequency, in cycles per pixel; what the window does not tell from the mean,
        below 2 cycles per patch, is left out in any case.
      high: the highest, likewise; from 0.5 on, the lattice of pixels is the limit.

    References:
      Field 1987, as of `power_spectrum`.
    """
    frequency, power = power_spectrum(greys)
    kept = (frequency >= max(low, _LOWEST / greys.shape[-1])) & (frequency <= high)
    # A ring at f is 1 / f of an octave; polyfit squares its weights.
    weight = frequency[kept] ** -0.5
    slope, _ = np.polyfit(np.log(frequency[kept]), np.log(power[kept]), 1, w=weight)
    return -float(slope)


def colour_axes(colours: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns how far colours vary along their principal axes, and these axes.

    Args:
      colours: (..., 3), RGB.

    Returns:
      Standard deviations (3,), the largest first, and unit axes (3, 3), a row each, whose largest
      part is positive.

    References:
      Ruderman, Cronin, Chiao 1998, "Statistics of cone responses to natural images", JOSA A 15,
      2036 (there of the logarithm of cone responses).
    """
    values, vectors = np.linalg.eigh(np.cov(colours.reshape(-1, 3), rowvar=False))
    axes = vectors.T[::-1]
    strongest = np.take_along_axis(axes, np.abs(axes).argmax(1)[:, None], 1)
    return np.sqrt(values[::-1]), axes * np.sign(strongest)


def centred(images: np.ndarray) -> np.ndarray:
    """Returns patches (N, H, W, C) less the mean colour of each."""
    return images - images.mean((1, 2), keepdims=True)


def contrasts(greys: np.ndarray) -> np.ndarray:
    """Returns the standard deviation within each of (N, H, W), (N,)."""
    return greys.std((1, 2))


def derivatives(greys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns the differences of neighbours, to the right (N, H, W - 1) and down (N, H - 1, W).

    References:
      Ruderman 1994, "The statistics of natural images", Network 5, 517.
    """
    return np.diff(greys, axis=2), np.diff(greys, axis=1)


def haar(greys: np.ndarray, width: int) -> np.ndarray:
    """Returns the responses of Haar's three filters on blocks of ``width`` pixels.

    Args:
      greys: (N, H, W).
      width: of a block, even: 2 is the finest scale, 4 the next.

    Returns:
      (3, N, H // width, W // width): right less left half, lower less upper half, and the one
      diagonal less the other, each a difference of means.

    References:
      Lee, Mumford, Huang 2001, "Occlusion models for natural images", IJCV 41, 35.
    """
    count, height, breadth = greys.shape
    rows, columns, half = height // width, breadth // width, width // 2
    kept = greys[:, : rows * width, : columns * width]
    means = kept.reshape(count, rows, 2, half, columns, 2, half).mean((3, 6))
    (a, b), (c, d) = np.moveaxis(means, (2, 4), (0, 1))
    return np.stack([(b + d - a - c) / 2, (c + d - a - b) / 2, (a + d - b - c) / 2])


def kurtosis(responses: np.ndarray) -> float:
    """Returns the fourth moment about the mean by the squared variance; of a Gaussian 3.

    References:
      Field 1987, as of `power_spectrum`.
    """
    about = np.ravel(responses).astype(np.float64)
    about -= about.mean()
    return float((about**4).mean() / (about**2).mean() ** 2)
