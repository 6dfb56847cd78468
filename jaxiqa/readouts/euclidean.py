"""Euclidean distance between responses, of one tap or of several concatenated."""

from collections.abc import Sequence

import jax
import numpy as np

from jaxiqa.arch.net import Net
from jaxiqa.readouts.distance import check_concatenation, distance
from jaxiqa.readouts.forms import Array, safe_sqrt
from jaxiqa.readouts.readout import Readout, combine, tap_totals

__all__ = ["check_concatenation", "euclidean", "from_energies", "safe_sqrt"]


def from_energies(energies: Sequence[Array], positions: Sequence[int]) -> Array:
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
    totals = [tap_totals({"energy": values}, "euclidean") for values in energies]
    readout = Readout(tuple(map(str, range(len(totals)))))
    channels = [values.shape[-1] for values in energies]
    return combine(totals, readout, positions=positions, channels=channels)


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
    readout = Readout(taps)
    return distance(net, reference, distorted, readout=readout, precision=precision)
