"""Times the forward pass of a net here and in torch, by turns, and prints the ratio.

    python scripts/benchmark_forward.py [NET ..] [--size 512x384] [--rounds 20] [--threads 2]

Needs the extra oracles. Both run on the CPU with random weights, one image at a time, up to the
logits; torch in its faster layout (channels last). The median of each is printed; with other load
on the cores neither number means much.
"""

import argparse
import statistics
import sys
import time

import jax
import numpy as np
import torch
from oracle_nets import definition

from jaxiqa.arch import ARCHITECTURES
from jaxiqa.arch.geometry import node_parameters
from jaxiqa.arch.net import Net, responses
from jaxiqa.images import IDENTITY


def _variables(name: str) -> dict:
    """Small random numbers for every array of the net, classifier included."""
    generator, variables = np.random.default_rng(0), {}
    for node, held in node_parameters(ARCHITECTURES[name]).items():
        for parameter in held:
            arrays = variables.setdefault(parameter.collection, {}).setdefault(node, {})
            arrays[parameter.name] = generator.random(parameter.shape, np.float32) / 10
    return jax.tree.map(jax.numpy.asarray, variables)


def _ours(name: str, images: np.ndarray):
    net = Net(_variables(name), ARCHITECTURES[name], IDENTITY, name, "random")
    placed = jax.numpy.asarray(images)
    return lambda: responses(net, placed, taps=("logits",))["logits"].block_until_ready()


def _theirs(name: str, images: np.ndarray):
    model = definition(name).eval().to(memory_format=torch.channels_last)
    given = torch.from_numpy(images.transpose(0, 3, 1, 2).copy())
    given = given.to(memory_format=torch.channels_last)

    def run():
        with torch.inference_mode():
            return model(given)

    return run


def _seconds(run) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def main(words: list[str]) -> None:
    """Prints a line per net: milliseconds here, in torch, and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("nets", nargs="*", default=["efficientnet_b0"], metavar="NET")
    parser.add_argument("--size", default="512x384", help="width x height of the image")
    parser.add_argument("--rounds", type=int, default=20, help="runs of each, by turns")
    parser.add_argument("--threads", type=int, default=2, help="of torch")
    choices = parser.parse_args(words)
    torch.set_num_threads(choices.threads)
    width, height = map(int, choices.size.split("x"))
    images = np.random.default_rng(0).random((1, height, width, 3), np.float32)
    for name in choices.nets:
        ours, theirs = _ours(name, images), _theirs(name, images)
        times = [(_seconds(ours), _seconds(theirs)) for _ in range(choices.rounds + 3)][3:]
        here, there = (1e3 * statistics.median(column) for column in zip(*times, strict=True))
        print(
            f"{name} {choices.size}: {here:.1f} ms, torch {there:.1f} ms, ratio {here / there:.2f}"
        )


if __name__ == "__main__":
    main(sys.argv[1:])
