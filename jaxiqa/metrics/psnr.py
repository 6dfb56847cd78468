"""Peak signal to noise ratio."""

import jax
import jax.numpy as jnp
import numpy as np

from jaxiqa.metrics.colour import GREY, mix
from jaxiqa.metrics.formula import Features, Formula, evaluate


def psnr(
    reference: jax.Array | np.ndarray, distorted: jax.Array | np.ndarray, *, colour: str = "rgb"
) -> jax.Array:
    """Returns the peak signal to noise ratio, a SIMILARITY in dB.

        psnr = -10 log10 mean (reference - distorted)^2        of values whose peak is 1

    Args:
      reference: (N, H, W, 3) RGB in [0, 1].
      distorted: (N, H, W, 3) RGB in [0, 1].
      colour: "rgb", the mean over all pixels and channels, or "grey", over the pixels of MATLAB's
        rgb2gray (not rounded), which video coding calls PSNR-Y but for the range of Y.

    Returns:
      (N,) float32 dB, larger = more alike; inf for equal images, where the gradient is 0.

    Raises:
      InputError: not two batches of images of one shape, or an unknown colour.
    """
    return evaluate(PSNR, "psnr", reference, distorted, colour=colour)


def _features(images: jax.Array, *, colour: str) -> Features:
    return {"values": images if colour == "rgb" else mix(images, GREY)[..., None]}


def _squares(reference: Features, distorted: Features) -> jax.Array:
    return jnp.square(reference["values"] - distorted["values"])


def _compare(reference: Features, distorted: Features, *, colour: str) -> jax.Array:
    del colour
    error = jnp.mean(_squares(reference, distorted), axis=(1, 2, 3))
    # The inner `where` keeps the infinite slope of log at 0 out of the gradient.
    decibels = -10 * jnp.log10(jnp.where(error > 0, error, 1))
    return jnp.where(error > 0, decibels, jnp.inf)


def _local(reference: Features, distorted: Features, *, colour: str) -> jax.Array:
    """The squared errors of which the mean is taken, averaged over channels."""
    del colour
    return jnp.mean(_squares(reference, distorted), axis=-1)


def _root_mean_square(decibels):
    """The error of which the PSNR tells the logarithm: 10^(-dB / 20) of the peak."""
    return 10 ** (-decibels / 20)


def _smallest(*, colour: str) -> int:
    del colour
    return 1


PSNR = Formula(
    features=_features,
    compare=_compare,
    higher_is_better=True,
    distance=_root_mean_square,
    description="peak signal to noise ratio over RGB, in dB",
    smallest=_smallest,
    options={"colour": ("rgb", "grey")},
    local=_local,
)
