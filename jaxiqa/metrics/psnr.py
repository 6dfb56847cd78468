"""Peak signal to noise ratio."""

import jax
import jax.numpy as jnp
import numpy as np

from jaxiqa.checks import InputError
from jaxiqa.images import check_pair


def psnr(
    reference: jax.Array | np.ndarray, distorted: jax.Array | np.ndarray, *, peak: float = 1.0
) -> jax.Array:
    """Returns the peak signal to noise ratio over all pixels and channels, a SIMILARITY in dB.

        psnr = 10 log10(peak^2 / mean (reference - distorted)^2)

    Args:
      reference: (N, H, W, 3) RGB in [0, 1].
      distorted: (N, H, W, 3) RGB in [0, 1].
      peak: the largest possible value, above 0.

    Returns:
      (N,) float32 dB, larger = more alike; inf for equal images, where the gradient is 0.

    Raises:
      InputError: not two batches of images of one shape, or a peak that is not above 0.
    """
    reference, distorted = check_pair(reference, distorted)
    if not isinstance(peak, int | float | np.number) or not 0 < peak < np.inf:
        raise InputError(f"psnr: peak must be a number above 0, got {peak!r}")
    return _psnr(reference, distorted, jnp.float32(peak))


@jax.jit
def _psnr(reference: jax.Array, distorted: jax.Array, peak: jax.Array) -> jax.Array:
    error = jnp.mean(jnp.square((reference - distorted) / peak), axis=(1, 2, 3))
    # The inner `where` keeps the infinite slope of log at 0 out of the gradient.
    decibels = -10 * jnp.log10(jnp.where(error > 0, error, 1))
    return jnp.where(error > 0, decibels, jnp.inf)
