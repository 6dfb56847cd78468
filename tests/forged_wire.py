"""Messages of protocol buffers written field by field: Caffe's nets and ONNX's."""

import numpy as np


def varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def number(field: int, value: int) -> bytes:
    return varint(field << 3) + varint(value)


def inner(field: int, content: bytes | str) -> bytes:
    raw = content.encode() if isinstance(content, str) else content
    return varint(field << 3 | 2) + varint(len(raw)) + raw


def packed(values) -> bytes:
    return b"".join(map(varint, values))


def one_by_one(field: int, array) -> bytes:
    """Numbers of fixed width, each with a key of its own."""
    kind = {4: 5, 8: 1}[array.itemsize]
    return b"".join(varint(field << 3 | kind) + value.tobytes() for value in array.reshape(-1))


def blob(array: np.ndarray) -> bytes:
    """Caffe's BlobProto as the present form writes it, its gradient beside the numbers."""
    numbers = array.astype("<f4").tobytes()
    return (
        inner(5, numbers) + inner(6, bytes(len(numbers))) + inner(7, inner(1, packed(array.shape)))
    )


def old_blob(array: np.ndarray) -> bytes:
    """The same with four extents, as the first form has it."""
    shape = (*(1,) * (4 - array.ndim), *array.shape)
    extents = b"".join(number(field, extent) for field, extent in enumerate(shape, start=1))
    return extents + inner(5, array.astype("<f4").tobytes())


def layer(name: str, kind: str, *blobs: bytes) -> bytes:
    return inner(100, inner(1, name) + inner(2, kind) + b"".join(inner(7, b) for b in blobs))


def old_layer(name: str, kind: int, *blobs: bytes) -> bytes:
    return inner(2, inner(4, name) + number(5, kind) + b"".join(inner(6, b) for b in blobs))


def caffe(*layers: bytes, name: str = "a net") -> bytes:
    return inner(1, name) + b"".join(layers)


def tensor(name: str, array: np.ndarray, kind: int, *, dims=None) -> bytes:
    """ONNX's TensorProto with raw bytes."""
    shape = inner(1, packed(array.shape if dims is None else dims))
    return shape + number(2, kind) + inner(8, name) + inner(9, array.tobytes())


def onnx(*tensors: bytes) -> bytes:
    graph = inner(2, "a graph") + b"".join(inner(5, tensor) for tensor in tensors)
    return number(1, 8) + inner(2, "a producer") + inner(7, graph)
