"""Haar wavelet-based perceptual similarity index."""

import math

import jax
import jax.numpy as jnp
import numpy as np

from jaxiqa.metrics.colour import mix
from jaxiqa.metrics.filters import along, pad, separable
from jaxiqa.metrics.formula import Features, Formula, dissimilarity, evaluate
from jaxiqa.metrics.gradients import box, coarser
from jaxiqa.metrics.planes import LUMA
from jaxiqa.metrics.similar import unlike

_IN_PHASE, _QUADRATURE = (0.596, -0.274, -0.322), (0.211, -0.523, 0.312)
_SIZES = (2, 4, 8)
_C, _ALPHA = 30.0, 4.2
_EDGE = math.exp(-_ALPHA)
# The logistic function of -alpha: what is missing from 1 where the similarity is 1.
_MISSING = _EDGE / (1 + _EDGE)


def haarpsi(
    reference: jax.Array | np.ndarray,
    distorted: jax.Array | np.ndarray,
    *,
    colour: str = "yiq",
    resolution: str = "half",
) -> jax.Array:
    """Returns the Haar wavelet-based perceptual similarity index, a SIMILARITY in [0, 1].

    The recipe of the authors' program `HaarPSI.m` on an RGB file: YIQ in 0..255 without rounding,
    means over 2 x 2 pixels of which every second is kept, Haar wavelets of three sizes, 0 beyond
    the border, c = 30, alpha = 4.2. The two finer sizes are compared, the coarsest is the weight;
    I and Q are compared as means over 2 x 2 pixels, with the mean weight of both directions.

        s = (2 |a| |b| + c) / (a^2 + b^2 + c)        l(s) = 1 / (1 + exp(-alpha s))
        haarpsi = l^-1(sum w l(s) / sum w)^2

    Args:
      reference: (N, H, W, 3) RGB in [0, 1], H and W at least 16, 8 at full resolution.
      distorted: (N, H, W, 3) RGB in [0, 1].
      colour: "yiq"; or "luma" for Y alone, as the program compares images of one channel.
      resolution: "half"; or "full" for the program without its subsampling.

    Returns:
      (N,) float32, larger = more alike; exactly 1 for equal images, where the gradient is 0. Two
      black images have no weight anywhere: 1 (the program divides 0 by 0).

    Raises:
      InputError: not two batches of one shape, images that are too small, or an unknown option.

    References:
      Reisenhofer, Bosse, Kutyniok, Wiegand, "A Haar wavelet-based perceptual similarity index for
      image quality assessment", Signal Processing: Image Communication 61, 2018, and their program
      HaarPSI.m, github.com/rgcda/haarpsi.
    """
    return evaluate(HAARPSI, "haarpsi", reference, distorted, colour=colour, resolution=resolution)


def _wavelet(images: jax.Array, size: int, axis: int) -> jax.Array:
    """|coefficients| (N, H, W) of the Haar wavelet that changes its sign along an axis."""
    half = size // 2
    wider = pad(images, (size, size), border="zeros")
    # The difference of pixels half a wavelet apart comes first: 0 where the image is flat.
    step = along(wider, (-1.0, *[0.0] * (half - 1), 1.0), axis)
    return jnp.abs(box(box(step, half, axis), size, 3 - axis)) / size


def _features(images: jax.Array, *, colour: str, resolution: str) -> Features:
    """Coefficients (N, 2, 3, h, w) by direction and size, and |I|, |Q| (N, 2, h, w)."""

    def plane(weights):
        return coarser(mix(images * 255, weights), 2 if resolution == "half" else 1)

    luma = plane(LUMA)
    found = [jnp.stack([_wavelet(luma, size, axis) for size in _SIZES], 1) for axis in (1, 2)]
    features = {"wavelets": jnp.stack(found, axis=1)}
    if colour == "yiq":
        planes = (plane(weights) for weights in (_IN_PHASE, _QUADRATURE))
        means = [separable(pad(x, (2, 2), border="zeros"), (0.5, 0.5)) for x in planes]
        features["chroma"] = jnp.abs(jnp.stack(means, axis=1))
    return features


def _losses(x: Features, y: Features, colour: str) -> tuple[jax.Array, jax.Array]:
    """1 - s and weights, (N, 2 or 3, h, w)."""
    a, b = x["wavelets"], y["wavelets"]
    losses = jnp.mean(unlike(a[:, :, :2], b[:, :, :2], _C), axis=2)
    weights = jnp.maximum(a[:, :, 2], b[:, :, 2])
    if colour == "luma":
        return losses, weights
    chroma = jnp.mean(unlike(x["chroma"], y["chroma"], _C), axis=1, keepdims=True)
    both = jnp.mean(weights, axis=1, keepdims=True)
    return jnp.concatenate([losses, chroma], 1), jnp.concatenate([weights, both], 1)


def _pooled(losses: jax.Array, weights: jax.Array) -> jax.Array:
    """Losses times weights of mean 1, 0 where there is no weight at all."""
    mean = jnp.mean(weights, axis=(1, 2, 3), keepdims=True)
    none = mean < 1e-12
    return losses * jnp.where(none, 0, weights / jnp.where(none, 1, mean))


def _compare(reference: Features, distorted: Features, *, colour: str, resolution: str):
    """The square of l^-1, by how much more than at s = 1 is missing from 1."""
    del resolution
    losses, weights = _losses(reference, distorted, colour)
    # l(1) - l(1 - loss) and 1 - l(1), so that nothing is taken from 1.
    grown = jnp.expm1(_ALPHA * losses)
    more = _MISSING * grown / (1 + _EDGE + _EDGE * grown)
    more = jnp.mean(_pooled(more, weights), axis=(1, 2, 3))
    shift = jnp.log1p(-more / (1 - _MISSING)) - jnp.log1p(more / _MISSING)
    return jnp.square(1 + shift / _ALPHA)


def _local(reference: Features, distorted: Features, *, colour: str, resolution: str):
    """1 - s weighted as in the whole, (N, h, w)."""
    del resolution
    return jnp.mean(_pooled(*_losses(reference, distorted, colour)), axis=1)


def _smallest(*, colour: str, resolution: str) -> int:
    del colour
    return 16 if resolution == "half" else 8


HAARPSI = Formula(
    features=_features,
    compare=_compare,
    higher_is_better=True,
    distance=dissimilarity,
    description="Haar wavelet-based perceptual similarity of YIQ at half size",
    smallest=_smallest,
    options={"colour": ("yiq", "luma"), "resolution": ("half", "full")},
    local=_local,
)
