"""The zip format of torch (since 1.6): ``data.pkl`` and one member of raw numbers per storage.

References:
  Members and byte order: torch/serialization.py, `_save`. Local file header: PKWARE APPNOTE 4.3.7.
"""

import io
import os
import pathlib
import struct
import zipfile
import zlib
from collections.abc import Sequence
from typing import BinaryIO

import numpy as np

from jaxiqa.checkpoints import nesting, torch_pickle, torch_tensor
from jaxiqa.checkpoints.torch_tensor import Storage, shown
from jaxiqa.checks import InputError

_HEADER = struct.Struct("<4s22xHH")
_ENCRYPTED = 1


def matches(head: bytes, names: Sequence[str]) -> bool:
    """Returns whether a file is one, from its first bytes and the names of its zip members."""
    return head.startswith(b"PK") and any(_is_pickle(name) for name in names)


def members(path: pathlib.Path) -> dict[str, zipfile.ZipInfo]:
    """Returns the members of a zip archive by name.

    Raises:
      InputError: its directory is damaged or cut short.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return dict(archive.NameToInfo)
    except (
        *(zipfile.BadZipFile, NotImplementedError, ValueError, LookupError, EOFError, OSError),
        *(struct.error, OverflowError, MemoryError),
    ) as error:
        raise InputError("is a zip archive, damaged or cut short; fetch it again") from error


def read(path: pathlib.Path) -> dict[str, np.ndarray]:
    """Returns the tensors of a checkpoint by name; see `nesting.named` for the names.

    Args:
      path: a file for which `matches` holds.

    Raises:
      InputError: a TorchScript program, a damaged file, or a pickle that is refused.
    """
    found = members(path)
    root = _root(found)
    with open(path, "rb") as file:
        _check_sizes(found, os.fstat(file.fileno()).st_size)

        def content(name: str) -> np.ndarray:
            if root + name not in found:
                raise InputError(f"lacks its member {shown(root + name)}; fetch it again")
            return _content(file, found[root + name])

        def fetch(storage: Storage) -> np.ndarray:
            raw = content(f"data/{storage.key}")
            if raw.size < storage.nbytes:
                raise InputError(
                    f"holds {raw.size} bytes for storage {shown(storage.key)} and "
                    f"needs {storage.nbytes}; it is damaged or forged"
                )
            return raw[: storage.nbytes]

        order = content("byteorder").tobytes() if root + "byteorder" in found else b"little"
        if order not in (b"little", b"big"):
            raise InputError(f"has the byte order {shown(order)}; little or big was expected")
        tree = torch_pickle.load(io.BytesIO(content("data.pkl")), {})
        return torch_tensor.arrays(nesting.named(tree), fetch, order=order.decode())


def _is_pickle(name: str) -> bool:
    return name == "data.pkl" or name.endswith("/data.pkl")


def _root(found: dict[str, zipfile.ZipInfo]) -> str:
    """The uppermost folder, with its slash, that holds ``data.pkl``."""
    pickled = min((name for name in found if _is_pickle(name)), key=len)
    root = pickled.removesuffix("data.pkl")
    if any(name.startswith((f"{root}code/", f"{root}constants.pkl")) for name in found):
        raise InputError("is a TorchScript program; save net.state_dict() with torch.save instead")
    return root


def _check_sizes(found: dict[str, zipfile.ZipInfo], size: int) -> None:
    """Members are stored one after the other, so that together they are no larger than the file."""
    if sum(info.file_size for info in found.values()) > size:
        raise InputError("has members that are packed or overlap; torch writes none such")


def _content(file: BinaryIO, info: zipfile.ZipInfo) -> np.ndarray:
    """The bytes of a member, (n,) uint8, read once and without a copy."""
    name = shown(info.filename)
    if info.compress_type != zipfile.ZIP_STORED or info.flag_bits & _ENCRYPTED:
        raise InputError(f"has the packed member {name}; torch packs none: save it again")
    file.seek(max(info.header_offset, 0))
    header = file.read(_HEADER.size)
    if len(header) < _HEADER.size or not header.startswith(b"PK\x03\x04"):
        raise InputError(f"is damaged at its member {name}; fetch it again")
    _, name_length, extra_length = _HEADER.unpack(header)
    file.seek(name_length + extra_length, os.SEEK_CUR)
    raw = np.fromfile(file, np.uint8, info.file_size)
    # torch.serialization.set_crc32_options(False) leaves 0 in place of the checksum.
    if raw.size != info.file_size or (info.CRC and zlib.crc32(raw) != info.CRC):
        raise InputError(f"is damaged at its member {name}; fetch it again")
    return raw
