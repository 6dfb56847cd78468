"""Structural similarity as published: grey, full resolution, in a form that float32 can bear.

With m the local means, v the local variances and d = reference - distorted,

    ssim = (2 m_x m_y + C1) (2 cov + C2) / ((m_x^2 + m_y^2 + C1) (v_x + v_y + C2))
         = (1 - m_d^2 / (m_x^2 + m_y^2 + C1)) (1 - v_d / (v_x + v_y + C2))

The second form measures the deviation from 1 directly, and the variances are sums of squared
deviations from the local mean, not E[x^2] - E[x]^2: on bright images of low contrast that would
leave only rounding errors of float32.
"""

import jax
import jax.numpy as jnp
import numpy as np

from jaxiqa.metrics.colour import grey_255
from jaxiqa.metrics.filters import along, bell, pad, separable, shifted, spread
from jaxiqa.metrics.formula import Features, Formula, dissimilarity, evaluate
from jaxiqa.metrics.similar import factor

_SIZE = 11
_WINDOW = bell(_SIZE, 1.5)
_C1, _C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2


def ssim(
    reference: jax.Array | np.ndarray,
    distorted: jax.Array | np.ndarray,
    *,
    grey: str = "rounded",
    downsample: str = "none",
) -> jax.Array:
    """Returns the structural similarity of the grey images, a SIMILARITY in [-1, 1].

    The recipe of the authors' program `ssim_index.m`: Gaussian window 11 x 11 of sigma 1.5 inside
    the image ('valid'), K1 = 0.01, K2 = 0.03, L = 255, mean over the map, no downsampling.

    Args:
      reference: (N, H, W, 3) RGB in [0, 1], H and W at least 11.
      distorted: (N, H, W, 3) RGB in [0, 1].
      grey: "rounded" to whole numbers 0..255, as published; "exact"; or "channels" for the mean of
        the similarities of R, G and B. Rounding has no slope, so with "rounded" the gradient is
        taken as if it did not round (straight through).
      downsample: "none", or "256" for the authors' advice of later years, `ssim.m`: means over f x
        f pixels, every f-th of them kept, f = the smaller of height and width / 256, rounded.

    Returns:
      (N,) float32, larger = more alike; 1 for equal images.

    Raises:
      InputError: not two batches of one shape, fewer than 11 rows or columns, or an unknown option.

    References:
      Wang, Bovik, Sheikh, Simoncelli, "Image quality assessment: from error visibility to
      structural similarity", IEEE Transactions on Image Processing 13(4), 2004, and their programs.
    """
    return evaluate(SSIM, "ssim", reference, distorted, grey=grey, downsample=downsample)


def _downsampled(planes: jax.Array) -> jax.Array:
    """Every f-th mean over f x f pixels, beyond the border mirrored."""
    if (size := factor(*planes.shape[1:])) == 1:
        return planes
    means = separable(pad(planes, (size, size), border="symmetric"), (1 / size,) * size)
    return means[:, ::size, ::size]


def _features(images: jax.Array, *, grey: str, downsample: str) -> Features:
    """Planes (N, C, h, w) in 0..255 with their local means and variances."""
    n, height, width, _ = images.shape
    if grey == "channels":
        planes = jnp.moveaxis(images * 255, -1, 1).reshape(-1, height, width)
    else:
        planes = grey_255(images, rounding=grey == "rounded")
    planes = _downsampled(planes) if downsample == "256" else planes
    mean, var = local_moments(planes)
    found = {"planes": planes, "mean": mean, "var": var}
    return {name: values.reshape(n, -1, *values.shape[1:]) for name, values in found.items()}


def _losses(x: Features, y: Features) -> jax.Array:
    """1 - similarity at each position, (N, C, h - 10, w - 10): small losses keep their digits."""
    difference = x["planes"] - y["planes"]
    mean, var = local_moments(difference.reshape(-1, *difference.shape[2:]))
    mean, var = (values.reshape(x["mean"].shape) for values in (mean, var))
    luminance = jnp.square(mean) / (jnp.square(x["mean"]) + jnp.square(y["mean"]) + _C1)
    structure = var / (x["var"] + y["var"] + _C2)
    # 1 - (1 - l)(1 - s)
    return luminance + structure - luminance * structure


def _compare(reference: Features, distorted: Features, **options: str) -> jax.Array:
    del options
    return 1 - jnp.mean(_losses(reference, distorted), axis=(1, 2, 3))


def _local(reference: Features, distorted: Features, **options: str) -> jax.Array:
    del options
    losses = jnp.mean(_losses(reference, distorted), axis=1)
    return spread(losses, *reference["planes"].shape[2:])


@jax.custom_jvp
def local_moments(x: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Returns the Gaussian-weighted local mean and variance, (N, H - 10, W - 10) each.

    The window is separable, so by the law of total variance the variance is the mean over columns
    of the variance within each, plus the variance over columns of their means.

    Args:
      x: (N, H, W).
    """
    column_mean, column_var = _moments_along(x, 1)
    mean, between = _moments_along(column_mean, 2)
    return mean, along(column_var, _WINDOW, 2) + between


@local_moments.defjvp
def _local_moments_jvp(primals, tangents):
    # d var = 2 (E[x dx] - mean E[dx]); the sums above, differentiated as written, cost twice this.
    (x,), (dx,) = primals, tangents
    mean, var = local_moments(x)
    d_mean, x_dx = jnp.split(separable(jnp.concatenate([dx, x * dx]), _WINDOW), 2)
    return (mean, var), (d_mean, 2 * (x_dx - mean * d_mean))


def _moments_along(x: jax.Array, axis: int) -> tuple[jax.Array, jax.Array]:
    mean = along(x, _WINDOW, axis)
    terms = zip(_WINDOW, shifted(x, _SIZE, axis), strict=True)
    return mean, sum(weight * jnp.square(part - mean) for weight, part in terms)


def _smallest(*, grey: str, downsample: str) -> int:
    del grey, downsample
    return _SIZE


SSIM = Formula(
    features=_features,
    compare=_compare,
    higher_is_better=True,
    distance=dissimilarity,
    description="structural similarity of 8 bit grey, full resolution",
    smallest=_smallest,
    options={"grey": ("rounded", "exact", "channels"), "downsample": ("none", "256")},
    local=_local,
)
