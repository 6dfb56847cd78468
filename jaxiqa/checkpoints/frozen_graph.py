"""Frozen graphs of TensorFlow (``.pb``): the floating point constants of their nodes, as data.

References:
  GraphDef, NodeDef, AttrValue, TensorProto: tensorflow/core/framework/*.proto of TensorFlow 2.19.
"""

import math
import pathlib
from collections.abc import Sequence

import ml_dtypes
import numpy as np

from jaxiqa.checkpoints import tf_names, wire
from jaxiqa.checkpoints.torch_tensor import MOST_AXES, shown
from jaxiqa.checks import InputError

# Field numbers: of a graph, a node, an attribute's entry in the map, its value, and a tensor.
_NODE = 1
_NAME, _OPERATION, _ATTRIBUTE = 1, 2, 5
_KEY, _VALUE = 1, 2
_TENSOR = 8
_TYPE, _SHAPE, _CONTENT = 1, 2, 4
_EXTENT, _SIZE = 2, 1
# Type of a tensor -> dtype, and the field that holds its numbers where its content does not.
_HALVES = 13
_FLOATING = {1: ("<f4", 5), 2: ("<f8", 6), 19: ("<f2", _HALVES), 14: ("<u2", _HALVES)}
_BFLOAT16 = 14
# Numbers that one may stand for; a forged shape must not fill the memory.
_MOST_REPEATED = 1 << 20


def matches(head: bytes, names: Sequence[str]) -> bool:
    """Returns whether a file begins like a graph: a node that begins with its name."""
    del names
    if head[:1] != b"\x0a":
        return False
    try:
        _, at = wire.varint(memoryview(head), 1)
        length, start = wire.varint(memoryview(head), at + 1)
    except InputError:
        return False
    return head[at : at + 1] == b"\x0a" and head[start + length : start + length + 1] == b"\x12"


def read(path: pathlib.Path) -> dict[str, np.ndarray]:
    """Returns the floating point constants of a frozen graph; see `tf_names` for their names.

    Single numbers are parts of the graph and left out.

    Raises:
      InputError: a damaged file, two constants of one name, or a graph without its variables.
    """
    found: dict[str, np.ndarray] = {}
    for node in wire.several(memoryview(path.read_bytes()), _NODE):
        name, array = _constant(wire.message(node))
        if name in found:
            raise InputError(f"has two constants called {shown(name)}")
        if array is not None:
            found[name] = array
    if not found:
        raise InputError("is a graph of TensorFlow without weights; give one that is frozen")
    return tf_names.renamed(found)


def _constant(raw: memoryview) -> tuple[str, np.ndarray | None]:
    name = operation = ""
    value = None
    for number, field in wire.fields(raw):
        if number == _NAME:
            name = wire.text(field)
        elif number == _OPERATION:
            operation = wire.text(field)
        elif number == _ATTRIBUTE:
            value = _tensor_of(wire.message(field)) or value
    return name, _array(value, name) if operation == "Const" and value else None


def _tensor_of(raw: memoryview) -> memoryview | None:
    """The tensor of the entry ``value`` of a node's attributes."""
    entry = dict(wire.fields(raw))
    if _KEY not in entry or _VALUE not in entry or wire.text(entry[_KEY]) != "value":
        return None
    tensors = wire.several(wire.message(entry[_VALUE]), _TENSOR)
    return wire.message(tensors[-1]) if tensors else None


def _array(raw: memoryview, name: str) -> np.ndarray | None:
    held: dict[int, list[wire.Value]] = {}
    for number, value in wire.fields(raw):
        held.setdefault(number, []).append(value)
    sort = wire.whole_numbers(held.get(_TYPE, [0]))[-1]
    shape = _extents(held)
    if sort not in _FLOATING or not shape:
        return None
    array, count = _numbers(held, sort), math.prod(shape)
    # One number stands for as many as there are.
    if array.size == 1 and 0 < count <= _MOST_REPEATED:
        array = np.repeat(array, count)
    if len(shape) > MOST_AXES or count != array.size:
        raise InputError(f"has {array.size} numbers for {shown(name)} of {shown(tuple(shape))}")
    return array.reshape(shape)


def _extents(held: dict[int, list[wire.Value]]) -> list[int]:
    if _SHAPE not in held:
        return []
    extents = wire.several(wire.message(held[_SHAPE][-1]), _EXTENT)
    sizes = (wire.several(wire.message(extent), _SIZE) for extent in extents)
    return [wire.whole_numbers(size or [0])[-1] for size in sizes]


def _numbers(held: dict[int, list[wire.Value]], sort: int) -> np.ndarray:
    dtype, field = _FLOATING[sort]
    if _CONTENT in held:
        array = wire.floats(held[_CONTENT][-1:], dtype)
    elif field == _HALVES:
        array = wire.halves(held.get(field, [])).view("u2" if sort == _BFLOAT16 else "f2")
    else:
        array = wire.floats(held.get(field, []), dtype)
    return array.view(ml_dtypes.bfloat16) if sort == _BFLOAT16 else array
