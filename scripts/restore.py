"""Restores an image by gradient descent on a metric, and draws how far each metric gets.

    python scripts/restore.py --out docs/restored.png
    python scripts/restore.py --image photograph.png --metric nlpd --metric lpips.alexnet \
      --weights alexnet=alexnet-owt-7be5be79.pth

starts from noise around the image's mean colour and takes ``--steps`` steps of Adam on
``metric.distance(image, x)``. Without ``--metric`` three that need no download are used, without
``--image`` one that is made by program (dead leaves: discs that hide each other, their sizes drawn
from a power law). It writes a picture and, beside it, the losses as CSV.
"""

import argparse
import csv
import functools
import pathlib
import sys

import jax
import jax.numpy as jnp
import numpy as np
import optax

import jaxiqa
from jaxiqa.cli.main import guarded
from jaxiqa.metrics.load import net_of

DEFAULT = ("ssim", "ms_gmsd", "alexnet.random-0:relu1+relu2/unit")
# The image is kept inside (0, 1) by a logistic; steps are of what goes into it.
RATE = 0.1


def dead_leaves(size: int, seed: int) -> np.ndarray:
    """Returns an image (size, size, 3) of discs, the later ones in front.

    References:
      Lee, Mumford, Huang, "Occlusion models for natural images", IJCV 2001.
    """
    draw = np.random.default_rng(seed)
    rows, columns = np.mgrid[:size, :size]
    image = np.full((size, size, 3), 0.5, np.float32)
    for _ in range(2000):
        # Radii from 2 pixels to a quarter of the image, their density falling as the third power.
        radius = 1 / np.sqrt(draw.uniform(16 / size**2, 1 / 4))
        row, column = draw.uniform(0, size, 2)
        inside = (rows - row) ** 2 + (columns - column) ** 2 < radius**2
        image[inside] = draw.uniform(0.05, 0.95, 3)
    return image


def _start(image: jax.Array, seed: int) -> jax.Array:
    """Logits of noise around the mean colour."""
    colour = jnp.mean(image, axis=(1, 2), keepdims=True)
    noise = 0.1 * jax.random.normal(jax.random.key(seed), image.shape)
    return jax.scipy.special.logit(jnp.clip(colour + noise, 0.02, 0.98))


@functools.partial(jax.jit, static_argnames="steps")
def restore(metric, image: jax.Array, start: jax.Array, *, steps: int):
    """Returns the restored image (1, H, W, 3) and the loss before each step (steps,)."""
    optimiser = optax.adam(optax.cosine_decay_schedule(RATE, steps))

    def loss(logits):
        return metric.distance(image, jax.nn.sigmoid(logits))[0]

    def step(carry, _):
        logits, state = carry
        value, slope = jax.value_and_grad(loss)(logits)
        change, state = optimiser.update(slope, state)
        return (optax.apply_updates(logits, change), state), value

    (logits, _), losses = jax.lax.scan(step, (start, optimiser.init(start)), length=steps)
    return jax.nn.sigmoid(logits), losses


def _draw(path: pathlib.Path, image, start, found: dict) -> None:
    import matplotlib.figure

    figure = matplotlib.figure.Figure(figsize=(3 * (len(found) + 2), 5.6), layout="constrained")
    top, bottom = figure.subfigures(2, 1, height_ratios=(1.2, 1))
    shown = {"image": image, "start": jax.nn.sigmoid(start)}
    shown |= {name: restored for name, (restored, _) in found.items()}
    for axes, (name, picture) in zip(top.subplots(1, len(shown)), shown.items(), strict=True):
        axes.imshow(np.asarray(picture[0]))
        axes.set_title(name.replace(":", "\n"), fontsize=9)
        axes.axis("off")
    axes = bottom.subplots()
    for name, (_, losses) in found.items():
        axes.semilogy(losses / losses[0], label=name)
    axes.set(xlabel="step of Adam", ylabel="distance, relative to the start")
    axes.legend(fontsize=8)
    figure.savefig(path, dpi=80)


def _write_losses(path: pathlib.Path, found: dict) -> None:
    with path.open("w", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(("step", *found))
        rows = zip(*(losses for _, losses in found.values()), strict=True)
        table.writerows((k, *(f"{value:.6g}" for value in row)) for k, row in enumerate(rows))


def _metric(name: str, weights: dict[str, str]) -> jaxiqa.Metric:
    net = (net_of(name) or "").partition(".")[0]
    given = jaxiqa.load_net(net_of(name), weights[net]) if net in weights else None
    return jaxiqa.load_metric(name, net=given)


def _run(words) -> int:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--image", help="it is cropped to its middle, --size pixels square")
    asked.add_argument("--metric", action="append", help="repeat for more")
    asked.add_argument("--weights", action="append", default=[], metavar="NET=FILE")
    asked.add_argument("--steps", type=int, default=200)
    asked.add_argument("--size", type=int, default=160)
    asked.add_argument("--seed", type=int, default=0)
    asked.add_argument("--out", type=pathlib.Path, default=pathlib.Path("restored.png"))
    choices = asked.parse_args(words)
    weights = dict(pair.split("=", 1) for pair in choices.weights)
    made = not choices.image
    whole = dead_leaves(choices.size, 0) if made else jaxiqa.read_image(choices.image)
    top, left = ((extent - choices.size) // 2 for extent in whole.shape[:2])
    image = jnp.asarray(whole[None, top : top + choices.size, left : left + choices.size])
    start, found = _start(image, choices.seed), {}
    for name in choices.metric or DEFAULT:
        restored, losses = restore(_metric(name, weights), image, start, steps=choices.steps)
        found[name] = restored, np.asarray(losses)
        psnr = float(jaxiqa.load_metric("psnr")(image, restored)[0])
        print(f"{name}: {losses[0]:.4g} -> {losses[-1]:.4g}, PSNR {psnr:.1f} dB", flush=True)
    _draw(choices.out, image, start, found)
    _write_losses(choices.out.with_suffix(".csv"), found)
    print(f"wrote {choices.out} and {choices.out.with_suffix('.csv')}")
    return 0


if __name__ == "__main__":
    sys.exit(guarded(_run, sys.argv[1:]))
