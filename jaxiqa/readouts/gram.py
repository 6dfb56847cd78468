"""The distance between Gram matrices of channels, without the difference of two near matrices."""

import math

import jax
import jax.numpy as jnp
from jax import lax

# Bytes of a map that a CPU multiplies as a whole, and of a block of a larger one.
_WHOLE, _BLOCK = 4 << 20, 1 << 20


def _block(positions: int, channels: int) -> int:
    """Returns how many positions a block holds, a divisor of all: all of a map that is small."""
    if 4 * positions * channels <= _WHOLE:
        return positions
    wanted = _BLOCK / (4 * channels)
    small = [size for size in range(1, math.isqrt(positions) + 1) if positions % size == 0]
    sizes = [*small, *(positions // size for size in small)]
    return min(sizes, key=lambda size: abs(math.log(size / wanted)))


def _at_once(a: jax.Array, b: jax.Array) -> jax.Array:
    """Sum over positions of (b - a) (b + a)^T, (N, C, C), of responses (N, blocks, size, C)."""
    return jnp.einsum("nkpc,nkpd->ncd", b - a, b + a, precision=lax.Precision.HIGHEST)


def _block_by_block(a: jax.Array, b: jax.Array) -> jax.Array:
    """The same, b - a and b + a of one block at a time, so that they stay in the cache."""

    def add(total, pair):
        a, b = pair
        return total + jnp.einsum("pc,pd->cd", b - a, b + a, precision=lax.Precision.HIGHEST), None

    nothing = jnp.zeros_like(a, shape=(a.shape[-1], a.shape[-1]))
    return lax.map(lambda pair: lax.scan(add, nothing, pair)[0], (a, b))


def gram(reference: jax.Array, distorted: jax.Array) -> jax.Array:
    """Returns the squared distance between the Gram matrices of two responses.

    With G = (1 / P) sum_p x_p x_p^T over the P positions, |G_b - G_a|^2, from
    G_b - G_a = (M + M^T) / 2 with M = (1 / P) sum_p (b_p - a_p) (b_p + a_p)^T.

    Args:
      reference: (N, h, w, C) float32 responses a.
      distorted: (N, h, w, C) float32 responses b.

    Returns:
      (N, 1) squared Frobenius norms, exactly 0 where responses are equal.

    References:
      Gatys et al., "Image Style Transfer Using Convolutional Neural Networks", CVPR 2016.
    """
    n, height, width, channels = reference.shape
    size = _block(height * width, channels)
    blocks = (x.reshape(n, -1, size, channels) for x in (reference, distorted))
    product = lax.platform_dependent(*blocks, cpu=_block_by_block, default=_at_once)
    change = (product + product.swapaxes(1, 2)) / (2 * height * width)
    return jnp.sum(jnp.square(change), axis=(1, 2))[:, None]
