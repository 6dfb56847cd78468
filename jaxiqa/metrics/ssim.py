"""Structural similarity as published: grey, full resolution, in a form that float32 can bear.

With m the local means, v the local variances and d = reference - distorted,

    ssim = (2 m_x m_y + C1) (2 cov + C2) / ((m_x^2 + m_y^2 + C1) (v_x + v_y + C2))
         = (1 - m_d^2 / (m_x^2 + m_y^2 + C1)) (1 - v_d / (v_x + v_y + C2))

The second form measures the deviation from 1 directly, and the variances are sums of squared
deviations from the local mean, not E[x^2] - E[x]^2: on bright images of low contrast that would
leave only rounding errors of float32. The window is a sum of shifted images rather than a
convolution, so no device computes it in less than float32.
"""

import functools

import jax
import jax.numpy as jnp
import numpy as np

from jaxiqa.checks import InputError, choose
from jaxiqa.images import check_pair

_SIZE, _SIGMA = 11, 1.5
_C1, _C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
# The first row of MATLAB's rgb2gray.
_GREY = (0.298936021293775, 0.587043074451121, 0.114020904255103)

_OFFSETS = np.arange(_SIZE) - _SIZE // 2
_BELL = np.exp(-(_OFFSETS**2) / (2 * _SIGMA**2))
_WEIGHTS = tuple(float(w) for w in _BELL / _BELL.sum())


def ssim(
    reference: jax.Array | np.ndarray, distorted: jax.Array | np.ndarray, *, grey: str = "rounded"
) -> jax.Array:
    """Returns the structural similarity of the grey images, a SIMILARITY in [-1, 1].

    The recipe of the authors' program: Gaussian window 11 x 11 of sigma 1.5 inside the image
    ('valid'), K1 = 0.01, K2 = 0.03, L = 255, mean over the map, no downsampling.

    Args:
      reference: (N, H, W, 3) RGB in [0, 1], H and W at least 11.
      distorted: (N, H, W, 3) RGB in [0, 1].
      grey: "rounded" to whole numbers 0..255, as published, or "exact". Rounding has no slope, so
        with "rounded" the gradient is taken as if it did not round (straight through).

    Returns:
      (N,) float32, larger = more alike; 1 for equal images.

    Raises:
      InputError: not two batches of one shape, fewer than 11 rows or columns, or an unknown grey.

    References:
      Wang, Bovik, Sheikh, Simoncelli, "Image quality assessment: from error visibility to
      structural similarity", IEEE Transactions on Image Processing 13(4), 2004.
    """
    reference, distorted = check_pair(reference, distorted)
    choose(str(grey), ("rounded", "exact"), kind="grey", listing='It is "rounded" or "exact"')
    height, width = reference.shape[1:3]
    if min(height, width) < _SIZE:
        raise InputError(
            f"ssim: needs images of at least {_SIZE} x {_SIZE} pixels, got {width} x {height}"
        )
    return _ssim(reference, distorted, grey=grey)


@functools.partial(jax.jit, static_argnames="grey")
def _ssim(reference: jax.Array, distorted: jax.Array, *, grey: str) -> jax.Array:
    x, y = (_grey_255(images, grey) for images in (reference, distorted))
    mean, var = _local_moments(jnp.concatenate([x, y, x - y]))
    mean_x, mean_y, mean_d = jnp.split(mean, 3)
    var_x, var_y, var_d = jnp.split(var, 3)
    luminance = jnp.square(mean_d) / (jnp.square(mean_x) + jnp.square(mean_y) + _C1)
    structure = var_d / (var_x + var_y + _C2)
    # 1 - (1 - l)(1 - s), averaged before it is taken from 1: small losses keep their digits.
    return 1 - jnp.mean(luminance + structure - luminance * structure, axis=(1, 2))


def _grey_255(images: jax.Array, grey: str) -> jax.Array:
    """Returns (N, H, W) in 0..255."""
    exact = sum(weight * (images[..., c] * 255) for c, weight in enumerate(_GREY))
    if grey == "exact":
        return exact
    return exact + jax.lax.stop_gradient(jnp.round(exact) - exact)


@jax.custom_jvp
def _local_moments(x: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Returns the Gaussian-weighted local mean and variance, (N, H - 10, W - 10) each.

    The window is separable, so by the law of total variance the variance is the mean over columns
    of the variance within each, plus the variance over columns of their means.
    """
    column_mean, column_var = _moments_along(x, 1)
    mean, between = _moments_along(column_mean, 2)
    return mean, _blur_along(column_var, 2) + between


@_local_moments.defjvp
def _local_moments_jvp(primals, tangents):
    # d var = 2 (E[x dx] - mean E[dx]); the sums above, differentiated as written, cost twice this.
    (x,), (dx,) = primals, tangents
    mean, var = _local_moments(x)
    d_mean, x_dx = jnp.split(_blur_along(_blur_along(jnp.concatenate([dx, x * dx]), 1), 2), 2)
    return (mean, var), (d_mean, 2 * (x_dx - mean * d_mean))


def _moments_along(x: jax.Array, axis: int) -> tuple[jax.Array, jax.Array]:
    mean = _blur_along(x, axis)
    terms = zip(_WEIGHTS, _shifted(x, axis), strict=True)
    return mean, sum(weight * jnp.square(part - mean) for weight, part in terms)


def _blur_along(x: jax.Array, axis: int) -> jax.Array:
    terms = zip(_WEIGHTS, _shifted(x, axis), strict=True)
    return sum(weight * part for weight, part in terms)


def _shifted(x: jax.Array, axis: int) -> list[jax.Array]:
    length = x.shape[axis] - _SIZE + 1
    return [jax.lax.slice_in_dim(x, k, k + length, axis=axis) for k in range(_SIZE)]
