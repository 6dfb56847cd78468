"""Nets trained by Caffe (``.caffemodel``): the arrays of each layer under the layer's name.

Kernels are (features, channels / groups, height, width) as torch has them, and so are the names
given here to a layer's arrays. Caffe's nets read BGR, 0..255, less a mean: that is the source
record's to say. A BatchNorm only normalises there; the Scale behind it holds weight and bias. The
format tells no length: a file cut between two layers is one of fewer layers, and fitting names
what it lacks.

References:
  NetParameter, LayerParameter, V1LayerParameter, BlobProto: caffe.proto of BVLC Caffe 1.0.
"""

import math
import pathlib
from collections.abc import Sequence

import numpy as np

from jaxiqa.checkpoints import wire
from jaxiqa.checkpoints.torch_tensor import MOST_AXES, shown
from jaxiqa.checks import InputError

# Field numbers of a net: layers in the first form and in the present one.
_V1, _LAYER = 2, 100
# Of name, type and blobs within each form.
_FIELDS = {_V1: (4, 5, 6), _LAYER: (1, 2, 7)}
_FULLY_CONNECTED = (14, "InnerProduct")
_BATCH_NORM = "BatchNorm"
# Of a blob: the four extents of old, the numbers, their gradient, the shape, float64 numbers.
_EXTENTS, _DATA, _SHAPE, _DOUBLES = (1, 2, 3, 4), 5, 7, 8


def matches(head: bytes, names: Sequence[str]) -> bool:
    """Returns whether a file begins like one: the net's name, then a layer or an input."""
    del names
    after = head[2 + head[1] :] if len(head) > 1 and head[0] == 0x0A else b""
    return after.startswith((b"\x12", b"\xa2\x06", b"\x1a"))


def read(path: pathlib.Path) -> dict[str, np.ndarray]:
    """Returns a net's arrays as ``layer.weight``, ``layer.bias``, ``layer.running_mean`` ..

    Raises:
      InputError: a damaged file, two layers of one name that both hold arrays, or none that does.
    """
    found: dict[str, np.ndarray] = {}
    for number, value in wire.fields(memoryview(path.read_bytes())):
        if number in _FIELDS:
            for name, array in _layer(wire.message(value), *_FIELDS[number]).items():
                if name in found:
                    raise InputError(f"has two layers that hold {shown(name)}")
                found[name] = array
    if not found:
        raise InputError("is a Caffe net without weights; give the .caffemodel, not the .prototxt")
    return found


def _layer(raw: memoryview, name: int, kind: int, blob: int) -> dict[str, np.ndarray]:
    label, sort, blobs = "", None, []
    for number, value in wire.fields(raw):
        if number == name:
            label = wire.text(value)
        elif number == kind:
            sort = value if isinstance(value, int) else wire.text(value)
        elif number == blob:
            blobs.append(_blob(wire.message(value)))
    if sort == _BATCH_NORM:
        return _normalisation(label, blobs)
    parts = ("weight", "bias", *map(str, range(2, len(blobs))))
    arrays = {f"{label}.{part}": array for part, array in zip(parts, blobs, strict=False)}
    return {key: _form(key, array, sort) for key, array in arrays.items()}


def _form(key: str, array: np.ndarray, sort: int | str | None) -> np.ndarray:
    """Without the leading extents of 1 that arrays had when each had four."""
    if key.endswith(".bias") and array.size == max(array.shape, default=0):
        return array.reshape(-1)
    if sort in _FULLY_CONNECTED and math.prod(array.shape[:-2]) == 1:
        return array.reshape(array.shape[-2:])
    return array


def _normalisation(label: str, blobs: list[np.ndarray]) -> dict[str, np.ndarray]:
    """Running sums over a running count, both decaying; a net that never ran has a count of 0."""
    if len(blobs) != 3 or blobs[2].size != 1:
        raise InputError(f"has a BatchNorm {shown(label)} without mean, variance and their count")
    count = float(blobs[2].reshape(-1)[0])
    scale = np.float32(1 / count if count else 0)
    return {
        f"{label}.running_mean": blobs[0].reshape(-1) * scale,
        f"{label}.running_var": blobs[1].reshape(-1) * scale,
    }


def _blob(raw: memoryview) -> np.ndarray:
    held: dict[int, list[wire.Value]] = {}
    for number, value in wire.fields(raw):
        held.setdefault(number, []).append(value)
    if _SHAPE in held:
        shape = wire.whole_numbers(wire.several(wire.message(held[_SHAPE][-1]), 1))
    else:
        shape = [wire.whole_numbers(held.get(extent, [0]))[-1] for extent in _EXTENTS]
    wide = _DOUBLES in held
    array = wire.floats(held.get(_DOUBLES if wide else _DATA, []), "<f8" if wide else "<f4")
    if len(shape) > MOST_AXES or math.prod(shape) != array.size:
        raise InputError(f"has {array.size} numbers for an array of {shown(tuple(shape))}")
    return array.reshape(shape)
