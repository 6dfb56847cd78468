"""Metrics that need no net, and the one place where a similarity becomes a distance.

`METRICS` lists them by name; a new one is a file with a function and a line here. Each function
takes a reference and a distorted batch, (N, H, W, 3) RGB in [0, 1], and returns (N,) values.
"""

import dataclasses
import functools
from collections.abc import Callable

import jax
import numpy as np

from jaxiqa.metrics.psnr import psnr
from jaxiqa.metrics.ssim import ssim

__all__ = ["METRICS", "SimpleMetric", "psnr", "ssim", "to_distance"]


@dataclasses.dataclass(frozen=True)
class SimpleMetric:
    """A metric without weights.

    Attributes:
      function: takes `(reference, distorted)`, returns (N,) values.
      higher_is_better: True for a similarity, False for a distance.
      distance: takes those values, returns (N,) that are 0 for equal images and grow from there.
      description: what is computed, in one line.
    """

    function: Callable[..., jax.Array]
    higher_is_better: bool
    distance: Callable[[np.ndarray], np.ndarray]
    description: str


def _root_mean_square(decibels: np.ndarray) -> np.ndarray:
    """The error of which the PSNR tells the logarithm: 10^(-dB / 20) of the peak."""
    return 10 ** (-decibels / 20)


def _dissimilarity(similarity: np.ndarray) -> np.ndarray:
    return 1 - similarity


METRICS = {
    "psnr": SimpleMetric(
        psnr, True, _root_mean_square, "peak signal to noise ratio over RGB, in dB"
    ),
    "ssim": SimpleMetric(
        ssim, True, _dissimilarity, "structural similarity of 8 bit grey, full resolution"
    ),
    "ssim_unrounded": SimpleMetric(
        functools.partial(ssim, grey="exact"),
        True,
        _dissimilarity,
        "structural similarity of unrounded grey, for differences finer than 8 bits",
    ),
}


def to_distance(values: jax.Array | np.ndarray, higher_is_better: bool) -> jax.Array | np.ndarray:
    """Returns values that grow as the images become less alike: similarities are negated.

    Only the order is a distance's then: equal images give -1 for SSIM and -inf for PSNR, not 0.

    Args:
      values: (N,) what a metric returned.
      higher_is_better: whether it is a similarity.
    """
    return -values if higher_is_better else values
