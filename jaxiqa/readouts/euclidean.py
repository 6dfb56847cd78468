"""Euclidean distance between responses, of one tap or of several concatenated."""

from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np

from jaxiqa import checks
from jaxiqa.arch.net import Net, check_taps, responses
from jaxiqa.images import check_pair
from jaxiqa.readouts.moments import energy


def safe_sqrt(values: jax.Array) -> jax.Array:
    """Returns the square root, with gradient 0 instead of infinity where the value is 0."""
    zero = values == 0
    return jnp.where(zero, 0.0, jnp.sqrt(jnp.where(zero, 1.0, values)))


def from_energies(energies: Sequence[jax.Array], positions: Sequence[int]) -> jax.Array:
    """Returns the Euclidean distance from the energies of one tap or of several concatenated.

    d^2 = sum_l (P_l / P_max) sum_c e_lc with P_l positions at tap l: for one tap the root of the
    summed energies; for several the distance of the flattened, concatenated responses, raw, so
    that large early maps dominate, over sqrt(P_max). Images of different size stay comparable.

    Args:
      energies: per tap (N, C_l), from ``moments.energy``.
      positions: per tap h * w.

    Returns:
      (N,) distances, 0 for equal responses, larger = less alike.
    """
    largest = max(positions)
    squared = [
        jnp.sum(e, axis=-1) * np.float32(p / largest)
        for e, p in zip(energies, positions, strict=True)
    ]
    return safe_sqrt(sum(squared[1:], start=squared[0]))


def check_concatenation(net: Net, taps: Sequence[str]) -> None:
    """Passes if a net has the taps, each of them once under whichever name.

    Raises:
      InputError: a tap is unknown, not reached by the weights, or comes twice.
    """
    names = check_taps(net, taps)
    for tap, name in zip(taps, names, strict=True):
        if names.count(name) > 1:
            raise checks.InputError(f"{'+'.join(taps)} holds tap {tap!r} twice; give it once")


def euclidean(
    net: Net,
    reference: np.ndarray | jax.Array,
    distorted: np.ndarray | jax.Array,
    *,
    taps: Sequence[str],
    precision: str = "highest",
) -> jax.Array:
    """Returns the Euclidean distance between the responses of a net to two batches of images.

    Differentiable in both batches; the gradient is finite at equal images.

    Args:
      net: from ``load_net``.
      reference: (N, H, W, 3) RGB in [0, 1].
      distorted: (N, H, W, 3) RGB in [0, 1].
      taps: one tap, or several to be concatenated.
      precision: of products, as for ``responses``.

    Returns:
      (N,) distances as ``from_energies`` gives them: 0 for equal images, larger = less alike.

    Raises:
      InputError: images that are no NHWC RGB in [0, 1] or differ in shape, and as ``responses``.
    """
    reference, distorted = check_pair(reference, distorted)
    check_concatenation(net, taps)
    # One batch for both, so that equal images have exactly equal responses.
    both = jnp.concatenate([jnp.asarray(reference), jnp.asarray(distorted)])
    found = responses(net, both, taps=taps, precision=precision)
    halves = [jnp.split(found[tap], 2) for tap in taps]
    positions = [first.shape[1] * first.shape[2] for first, _ in halves]
    return from_energies([energy(first, second) for first, second in halves], positions)
