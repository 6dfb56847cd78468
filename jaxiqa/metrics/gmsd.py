"""Gradient magnitude similarity deviation."""

import jax
import jax.numpy as jnp
import numpy as np

from jaxiqa.metrics.formula import Features, Formula, evaluate, unchanged
from jaxiqa.metrics.gradients import coarser, deviation, magnitude, prewitt
from jaxiqa.metrics.planes import each_plane, planes_255
from jaxiqa.metrics.similar import unlike

_C = 170.0


def gmsd(
    reference: jax.Array | np.ndarray, distorted: jax.Array | np.ndarray, *, grey: str = "rounded"
) -> jax.Array:
    """Returns the gradient magnitude similarity deviation, a DISTANCE in [0, 1].

    The recipe of the authors' program `GMSD.m` on an 8 bit RGB file: MATLAB's rgb2gray in whole
    numbers 0..255, means over 2 x 2 pixels of which every second is kept, Prewitt gradients / 3
    (0 beyond the border, both times), similarity of their magnitudes with c = 170, and the
    standard deviation of that map, of n - 1 as MATLAB's std2 has it.

        gms = (2 g_r g_d + c) / (g_r^2 + g_d^2 + c)        gmsd = std(gms)

    Args:
      reference: (N, H, W, 3) RGB in [0, 1], H and W at least 3.
      distorted: (N, H, W, 3) RGB in [0, 1].
      grey: "rounded" to whole numbers, as published, where the gradient is taken as if it did not
        round (straight through); "exact"; "luma" for 0.299, 0.587, 0.114 without rounding, as piq
        and its published values have it (piq divides by n, not n - 1); or "channels" for one
        deviation over the maps of R, G and B together, as IQA-optimization has it.

    Returns:
      (N,) float32, larger = less alike; exactly 0 for equal images, where the gradient is 0.

    Raises:
      InputError: not two batches of one shape, fewer than 3 rows or columns, or an unknown grey.

    References:
      Xue, Zhang, Mou, Bovik, "Gradient magnitude similarity deviation: a highly efficient
      perceptual image quality index", IEEE Transactions on Image Processing 23(2), 2014, and
      their program GMSD.m.
    """
    return evaluate(GMSD, "gmsd", reference, distorted, grey=grey)


def _features(images: jax.Array, *, grey: str) -> Features:
    """Gradient magnitudes (N, C, h, w) at half the size."""
    half = each_plane(lambda x: coarser(x, 2), planes_255(images, grey))
    return {"magnitude": each_plane(lambda x: magnitude(*prewitt(x)), half)}


def _losses(reference: Features, distorted: Features) -> jax.Array:
    """1 - gms, (N, C, h, w)."""
    return unlike(reference["magnitude"], distorted["magnitude"], _C)


def _compare(reference: Features, distorted: Features, *, grey: str) -> jax.Array:
    del grey
    return deviation(_losses(reference, distorted), freedom=1)


def _local(reference: Features, distorted: Features, *, grey: str) -> jax.Array:
    """1 - gms, averaged over planes, (N, h, w)."""
    del grey
    return jnp.mean(_losses(reference, distorted), axis=1)


def _smallest(*, grey: str) -> int:
    del grey
    return 3


GMSD = Formula(
    features=_features,
    compare=_compare,
    higher_is_better=False,
    distance=unchanged,
    description="gradient magnitude similarity deviation of 8 bit grey at half size",
    smallest=_smallest,
    options={"grey": ("rounded", "exact", "luma", "channels")},
    local=_local,
)
