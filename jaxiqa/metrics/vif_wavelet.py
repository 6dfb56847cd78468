"""Visual information fidelity of wavelets: the reference as a Gaussian scale mixture of vectors.

A band is cut into blocks of 3 x 3 coefficients: vectors x with the covariance C over the band, of
which a block has s times as much, s = x' C^-1 x / 9. The distorted block is g x + v, with the
variance s_v of v, and the eye adds noise of variance s_n = 0.4. With the eigenvalues l of C,

    vif = sum log(1 + g^2 s l / (s_v + s_n)) / sum log(1 + s l / s_n)
"""

import functools

import jax
import jax.numpy as jnp
import numpy as np

from jaxiqa.metrics.filters import spread
from jaxiqa.metrics.formula import Features
from jaxiqa.metrics.pyramid_sp5 import sp5_bands

# Extents of the windows in which g and s_v are measured, the finest level first.
_WINDOWS = (17, 9, 5, 3)
_NOISE, _LEAST = 0.4, 1e-10
# Added to the variances, so that a band in which blocks do not vary in each way has an inverse.
_RELATIVE, _ABSOLUTE = 1e-5, 1e-8
# An orthonormal basis of three values; in 3 x 3 of its products C is nearly diagonal, so that
# float32 tells its smallest eigenvalues from the largest ones.
_BASIS = (
    np.array([1, 1, 1]) / np.sqrt(3),
    np.array([1, 0, -1]) / np.sqrt(2),
    np.array([1, -2, 1]) / np.sqrt(6),
)


def wavelet_features(plane: jax.Array) -> Features:
    """Returns of (N, H, W) the bands of each level and their variances about each block."""
    bands = sp5_bands(plane, levels=len(_WINDOWS))
    found = {}
    for level, size in enumerate(_WINDOWS):
        variance = block_variance(bands[level], size)
        found |= {f"plane{level}": bands[level], f"variance{level}": variance}
    return found


def wavelet_information(x: Features, y: Features) -> list[tuple[jax.Array, jax.Array]]:
    """Returns what y keeps and what there was in x, in nats per block (N, h, w) of each level."""
    found, planes = [], [f"plane{level}" for level in range(len(_WINDOWS))]
    parts = mixtures([x[plane] for plane in planes])
    for level, (size, plane) in enumerate(zip(_WINDOWS, planes, strict=True)):
        error = block_variance(y[plane] - x[plane], size)
        gain, noise = _channel(x[f"variance{level}"], y[f"variance{level}"], error)
        power, eigenvalues = parts[level]
        rows, columns = (_blocks(extent, size)[0] for extent in x[plane].shape[2:])
        there = power[:, :, rows, columns, None] * eigenvalues[:, :, None, None]
        kept = jnp.square(gain)[..., None] * there / (noise + _NOISE)[..., None]
        both = (jnp.sum(jnp.log1p(v), axis=(1, -1)) for v in (kept, there / _NOISE))
        found.append(tuple(both))
    return found


def wavelet_map(x: Features, y: Features) -> jax.Array:
    """Returns the information lost or gained at the finest level, in nats per coefficient."""
    kept, there = wavelet_information(x, y)[0]
    lost = jnp.abs(there - kept) / 9
    return spread(lost.repeat(3, axis=1).repeat(3, axis=2), *x["plane0"].shape[2:])


def _channel(
    variance: jax.Array, other: jax.Array, error: jax.Array
) -> tuple[jax.Array, jax.Array]:
    """Gain and variance of the noise, from the variances of x, y and y - x."""
    textured = variance >= _LEAST
    shared = (other - variance - error) / 2
    slope = shared / jnp.where(textured, variance, 1)
    gain = 1 + slope
    # As published: nothing is passed on from flat to flat, nor by a negative gain.
    passed = textured & (other >= _LEAST) & (gain > 0)
    # The same number twice, each where it is no small difference of large ones.
    noise = jnp.where(gain < 0.5, other - jnp.square(gain) * variance, error - slope * shared)
    return jnp.where(passed, gain, 0), jnp.maximum(jnp.where(passed, noise, 0), 0)


def mixtures(levels: list[jax.Array]) -> list[tuple[jax.Array, jax.Array]]:
    """Returns how the bands (N, 2, H, W) of each level depart from Gaussian ones: s and l.

    Returns:
      of each level (N, 2, H // 3, W // 3) s of the blocks, and (N, 2, 9) eigenvalues of C. Their
      derivative is that of a symmetric function of them: right also where some are equal.
    """
    blocks = [_in_basis(bands) for bands in levels]
    # One small batch for LAPACK: a chain of each level, and long solves, side by side never ended.
    covariances = jnp.concatenate([_covariance(level) for level in blocks], axis=1)
    unit = jnp.eye(9, dtype=covariances.dtype)[None, None]
    extra = _RELATIVE * jnp.diagonal(covariances, axis1=2, axis2=3) + _ABSOLUTE
    factors = jnp.linalg.cholesky(covariances + extra[..., None] * unit)
    # Of the factor, not of C: the square root of its condition costs half the digits.
    eigenvalues = jnp.square(jnp.linalg.svd(factors, compute_uv=False))
    inverses = jax.lax.linalg.triangular_solve(
        factors, jnp.broadcast_to(unit, factors.shape), left_side=True, lower=True
    )
    each = (jnp.split(values, len(levels), axis=1) for values in (inverses, eigenvalues))
    return [(_power(b, inverse), found) for b, inverse, found in zip(blocks, *each, strict=True)]


def _covariance(blocks: jax.Array) -> jax.Array:
    """C of (N, 2, 9, h, w), overlapping blocks."""
    centred = blocks - jnp.mean(blocks, axis=(3, 4), keepdims=True)
    centred = centred.reshape(*centred.shape[:3], -1)
    found = jnp.einsum("nbik,nbjk->nbij", centred, centred, precision=jax.lax.Precision.HIGHEST)
    return found / centred.shape[3]


def _power(blocks: jax.Array, inverse: jax.Array) -> jax.Array:
    """s of the blocks that do not overlap, from the inverse of the factor of C."""
    apart = blocks[..., ::3, ::3]
    highest = jax.lax.Precision.HIGHEST
    white = jnp.einsum("nbij,nbjhw->nbihw", inverse, apart, precision=highest)
    return jnp.mean(jnp.square(white), axis=2)


def _in_basis(bands: jax.Array) -> jax.Array:
    """All blocks of (N, 2, H, W), overlapping ones too, of the multiples of 3 in H and W."""
    height, width = (extent // 3 * 3 for extent in bands.shape[2:])
    products = np.einsum("ik,jl->ijkl", _BASIS, _BASIS).reshape(9, 1, 3, 3)
    found = jax.lax.conv_general_dilated(
        bands[:, :, :height, :width].reshape(-1, 1, height, width),
        jnp.asarray(products, bands.dtype),
        (1, 1),
        "VALID",
        precision=jax.lax.Precision.HIGHEST,
    )
    return found.reshape(-1, 2, *found.shape[1:])


def _blocks(extent: int, size: int) -> tuple[slice, slice]:
    """The blocks along an axis the windows of which stay inside, and the pixels of those."""
    half = size // 2
    skipped = -(-half // 3)
    kept = slice(skipped, extent // 3 - skipped)
    return kept, slice(3 * kept.start + 1 - half, 3 * kept.stop - 1 + half)


@functools.partial(jax.custom_jvp, nondiff_argnums=(1,))
def block_variance(x: jax.Array, size: int) -> jax.Array:
    """Returns the variances of (N, 2, H, W) in the windows about the middles of blocks.

    The mean over columns of the variance within each, plus the variance over columns of their
    means: sums of squared deviations, not E[x^2] - E[x]^2.

    Args:
      x: (N, 2, H, W).
      size: of the windows, odd. Blocks are left out whose window would not stay inside.
    """
    mean, within = _moments(x, size, 2)
    _, between = _moments(mean, size, 3)
    return _mean(within, size, 3) + between


@block_variance.defjvp
def _block_variance_jvp(size, primals, tangents):
    # d var = 2 (E[x dx] - E[x] E[dx])
    (x,), (dx,) = primals, tangents
    of_x, of_dx, of_both = (_mean(_mean(v, size, 2), size, 3) for v in (x, dx, x * dx))
    return block_variance(x, size), 2 * (of_both - of_x * of_dx)


def _mean(x: jax.Array, size: int, axis: int) -> jax.Array:
    """Means along an axis."""
    pixels = _blocks(x.shape[axis], size)[1]
    inside = jax.lax.slice_in_dim(x, pixels.start, pixels.stop, axis=axis)
    extents, steps = np.ones((2, x.ndim), int).tolist()
    extents[axis], steps[axis] = size, 3
    return (
        jax.lax.reduce_window(inside, x.dtype.type(0), jax.lax.add, extents, steps, "VALID") / size
    )


def _moments(x: jax.Array, size: int, axis: int) -> tuple[jax.Array, jax.Array]:
    """Mean and variance along an axis."""
    mean = _mean(x, size, axis)
    start, length = _blocks(x.shape[axis], size)[1].start, 3 * mean.shape[axis] - 2

    def add(k, total):
        part = jax.lax.dynamic_slice_in_dim(x, start + k, length, axis)
        part = jax.lax.slice_in_dim(part, 0, length, 3, axis)
        return total + jnp.square(part - mean)

    return mean, jax.lax.fori_loop(0, size, add, jnp.zeros_like(mean)) / size
