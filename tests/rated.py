"""Small rated data sets: pairs held in memory, and files of pictures with their table."""

import collections
import csv
import pathlib
import threading

import numpy as np
from PIL import Image

from jaxiqa.checks import InputError
from jaxiqa.data import Pairs


def picture(seed: int, size: tuple[int, int] = (48, 56)) -> np.ndarray:
    """An (H, W, 3) smooth picture of 8 bits in [0, 1], different for each seed."""
    coarse = np.random.default_rng(seed).integers(0, 256, (6, 6, 3), np.uint8)
    smooth = Image.fromarray(coarse).resize(size[::-1], Image.Resampling.BILINEAR)
    return np.asarray(smooth, np.float32) / np.float32(255)


def noisy(image: np.ndarray, level: float, seed: int) -> np.ndarray:
    """The picture with noise of a standard deviation of ``level`` steps of 255, in 8 bits."""
    noise = np.random.default_rng(seed).normal(0, level, image.shape)
    return (np.clip(np.rint(image * 255 + noise), 0, 255) / 255).astype(np.float32)


class Held:
    """Images by key as `Pairs` reads them; counts the reads, and refuses keys it does not hold."""

    def __init__(self, images: dict[str, np.ndarray]):
        self.images = images
        self.reads: collections.Counter = collections.Counter()
        self._lock = threading.Lock()

    def __call__(self, key: str) -> np.ndarray:
        with self._lock:
            self.reads[key] += 1
        if key not in self.images:
            raise InputError(f"{key}: no such image")
        return self.images[key]


def pairs_of(rows, images, *, opinion=None, higher_is_better=True, **columns) -> Pairs:
    """`Pairs` of (reference, distorted) keys over images in memory."""
    reference, distorted = (tuple(column) for column in zip(*rows, strict=True))
    opinion = -np.arange(len(rows)) if opinion is None else opinion
    return Pairs(
        name="held",
        reference=reference,
        distorted=distorted,
        opinion=np.asarray(opinion, np.float64),
        higher_is_better=higher_is_better,
        read=images if isinstance(images, Held) else Held(images),
        **columns,
    )


def save(path: pathlib.Path, image: np.ndarray) -> None:
    """Writes a picture of 8 bits."""
    Image.fromarray(np.rint(image * 255).astype(np.uint8)).save(path)


def write_table(path: pathlib.Path, rows, columns=("reference", "distorted", "opinion")) -> str:
    """Writes a CSV file and returns its path as the command line takes it."""
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([columns, *rows])
    return str(path)


def write_set(folder: pathlib.Path, *, references: int = 3, levels: int = 3) -> list[tuple]:
    """Writes pictures of two sizes and returns rows whose opinion falls with the noise."""
    rows = []
    for r in range(references):
        reference = picture(r, ((48, 56), (64, 40))[r % 2])
        save(folder / f"r{r}.png", reference)
        for level in range(levels):
            name = f"r{r}_{level}.png"
            save(folder / name, noisy(reference, 6 * (level + 1), 10 * r + level))
            rows.append((f"r{r}.png", name, 5 - level - r / 10))
    return rows
