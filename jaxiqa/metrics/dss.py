"""DCT subband similarity."""

import math

import jax
import jax.numpy as jnp
import numpy as np

from jaxiqa.metrics.filters import along, bell, pad, separable, shifted
from jaxiqa.metrics.formula import Features, Formula, dissimilarity, evaluate
from jaxiqa.metrics.planes import planes_255
from jaxiqa.metrics.similar import unlike
from jaxiqa.readouts.forms import safe_sqrt

_BLOCK = 8
_WINDOW = bell(3, 1.5)
_DC, _AC = 1000.0, 300.0
_SIGMA, _LEAST_WEIGHT = 1.55, 1e-2
_WORST = 0.05


def dss(
    reference: jax.Array | np.ndarray, distorted: jax.Array | np.ndarray, *, grey: str = "rounded"
) -> jax.Array:
    """Returns the DCT subband similarity, a SIMILARITY of at most 1.

    The recipe of the authors' program `dss_index.m` on the grey of an 8 bit RGB file: DCT of
    blocks of 8 x 8 pixels that are whole, local variances of each subband over 3 x 3 blocks
    (Gaussian of sigma 1.5, 0 beyond the border), the mean of the lowest 5 % of a subband, and a
    Gaussian of sigma 1.55 over subbands as weights, those below 0.01 left out. c = 1000 for the
    subband of block means, which counts the same for structure, and 300 for the others.

        s = (2 s_r s_d + c) / (s_r^2 + s_d^2 + c)        structure = (cov + c) / (s_r s_d + c)

    Args:
      reference: (N, H, W, 3) RGB in [0, 1], H and W at least 32.
      distorted: (N, H, W, 3) RGB in [0, 1].
      grey: "rounded" to whole numbers 0..255, as published, where the gradient is taken as if it
        did not round (straight through); "exact"; or "luma" for 0.299, 0.587, 0.114 without
        rounding, as piq has it.

    Returns:
      (N,) float32, larger = more alike; exactly 1 for equal images, where the gradient is 0.

    Raises:
      InputError: not two batches of one shape, fewer than 32 rows or columns, or an unknown grey.

    References:
      Balanov, Schwartz, Moshe, Peleg, "Image quality assessment based on DCT subband similarity",
      ICIP 2015, and their program dss_index.m.
    """
    return evaluate(DSS, "dss", reference, distorted, grey=grey)


def _dct_rows(count: int) -> np.ndarray:
    """The first rows of the orthonormal DCT matrix, (count, 8)."""
    frequency, position = np.arange(count)[:, None], np.arange(_BLOCK) + 0.5
    rows = np.cos(np.pi * frequency * position / _BLOCK) * math.sqrt(2 / _BLOCK)
    rows[0] = math.sqrt(1 / _BLOCK)
    return rows


def _subbands() -> tuple[list[tuple[int, int]], np.ndarray]:
    """Row and column of each subband with a weight, (0, 0) first, and the weights of sum 1."""
    squares = (np.arange(_BLOCK) + 0.5) ** 2
    weights = np.exp(-(squares[:, None] + squares) / (2 * _SIGMA**2))
    kept = np.argwhere(weights >= _LEAST_WEIGHT)
    chosen = weights[weights >= _LEAST_WEIGHT]
    return [(int(m), int(n)) for m, n in kept], chosen / chosen.sum()


_BANDS, _WEIGHTS = _subbands()
_CONSTANTS = np.array([_DC] + [_AC] * (len(_BANDS) - 1), np.float32).reshape(1, -1, 1, 1)


def _moments_along(x: jax.Array, axis: int) -> tuple[jax.Array, jax.Array]:
    mean = along(x, _WINDOW, axis)
    terms = zip(_WINDOW, shifted(x, len(_WINDOW), axis), strict=True)
    return mean, sum(weight * jnp.square(part - mean) for weight, part in terms)


def _variances(bands: jax.Array) -> jax.Array:
    """Local variances of (N, h, w), of the same shape.

    By the law of total variance: squares of deviations, not the difference of two large numbers.
    """
    column_mean, column_var = _moments_along(pad(bands, (3, 3), border="zeros"), 1)
    between = _moments_along(column_mean, 2)[1]
    return separable(column_var, (1.0,), _WINDOW) + between


def _features(images: jax.Array, *, grey: str) -> Features:
    """Standard deviations (N, K, h, w) of the subbands, and the first subband (N, h, w) itself."""
    planes = planes_255(images, grey)[:, 0]
    n, rows, columns = len(planes), planes.shape[1] // _BLOCK, planes.shape[2] // _BLOCK
    whole = planes[:, : rows * _BLOCK, : columns * _BLOCK]
    blocks = whole.reshape(n, rows, _BLOCK, columns, _BLOCK)
    basis = jnp.asarray(_dct_rows(1 + max(max(band) for band in _BANDS)), jnp.float32)
    highest = jax.lax.Precision.HIGHEST
    found = jnp.einsum("ui,vj,nhiwj->nuvhw", basis, basis, blocks, precision=highest)
    bands = jnp.stack([found[:, m, v] for m, v in _BANDS], axis=1)
    variances = _variances(bands.reshape(-1, rows, columns)).reshape(bands.shape)
    return {"deviation": safe_sqrt(variances), "first": bands[:, 0]}


def _losses(x: Features, y: Features) -> tuple[jax.Array, jax.Array]:
    """1 - s of each subband (N, K, h, w), and 1 - structure of the first (N, h, w)."""
    a, b = x["deviation"], y["deviation"]
    # 2 (s_r s_d - cov) = var(difference) - (s_r - s_d)^2: 0 where the images are equal.
    apart = _variances(x["first"] - y["first"]) - jnp.square(a[:, 0] - b[:, 0])
    return unlike(a, b, _CONSTANTS), apart / (2 * (a[:, 0] * b[:, 0] + _DC))


def _worst(losses: jax.Array) -> jax.Array:
    """Means of the largest 5 % of losses (.., h, w); halves are rounded up as in MATLAB."""
    values = losses.reshape(*losses.shape[:-2], -1)
    count = math.floor(_WORST * values.shape[-1] + 0.5)
    return jnp.mean(jax.lax.top_k(values, count)[0], axis=-1)


def _compare(reference: Features, distorted: Features, *, grey: str) -> jax.Array:
    del grey
    similar, structure = (_worst(losses) for losses in _losses(reference, distorted))
    first = similar[:, 0] + structure - similar[:, 0] * structure
    rest = sum(w * similar[:, k] for k, w in enumerate(_WEIGHTS.tolist()) if k)
    return 1 - (_WEIGHTS[0].item() * first + rest)


def _local(reference: Features, distorted: Features, *, grey: str) -> jax.Array:
    """The loss of each block, over subbands as weighted in the whole, (N, h, w)."""
    del grey
    similar, structure = _losses(reference, distorted)
    first = similar[:, 0] + structure - similar[:, 0] * structure
    rest = sum(w * similar[:, k] for k, w in enumerate(_WEIGHTS.tolist()) if k)
    return _WEIGHTS[0].item() * first + rest


def _smallest(*, grey: str) -> int:
    del grey
    return 32


DSS = Formula(
    features=_features,
    compare=_compare,
    higher_is_better=True,
    distance=dissimilarity,
    description="DCT subband similarity of 8 bit grey",
    smallest=_smallest,
    options={"grey": ("rounded", "exact", "luma")},
    local=_local,
)
