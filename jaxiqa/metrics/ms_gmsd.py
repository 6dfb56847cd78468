"""Gradient magnitude similarity deviation on multiple scales, of luma or of colour too."""

import jax
import jax.numpy as jnp
import numpy as np

from jaxiqa.metrics.colour import mix
from jaxiqa.metrics.filters import enlarge
from jaxiqa.metrics.formula import Features, Formula, evaluate, unchanged
from jaxiqa.metrics.gradients import coarser, deviation, magnitude, prewitt
from jaxiqa.metrics.planes import LUMA
from jaxiqa.readouts.forms import safe_sqrt

_WEIGHTS = (0.096, 0.596, 0.289, 0.019)
_C, _MASKING = 170.0, 0.5
_IN_PHASE, _QUADRATURE = (0.5959, -0.2746, -0.3213), (0.2115, -0.5227, 0.3112)
_CHROMA_WEIGHT, _CHROMA_START, _CHROMA_END = 0.01, 0.32, 15.0


def ms_gmsd(
    reference: jax.Array | np.ndarray, distorted: jax.Array | np.ndarray, *, colour: str = "luma"
) -> jax.Array:
    """Returns the gradient magnitude similarity deviation over four scales, a DISTANCE.

    After the paper; its authors published no program, so what it leaves open is as in piq 0.8.0:
    YIQ in 0..255 without rounding, the first scale at full size, each further one means over 2 x 2
    pixels, Prewitt gradients / 3 (0 beyond the border, both times), c = 170, a = 0.5, weights
    0.096, 0.596, 0.289, 0.019, and the variance of all n positions.

        gms = ((2 - a) g_r g_d + c) / (g_r^2 + g_d^2 - a g_r g_d + c)
        ms-gmsd = sqrt(sum_j w_j var(gms_j))

    Args:
      reference: (N, H, W, 3) RGB in [0, 1], H and W at least 17.
      distorted: (N, H, W, 3) RGB in [0, 1].
      colour: "luma"; or "chroma" for MS-GMSDc, with the root mean squared difference of I and Q at
        the coarsest scale: g ms-gmsd + (1 - g) 0.01 rmse, g = 2 / (1 + 0.32 exp(-15 ms-gmsd)) - 1.

    Returns:
      (N,) float32, larger = less alike, below 1 for "luma"; exactly 0 for equal images, where the
      gradient is 0.

    Raises:
      InputError: not two batches of one shape, fewer than 17 rows or columns, or an unknown colour.

    References:
      Zhang, Sander, Bermak, "Gradient magnitude similarity deviation on multiple scales for color
      image quality assessment", ICASSP 2017; Kastryulin and others, piq 0.8.0, multi_scale_gmsd.
    """
    return evaluate(MS_GMSD, "ms_gmsd", reference, distorted, colour=colour)


def _scales(planes: jax.Array) -> list[jax.Array]:
    found = [planes]
    for _ in _WEIGHTS[1:]:
        found.append(coarser(found[-1], 2))
    return found


def _features(images: jax.Array, *, colour: str) -> Features:
    """Gradient magnitudes (N, h, w) of each scale, and I and Q (N, 2, h, w) of the coarsest."""
    luma = _scales(mix(images * 255, LUMA))
    found = {str(k): magnitude(*prewitt(scale)) for k, scale in enumerate(luma)}
    if colour == "chroma":
        planes = (mix(images * 255, weights) for weights in (_IN_PHASE, _QUADRATURE))
        found["chroma"] = jnp.stack([_scales(plane)[-1] for plane in planes], axis=1)
    return found


def _losses(reference: Features, distorted: Features) -> list[jax.Array]:
    """1 - gms of each scale, (N, h, w)."""

    def loss(a, b):
        return jnp.square(a - b) / (jnp.square(a) + jnp.square(b) - _MASKING * a * b + _C)

    return [loss(reference[str(k)], distorted[str(k)]) for k in range(len(_WEIGHTS))]


def _chroma_squares(reference: Features, distorted: Features) -> jax.Array:
    return jnp.sum(jnp.square(reference["chroma"] - distorted["chroma"]), axis=1)


def _compare(reference: Features, distorted: Features, *, colour: str) -> jax.Array:
    spreads = [deviation(losses, freedom=0) for losses in _losses(reference, distorted)]
    luma = safe_sqrt(sum(w * jnp.square(s) for w, s in zip(_WEIGHTS, spreads, strict=True)))
    if colour == "luma":
        return luma
    chroma = safe_sqrt(jnp.mean(_chroma_squares(reference, distorted), axis=(1, 2)))
    share = 2 / (1 + _CHROMA_START * jnp.exp(-_CHROMA_END * luma)) - 1
    return share * luma + (1 - share) * _CHROMA_WEIGHT * chroma


def _local(reference: Features, distorted: Features, *, colour: str) -> jax.Array:
    """1 - gms in the mean over scales, and for "chroma" 0.01 times the difference of I and Q."""
    size = reference["0"].shape[1:]
    scales = zip(_WEIGHTS, _losses(reference, distorted), strict=True)
    luma = sum(weight * enlarge(losses, *size) for weight, losses in scales)
    if colour == "luma":
        return luma
    return luma + _CHROMA_WEIGHT * enlarge(safe_sqrt(_chroma_squares(reference, distorted)), *size)


def _smallest(*, colour: str) -> int:
    del colour
    return 17


MS_GMSD = Formula(
    features=_features,
    compare=_compare,
    higher_is_better=False,
    distance=unchanged,
    description="gradient magnitude similarity deviation of luma on four scales",
    smallest=_smallest,
    options={"colour": ("luma", "chroma")},
    local=_local,
)
