"""Pair moments: what is kept, channel by channel, of two responses to compare them later."""

import jax
import jax.numpy as jnp


def energy(reference: jax.Array, distorted: jax.Array) -> jax.Array:
    """Returns the mean over positions of the squared difference of two responses.

    Args:
      reference: (N, h, w, C) responses.
      distorted: (N, h, w, C) responses.

    Returns:
      (N, C) float32, 0 where responses are equal.
    """
    difference = reference.astype(jnp.float32) - distorted.astype(jnp.float32)
    return jnp.mean(jnp.square(difference), axis=(1, 2))
