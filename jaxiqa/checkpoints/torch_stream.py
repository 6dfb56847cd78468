"""The stream format of torch (before 1.6): five pickles, then the raw numbers of every storage.

Magic number, protocol version, facts about the machine, the object, the keys of the storages;
then per key the number of its elements as 8 bytes and the elements, all little-endian.

References:
  torch/serialization.py, `_legacy_save` and `_legacy_load`.
"""

import mmap
import pathlib
from collections.abc import Callable, Sequence
from typing import Any, BinaryIO

import numpy as np

from jaxiqa.checkpoints import nesting, torch_pickle, torch_tensor
from jaxiqa.checkpoints.torch_tensor import Storage, shown
from jaxiqa.checks import InputError

MAGIC = 0x1950A86A20F9469CFC6C
PROTOCOL = 1001
CUT = "is cut short; fetch the file again"


def matches(head: bytes, names: Sequence[str]) -> bool:
    """Returns whether a file is one, from its first bytes; the magic number may be in digits."""
    del names
    return head[:1] in b"\x80L" and (
        MAGIC.to_bytes(10, "little") in head[:32] or str(MAGIC).encode() in head[:32]
    )


def read(path: pathlib.Path) -> dict[str, np.ndarray]:
    """Returns the tensors of a checkpoint by name; see `nesting.named` for the names.

    Args:
      path: a file for which `matches` holds.

    Raises:
      InputError: a damaged file, or a pickle that is refused.
    """
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
        storages: dict[str, Storage] = {}
        tree, keys = _pickles(view, storages)
        tensors = nesting.named(tree)
        places = _places(view, keys, storages)
        return torch_tensor.arrays(tensors, _fetcher(file, places), order="little")


def _pickles(view: mmap.mmap, storages: dict[str, Storage]) -> tuple[Any, list[str]]:
    for expected, what in ((MAGIC, "magic number"), (PROTOCOL, "protocol version")):
        value = torch_pickle.load(view, {})
        if value != expected:
            raise InputError(f"has the {what} {shown(value)}; {expected} was expected")
    torch_pickle.load(view, {})
    tree = torch_pickle.load(view, storages)
    keys = torch_pickle.load(view, {})
    if type(keys) is not list or not all(type(key) in (str, int) for key in keys):
        raise InputError("has no list of storages where one was expected; it is damaged")
    return tree, [str(key) for key in keys]


def _places(view: mmap.mmap, keys: list[str], storages: dict[str, Storage]) -> dict[str, int]:
    """The offset in the file at which the numbers of every storage begin."""
    places: dict[str, int] = {}
    position, size = view.tell(), view.size()
    for key in keys:
        if key not in storages:
            raise InputError(f"holds storage {shown(key)}, which no tensor asks for")
        position += 8
        if position + storages[key].nbytes > size:
            raise InputError(CUT)
        stored = int.from_bytes(view[position - 8 : position], "little")
        if stored * storages[key].dtype.itemsize != storages[key].nbytes:
            raise InputError(f"gives two sizes for storage {shown(key)}; it is damaged or forged")
        places[key] = position
        position += storages[key].nbytes
    return places


def _fetcher(file: BinaryIO, places: dict[str, int]) -> Callable[[Storage], np.ndarray]:
    def fetch(storage: Storage) -> np.ndarray:
        if storage.key not in places:
            raise InputError(f"lacks storage {shown(storage.key)}; it is damaged")
        file.seek(places[storage.key])
        raw = np.fromfile(file, np.uint8, storage.nbytes)
        if raw.size != storage.nbytes:
            raise InputError(CUT)
        return raw

    return fetch
