"""Correlation of one-channel images with a window as one operation, in full float32.

For windows and pyramids of which the sums of shifted images in `filters` take long to compile.
"""

import jax
import jax.numpy as jnp
import numpy as np


def correlated(
    images: jax.Array, window: np.ndarray, *, step: int = 1, apart: int = 1
) -> jax.Array:
    """Returns the correlation of images (N, H, W) with a window (h, w), 'valid'.

    Args:
      images: (N, H, W).
      window: (h, w).
      step: of the positions kept, along both axes.
      apart: ``apart`` - 1 zeros are put after each pixel first.
    """
    return jax.lax.conv_general_dilated(
        images[:, None],
        jnp.asarray(window, images.dtype)[None, None],
        (step, step),
        [(0, apart - 1)] * 2,
        lhs_dilation=(apart, apart),
        precision=jax.lax.Precision.HIGHEST,
    )[:, 0]


def blurred(images: jax.Array, weights: tuple[float, ...]) -> jax.Array:
    """Returns the correlation of images (N, H, W) with weights along both axes, 'valid'."""
    column = np.asarray(weights)[:, None]
    return correlated(correlated(images, column), column.T)
