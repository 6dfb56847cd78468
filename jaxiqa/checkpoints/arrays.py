"""Plain containers of named arrays: safetensors, ``.npz``, and a folder of ``.npy`` files.

References:
  Header of .npy: numpy, `numpy.lib.format`. Header of safetensors:
  https://huggingface.co/docs/safetensors, "Format".
"""

import math
import os
import pathlib
import re
import struct
import zipfile
import zlib
from collections.abc import Sequence
from typing import BinaryIO

import ml_dtypes
import numpy as np

from jaxiqa.checkpoints.torch_tensor import MOST_AXES, shown
from jaxiqa.checks import InputError

LONGEST_HEADER = 100_000_000
LONGEST_NPY_HEADER = 65_535
_ENTRIES = tuple(
    re.compile(rf"""['"]{name}['"]\s*:\s*{value}""")
    for name, value in {
        "descr": r"""('[^']*'|"[^"]*"|\[)""",
        "fortran_order": "(True|False)",
        "shape": r"\(([\d\sL,]*)\)\s*[,}]",
    }.items()
)
_NUMBERS = r"[<>|=]?(b1|[iu][1248]|f(2|4|8|16)|c(8|16|32))"
_TEXTS = r"[<>|=]?([SU]\d*|[mM]8.*)"
_SAFE_DTYPES = {
    "F64": np.float64, "F32": np.float32, "F16": np.float16, "BF16": ml_dtypes.bfloat16,
    "F8_E4M3": ml_dtypes.float8_e4m3fn, "F8_E5M2": ml_dtypes.float8_e5m2, "BOOL": np.bool_,
    "I64": np.int64, "I32": np.int32, "I16": np.int16, "I8": np.int8, "C64": np.complex64,
    "U64": np.uint64, "U32": np.uint32, "U16": np.uint16, "U8": np.uint8,
}  # fmt: skip


def is_safetensors(head: bytes, names: Sequence[str]) -> bool:
    """Returns whether a file begins like one: the length of its header, then JSON."""
    del names
    return head[8:9] == b"{" and int.from_bytes(head[:8], "little") <= LONGEST_HEADER


def is_npz(head: bytes, names: Sequence[str]) -> bool:
    """Returns whether a file is a zip archive with .npy members."""
    return head.startswith(b"PK") and any(name.endswith(".npy") for name in names)


def is_npy_folder(head: bytes, names: Sequence[str]) -> bool:
    """Returns whether a folder (which has no first bytes) holds .npy files itself."""
    return not head and any(name.endswith(".npy") for name in names)


def read_safetensors(path: pathlib.Path) -> dict[str, np.ndarray]:
    """Returns the arrays of a safetensors file by name.

    Raises:
      InputError: a damaged file, or a dtype that NumPy has not.
    """
    import safetensors

    try:
        entries = safetensors.deserialize(path.read_bytes())
    except safetensors.SafetensorError as error:
        raise InputError(f"is a damaged safetensors file ({error}); fetch it again") from error
    return {name: _safe_array(name, entry) for name, entry in entries}


def _safe_array(name: str, entry: dict) -> np.ndarray:
    if entry["dtype"] not in _SAFE_DTYPES:
        raise InputError(f"holds {shown(name)} as {entry['dtype']}, not read; save it as F32")
    return np.frombuffer(entry["data"], _SAFE_DTYPES[entry["dtype"]]).reshape(entry["shape"])


def read_npz(path: pathlib.Path) -> dict[str, np.ndarray]:
    """Returns the numeric arrays of a .npz file by name; texts and dates are left out.

    Raises:
      InputError: a damaged file, or an array of Python objects or records.
    """
    found = {}
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            if info.filename.endswith(".npy"):
                found[info.filename.removesuffix(".npy")] = _member(archive, info)
    return {name: array for name, array in found.items() if array is not None}


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> np.ndarray | None:
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise InputError(f"has {shown(info.filename)} packed in another way than numpy packs")
    try:
        with archive.open(info) as file:
            return _npy(file, info.file_size, info.filename)
    except InputError:
        raise
    except (
        *(zipfile.BadZipFile, zlib.error, struct.error, NotImplementedError, RuntimeError),
        *(EOFError, OSError, ValueError, OverflowError),
    ) as error:
        raise InputError(f"is damaged at {shown(info.filename)}; fetch it again") from error


def read_npy_folder(path: pathlib.Path) -> dict[str, np.ndarray]:
    """Returns the numeric arrays of a folder's own .npy files, by file name without suffix.

    Raises:
      InputError: a damaged file, or an array of Python objects or records.
    """
    found = {}
    for file_path in npy_files(path):
        with open(file_path, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            found[file_path.stem] = _npy(file, size, file_path.name)
    return {name: array for name, array in found.items() if array is not None}


def npy_files(path: pathlib.Path) -> list[pathlib.Path]:
    """Returns the .npy files that lie in a folder itself, sorted by name."""
    return sorted(entry for entry in path.glob("*.npy") if entry.is_file())


def _npy(file: BinaryIO, size: int, name: str) -> np.ndarray | None:
    """One .npy file of ``size`` bytes, in the byte order of this machine; None for texts, dates."""
    kind, by_columns, shape = _header(file, name)
    if re.fullmatch(_TEXTS, kind):
        return None
    if not re.fullmatch(_NUMBERS, kind):
        raise InputError(f"holds {shown(name)} as {shown(kind)}; only plain numbers are read")
    dtype = np.dtype(kind)
    nbytes = math.prod(shape) * dtype.itemsize
    if len(shape) > MOST_AXES or nbytes > size - file.tell():
        raise InputError(f"is cut short at {shown(name)}; fetch it again")
    array = np.frombuffer(file.read(nbytes), dtype)
    array = array.reshape(shape, order="F" if by_columns else "C")
    return array if dtype.isnative else array.astype(dtype.newbyteorder("="))


def _header(file: BinaryIO, name: str) -> tuple[str, bool, tuple[int, ...]]:
    """The dtype, whether columns come first, and the shape; three entries of a Python dict."""
    start = file.read(8)
    width = 2 if start[6:7] == b"\x01" else 4
    length = int.from_bytes(file.read(width), "little")
    text = file.read(length).decode("latin-1") if length <= LONGEST_NPY_HEADER else ""
    entries = [pattern.search(text) for pattern in _ENTRIES]
    if not start.startswith(b"\x93NUMPY") or not all(entries):
        raise InputError(f"has a damaged header in {shown(name)}; fetch it again")
    kind, order, shape = (entry[1] for entry in entries)
    # Python 2 wrote (3L, 4L).
    counts = shape.replace("L", "").replace(",", " ").split()
    if any(len(count) > 19 for count in counts):
        raise InputError(f"has a damaged header in {shown(name)}; fetch it again")
    return kind.strip("'\""), order == "True", tuple(map(int, counts))
