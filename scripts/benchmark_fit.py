"""Times a fit of many pairs and channels off simulated contributions: 3,000 and 1,472 of them.

Prints seconds from arrays in memory to weights, the first time (compiling) and again, and how well
planted weights come back.
"""

import argparse
import os
import time

import jax
import numpy as np

from jaxiqa.checkpoints.store import versions
from jaxiqa.readouts.readout import Readout
from jaxiqa.relevance.choices import OPTIMISERS, Choices
from jaxiqa.relevance.design import Design
from jaxiqa.relevance.objectives import OBJECTIVES
from jaxiqa.relevance.opinions import Opinions
from jaxiqa.relevance.together import fits, untold


def simulated(pairs: int, channels: int) -> tuple[Design, Opinions, np.ndarray]:
    """Contributions that share most of their rise, as those of a net do, and noisy opinions."""
    draw = np.random.default_rng(0)
    strength = draw.gamma(1, size=(pairs, 1))
    values = (strength * draw.gamma(2, size=(pairs, channels))).astype(np.float32)[..., None]
    planted = np.where(draw.random(channels) < 0.1, draw.random(channels), 0)
    distance = values[..., 0] @ planted
    opinion = -distance + 0.1 * distance.std() * draw.standard_normal(pairs)
    mean = values[..., 0].mean(axis=0).astype(np.float64)
    design = Design(
        values / np.float32(mean)[None, :, None],
        mean,
        Readout(("tap",), "unit"),
        Readout(("tap",), "unit"),
        {"tap": np.arange(channels)},
        {"tap": np.ones(channels)},
    )
    scenes = np.arange(pairs) % 25
    rows = np.arange(pairs)
    opinions = Opinions("simulated", rows, scenes, None, None, opinion, True, pairs)
    return design, opinions, planted * mean


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=3000)
    parser.add_argument("--channels", type=int, default=1472)
    parser.add_argument("--fits", type=int, default=1, help="side by side, as folds are")
    given = parser.parse_args()
    design, opinions, planted = simulated(given.pairs, given.channels)
    train = np.ones(given.pairs, bool)
    device = jax.devices()[0]
    print(f"{device.platform} {device.device_kind}, {os.cpu_count()} cores, {versions()}")
    for objective in (name for name in OBJECTIVES if name != "2afc"):
        for optimiser in OPTIMISERS:
            seconds = []
            for _ in range(2):
                started = time.monotonic()
                choices = Choices(objective, optimiser)
                found = fits(design, opinions, [train] * given.fits, choices, untold)[0]
                seconds.append(time.monotonic() - started)
            alike = np.corrcoef(found.shares, planted)[0, 1]
            first, again = seconds
            print(
                f"{objective:14} {optimiser:6} {first:6.1f} s, again {again:6.1f} s, "
                f"{found.steps[0]} steps, planted {alike:.3f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
