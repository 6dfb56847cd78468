"""Holds the images that pocket nets are trained on against photographs.

    python scripts/compare_world.py PHOTOGRAPHS --out docs/world.png --table docs/world.csv

The photographs of a folder are cut into patches of 64 pixels, as large as what the nets are shown,
and as many held-out scenes are painted. The table has a row for each statistic, the figure examples
of all classes, power spectra, marginals of filter responses, and colours.
"""

import argparse
import csv
import functools
import pathlib

import numpy as np
from rich.console import Console
from rich.progress import Progress
from world_figure import draw_world

from jaxiqa.checks import InputError
from jaxiqa.cli.main import guarded
from jaxiqa.images import read_image
from jaxiqa.training import pool
from jaxiqa.training.goal import CROP
from jaxiqa.whole import write_whole
from jaxiqa.world import statistics

# Cycles per pixel: two octaves are told below it and two above.
MIDDLE = 1 / 8
BLOCKS = (2, 4, 8)
PERCENTILES = (5, 25, 50, 75, 95)


def photographed(folder: pathlib.Path) -> np.ndarray:
    """Returns all patches (N, CROP, CROP, 3) of the photographs in a folder."""
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder, expected one of photographs")
    paths = sorted(path for path in folder.iterdir() if path.is_file())
    cut = [statistics.patches(read_image(path), CROP) for path in paths]
    if not sum(map(len, cut)):
        raise InputError(f"{folder}: no photograph of at least {CROP} x {CROP} pixels in there")
    return np.concatenate(cut)


def painted(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns as many scenes, cut to the same size, and their classes."""
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal) as bars:
        task = bars.add_task("painting", total=count)
        advance = functools.partial(bars.advance, task)
        found, labels = pool.painted(pool.HELD_OUT, count, advance=advance)
    return found[:, :CROP, :CROP].astype(np.float32) / 255, labels


def measures(images: np.ndarray) -> dict[str, str]:
    """Returns each statistic of patches (N, s, s, 3), as the table has it."""
    greys = statistics.luma(images)
    exponent = functools.partial(statistics.spectral_exponent, greys)
    found = {
        "patches": str(len(images)),
        "spectral exponent": f"{exponent():.2f}",
        "spectral exponent below 1/8 cycle per pixel": f"{exponent(high=MIDDLE):.2f}",
        "spectral exponent above 1/8 cycle per pixel": f"{exponent(low=MIDDLE):.2f}",
    }
    right, down = map(statistics.kurtosis, statistics.derivatives(greys))
    found["kurtosis of differences to the right"] = f"{right:.1f}"
    found["kurtosis of differences downwards"] = f"{down:.1f}"
    for width in BLOCKS:
        each = [statistics.kurtosis(part) for part in statistics.haar(greys, width)]
        found[f"kurtosis of Haar's filters, {width} x {width}"] = f"{np.mean(each):.1f}"
    found["mean colour"] = _numbers(images.mean((0, 1, 2)))
    deviations, axes = statistics.colour_axes(images)
    found["deviation of colour along its axes"] = _numbers(deviations, digits=3)
    found |= {f"axis {k + 1} of colour": _numbers(axis) for k, axis in enumerate(axes)}
    within, _ = statistics.colour_axes(statistics.centred(images))
    found["deviation of colour within patches"] = _numbers(within, digits=3)
    contrasts = np.percentile(statistics.contrasts(greys), PERCENTILES)
    found |= {
        f"contrast within patches: percentile {share}": f"{value:.3f}"
        for share, value in zip(PERCENTILES, contrasts, strict=True)
    }
    return found


def _numbers(values, *, digits: int = 2) -> str:
    return " ".join(f"{value:.{digits}f}" for value in values)


def write_table(path: pathlib.Path, sets: dict[str, np.ndarray]) -> None:
    """Writes a row for each statistic, a column for each set of images."""
    found = {name: measures(images) for name, images in sets.items()}

    def write(to: pathlib.Path) -> None:
        with to.open("w", newline="", encoding="utf-8") as file:
            table = csv.writer(file, lineterminator="\n")
            table.writerow(("statistic", *found))
            for measure in found["photographs"]:
                table.writerow((measure, *(held[measure] for held in found.values())))

    write_whole(path, write)


def main(words=None) -> int:
    """Measures, writes the table and draws the figure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("photographs", type=pathlib.Path, help="a folder of pictures")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("docs/world.png"))
    parser.add_argument("--table", type=pathlib.Path, default=pathlib.Path("docs/world.csv"))
    choices = parser.parse_args(words)
    photographs = photographed(choices.photographs)
    scenes, labels = painted(len(photographs))
    sets = {"photographs": photographs, "scenes": scenes}
    write_table(choices.table, sets)
    figure = draw_world(sets, labels)
    write_whole(choices.out, lambda to: figure.savefig(to, dpi=90))
    print(f"wrote {choices.out} and {choices.table}")
    return 0


if __name__ == "__main__":
    raise SystemExit(guarded(main, None))
