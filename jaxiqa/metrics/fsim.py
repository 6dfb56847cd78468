"""Feature similarity: phase congruency and gradients, weighted by the congruency (FSIM, FSIMc)."""

import jax
import jax.numpy as jnp
import numpy as np

from jaxiqa.metrics.colour import mix
from jaxiqa.metrics.formula import Features, Formula, dissimilarity, evaluate
from jaxiqa.metrics.phase_congruency import phase_congruency
from jaxiqa.metrics.similar import downsampled, gradient, pooled, signed_power, unlike

# Rows of FeatureSIM.m's YIQ, three digits as there.
_Y = (0.299, 0.587, 0.114)
_I = (0.596, -0.274, -0.322)
_Q = (0.211, -0.523, 0.312)
_CONGRUENCY, _GRADIENT, _CHROMA = 0.85, 160, 200
_POWER = 0.03


def fsim(
    reference: jax.Array | np.ndarray, distorted: jax.Array | np.ndarray, *, colour: str = "fsim"
) -> jax.Array:
    """Returns the feature similarity, a SIMILARITY in [0, 1].

    As the authors' program FeatureSIM.m: luma of YIQ in 0..255, not rounded; means over F x F
    pixels, every F-th kept, F = the smaller of height and width / 256, rounded; Scharr gradients,
    zeros beyond the border; T1 = 0.85, T2 = 160, T3 = T4 = 200, lambda = 0.03.

    Args:
      reference: (N, H, W, 3) RGB in [0, 1].
      distorted: (N, H, W, 3) RGB in [0, 1].
      colour: "fsim", the similarity of luma alone, the program's first output; or "fsimc", its
        second, with the chroma I and Q too.

    Returns:
      (N,) float32, larger = more alike; 1 for equal images. Where no pixel of either image has
      phase congruency, as of flat images, all pixels count alike (the original divides 0 by 0).

    Raises:
      InputError: not two batches of images of one shape, images below 16 x 16, or an unknown
        colour.

    References:
      Zhang, Zhang, Mou, Zhang, "FSIM: a feature similarity index for image quality assessment",
      IEEE Transactions on Image Processing 20(8), 2011; FeatureSIM.m, version 1.0, 2010.
    """
    return evaluate(FSIM, "fsim", reference, distorted, colour=colour)


def _features(images: jax.Array, *, colour: str) -> Features:
    luma = downsampled(mix(images * 255, _Y))
    found = {"congruency": phase_congruency(luma), "gradient": gradient(luma)}
    if colour == "fsimc":
        found |= {name: downsampled(mix(images * 255, row)) for name, row in (("i", _I), ("q", _Q))}
    return found


def _losses(x: Features, y: Features, *, colour: str) -> tuple[jax.Array, jax.Array]:
    """1 - similarity, (N, h, w), and the weights of the positions."""
    kept = 1 - unlike(x["congruency"], y["congruency"], _CONGRUENCY)
    kept = kept * (1 - unlike(x["gradient"], y["gradient"], _GRADIENT))
    if colour == "fsimc":
        chroma = [1 - unlike(x[name], y[name], _CHROMA) for name in "iq"]
        kept = kept * signed_power(chroma[0] * chroma[1], _POWER)
    return 1 - kept, jnp.maximum(x["congruency"], y["congruency"])


def _compare(reference: Features, distorted: Features, *, colour: str) -> jax.Array:
    return 1 - jnp.mean(pooled(*_losses(reference, distorted, colour=colour)), axis=(1, 2))


def _local(reference: Features, distorted: Features, *, colour: str) -> jax.Array:
    """The weighted losses of which the mean is 1 - similarity, (N, h, w)."""
    return pooled(*_losses(reference, distorted, colour=colour))


def _smallest(*, colour: str) -> int:
    del colour
    return 16


FSIM = Formula(
    features=_features,
    compare=_compare,
    higher_is_better=True,
    distance=dissimilarity,
    description="feature similarity: phase congruency and gradients of luma",
    smallest=_smallest,
    options={"colour": ("fsim", "fsimc")},
    local=_local,
)
