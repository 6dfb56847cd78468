"""Where the numbers of a torch checkpoint lie, and the arrays that they are.

Unpickling yields a `Tensor` per tensor: a place in a `Storage`, not the numbers, so that only what
is wanted is read from the file. Every number that describes a place comes from the file and is
checked here, once, before anything is allocated or viewed.
"""

import dataclasses
import math
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from jaxiqa.checks import InputError

LARGEST = 2**63 - 1
MOST_AXES = 64


@dataclasses.dataclass(frozen=True, slots=True)
class Storage:
    """A run of ``nbytes`` in the file, and the part of it that starts at ``start``."""

    key: str
    dtype: np.dtype
    nbytes: int
    start: int
    length: int


@dataclasses.dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor over a `Storage`; offset and strides count elements of ``dtype``."""

    storage: Storage
    dtype: np.dtype
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def shown(value: Any) -> str:
    """Returns a short one-line text for a value that came out of a file."""
    parts = value if type(value) is tuple else (value,)
    plain = all(type(part) in (str, bytes, int, float, bool, type(None)) for part in parts)
    text = ascii(value) if plain else f"a {type(value).__name__}"
    return text if len(text) <= 80 else text[:76] + " ..."


def storage(key: Any, dtype: np.dtype, numel: Any, part: Any = None) -> Storage:
    """Returns the storage that a persistent id of a checkpoint describes.

    Args:
      key: its name in the file.
      dtype: of its elements.
      numel: how many elements the file holds under that name.
      part: None, or ``(name, offset, numel)`` in elements where only a part of it is meant.

    Raises:
      InputError: a number is none, negative or too large, or the part reaches past the end.
    """
    if type(key) not in (str, int):
        raise InputError(f"has a storage called {shown(key)}; a text was expected")
    nbytes = _count(numel, "storage size") * dtype.itemsize
    start, length = 0, nbytes
    if part is not None:
        _, first, count = part
        start = _count(first, "view offset") * dtype.itemsize
        length = _count(count, "view size") * dtype.itemsize
    if start + length > nbytes:
        raise InputError(f"has a view that reaches past the end of storage {shown(key)}")
    return Storage(str(key), dtype, nbytes, start, length)


def tensor(stored: Any, offset: Any, shape: Any, strides: Any, dtype: Any = None) -> Tensor:
    """Returns the tensor at a place, or refuses one that would not lie inside its storage.

    Args:
      stored: a `Storage`.
      offset: of the first element, in elements.
      shape: () for a scalar; a zero makes an empty tensor.
      strides: per axis, in elements, none negative.
      dtype: where it is not that of the storage.

    Raises:
      InputError: any element lies outside, a number is no count, or a stride of zero makes the
        tensor larger than what is stored.
    """
    if type(stored) is not Storage:
        raise InputError(f"has a tensor over {shown(stored)} instead of a storage")
    place = Tensor(
        stored,
        dtype or stored.dtype,
        _count(offset, "offset"),
        _counts(shape, "shape"),
        _counts(strides, "strides"),
    )
    _check(place)
    return place


def _check(place: Tensor) -> None:
    room = place.storage.length // place.dtype.itemsize
    numel = math.prod(place.shape)
    # numpy multiplies the axes that are not empty even where the result holds nothing.
    if len(place.shape) != len(place.strides) or math.prod(n or 1 for n in place.shape) > 2**58:
        raise InputError(f"has a tensor of shape {shown(place.shape)}; it is damaged or forged")
    reach = sum((n - 1) * s for n, s in zip(place.shape, place.strides, strict=True))
    if numel and (numel > room or place.offset + reach >= room):
        raise InputError(
            f"has a tensor of shape {shown(place.shape)}, strides {shown(place.strides)} and "
            f"offset {place.offset} that does not fit its storage of {room} elements"
        )


def _count(value: Any, what: str) -> int:
    if type(value) is int and 0 <= value <= LARGEST:
        return value
    raise InputError(f"has a tensor whose {what} is {shown(value)}; it is damaged or forged")


def _counts(values: Any, what: str) -> tuple[int, ...]:
    if type(values) not in (tuple, list) or len(values) > MOST_AXES:
        raise InputError(f"has a tensor whose {what} is {shown(values)}; it is damaged or forged")
    return tuple(_count(value, what) for value in values)


def arrays(
    tensors: dict[str, Tensor], fetch: Callable[[Storage], np.ndarray], *, order: str
) -> dict[str, np.ndarray]:
    """Returns every tensor as an array; tensors that shared a storage still share it.

    Args:
      tensors: by name.
      fetch: gives the bytes of a whole storage, (nbytes,) uint8; called once per storage.
      order: byte order of the file, "little" or "big".

    Returns:
      One array per name, of the shape and dtype that were saved.
    """
    stored: dict[tuple[str, int], np.ndarray] = {}

    def content(place: Tensor) -> np.ndarray:
        width = 1 if order == sys.byteorder else _word(place.dtype)
        key = (place.storage.key, width)
        if key not in stored:
            stored[key] = _swapped(fetch(place.storage), width)
        return stored[key]

    return {name: _array(place, content(place)) for name, place in tensors.items()}


def _word(dtype: np.dtype) -> int:
    return dtype.itemsize // 2 if dtype.kind == "c" else dtype.itemsize


def _swapped(raw: np.ndarray, width: int) -> np.ndarray:
    if width == 1:
        return raw
    whole = raw[: raw.size // width * width]
    return whole.view(f"u{width}").byteswap().view(np.uint8)


def _array(place: Tensor, content: np.ndarray) -> np.ndarray:
    if 0 in place.shape:
        return np.empty(place.shape, place.dtype)
    size = place.dtype.itemsize
    start = place.storage.start + place.offset * size
    pairs = zip(place.shape, place.strides, strict=True)
    # An axis of length 1 may carry any stride; its product with the item size could overflow.
    strides = tuple(stride * size if length > 1 else size for length, stride in pairs)
    return np.ndarray(place.shape, place.dtype, content, start, strides)
