"""One level of a complex steerable pyramid: oriented bands with their quadrature, by Fourier."""

import functools
import math

import jax
import jax.numpy as jnp
import numpy as np

# Samples of the lookup tables from which the published program interpolates its masks.
_RADIAL, _ANGULAR = 256, 1024


def steerable_bands(images: jax.Array, *, levels: int, orientations: int) -> jax.Array:
    """Returns the bands of the coarsest level, complex (N, orientations, h, w).

    The image is low-pass filtered and halved ``levels`` - 1 times by cropping its spectrum, then
    split by orientation; amplitudes are in units of the image.

    Args:
      images: (N, H, W).
      levels: of the pyramid; h and w are H and W divided by 2^(levels - 1), rounded up each time.
      orientations: bands of a level.

    References:
      Simoncelli, Freeman, "The steerable pyramid: a flexible architecture for multi-scale
      derivative computation", ICIP 1995; Portilla, Simoncelli, "A parametric texture model based on
      joint statistics of complex wavelet coefficients", IJCV 40(1), 2000; buildSCFpyr.m of
      matlabPyrTools.
    """
    height, width = images.shape[1:]
    kept, rows, columns = masks(height, width, levels, orientations)
    # The bands have no mean: without the middle value little is lost, and flat images give 0.
    middle = (images.max(axis=(1, 2), keepdims=True) + images.min(axis=(1, 2), keepdims=True)) / 2
    spectrum = jnp.fft.fft2(images - jax.lax.stop_gradient(middle))
    coarse = jnp.take(jnp.take(spectrum, rows, axis=1), columns, axis=2)
    scale = len(rows) * len(columns) / (height * width)
    transfer = jnp.asarray(kept * scale, spectrum.dtype)[None]
    return jnp.fft.ifft2(coarse[:, None] * transfer)


@functools.lru_cache(maxsize=8)
def masks(
    height: int, width: int, levels: int, orientations: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns what of a spectrum the coarsest bands keep, and where it lies.

    Returns:
      complex (orientations, h, w) masks, frequency 0 first, and the (h,) rows and (w,) columns of
      the spectrum of the image to which they apply.
    """
    y, x = np.meshgrid(_axis(height), _axis(width), indexing="ij")
    angle, radius = np.arctan2(y, x), np.hypot(x, y)
    radius[height // 2, width // 2] = radius[height // 2, width // 2 - 1]
    octave = np.log2(radius)
    rows, columns = np.arange(height, dtype=np.int32), np.arange(width, dtype=np.int32)
    kept = _low(octave, 0)
    for level in range(1, levels):
        inner = np.ix_(*(_inner(extent) for extent in kept.shape))
        rows, columns = rows[inner[0][:, 0]], columns[inner[1][0]]
        kept, octave, angle = kept[inner], octave[inner], angle[inner]
        kept = kept * _low(octave, level)
    kept = kept * _high(octave, levels)
    bands = np.stack([_oriented(angle, k, orientations) for k in range(orientations)])
    found = np.fft.ifftshift((-1j) ** (orientations - 1) * bands * kept, axes=(-2, -1))
    # Both spectra have frequency 0 first, their middles being at half their extents.
    shifted = (np.fft.ifftshift(rows) - height // 2, np.fft.ifftshift(columns) - width // 2)
    return found, shifted[0] % height, shifted[1] % width


def _axis(extent: int) -> np.ndarray:
    """Frequencies in units of the highest, 0 at extent // 2."""
    return (np.arange(extent) - extent // 2) / (extent / 2)


def _inner(extent: int) -> np.ndarray:
    """The middle half of an axis."""
    size = (extent + 1) // 2
    start = extent // 2 - size // 2
    return np.arange(start, start + size)


def _high(octave: np.ndarray, level: int) -> np.ndarray:
    """Amplitudes that rise from 0 at 2^-(level + 1) of the highest frequency to 1 at 2^-level."""
    places, power = _edge()
    return np.interp(octave, places - level, np.sqrt(power))


def _low(octave: np.ndarray, level: int) -> np.ndarray:
    """The amplitudes that complete ``_high`` to a power of 1."""
    places, power = _edge()
    return np.interp(octave, places - level, np.sqrt(1 - power))


def _edge() -> tuple[np.ndarray, np.ndarray]:
    """A raised cosine as a table: octaves -1..0 and powers 0..1."""
    steps = np.arange(-_RADIAL - 1, 2) / _RADIAL
    power = np.cos(np.pi / 2 * steps) ** 2
    power[0], power[-1] = power[1], power[-2]
    return steps, power


def _oriented(angle: np.ndarray, band: int, orientations: int) -> np.ndarray:
    """The amplitudes of a band: a power of the cosine, only on the half plane around it."""
    order = orientations - 1
    norm = 2 ** (2 * order) * math.factorial(order) ** 2
    norm /= orientations * math.factorial(2 * order)
    steps = np.pi * np.arange(-2 * _ANGULAR - 1, _ANGULAR + 2) / _ANGULAR
    ahead = np.abs((np.pi + steps) % (2 * np.pi) - np.pi) < np.pi / 2
    lobe = 2 * math.sqrt(norm) * np.cos(steps) ** order * ahead
    return np.interp(angle, steps + np.pi * band / orientations, lobe)
