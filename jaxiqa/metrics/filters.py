"""Filters of one-channel images as sums of shifted ones: no device rounds them below float32."""

import jax
import jax.numpy as jnp
import numpy as np

# How an image goes on beyond its border, by the name that MATLAB's imfilter has for it.
BORDERS = {"zeros": "constant", "replicate": "edge", "symmetric": "symmetric", "reflect": "reflect"}


def bell(size: int, sigma: float) -> tuple[float, ...]:
    """Returns the weights of a Gaussian window, which sum to 1."""
    offsets = np.arange(size) - (size - 1) / 2
    weights = np.exp(-(offsets**2) / (2 * sigma**2))
    return tuple(float(weight) for weight in weights / weights.sum())


def pad(images: jax.Array, size: tuple[int, int], *, border: str) -> jax.Array:
    """Returns images (N, H, W) that go on so far that a window leaves (N, H, W) of them.

    Args:
      images: (N, H, W).
      size: height and width of the window; of an even one the larger half lies after, as imfilter
        and conv2 have it.
      border: a name of ``BORDERS``.
    """
    widths = [((extent - 1) // 2, extent // 2) for extent in size]
    return jnp.pad(images, ((0, 0), *widths), mode=BORDERS[border])


def shifted(images: jax.Array, size: int, axis: int) -> list[jax.Array]:
    """Returns the ``size`` views of images under a window that stays inside, from first to last."""
    length = images.shape[axis] - size + 1
    return [jax.lax.slice_in_dim(images, k, k + length, axis=axis) for k in range(size)]


def along(images: jax.Array, weights: tuple[float, ...], axis: int) -> jax.Array:
    """Returns the correlation of images with weights along an axis, inside the image ('valid')."""
    parts = shifted(images, len(weights), axis)
    return sum(w * part for w, part in zip(weights, parts, strict=True) if w)


def separable(
    images: jax.Array, column: tuple[float, ...], row: tuple[float, ...] | None = None
) -> jax.Array:
    """Returns the correlation of images (N, H, W) with ``column`` x ``row``, 'valid'.

    Args:
      images: (N, H, W).
      column: weights along the height.
      row: weights along the width; None for those of the column.
    """
    return along(along(images, column, 1), column if row is None else row, 2)


def average(images: jax.Array, factor: int) -> jax.Array:
    """Returns the means of ``factor`` x ``factor`` pixels, (N, H // factor, W // factor)."""
    n, height, width = images.shape
    rows, columns = height // factor, width // factor
    whole = images[:, : rows * factor, : columns * factor]
    return whole.reshape(n, rows, factor, columns, factor).mean(axis=(2, 4))


def spread(values: jax.Array, height: int, width: int) -> jax.Array:
    """Returns a map (N, h, w) of a window that stays inside, its border repeated to (N, H, W)."""
    missing = (height - values.shape[1], width - values.shape[2])
    widths = [(extent // 2, extent - extent // 2) for extent in missing]
    return jnp.pad(values, ((0, 0), *widths), mode="edge")


def enlarge(values: jax.Array, height: int, width: int) -> jax.Array:
    """Returns a coarse map (N, h, w) interpolated linearly between its cells to (N, H, W)."""
    size = (len(values), height, width)
    return jax.image.resize(
        values, size, "linear", antialias=False, precision=jax.lax.Precision.HIGHEST
    )
