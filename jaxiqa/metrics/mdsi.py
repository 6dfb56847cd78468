"""Mean deviation similarity index: gradients of both images and of their mean, and chroma."""

import math

import jax
import jax.numpy as jnp
import numpy as np

from jaxiqa.metrics.colour import mix
from jaxiqa.metrics.formula import Features, Formula, evaluate, unchanged
from jaxiqa.metrics.gradients import coarser, magnitude, prewitt
from jaxiqa.metrics.similar import factor
from jaxiqa.readouts.forms import safe_divide, safe_sqrt

_L, _H, _M = (0.2989, 0.5870, 0.1140), (0.30, 0.04, -0.35), (0.34, -0.60, 0.17)
_C1, _C2, _C3 = 140.0, 55.0, 550.0
_GRADIENT_SHARE = 0.6
_GRADIENT_POWER, _CHROMA_POWER = 0.2, 0.1
_POWER = 0.25

Gradient = tuple[jax.Array, jax.Array]


def mdsi(
    reference: jax.Array | np.ndarray,
    distorted: jax.Array | np.ndarray,
    *,
    combination: str = "sum",
) -> jax.Array:
    """Returns the mean deviation similarity index, a DISTANCE.

    The recipe of the authors' program `MDSI.m`: RGB in 0..255, means over F x F pixels of which
    every F-th is kept, F = the smaller of height and width / 256, rounded; luminance L and
    opponent colours H, M; Prewitt gradients / 3 of both L and of their mean, 0 beyond the border;
    C1 = 140, C2 = 55, C3 = 550.

        gs = gs_rd + gs_df - gs_rf            gcs = 0.6 gs + 0.4 cs, or gs^0.2 cs^0.1
        mdsi = (mean |gcs^(1/4) - mean gcs^(1/4)|)^(1/4)

    gs and cs may be below 0: as in the program their powers are complex then, of the first branch.

    Args:
      reference: (N, H, W, 3) RGB in [0, 1], H and W at least 3.
      distorted: (N, H, W, 3) RGB in [0, 1].
      combination: "sum", or "mult" for the product of powers.

    Returns:
      (N,) float32, larger = less alike; exactly 0 for equal images, where the gradient is 0. The
      last root makes much of little: a mean deviation of 0.0001 gives 0.1. The images may not be
      exchanged: gs favours one of them.

    Raises:
      InputError: not two batches of one shape, fewer than 3 rows or columns, or an unknown
        combination.

    References:
      Nafchi, Shahkolaei, Hedjam, Cheriet, "Mean deviation similarity index: efficient and reliable
      full-reference image quality evaluator", IEEE Access 4, 2016, and their program MDSI.m.
    """
    return evaluate(MDSI, "mdsi", reference, distorted, combination=combination)


def _features(images: jax.Array, *, combination: str) -> Features:
    """Gradients of L and the planes H and M, (N, h, w) each."""
    del combination
    step = factor(*images.shape[1:3])
    light, h, m = (coarser(mix(images * 255, row), step) for row in (_L, _H, _M))
    across, down = prewitt(light)
    return {"across": across, "down": down, "h": h, "m": m}


def _gradient_loss(a: Gradient, b: Gradient, apart: Gradient, constant: float) -> jax.Array:
    """1 - similarity of the lengths of a and b = a + apart, 0 where apart is.

    |b| - |a| = (b - a) (b + a) / (|b| + |a|) keeps the digits of a small difference.
    """
    crossed = sum(d * (x + y) for d, x, y in zip(apart, a, b, strict=True))
    longer = safe_divide(crossed, magnitude(*a) + magnitude(*b))
    squares = sum(jnp.square(x) for x in (*a, *b))
    return jnp.square(longer) / (squares + constant)


def _losses(x: Features, y: Features) -> tuple[jax.Array, jax.Array]:
    """1 - gs and 1 - cs, (N, h, w) each."""
    r, d = ((found["across"], found["down"]) for found in (x, y))
    apart = tuple(b - a for a, b in zip(r, d, strict=True))
    half = tuple(step / 2 for step in apart)
    fused = tuple(a + step for a, step in zip(r, half, strict=True))
    gradient = _gradient_loss(r, d, apart, _C1) + (
        _gradient_loss(fused, d, half, _C2) - _gradient_loss(r, fused, half, _C2)
    )
    squares = sum(jnp.square(x[name] - y[name]) for name in "hm")
    chroma = squares / (sum(jnp.square(z[name]) for z in (x, y) for name in "hm") + _C3)
    return gradient, chroma


def _log_size(loss: jax.Array) -> jax.Array:
    """log |1 - loss|, so low where that is 0 that no power of it is left."""
    none = loss == 1
    below = jnp.where(loss < 1, -loss, loss - 2)
    return jnp.where(none, -1e4, jnp.log1p(jnp.where(none, 0, below)))


def _phase(loss: jax.Array, power: float) -> jax.Array:
    """The direction of (1 - loss)^power in the complex plane."""
    turn = math.pi * power
    return jnp.where(loss > 1, jnp.complex64(complex(math.cos(turn), math.sin(turn))), 1)


def _short_of_one(x: Features, y: Features, combination: str) -> tuple[jax.Array, jax.Array]:
    """Real and imaginary part of 1 - gcs^(1/4), (N, h, w) each."""
    gradient, chroma = _losses(x, y)
    if combination == "sum":
        both = _GRADIENT_SHARE * gradient + (1 - _GRADIENT_SHARE) * chroma
        factors = [(both, _POWER)]
    else:
        factors = [(gradient, _POWER * _GRADIENT_POWER), (chroma, _POWER * _CHROMA_POWER)]
    less = jnp.expm1(sum(power * _log_size(loss) for loss, power in factors))
    turned = 1 - math.prod(_phase(loss, power) for loss, power in factors)
    # 1 - s p = (1 - s) + s (1 - p)
    return (1 + less) * turned.real - less, (1 + less) * turned.imag


def _length(real: jax.Array, imaginary: jax.Array) -> jax.Array:
    return safe_sqrt(jnp.square(real) + jnp.square(imaginary))


def _compare(reference: Features, distorted: Features, *, combination: str) -> jax.Array:
    parts = _short_of_one(reference, distorted, combination)
    apart = (part - jnp.mean(part, axis=(1, 2), keepdims=True) for part in parts)
    return safe_sqrt(safe_sqrt(jnp.mean(_length(*apart), axis=(1, 2))))


def _local(reference: Features, distorted: Features, *, combination: str) -> jax.Array:
    """|1 - gcs^(1/4)|, (N, h, w)."""
    return _length(*_short_of_one(reference, distorted, combination))


def _smallest(*, combination: str) -> int:
    del combination
    return 3


MDSI = Formula(
    features=_features,
    compare=_compare,
    higher_is_better=False,
    distance=unchanged,
    description="mean deviation similarity index of gradients and chroma",
    smallest=_smallest,
    options={"combination": ("sum", "mult")},
    local=_local,
)
