"""Visual saliency induced index: saliency, gradients and chroma, weighted by the saliency."""

import jax
import jax.numpy as jnp
import numpy as np

from jaxiqa.metrics.colour import mix
from jaxiqa.metrics.filters import average
from jaxiqa.metrics.formula import Features, Formula, dissimilarity, evaluate
from jaxiqa.metrics.saliency import saliency
from jaxiqa.metrics.similar import (
    downsampled,
    factor,
    gradient,
    pooled,
    signed_power,
    unlike,
)

_L = (0.06, 0.63, 0.27)
_M = (0.30, 0.04, -0.35)
_N = (0.34, -0.60, 0.17)
_SALIENCY, _GRADIENT, _CHROMA = 1.27, 386, 130
_GRADIENT_POWER, _CHROMA_POWER = 0.4, 0.02


def vsi(
    reference: jax.Array | np.ndarray, distorted: jax.Array | np.ndarray, *, program: str = "matlab"
) -> jax.Array:
    """Returns the visual saliency induced index, a SIMILARITY in [0, 1].

    As the authors' program VSI.m: LMN of RGB in 0..255, saliency by SDSP at 256 x 256 pixels; all
    of it means over F x F pixels, every F-th kept, F = the smaller of height and width / 256,
    rounded; Scharr gradients of L, zeros beyond the border; C1 = 1.27, C2 = 386, C3 = 130, alpha =
    0.4, beta = 0.02.

    Args:
      reference: (N, H, W, 3) RGB in [0, 1].
      distorted: (N, H, W, 3) RGB in [0, 1].
      program: "matlab", or "piq" for that package's: resized to 256 x 256 without smoothing, and
        back with the corners on each other; means of F x F pixels that begin F // 2 pixels earlier.

    Returns:
      (N,) float32, larger = more alike; 1 for equal images. Where neither image has any saliency,
      as flat ones, all pixels count alike (the original divides 0 by 0).

    Raises:
      InputError: not two batches of images of one shape, images below 16 x 16, or an unknown
        program.

    References:
      Zhang, Shen, Li, "VSI: a visual saliency-induced index for perceptual image quality
      assessment", IEEE Transactions on Image Processing 23(10), 2014; VSI.m, 2013.
    """
    return evaluate(VSI, "vsi", reference, distorted, program=program)


def _features(images: jax.Array, *, program: str) -> Features:
    shrink = downsampled if program == "matlab" else _averaged
    luminance, m, n = (shrink(mix(images * 255, row)) for row in (_L, _M, _N))
    salient = shrink(saliency(images, program=program))
    return {"saliency": salient, "gradient": gradient(luminance), "m": m, "n": n}


def _averaged(planes: jax.Array) -> jax.Array:
    step = factor(*planes.shape[1:])
    widths = (step // 2, (step - 1) // 2)
    return average(jnp.pad(planes, ((0, 0), widths, widths), mode="edge"), step)


def _losses(x: Features, y: Features) -> tuple[jax.Array, jax.Array]:
    """1 - similarity, (N, h, w), and the weights of the positions."""
    kept = 1 - unlike(x["saliency"], y["saliency"], _SALIENCY)
    kept = kept * (1 - unlike(x["gradient"], y["gradient"], _GRADIENT)) ** _GRADIENT_POWER
    chroma = [1 - unlike(x[name], y[name], _CHROMA) for name in "mn"]
    kept = kept * signed_power(chroma[0] * chroma[1], _CHROMA_POWER)
    return 1 - kept, jnp.maximum(x["saliency"], y["saliency"])


def _compare(reference: Features, distorted: Features, *, program: str) -> jax.Array:
    del program
    return 1 - jnp.mean(pooled(*_losses(reference, distorted)), axis=(1, 2))


def _local(reference: Features, distorted: Features, *, program: str) -> jax.Array:
    """The weighted losses of which the mean is 1 - similarity, (N, h, w)."""
    del program
    return pooled(*_losses(reference, distorted))


def _smallest(*, program: str) -> int:
    del program
    return 16


VSI = Formula(
    features=_features,
    compare=_compare,
    higher_is_better=True,
    distance=dissimilarity,
    description="visual saliency induced index: saliency, gradients and chroma",
    smallest=_smallest,
    options={"program": ("matlab", "piq")},
    local=_local,
)
