"""Nets in ONNX: the initialisers of the graph under the names that the exporter gave them.

What torch exports keeps the names of its state, unless BatchNorm was folded into the convolutions.

References:
  ModelProto, GraphProto, TensorProto: onnx.proto of ONNX 1.19.
"""

import math
import pathlib
from collections.abc import Sequence

import ml_dtypes
import numpy as np

from jaxiqa.checkpoints import wire
from jaxiqa.checkpoints.torch_tensor import MOST_AXES, shown
from jaxiqa.checks import InputError

_GRAPH, _INITIALISER = 7, 5
_DIMS, _TYPE, _NAME, _RAW, _LOCATION = 1, 2, 8, 9, 14
_ELSEWHERE = 1
# Type of a tensor -> dtype, and the field that holds its numbers where the raw bytes do not.
_FLOATING = {1: ("<f4", 4), 11: ("<f8", 10), 10: ("<f2", 5), 16: ("<u2", 5)}
_BFLOAT16 = 16


def matches(head: bytes, names: Sequence[str]) -> bool:
    """Returns whether a file begins like one: a version, then a text or the graph."""
    del names
    return head[:1] == b"\x08" and head[2:3] in (b"\x12", b"\x1a", b"\x22", b"\x3a")


def read(path: pathlib.Path) -> dict[str, np.ndarray]:
    """Returns the floating point initialisers of a net by name.

    Whole numbers (shapes, indices) and single numbers are parts of the graph and left out.

    Raises:
      InputError: a damaged file, two initialisers of one name, or one that lies in another file.
    """
    found: dict[str, np.ndarray] = {}
    for graph in wire.several(memoryview(path.read_bytes()), _GRAPH):
        for tensor in wire.several(wire.message(graph), _INITIALISER):
            name, array = _tensor(wire.message(tensor))
            if name in found:
                raise InputError(f"has two initialisers called {shown(name)}")
            if array is not None:
                found[name] = array
    return found


def _tensor(raw: memoryview) -> tuple[str, np.ndarray | None]:
    held: dict[int, list[wire.Value]] = {}
    for number, value in wire.fields(raw):
        held.setdefault(number, []).append(value)
    name = wire.text(held[_NAME][-1]) if _NAME in held else ""
    shape = wire.whole_numbers(held.get(_DIMS, []))
    sort = wire.whole_numbers(held.get(_TYPE, [0]))[-1]
    if sort not in _FLOATING or not shape:
        return name, None
    if wire.whole_numbers(held.get(_LOCATION, [0]))[-1] == _ELSEWHERE:
        raise InputError(f"keeps {shown(name)} in another file; save it with its weights inside")
    array = _numbers(held, sort)
    if len(shape) > MOST_AXES or math.prod(shape) != array.size:
        raise InputError(f"has {array.size} numbers for {shown(name)} of {shown(tuple(shape))}")
    return name, array.reshape(shape)


def _numbers(held: dict[int, list[wire.Value]], sort: int) -> np.ndarray:
    dtype, field = _FLOATING[sort]
    if _RAW in held:
        array = wire.floats(held[_RAW][-1:], dtype)
    elif field == 5:
        array = wire.halves(held.get(field, [])).view("u2" if sort == _BFLOAT16 else "f2")
    else:
        array = wire.floats(held.get(field, []), dtype)
    return array.view(ml_dtypes.bfloat16) if sort == _BFLOAT16 else array
