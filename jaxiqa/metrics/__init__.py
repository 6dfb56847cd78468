"""Metrics: formulas without weights, readouts of nets with theirs, and both as one kind of value.

`METRICS` lists the formulas by name; a new one is a file with a function and a line here.
`jaxiqa.metrics.load.load_metric` makes a `Metric` of any name. Each function takes a reference and
a distorted batch, (N, H, W, 3) RGB in [0, 1], and returns (N,) values.
"""

import dataclasses

import jax
import numpy as np

from jaxiqa.metrics.formula import Formula
from jaxiqa.metrics.psnr import PSNR, psnr
from jaxiqa.metrics.ssim import SSIM, ssim

__all__ = ["METRICS", "Formula", "psnr", "ssim", "to_distance"]

METRICS: dict[str, Formula] = {
    "psnr": PSNR,
    "ssim": SSIM,
    "ssim_unrounded": dataclasses.replace(
        SSIM,
        description="structural similarity of unrounded grey, for differences finer than 8 bits",
        options={**SSIM.options, "grey": ("exact",)},
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
