"""Complex wavelet structural similarity: local phase compared, blind to a common shift of it.

In windows of a band with coefficients x and y,  s = 2 |sum x y*| / sum (|x|^2 + |y|^2).
"""

import jax
import jax.numpy as jnp
import numpy as np

from jaxiqa.metrics.colour import grey_255
from jaxiqa.metrics.convolution import blurred
from jaxiqa.metrics.filters import spread
from jaxiqa.metrics.formula import Features, Formula, dissimilarity, evaluate
from jaxiqa.metrics.steerable import steerable_bands
from jaxiqa.readouts.forms import safe_sqrt

_WINDOW = (1 / 7,) * 7


def cw_ssim(
    reference: jax.Array | np.ndarray,
    distorted: jax.Array | np.ndarray,
    *,
    grey: str = "rounded",
    pyramid: str = "4x8",
) -> jax.Array:
    """Returns the complex wavelet structural similarity, a SIMILARITY in [0, 1].

    As the authors' program cwssim_index.m with K = 0 and nothing cut off at the border: the
    coarsest level of a complex steerable pyramid of grey in 0..255, windows of 7 x 7 coefficients
    inside the band, the map of each band weighted by a Gaussian of sigma = a quarter of its
    height.

    Args:
      reference: (N, H, W, 3) RGB in [0, 1].
      distorted: (N, H, W, 3) RGB in [0, 1].
      grey: "rounded" to whole numbers 0..255, as MATLAB's rgb2gray of an 8 bit image, or "exact".
        The gradient passes straight through the rounding.
      pyramid: levels x orientations: "4x8", of the published values, or "6x16", for which images
        must be of 256 x 256 pixels. The program has no default of its own.

    Returns:
      (N,) float32, larger = more alike; 1 for equal images and where both are flat (the original
      divides 0 by 0), 0 where only one is.

    Raises:
      InputError: not two batches of images of one shape, images below 64 x 64 (256 x 256 for
        "6x16"), or an unknown option.

    References:
      Sampat, Wang, Gupta, Bovik, Markey, "Complex wavelet structural similarity: a new image
      similarity index", IEEE Transactions on Image Processing 18(11), 2009; cwssim_index.m.
    """
    return evaluate(CW_SSIM, "cw_ssim", reference, distorted, grey=grey, pyramid=pyramid)


def _features(images: jax.Array, *, grey: str, pyramid: str) -> Features:
    """The coarsest bands (N, orientations, h, w) as real and imaginary parts."""
    plane = grey_255(images, rounding=grey == "rounded")
    levels, orientations = map(int, pyramid.split("x"))
    bands = steerable_bands(plane, levels=levels, orientations=orientations)
    return {"real": bands.real, "imaginary": bands.imag}


def _windows(values: list[jax.Array]) -> list[jax.Array]:
    """Means of 7 x 7 coefficients, (N, orientations, h - 6, w - 6) each."""
    _, bands, *size = values[0].shape
    found = blurred(jnp.concatenate(values).reshape(-1, *size), _WINDOW)
    return jnp.split(found.reshape(-1, bands, *found.shape[1:]), len(values))


def _losses(x: Features, y: Features) -> jax.Array:
    """1 - similarity, (N, h - 6, w - 6), the mean over bands."""
    a, b, c, d = x["real"], x["imaginary"], y["real"], y["imaginary"]
    squares = jnp.square(a) + jnp.square(b) + jnp.square(c) + jnp.square(d)
    real, imaginary, power = _windows([a * c + b * d, b * c - a * d, squares])
    shared = 2 * safe_sqrt(jnp.square(real) + jnp.square(imaginary))
    empty = power == 0
    kept = jnp.where(empty, 1, shared / jnp.where(empty, 1, power))
    return jnp.mean(1 - kept, axis=1)


def _middle(height: int, width: int) -> np.ndarray:
    """A Gaussian of a quarter of the height of the band, which sums to 1."""
    y, x = (np.arange(extent) - (extent - 1) / 2 for extent in (height, width))
    weights = np.exp(-(y[:, None] ** 2 + x**2) / (2 * ((height + 6) / 4) ** 2))
    return weights / weights.sum()


def _compare(reference: Features, distorted: Features, **options: str) -> jax.Array:
    del options
    losses = _losses(reference, distorted)
    weights = jnp.asarray(_middle(*losses.shape[1:]), losses.dtype)
    return 1 - jnp.sum(losses * weights[None], axis=(1, 2))


def _local(reference: Features, distorted: Features, **options: str) -> jax.Array:
    del options
    return spread(_losses(reference, distorted), *reference["real"].shape[2:])


def _smallest(*, grey: str, pyramid: str) -> int:
    del grey
    return 4 * 2 ** int(pyramid.split("x")[0])


CW_SSIM = Formula(
    features=_features,
    compare=_compare,
    higher_is_better=True,
    distance=dissimilarity,
    description="complex wavelet structural similarity: local phase of 8 oriented bands",
    smallest=_smallest,
    options={"grey": ("rounded", "exact"), "pyramid": ("4x8", "6x16")},
    local=_local,
)
