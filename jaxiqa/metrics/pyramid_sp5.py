"""Two orientations of a steerable pyramid by filters in space, not by Fourier as `steerable`."""

from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np

from jaxiqa.metrics.convolution import correlated

# The numbers are those of sp5Filters.m (E. P. Simoncelli, 1996, matlabPyrTools), which
# LabForComputationalVision/pyrtools publishes under the MIT licence, (c) 2016; designed as in
# Karasaridis, Simoncelli, "A filter design technique for steerable pyramid image transforms",
# ICASSP 1996. Each is symmetric about its middle, so a quarter of it is written, middle last.
_FIRST = (
    (0.00341614, -0.01551246, -0.03848215),
    (-0.01551246, 0.05586982, 0.15925570),
    (-0.03848215, 0.15925570, 0.40304148),
)
_LOW = (
    (0.00085404, -0.00244917, -0.00387812, -0.00944432, -0.00962054),
    (-0.00244917, -0.00523281, -0.00661117, 0.00410600, 0.01002988),
    (-0.00387812, -0.00661117, 0.01396746, 0.03277038, 0.03981393),
    (-0.00944432, 0.00410600, 0.03277038, 0.06426333, 0.08169618),
    (-0.00962054, 0.01002988, 0.03981393, 0.08169618, 0.10096540),
)
_BAND = (
    (0.00277643, 0.00496194, 0.01026699, 0.01455399),
    (-0.00986904, -0.00893064, 0.01189859, 0.02755155),
    (-0.01021852, -0.03075356, -0.08226445, -0.11732297),
    (0.0, 0.0, 0.0, 0.0),
)


def sp5_bands(images: jax.Array, *, levels: int) -> list[jax.Array]:
    """Returns the horizontal and the vertical band of each level, the finest first.

    Those are the first and the fourth of six orientations; their signs are of no account. Beyond
    its border an image goes on as mirrored at the outermost pixels ('reflect1').

    Args:
      images: (N, H, W), H and W at least 9 * 2^(``levels`` - 1), as the published program asks.
      levels: of the pyramid.

    Returns:
      ``levels`` arrays (N, 2, h, w) in units of the image; h and w are H and W at the finest level,
      then half of the level before, rounded up.

    References:
      Simoncelli, Freeman, "The steerable pyramid: a flexible architecture for multi-scale
      derivative computation", ICIP 1995; buildSpyr.m of matlabPyrTools.
    """
    band, found = _whole(_BAND, -1), []
    low = _filtered(images, _whole(_FIRST, 1))
    for level in range(levels):
        if level:
            low = _filtered(low, 2 * _whole(_LOW, 1), step=2)
        found.append(jnp.stack([_filtered(low, band), _filtered(low, band.T)], axis=1))
    return found


def _whole(quarter: Sequence[Sequence[float]], sign: int) -> np.ndarray:
    """A filter, the lower half of which is the upper one times a sign."""
    rows = np.asarray(quarter)
    upper = np.concatenate([rows, rows[:, -2::-1]], axis=1)
    return np.concatenate([upper, sign * upper[-2::-1]])


def _filtered(images: jax.Array, window: np.ndarray, *, step: int = 1) -> jax.Array:
    half = len(window) // 2
    padded = jnp.pad(images, ((0, 0), (half, half), (half, half)), mode="reflect")
    return correlated(padded, window, step=step)
