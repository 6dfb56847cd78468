"""Time of a table of readouts: from a bank, and pair by pair and readout by readout.

    python scripts/benchmark_bank.py --data pairs.csv --net alexnet --weights WEIGHTS.pth

Both sides score the same pairs with the same readouts in one run, the first of them after what is
compiled has been compiled; the distances of both are compared too.
"""

import argparse
import functools
import sys
import tempfile
import time

import jax
import numpy as np

import jaxiqa
from jaxiqa.arch.net import available_taps
from jaxiqa.checkpoints.store import versions
from jaxiqa.data import subset
from jaxiqa.readouts.forms import FORMS


def parser() -> argparse.ArgumentParser:
    """Returns the parser of the options."""
    found = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    found.add_argument("--data", required=True, help="a CSV file of rated pairs")
    found.add_argument("--net", default="alexnet.random-0")
    found.add_argument("--weights", help="of the net, none for random ones")
    found.add_argument("--pairs", type=int, default=30, help="how many are scored")
    found.add_argument("--taps", type=int, default=4, help="how many, spread over the net")
    return found


def timed(function) -> tuple[float, list]:
    """Returns seconds and what the function returned."""
    started = time.perf_counter()
    found = function()
    return time.perf_counter() - started, found


def direct(net, pairs, readouts) -> list:
    """Distances as a metric in a loop gives them: each readout anew for each pair."""
    found = []
    for readout in readouts:
        values = []
        for reference, distorted in zip(pairs.reference, pairs.distorted, strict=True):
            a, b = pairs.read(reference)[None], pairs.read(distorted)[None]
            values.append(float(jaxiqa.distance(net, a, b, readout=readout)[0]))
        found.append(np.array(values))
    return found


def main() -> None:
    """Prints seconds of both sides, their ratio, and how far their distances are apart."""
    choices = parser().parse_args()
    net = jaxiqa.load_net(choices.net, choices.weights)
    every = available_taps(net)
    taps = [every[i] for i in np.linspace(0, len(every) - 1, choices.taps).astype(int)]
    readouts = [jaxiqa.Readout((tap,), form) for form in FORMS for tap in taps]
    whole = jaxiqa.pairs_from_csv(choices.data)
    few, pairs = subset(whole, np.arange(2)), subset(whole, np.arange(choices.pairs))
    with tempfile.TemporaryDirectory() as folder:
        extract = functools.partial(jaxiqa.extract_bank, net, folder=folder)
        extract(few)
        direct(net, few, readouts)
        seconds, bank = timed(lambda: extract(pairs))
        reading, ours = timed(lambda: jaxiqa.distances(bank, readouts))
        looping, theirs = timed(lambda: direct(net, pairs, readouts))
    apart = max(np.abs(a / b - 1).max() for a, b in zip(ours, theirs, strict=True))
    device = jax.devices()[0]
    print(f"{choices.net}, {len(pairs)} pairs, {len(readouts)} readouts, {len(every)} taps kept")
    print(f"bank: {seconds:.2f} s to extract, {reading:.3f} s to read all readouts")
    print(f"pair by pair and readout by readout: {looping:.2f} s")
    more = reading / len(readouts)
    print(f"ratio {looping / (seconds + reading):.1f}; one more readout {more:.4f} s")
    print(f"distances differ by {apart:.1e} at most, relative")
    print(f"{device.platform} {device.device_kind}, {versions()}", file=sys.stderr)


if __name__ == "__main__":
    main()
