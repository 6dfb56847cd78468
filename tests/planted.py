"""Weights made by rule, key by key, so that two programs can hold the same net without a file."""

import hashlib
import zlib
from collections.abc import Mapping

import numpy as np

from jaxiqa.arch.graph import Architecture
from jaxiqa.arch.layers import HardSigmoid, Lightness, Relu6, Sigmoid
from jaxiqa.checkpoints.fit import expected_keys, stored_shape
from jaxiqa.images import IDENTITY, IMAGENET, Preprocess

SIZES = ((96, 80), (95, 127))
SAMPLES = 16


def _generator(label: str) -> np.random.Generator:
    return np.random.default_rng(zlib.crc32(label.encode()))


def _variance(architecture: Architecture) -> int:
    """Of kernels times fan-in: responses of bounded layers must not grow with depth."""
    bounded = any(
        isinstance(node.layer, Relu6 | Sigmoid | HardSigmoid) for node in architecture.nodes
    )
    return 1 if bounded else 2


def planted_arrays(architecture: Architecture, start: str = "") -> dict[str, np.ndarray]:
    """Checkpoint key -> array for the keys that begin with ``start``, in the canonical layout.

    Uniform numbers; running statistics away from 0 and 1, which would hide a wrong mapping.
    """
    arrays, variance = {}, _variance(architecture)
    for key, place in expected_keys(architecture).items():
        if not key.startswith(start):
            continue
        shape = stored_shape(place)
        centred = _generator(key).random(shape, np.float32) - np.float32(0.5)
        match place.parameter.name:
            case "kernel":
                fan_in = np.prod(shape[1:])
                arrays[key] = centred * np.float32(np.sqrt(12 * variance / fan_in))
            case "scale" | "var":
                arrays[key] = centred + np.float32(1)
            case _:
                arrays[key] = centred
    return arrays


def planted_preprocess(architecture: Architecture) -> Preprocess:
    """ImageNet's mean and deviation, or nothing for a net that looks at colours itself."""
    sees = any(isinstance(node.layer, Lightness) for node in architecture.nodes)
    return IDENTITY if sees else IMAGENET


def planted_images(size: tuple[int, int]) -> np.ndarray:
    """Two (H, W, 3) images in [0, 1]."""
    return _generator(str(size)).random((2, *size, 3), np.float32)


def samples(path: str, response: np.ndarray) -> np.ndarray:
    """Some values of an (N, C, h, w) or (N, C) response, at places that the path determines."""
    places = _generator(path).integers(0, response.size, SAMPLES)
    return response.reshape(-1)[places]


def key_digest(shapes: Mapping[str, tuple[int, ...]]) -> str:
    """A digest of checkpoint keys with the shapes of their arrays, in whatever order they stand.

    Counters are left out, and trailing ones of a shape: a matrix is a 1 x 1 convolution.
    """
    lines = []
    for key, shape in shapes.items():
        while shape and shape[-1] == 1:
            shape = shape[:-1]
        if not key.endswith("num_batches_tracked"):
            lines.append(f"{key} {shape}")
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()[:16]
