"""Weights made by rule, key by key, so that two programs can hold the same net without a file."""

import zlib

import numpy as np

from jaxiqa.arch.graph import Architecture
from jaxiqa.checkpoints.fit import expected_keys, stored_shape

SIZES = ((96, 80), (95, 127))
SAMPLES = 48


def _generator(label: str) -> np.random.Generator:
    return np.random.default_rng(zlib.crc32(label.encode()))


def planted_arrays(architecture: Architecture, start: str = "") -> dict[str, np.ndarray]:
    """Checkpoint key -> array for the keys that begin with ``start``, in the canonical layout.

    Uniform numbers; running statistics away from 0 and 1, which would hide a wrong mapping.
    """
    arrays = {}
    for key, place in expected_keys(architecture).items():
        if not key.startswith(start):
            continue
        shape = stored_shape(place)
        centred = _generator(key).random(shape, np.float32) - np.float32(0.5)
        match place.parameter.name:
            case "kernel":
                fan_in = np.prod(shape[1:])
                arrays[key] = centred * np.float32(np.sqrt(24 / fan_in))
            case "scale" | "var":
                arrays[key] = centred + np.float32(1)
            case _:
                arrays[key] = centred
    return arrays


def planted_images(size: tuple[int, int]) -> np.ndarray:
    """Two (H, W, 3) images in [0, 1]."""
    return _generator(str(size)).random((2, *size, 3), np.float32)


def samples(path: str, response: np.ndarray) -> np.ndarray:
    """Some values of an (N, C, h, w) or (N, C) response, at places that the path determines."""
    places = _generator(path).integers(0, response.size, SAMPLES)
    return response.reshape(-1)[places]
