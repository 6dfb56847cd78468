"""Images as planes of one channel in 0..255: the greys that published programs start from."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from jaxiqa.metrics.colour import grey_255, mix

# The first row of YIQ as NTSC rounds it.
LUMA = (0.299, 0.587, 0.114)


def planes_255(images: jax.Array, grey: str) -> jax.Array:
    """Returns planes (N, C, H, W) in 0..255 of (N, H, W, 3) images.

    Args:
      images: RGB in [0, 1].
      grey: "rounded" or "exact" for MATLAB's rgb2gray, to whole numbers or not; "luma" for the
        rounded weights of YIQ; "channels" for R, G and B, three planes.
    """
    if grey == "channels":
        return jnp.moveaxis(images * 255, -1, 1)
    if grey == "luma":
        return mix(images * 255, LUMA)[:, None]
    return grey_255(images, rounding=grey == "rounded")[:, None]


def each_plane(function: Callable[[jax.Array], Any], planes: jax.Array) -> Any:
    """Returns what a function of (N, H, W) gives for planes (N, C, H, W), with N, C in front."""
    found = function(planes.reshape(-1, *planes.shape[2:]))
    return jax.tree.map(lambda values: values.reshape(*planes.shape[:2], *values.shape[1:]), found)
