"""Prewitt gradients and coarser images as MATLAB's conv2 'same' gives them: 0 past the border."""

import jax
import jax.numpy as jnp
import numpy as np

from jaxiqa.metrics import filters
from jaxiqa.readouts.forms import safe_sqrt

# On a scale of 0..255: a magnitude of which the square is less has no slope that float32 can hold.
_NO_GRADIENT = 1e-24


def coarser(images: jax.Array, factor: int) -> jax.Array:
    """Returns every ``factor``-th mean over ``factor`` x ``factor`` pixels of (N, H, W) images.

    As conv2(.., 'same') and (1:factor:end) of the program do: (N, ceil(H / factor), ceil(W /
    factor)), windows centred on the pixels kept, of an even window the larger half behind.

    Args:
      images: (N, H, W).
      factor: 1 or more.
    """
    if factor == 1:
        return images
    rows, columns = (-(-extent // factor) for extent in images.shape[1:])
    wider = jnp.pad(images, ((0, 0), *[((factor - 1) // 2, factor - 1)] * 2))
    return filters.average(wider, factor)[:, :rows, :columns]


def box(images: jax.Array, size: int, axis: int) -> jax.Array:
    """Returns sums of ``size`` pixels along an axis, inside the image ('valid')."""
    window = [1] * images.ndim
    window[axis] = size
    # Compiles in a fraction of the time of as many shifted images.
    zero = np.zeros((), images.dtype)
    return jax.lax.reduce_window(images, zero, jax.lax.add, window, (1,) * images.ndim, "VALID")


def prewitt(images: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Returns the horizontal and the vertical gradient of (N, H, W) images, of the same shape."""
    wider = filters.pad(images, (3, 3), border="zeros")
    # The differences first: where an image is flat they leave 0, not a rounding error.
    across, down = (filters.along(wider, (-1.0, 0.0, 1.0), axis) for axis in (2, 1))
    return box(across, 3, 1) / 3, box(down, 3, 2) / 3


def magnitude(across: jax.Array, down: jax.Array) -> jax.Array:
    """Returns the length of gradients, with slope 0 where there is none."""
    squares = jnp.square(across) + jnp.square(down)
    return safe_sqrt(jnp.where(squares < _NO_GRADIENT, 0.0, squares))


def deviation(losses: jax.Array, *, freedom: int) -> jax.Array:
    """Returns the standard deviation of each (N, ..) over all but N, with slope 0 where it is 0.

    Args:
      losses: (N, ..).
      freedom: what the number of values is lessened by in the mean square: 1 as MATLAB's std has
        it, 0 as in a formula.
    """
    values = losses.reshape(len(losses), -1)
    apart = values - jnp.mean(values, axis=1, keepdims=True)
    return safe_sqrt(jnp.sum(jnp.square(apart), axis=1) / max(values.shape[1] - freedom, 1))
