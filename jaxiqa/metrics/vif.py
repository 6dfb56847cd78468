"""Visual information fidelity: how much of the reference's information is kept.

In the pixel domain, the form that is here (`vif_wavelet` has the other): at each of four scales
the distorted image y is, locally, a gain times the reference plus noise, y = g x + v. With the
variances s_x and s_v and that of the eye's own noise s_n = 2,

    vif = sum log(1 + g^2 s_x / (s_v + s_n)) / sum log(1 + s_x / s_n)

In d = y - x these are g = 1 + c / s_x and s_v = s_d - c^2 / s_x, with c = cov(x, d) = (s_y - s_x -
s_d) / 2: nothing is lost where the images are nearly alike.
"""

import functools

import jax
import jax.numpy as jnp
import numpy as np

from jaxiqa.metrics.colour import grey_255
from jaxiqa.metrics.convolution import blurred, correlated
from jaxiqa.metrics.filters import bell, spread
from jaxiqa.metrics.formula import Features, Formula, evaluate
from jaxiqa.metrics.vif_wavelet import wavelet_features, wavelet_information, wavelet_map

_WINDOWS = tuple(bell(size, size / 5) for size in (17, 9, 5, 3))
_NOISE, _LEAST = 2.0, 1e-10


def vif(
    reference: jax.Array | np.ndarray,
    distorted: jax.Array | np.ndarray,
    *,
    grey: str = "rounded",
    form: str = "pixel",
) -> jax.Array:
    """Returns the visual information fidelity, by default in the pixel domain, a SIMILARITY >= 0.

    Both forms are of grey in 0..255, as the authors' programs have them; mean brightness does not
    count. "pixel" is VIFp of vifp_mscale.m: four scales with Gaussian windows of 17, 9, 5 and 3
    pixels inside the image ('valid'), sigma = size / 5, the next scale every second pixel of the
    smoothed one, noise of variance 2. "wavelet" is VIF of vifvec.m, the form of the paper: the
    horizontal and the vertical band of four levels of a steerable pyramid (sp5), vectors of 3 x 3
    coefficients, windows of 17, 9, 5 and 3 coefficients inside the band, noise of variance 0.4.

    Args:
      reference: (N, H, W, 3) RGB in [0, 1], H and W at least 41, or 72 for "wavelet".
      distorted: (N, H, W, 3) RGB in [0, 1]. Not exchangeable with the reference.
      grey: "rounded" to whole numbers 0..255, as MATLAB's rgb2gray of an 8 bit image, or "exact".
        The gradient passes straight through the rounding.
      form: "pixel" or "wavelet".

    Returns:
      (N,) float32, larger = more alike; 1 for equal images, above 1 where contrast was enhanced. A
      flat reference has no information (the original divides 0 by 0): 1 if the distorted image is
      flat too, else 0.

    Raises:
      InputError: not two batches of images of one shape, too few rows or columns, or an unknown
        option.

    References:
      Sheikh, Bovik, "Image information and visual quality", IEEE Transactions on Image Processing
      15(2), 2006; vifp_mscale.m and vifvec.m of the Laboratory for Image and Video Engineering.
    """
    return evaluate(VIF, "vif", reference, distorted, grey=grey, form=form)


def _features(images: jax.Array, *, grey: str, form: str) -> Features:
    """The scales of grey, or their bands, and local variances at each."""
    plane = grey_255(images, rounding=grey == "rounded")
    middle = (plane.max(axis=(1, 2), keepdims=True) + plane.min(axis=(1, 2), keepdims=True)) / 2
    # Only contrast counts: without the middle flat images are exactly 0 at all scales.
    plane = plane - jax.lax.stop_gradient(middle)
    return wavelet_features(plane) if form == "wavelet" else _scales(plane)


def _scales(plane: jax.Array) -> Features:
    found = {}
    for scale, window in enumerate(_WINDOWS):
        if scale:
            plane = blurred(plane, window)[:, ::2, ::2]
        found |= {f"plane{scale}": plane, f"variance{scale}": local_variance(plane, window)}
    return found


@functools.partial(jax.custom_jvp, nondiff_argnums=(1,))
def local_variance(x: jax.Array, window: tuple[float, ...]) -> jax.Array:
    """Returns the variances of (N, H, W) under a separable window, 'valid'.

    By the law of total variance the mean over columns of the variance within each, plus the
    variance over columns of their means: sums of squared deviations, not E[x^2] - E[x]^2.
    """
    mean, within = _moments(x, window, 1)
    _, between = _moments(mean, window, 2)
    return correlated(within, np.asarray(window)[None]) + between


@local_variance.defjvp
def _local_variance_jvp(window, primals, tangents):
    # d var = 2 (E[x dx] - E[x] E[dx])
    (x,), (dx,) = primals, tangents
    d_mean, x_dx = jnp.split(blurred(jnp.concatenate([dx, x * dx]), window), 2)
    return local_variance(x, window), 2 * (x_dx - blurred(x, window) * d_mean)


def _moments(x: jax.Array, window: tuple[float, ...], axis: int) -> tuple[jax.Array, jax.Array]:
    """Mean and variance along an axis."""
    weights = jnp.asarray(window, x.dtype)
    mean = correlated(x, np.asarray(window)[:, None] if axis == 1 else np.asarray(window)[None])

    def add(k, total):
        part = jax.lax.dynamic_slice_in_dim(x, k, mean.shape[axis], axis)
        return total + weights[k] * jnp.square(part - mean)

    return mean, jax.lax.fori_loop(0, len(window), add, jnp.zeros_like(mean))


def _information(x: Features, y: Features) -> list[tuple[jax.Array, jax.Array]]:
    """What the distorted image keeps and what there was, in nats per position of each scale."""
    found = []
    for scale, window in enumerate(_WINDOWS):
        variance, other = x[f"variance{scale}"], y[f"variance{scale}"]
        difference = y[f"plane{scale}"] - x[f"plane{scale}"]
        error = local_variance(difference, window)
        shared = (other - variance - error) / 2
        textured = variance >= _LEAST
        slope = shared / jnp.where(textured, variance, 1)
        gain = 1 + slope
        # As published: nothing is passed on from flat to flat, nor by a negative gain.
        passed = textured & (other >= _LEAST) & (gain > 0)
        noise = jnp.maximum(jnp.where(passed, error - slope * shared, 0), 0)
        kept = jnp.square(gain) * variance / (noise + _NOISE)
        there = jnp.where(textured, variance / _NOISE, 0)
        found.append((jnp.log1p(jnp.where(passed, kept, 0)), jnp.log1p(there)))
    return found


def _compare(reference: Features, distorted: Features, *, grey: str, form: str) -> jax.Array:
    del grey
    informed = wavelet_information if form == "wavelet" else _information
    information = informed(reference, distorted)
    kept, there = (sum(jnp.sum(scale[k], axis=(1, 2)) for scale in information) for k in (0, 1))
    nothing = there == 0
    finest = distorted["variance0"]
    flat = jnp.max(finest, axis=range(1, finest.ndim)) < _LEAST
    of_nothing = jnp.where(flat, 1.0, 0.0).astype(kept.dtype)
    return jnp.where(nothing, of_nothing, kept / jnp.where(nothing, 1, there))


def _local(reference: Features, distorted: Features, *, grey: str, form: str) -> jax.Array:
    """The information lost (or gained) at the finest scale, in nats per pixel."""
    del grey
    if form == "wavelet":
        return wavelet_map(reference, distorted)
    kept, there = _information(reference, distorted)[0]
    return spread(jnp.abs(there - kept), *reference["plane0"].shape[1:])


def _smallest(*, grey: str, form: str) -> int:
    del grey
    # buildSpyr.m makes no four levels of less than 9 pixels at the coarsest.
    return 72 if form == "wavelet" else 41


def _apart(fidelity):
    """|1 - fidelity|: more contrast than the reference has makes it exceed 1."""
    return abs(1 - fidelity)


VIF = Formula(
    features=_features,
    compare=_compare,
    higher_is_better=True,
    distance=_apart,
    description="visual information fidelity in the pixel domain or of wavelets, of 8 bit grey",
    smallest=_smallest,
    options={"grey": ("rounded", "exact"), "form": ("pixel", "wavelet")},
    local=_local,
)
