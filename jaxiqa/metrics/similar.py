"""What FSIM and VSI share: their downsampling, gradients, similarity of maps and pooling."""

import math

import jax
import jax.numpy as jnp

from jaxiqa.metrics.filters import pad, separable
from jaxiqa.metrics.gradients import coarser, magnitude

# The Scharr operator is the product of both.
_SMOOTH, _DIFFERENCE = (3 / 16, 10 / 16, 3 / 16), (1.0, 0.0, -1.0)


def factor(height: int, width: int) -> int:
    """Returns by how much to shrink an image so that its smaller side is about 256."""
    return max(1, int(min(height, width) / 256 + 0.5))


def downsampled(planes: jax.Array) -> jax.Array:
    """Returns every F-th mean of F x F pixels of (N, H, W), zeros beyond the border."""
    return coarser(planes, factor(*planes.shape[1:]))


def gradient(planes: jax.Array) -> jax.Array:
    """Returns the lengths of Scharr gradients (N, H, W), zeros beyond the border."""
    beyond = pad(planes, (3, 3), border="zeros")
    across = separable(beyond, _SMOOTH, _DIFFERENCE)
    return magnitude(across, separable(beyond, _DIFFERENCE, _SMOOTH))


def unlike(x: jax.Array, y: jax.Array, constant: float) -> jax.Array:
    """Returns 1 - (2 x y + c) / (x^2 + y^2 + c) without cancellation: 0 where x = y."""
    return jnp.square(x - y) / (jnp.square(x) + jnp.square(y) + constant)


def signed_power(values: jax.Array, power: float) -> jax.Array:
    """Returns the real part of values^power, |values|^power cos(power pi) below 0; slope 0 at 0."""
    zero = values == 0
    size = jnp.where(zero, 0, jnp.abs(jnp.where(zero, 1, values)) ** power)
    return jnp.where(values < 0, size * math.cos(math.pi * power), size)


def pooled(losses: jax.Array, weights: jax.Array) -> jax.Array:
    """Returns losses (N, h, w) times weights of mean 1; without any weight all count alike."""
    mean = jnp.mean(weights, axis=(1, 2), keepdims=True)
    none = mean == 0
    return losses * jnp.where(none, 1, weights / jnp.where(none, 1, mean))
