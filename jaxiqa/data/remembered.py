"""Images that are decoded once for all the nets that look at them."""

import dataclasses
import threading

import numpy as np

from jaxiqa.data.pairs import Pairs

# Bytes of images that are kept in memory.
MOST = 256 * 2**20


def _coded(image: np.ndarray) -> np.ndarray:
    """The code values of an image of 8 bits, a quarter of its size; any other as it is."""
    with np.errstate(invalid="ignore"):  # numbers that are no colours become codes of others
        codes = np.rint(image * 255).astype(np.uint8)
    return codes if np.array_equal(_decoded(codes), image) else image


def _decoded(held: np.ndarray) -> np.ndarray:
    return held if held.dtype != np.uint8 else held / np.float32(255)


class _Memory:
    """Reads images by key, and keeps those that came first, as many as there is room for.

    The nets of a study all go through a database from its beginning: what was used last would be
    let go just before it is wanted again.
    """

    def __init__(self, read, most: int):
        self._read, self._room = read, most
        self._held: dict[str, np.ndarray] = {}
        self._lock = threading.Lock()

    def __call__(self, key: str) -> np.ndarray:
        if key in self._held:
            return _decoded(self._held[key])
        image = self._read(key)
        if getattr(image, "dtype", None) != np.float32:  # whoever asked will refuse it
            return image
        held = _coded(image)
        with self._lock:
            if key not in self._held and held.nbytes <= self._room:
                self._held[key] = held
                self._room -= held.nbytes
        return image


def remembered(pairs: Pairs, most: int = MOST) -> Pairs:
    """Returns the same pairs, whose images are read and decoded once as far as memory is given.

    Args:
      pairs: n rated pairs.
      most: bytes that the images may take; those for which there is no room are read each time.
    """
    return dataclasses.replace(pairs, read=_Memory(pairs.read, most))
