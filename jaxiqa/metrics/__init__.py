"""Metrics: formulas without weights, readouts of nets with theirs, and both as one kind of value.

`METRICS` lists the formulas by name; a new one is a file with a function and a line here.
`jaxiqa.metrics.load.load_metric` makes a `Metric` of any name. Each function takes a reference and
a distorted batch, (N, H, W, 3) RGB in [0, 1], and returns (N,) values.
"""

import dataclasses

import jax
import numpy as np

from jaxiqa.metrics.cw_ssim import CW_SSIM, cw_ssim
from jaxiqa.metrics.dss import DSS, dss
from jaxiqa.metrics.formula import Formula
from jaxiqa.metrics.fsim import FSIM, fsim
from jaxiqa.metrics.gmsd import GMSD, gmsd
from jaxiqa.metrics.haarpsi import HAARPSI, haarpsi
from jaxiqa.metrics.mdsi import MDSI, mdsi
from jaxiqa.metrics.ms_gmsd import MS_GMSD, ms_gmsd
from jaxiqa.metrics.ms_ssim import MS_SSIM, ms_ssim
from jaxiqa.metrics.nlpd import NLPD, nlpd
from jaxiqa.metrics.psnr import PSNR, psnr
from jaxiqa.metrics.ssim import SSIM, ssim
from jaxiqa.metrics.vif import VIF, vif
from jaxiqa.metrics.vsi import VSI, vsi

__all__ = [
    "METRICS",
    "Formula",
    "cw_ssim",
    "dss",
    "fsim",
    "gmsd",
    "haarpsi",
    "mdsi",
    "ms_gmsd",
    "ms_ssim",
    "nlpd",
    "psnr",
    "ssim",
    "to_distance",
    "vif",
    "vsi",
]

METRICS: dict[str, Formula] = {
    "psnr": PSNR,
    "ssim": SSIM,
    "ssim_unrounded": dataclasses.replace(
        SSIM,
        description="structural similarity of unrounded grey, for differences finer than 8 bits",
        options={**SSIM.options, "grey": ("exact",)},
    ),
    "ms_ssim": MS_SSIM,
    "gmsd": GMSD,
    "ms_gmsd": MS_GMSD,
    "fsim": FSIM,
    "vsi": VSI,
    "vif": VIF,
    "haarpsi": HAARPSI,
    "mdsi": MDSI,
    "nlpd": NLPD,
    "cw_ssim": CW_SSIM,
    "dss": DSS,
}


def to_distance(values: jax.Array | np.ndarray, higher_is_better: bool) -> jax.Array | np.ndarray:
    """Returns values that grow as the images become less alike: similarities are negated.

    Only the order is a distance's then: equal images give -1 for SSIM and -inf for PSNR, not 0.

    Args:
      values: (N,) what a metric returned.
      higher_is_better: whether it is a similarity.
    """
    return -values if higher_is_better else values
