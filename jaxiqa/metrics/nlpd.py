"""Normalised Laplacian pyramid distance: what six scales of the early visual system see differ.

Each level z of a Laplacian pyramid is divided by sigma + a weighted sum of its neighbours' |z|;
the distance is the mean over levels of the root mean square difference.
"""

import jax
import jax.numpy as jnp
import numpy as np

from jaxiqa.metrics.colour import grey_255
from jaxiqa.metrics.convolution import correlated
from jaxiqa.metrics.filters import enlarge, pad
from jaxiqa.metrics.formula import Features, Formula, evaluate, unchanged
from jaxiqa.readouts.forms import safe_sqrt

_LOW_PASS = {
    "matlab": (0.05, 0.25, 0.4, 0.25, 0.05),
    "plenoptic": (1 / 16, 1 / 4, 3 / 8, 1 / 4, 1 / 16),
}
_BORDERS = {"matlab": ("symmetric", "edge"), "plenoptic": ("reflect", "reflect")}
# conv2 turns the weights of the neighbours around, PyTorch's convolution does not.
_TURN = {"matlab": -1, "plenoptic": 1}

_SIGMAS = (0.0248, 0.0185, 0.0179, 0.0191, 0.0220, 0.2782)
# Weights by (row, column) of the neighbour, learned on the McGill images to make levels Gaussian.
_NEIGHBOURS = (
    {(-1, 0): 0.1011, (0, -1): 0.1493, (0, 1): 0.1460, (0, 2): 0.0072, (1, 0): 0.1015},
    {(-1, 0): 0.0757, (0, -1): 0.1986, (0, 1): 0.1846, (1, 0): 0.0837},
    {(-1, 0): 0.0477, (0, -1): 0.2138, (0, 1): 0.2243, (1, 0): 0.0467},
    {(0, -1): 0.2503, (0, 1): 0.2616},
    {(0, -1): 0.2598, (0, 1): 0.2552},
    {(0, -1): 0.2215, (0, 1): 0.0717},
)
_LEVELS = len(_SIGMAS)


def nlpd(
    reference: jax.Array | np.ndarray,
    distorted: jax.Array | np.ndarray,
    *,
    grey: str = "rounded",
    program: str = "matlab",
) -> jax.Array:
    """Returns the normalised Laplacian pyramid distance, a DISTANCE.

    As the authors' program NLP_dist.m: grey in [0, 1], six levels (the last is the low-pass
    residual), low-pass filter of Burt and Adelson, mirrored at the border.

    Args:
      reference: (N, H, W, 3) RGB in [0, 1].
      distorted: (N, H, W, 3) RGB in [0, 1].
      grey: "rounded" to 8 bits, as of MATLAB's rgb2gray of a file, or "exact". The gradient passes
        straight through the rounding.
      program: "matlab", or "plenoptic" for that package's: binomial low-pass filter, the image
        reflected at the border, and the weights of the neighbours turned around.

    Returns:
      (N,) float32, larger = less alike; 0 for equal images.

    Raises:
      InputError: not two batches of images of one shape, images below 16 x 16 (33 x 33 for
        "plenoptic"), or an unknown option.

    References:
      Laparra, Ballé, Berardino, Simoncelli, "Perceptual image quality assessment using a normalized
      Laplacian pyramid", Human Vision and Electronic Imaging 2016; NLP_dist.m by the same;
      Duong et al., "Plenoptic: a platform for synthesizing model-optimized visual stimuli", 2023.
    """
    return evaluate(NLPD, "nlpd", reference, distorted, grey=grey, program=program)


def _features(images: jax.Array, *, grey: str, program: str) -> Features:
    """The normalised levels, fine to coarse."""
    low = grey_255(images, rounding=grey == "rounded") / 255
    found = {}
    for level, sigma in enumerate(_SIGMAS):
        band, low = _split(low, program) if level + 1 < _LEVELS else (low, low)
        around = _around(jnp.abs(band), _NEIGHBOURS[level], _TURN[program])
        found[f"level{level}"] = band / (sigma + around)
    return found


def _split(image: jax.Array, program: str) -> tuple[jax.Array, jax.Array]:
    """An image as the detail that every second pixel of its low-pass version lacks, and those."""
    window = np.outer(_LOW_PASS[program], _LOW_PASS[program])
    before, after = _BORDERS[program]
    low = correlated(pad(image, (5, 5), border=before), window, step=2)
    beyond = jnp.pad(low, ((0, 0), (1, 1), (1, 1)), mode=after)
    smooth = correlated(beyond, 4 * window, apart=2)
    return image - smooth[:, : image.shape[1], : image.shape[2]], low


def _around(sizes: jax.Array, weights: dict[tuple[int, int], float], turn: int) -> jax.Array:
    """The weighted sums of neighbours, zeros beyond the border."""
    window = np.zeros((5, 5))
    for (row, column), weight in weights.items():
        window[2 + turn * row, 2 + turn * column] = weight
    return correlated(pad(sizes, window.shape, border="zeros"), window)


def _compare(reference: Features, distorted: Features, **options: str) -> jax.Array:
    del options
    squares = (jnp.square(reference[name] - distorted[name]) for name in reference)
    return sum(safe_sqrt(jnp.mean(square, axis=(1, 2))) for square in squares) / _LEVELS


def _local(reference: Features, distorted: Features, **options: str) -> jax.Array:
    """The mean over levels of the absolute differences."""
    del options
    size = reference["level0"].shape[1:]
    levels = (jnp.abs(reference[name] - distorted[name]) for name in reference)
    return sum(enlarge(level, *size) for level in levels) / _LEVELS


def _smallest(*, grey: str, program: str) -> int:
    del grey
    return 33 if program == "plenoptic" else 16


NLPD = Formula(
    features=_features,
    compare=_compare,
    higher_is_better=False,
    distance=unchanged,
    description="normalised Laplacian pyramid distance of 8 bit grey",
    smallest=_smallest,
    options={"grey": ("rounded", "exact"), "program": ("matlab", "plenoptic")},
    local=_local,
)
