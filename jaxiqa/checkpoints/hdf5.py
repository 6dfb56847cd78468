"""Arrays in an HDF5 file, read without following anything out of it; needs the package h5py.

References:
  Kinds of links and of storage: HDF5 user's guide, "Groups" and "Datasets".
"""

from collections.abc import Iterator, Sequence
from typing import BinaryIO, NamedTuple

import numpy as np

from jaxiqa.checkpoints.torch_tensor import shown
from jaxiqa.checks import InputError

DEEPEST = 32
MOST_ENTRIES = 100_000
# Times that zlib packs zeros; more is written by no program.
DENSEST = 1100

Path = tuple[str, ...]


class Row(NamedTuple):
    """An array: the names of groups on the way to it, the ``name`` of its group, and itself."""

    path: Path
    label: str
    array: np.ndarray


def read(
    file: BinaryIO, attribute: str, start: str, left_out: Sequence[str]
) -> tuple[str, list[Row]]:
    """Returns (a text that is kept with the file, or an empty one; all arrays).

    Args:
      file: opened for reading.
      attribute: the name of that text.
      start: the group that is read where there is one of this name, else the whole file.
      left_out: names of groups that are passed over.

    Raises:
      InputError: h5py is not installed; a damaged file, or one that refers to others.
    """
    try:
        import h5py
    except ImportError as error:
        raise InputError("is HDF5, which needs h5py: pip install 'jaxiqa[keras]'") from error
    # The HDF5 library raises many kinds of errors where a file is damaged.
    try:
        with h5py.File(file, "r") as root:
            text = root.attrs.get(attribute, "")
            held = _entry(root, start, h5py) if start in root else root
            return _text(text), list(_rows(held, h5py, left_out))
    except (InputError, MemoryError):
        raise
    except Exception as error:
        raise InputError(f"is damaged HDF5 ({type(error).__name__}); fetch it again") from error


def _text(value) -> str:
    value = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
    return value if isinstance(value, str) else ""


def _entry(group, name: str, h5py):
    if not isinstance(group.get(name, getlink=True), h5py.HardLink):
        raise InputError(f"refers to another file or place at {shown(name)}; save it whole")
    return group[name]


def _rows(group, h5py, left_out: Sequence[str], above: Path = ()) -> Iterator[Row]:
    if len(above) > DEEPEST:
        raise InputError(f"nests groups more than {DEEPEST} deep; it is damaged or forged")
    label = _text(group.attrs.get("name", ""))
    for count, name in enumerate(group):
        if count > MOST_ENTRIES:
            raise InputError(f"holds more than {MOST_ENTRIES} entries; too many for a net")
        if name in left_out:
            continue
        entry = _entry(group, name, h5py)
        if isinstance(entry, h5py.Group):
            yield from _rows(entry, h5py, left_out, (*above, name))
        elif isinstance(entry, h5py.Dataset):
            yield Row((*above, name), label, _array(entry))


def _array(entry) -> np.ndarray:
    name = shown(entry.name)
    if entry.is_virtual or entry.external:
        raise InputError(f"keeps {name} in another file; save it whole")
    if entry.dtype.kind not in "fiub" or entry.shape is None:
        raise InputError(f"holds {name} as {entry.dtype}; only plain numbers are read")
    # What was never written would be made up of zeros.
    stored = entry.id.get_storage_size()
    if entry.nbytes > stored * (1 if entry.chunks is None else DENSEST):
        raise InputError(f"holds {stored} bytes for {name} of {entry.shape}; it is damaged")
    array = entry[()]
    return np.asarray(array, array.dtype.newbyteorder("="))
