"""Prints how far narrow dtypes are off, from near threshold to strong distortions.

    python scripts/benchmark_precision.py --net alexnet --weights alexnet-owt-7be5be79.pth IMAGE ..

For each image uniform noise of some grey levels is added; shown are the mean and the largest
relative error of the distance against float32.
"""

import argparse

import jax
import numpy as np

import jaxiqa
from jaxiqa.metrics.load import net_metric
from jaxiqa.metrics.reduced import DTYPES
from jaxiqa.readouts.readout import Readout, parse_form

LEVELS = (0.25, 0.5, 1, 2, 8, 32)  # standard deviation of the noise, in grey levels


def _pairs(paths: list[str], level: float) -> tuple[np.ndarray, np.ndarray]:
    images = np.stack([jaxiqa.read_image(path) for path in paths])
    noise = np.random.default_rng(0).standard_normal(images.shape) * level / 255
    return images, np.clip(images + noise, 0, 1).astype(np.float32)


def main() -> None:
    """Prints a table for each readout."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("images", nargs="+", help="of one size")
    asked.add_argument("--net", default="alexnet.random-0")
    asked.add_argument("--weights")
    asked.add_argument("--readout", action="append", help="such as relu3/unit")
    choices = asked.parse_args()
    net = jaxiqa.load_net(choices.net, choices.weights)
    print(f"{jax.devices()[0].device_kind}, jax {jax.__version__}, {net.name}")
    print("readout, dtype, noise in grey levels, mean error, largest error")
    for text in choices.readout or ("relu3/unit", "relu3/euclidean"):
        tap, _, form = text.partition("/")
        readout = Readout((tap,), *parse_form(form or "euclidean"))
        exact = net_metric(net, readout)
        for dtype in DTYPES[1:]:
            narrow = net_metric(net, readout, dtype=dtype)
            for level in LEVELS:
                pair = _pairs(choices.images, level)
                error = np.asarray(narrow(*pair)) / np.asarray(exact(*pair)) - 1
                largest = np.abs(error).max()
                print(f"{text}, {dtype}, {level}, {error.mean():+.2g}, {largest:.2g}", flush=True)


if __name__ == "__main__":
    main()
