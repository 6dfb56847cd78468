"""Multi-scale structural similarity."""

import jax
import jax.numpy as jnp
import numpy as np

from jaxiqa.metrics.filters import average, enlarge, spread
from jaxiqa.metrics.formula import Features, Formula, dissimilarity, evaluate
from jaxiqa.metrics.planes import each_plane, planes_255
from jaxiqa.metrics.ssim import local_moments

_WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
_LAST = len(_WEIGHTS) - 1
_C1, _C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
# By so much a map is smaller than its image.
_REACH = 10


def ms_ssim(
    reference: jax.Array | np.ndarray,
    distorted: jax.Array | np.ndarray,
    *,
    grey: str = "rounded",
    pooling: str = "product",
) -> jax.Array:
    """Returns the multi-scale structural similarity, a SIMILARITY.

    The recipe of the authors' program `msssim.m` on an 8 bit RGB file: MATLAB's rgb2gray in whole
    numbers 0..255, five scales, each half the last by means over 2 x 2 pixels (an odd border is
    repeated), on each the contrast and structure of SSIM (Gaussian window 11 x 11 of sigma 1.5
    inside the image, K1 = 0.01, K2 = 0.03, L = 255), on the last one its luminance too, averaged
    over the map; weights 0.0448, 0.2856, 0.3001, 0.2363, 0.1333.

        ms-ssim = cs_1^w_1 cs_2^w_2 cs_3^w_3 cs_4^w_4 ssim_5^w_5

    Args:
      reference: (N, H, W, 3) RGB in [0, 1], H and W at least 176, as the program demands.
      distorted: (N, H, W, 3) RGB in [0, 1].
      grey: "rounded" to whole numbers, as published, where the gradient is taken as if it did not
        round (straight through); "exact"; "luma" for 0.299, 0.587, 0.114 without rounding; or
        "channels" for the mean of the values of R, G and B, as piq and pytorch-msssim have it.
      pooling: "product", the program's default; or "sum" for its 'wtd_sum', the mean of the scales
        with weights of sum 1.

    Returns:
      (N,) float32, larger = more alike; exactly 1 for equal images, where the gradient is 0. In
      [0, 1] for the product, which is 0, with gradient 0, once the mean of a scale is not above 0
      (the program's value is complex then); in [-1, 1] for the sum.

    Raises:
      InputError: not two batches of one shape, fewer than 176 rows or columns, or an unknown
        option.

    References:
      Wang, Simoncelli, Bovik, "Multi-scale structural similarity for image quality assessment",
      Asilomar Conference on Signals, Systems and Computers, 2003, and their program msssim.m.
    """
    return evaluate(MS_SSIM, "ms_ssim", reference, distorted, grey=grey, pooling=pooling)


def _half(planes: jax.Array) -> jax.Array:
    odd = [(0, extent % 2) for extent in planes.shape[1:]]
    return average(jnp.pad(planes, ((0, 0), *odd), mode="edge"), 2)


def _sizes(height: int, width: int) -> list[tuple[int, int]]:
    sizes = [(height, width)]
    for _ in _WEIGHTS[1:]:
        sizes.append(tuple(-(-extent // 2) for extent in sizes[-1]))
    return sizes


def _corners(sizes: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Where each scale lies in the sheet: the first at the left, the others below each other."""
    tops = np.cumsum([0, *(height for height, _ in sizes[1:])]).tolist()
    return [(0, 0), *((top, sizes[0][1]) for top in tops[:-1])]


def _sheet(planes: jax.Array) -> jax.Array:
    """All scales of planes (N, H, W) on one sheet (N, H, W + ceil(W / 2)).

    One filter serves them all so; windows that lie across two scales are never looked at.
    """
    n, height, width = planes.shape
    sizes = _sizes(height, width)
    sheet = jnp.zeros((n, height, width + sizes[1][1]), planes.dtype)
    for top, left in _corners(sizes):
        sheet = jax.lax.dynamic_update_slice(sheet, planes, (0, top, left))
        planes = _half(planes)
    return sheet


def _features(images: jax.Array, *, grey: str, pooling: str) -> Features:
    """The sheet (N, C, h, w) of all scales, its local means and variances."""
    del pooling
    sheet = each_plane(_sheet, planes_255(images, grey))
    mean, var = each_plane(local_moments, sheet)
    return {"sheet": sheet, "mean": mean, "var": var}


def _layout(sheet: jax.Array) -> list[tuple[int, int, int, int]]:
    """Top, left, height and width of each scale on a sheet."""
    height, both = sheet.shape[-2:]
    # W + ceil(W / 2) = ceil(3 W / 2)
    sizes = _sizes(height, 2 * both // 3)
    return [(*at, *size) for at, size in zip(_corners(sizes), sizes, strict=True)]


def _losses(x: Features, y: Features) -> list[jax.Array]:
    """1 - cs of each scale, 1 - ssim of the last, (N, C, h - 10, w - 10).

    Taken from the difference of the images, so that small ones keep their digits.
    """
    mean, var = each_plane(local_moments, x["sheet"] - y["sheet"])
    structure = var / (x["var"] + y["var"] + _C2)
    luminance = jnp.square(mean) / (jnp.square(x["mean"]) + jnp.square(y["mean"]) + _C1)
    # 1 - (1 - l)(1 - s)
    both = luminance + structure - luminance * structure
    maps = [structure] * _LAST + [both]
    return [
        losses[..., top : top + height - _REACH, left : left + width - _REACH]
        for losses, (top, left, height, width) in zip(maps, _layout(x["sheet"]), strict=True)
    ]


def _product(losses: jax.Array) -> jax.Array:
    """Of 1 - losses (N, C, 5), each to the power of its weight."""
    none = jnp.any(losses >= 1, axis=-1)
    logs = jnp.log1p(-jnp.where(none[..., None], 0, losses))
    powers = sum(w * logs[..., k] for k, w in enumerate(_WEIGHTS))
    return jnp.where(none, 0, jnp.exp(powers))


def _compare(reference: Features, distorted: Features, *, grey: str, pooling: str) -> jax.Array:
    del grey
    maps = _losses(reference, distorted)
    losses = jnp.stack([jnp.mean(scale, axis=(2, 3)) for scale in maps], axis=-1)
    if pooling == "product":
        return jnp.mean(_product(losses), axis=1)
    mean = sum(w * losses[..., k] for k, w in enumerate(_WEIGHTS)) / sum(_WEIGHTS)
    return 1 - jnp.mean(mean, axis=1)


def _local(reference: Features, distorted: Features, **options: str) -> jax.Array:
    """The mean loss of scales and channels at each pixel, (N, H, W)."""
    del options
    layout, total = _layout(reference["sheet"]), 0
    scales = zip(_WEIGHTS, _losses(reference, distorted), layout, strict=True)
    for weight, losses, (*_, height, width) in scales:
        whole = enlarge(spread(jnp.mean(losses, axis=1), height, width), *layout[0][2:])
        total = total + weight / sum(_WEIGHTS) * whole
    return total


def _smallest(**options: str) -> int:
    del options
    return 11 * 2**_LAST


MS_SSIM = Formula(
    features=_features,
    compare=_compare,
    higher_is_better=True,
    distance=dissimilarity,
    description="multi-scale structural similarity of 8 bit grey",
    smallest=_smallest,
    options={"grey": ("rounded", "exact", "luma", "channels"), "pooling": ("product", "sum")},
    local=_local,
)
