"""Visual saliency by three simple priors (SDSP), as VSI weights its images by it.

saliency = |band-passed Lab| x nearness to the middle x warmth of colour, on 256 x 256 pixels.
"""

import functools

import jax
import jax.numpy as jnp
import numpy as np

from jaxiqa.metrics.colour import mix
from jaxiqa.metrics.phase_congruency import frequencies
from jaxiqa.readouts.forms import safe_divide, safe_sqrt

_SIZE = 256
_FREQUENCY, _BANDWIDTH = 0.021, 1.34
_NEAR, _WARM = 145, 0.001
# Kinds of ``weights`` for the way to 256 x 256 and back.
_RESIZES = {"matlab": ("smooth", "smooth"), "piq": ("plain", "corners")}

_XYZ = (
    (0.4124564, 0.3575761, 0.1804375),
    (0.2126729, 0.7151522, 0.0721750),
    (0.0193339, 0.1191920, 0.9503041),
)
# The program divides by the white D50 although sRGB's is D65: greys have a hue.
_WHITE = (0.9642, 1.0, 0.8251)
_EPSILON, _KAPPA = 0.008856, 903.3


def saliency(images: jax.Array, *, program: str) -> jax.Array:
    """Returns how salient each pixel is, in [0, 1]; 0 all over a flat image.

    Args:
      images: (N, H, W, 3) RGB in [0, 1].
      program: "matlab" or "piq", which resize differently.

    Returns:
      (N, H, W).

    References:
      Zhang, Gu, Li, "SDSP: a novel saliency detection method by combining simple priors", ICIP
      2013, in the form of VSI.m.
    """
    there, back = _RESIZES[program]
    middle = _middle(images)
    small = _resized(images - middle, _SIZE, _SIZE, there) + middle
    lab = jnp.stack(_lab(small))
    found = _banded(lab) * jnp.asarray(_nearness(), images.dtype)[None] * _warmth(lab)
    return _stretched(_resized(found[..., None], *images.shape[1:3], back)[..., 0])


@functools.lru_cache(maxsize=16)
def weights(before: int, after: int, kind: str) -> np.ndarray:
    """Returns the matrix (after, before) that resizes an axis by triangles.

    Args:
      before: pixels of the axis.
      after: pixels that it shall have.
      kind: "smooth", imresize of MATLAB, whose triangle is wider where the axis shrinks; "plain",
        always two pixels wide; or "corners", the same with the outermost pixels of both on each
        other.
    """
    scale = after / before
    places = (np.arange(after) + 0.5) / scale - 0.5
    if kind == "corners":
        places = np.arange(after) * ((before - 1) / max(after - 1, 1))
    narrow = min(scale, 1) if kind == "smooth" else 1
    reach = int(np.ceil(1 / narrow)) + 1
    pixels = np.floor(places).astype(int)[:, None] + np.arange(-reach, reach + 1)
    share = np.maximum(1 - narrow * np.abs(places[:, None] - pixels), 0)
    # The axis goes on mirrored.
    pixels = np.minimum(pixels % (2 * before), (-1 - pixels) % (2 * before))
    found = np.zeros((after, before))
    np.add.at(found, (np.arange(after)[:, None], pixels), share)
    return found / found.sum(axis=1, keepdims=True)


def _resized(images: jax.Array, height: int, width: int, kind: str) -> jax.Array:
    rows, columns = (
        jnp.asarray(weights(before, after, kind), images.dtype)
        for before, after in zip(images.shape[1:3], (height, width), strict=True)
    )
    return jnp.einsum(
        "ih,nhwc,jw->nijc", rows, images, columns, precision=jax.lax.Precision.HIGHEST
    )


def _middle(images: jax.Array) -> jax.Array:
    """Half way between the extremes of each channel: a flat image minus it is exactly 0."""
    extremes = (f(images, axis=(1, 2), keepdims=True) for f in (jnp.min, jnp.max))
    return jax.lax.stop_gradient(sum(extremes) / 2)


def _stretched(planes: jax.Array) -> jax.Array:
    """Planes (..., H, W) from 0 to 1, 0 where they are flat."""
    low, high = (f(planes, axis=(-2, -1), keepdims=True) for f in (jnp.min, jnp.max))
    return safe_divide(planes - low, jnp.broadcast_to(high - low, planes.shape))


def _lab(images: jax.Array) -> list[jax.Array]:
    """L, a and b of sRGB in [0, 1], (N, H, W) each."""
    dark = images <= 0.04045
    bright = ((jnp.where(dark, 1, images) + 0.055) / 1.055) ** 2.4
    linear = jnp.where(dark, images / 12.92, bright)
    fx, fy, fz = (_root(mix(linear, row) / white) for row, white in zip(_XYZ, _WHITE, strict=True))
    return [116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)]


def _root(values: jax.Array) -> jax.Array:
    dark = values <= _EPSILON
    return jnp.where(dark, (_KAPPA * values + 16) / 116, jnp.where(dark, 1, values) ** (1 / 3))


def _banded(lab: jax.Array) -> jax.Array:
    """The length of Lab (3, N, 256, 256) through a log-Gabor filter, (N, 256, 256)."""
    middle = _middle(jnp.moveaxis(lab, 0, -1))
    # Channel by channel: XLA's FFT on a CPU refuses batches that are spread along a second axis.
    spectra = [jnp.fft.fft2(plane - middle[..., k]) for k, plane in enumerate(lab)]
    transfer = jnp.asarray(_log_gabor(), spectra[0].dtype)[None]
    bands = (jnp.fft.ifft2(spectrum * transfer).real for spectrum in spectra)
    return safe_sqrt(sum(jnp.square(band) for band in bands))


@functools.cache
def _log_gabor() -> np.ndarray:
    """The transfer function (256, 256) with frequency 0 first."""
    y, x = np.meshgrid(frequencies(_SIZE), frequencies(_SIZE), indexing="ij")
    radius = np.fft.ifftshift(np.hypot(x, y))
    # As in the program, the corners beyond 0.5 count as frequency 0, of which the log is -inf.
    used = (radius > 0) & (radius <= 0.5)
    octaves = np.log(np.where(used, radius, 1) / _FREQUENCY)
    return np.where(used, np.exp(-(octaves**2) / (2 * _BANDWIDTH**2)), 0)


@functools.cache
def _nearness() -> np.ndarray:
    away = np.arange(1, _SIZE + 1) - _SIZE / 2
    return np.exp(-(away[:, None] ** 2 + away[None] ** 2) / _NEAR**2)


def _warmth(lab: jax.Array) -> jax.Array:
    red, yellow = _stretched(lab[1]), _stretched(lab[2])
    return -jnp.expm1(-(jnp.square(red) + jnp.square(yellow)) / _WARM**2)
