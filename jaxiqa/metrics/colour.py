"""Grey and opponent values of RGB images, as the published programs compute them."""

from collections.abc import Sequence

import jax
import jax.numpy as jnp

# The first row of MATLAB's rgb2gray, which is that of NTSC's YIQ.
GREY = (0.298936021293775, 0.587043074451121, 0.114020904255103)


def mix(images: jax.Array, weights: Sequence[float]) -> jax.Array:
    """Returns the weighted sum of the channels of (N, H, W, 3) images, (N, H, W)."""
    return sum(weight * images[..., c] for c, weight in enumerate(weights))


def rounded(values: jax.Array) -> jax.Array:
    """Returns values rounded to whole numbers, with the slope of what was not rounded."""
    return values + jax.lax.stop_gradient(jnp.round(values) - values)


def grey_255(images: jax.Array, *, rounding: bool) -> jax.Array:
    """Returns MATLAB's rgb2gray of (N, H, W, 3) images in [0, 1] as (N, H, W) in 0..255.

    Args:
      images: RGB in [0, 1].
      rounding: whether to whole numbers, as of an 8 bit image.
    """
    exact = mix(images * 255, GREY)
    return rounded(exact) if rounding else exact
