"""From a path to named arrays: the format is told by the content, never by the suffix."""

import hashlib
import io
import os
import pathlib
from collections.abc import Callable, Sequence
from typing import BinaryIO, NamedTuple

import numpy as np

from jaxiqa import checks
from jaxiqa.checkpoints import arrays, nesting, torch_pickle, torch_zip
from jaxiqa.checkpoints.torch_tensor import shown
from jaxiqa.checks import InputError

HEAD = 512


class Format(NamedTuple):
    """How a format is told (from first bytes and the names within) and how it is read."""

    matches: Callable[[bytes, Sequence[str]], bool]
    read: Callable[[pathlib.Path], dict[str, np.ndarray]]


def _begins(*starts: bytes, at: int = 0) -> Callable[[bytes, Sequence[str]], bool]:
    return lambda head, names: head.startswith(starts, at)


def _contains(*wanted: str) -> Callable[[bytes, Sequence[str]], bool]:
    return lambda head, names: any(name.endswith(wanted) for name in names)


_is_pickle = _begins(*(bytes((0x80, version)) for version in range(6)))

UNREAD: dict[str, Callable[[bytes, Sequence[str]], bool]] = {
    "a TensorFlow Lite net": _begins(b"TFL3", at=4),
    "an exported torch program (.pt2)": _contains("/archive_format", "/archive_version"),
    "another zip archive": _begins(b"PK\x03\x04", b"PK\x05\x06"),
    "a tar archive, as the first torch wrote them; load it with torch and save it again": _begins(
        b"ustar", at=257
    ),
    "a single .npy array without a name (give its folder)": _begins(b"\x93NUMPY"),
    "a packed file (unpack it)": _begins(b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd"),
    "a Git LFS pointer (fetch the file itself)": _begins(b"version https://git-lfs"),
    "a web page (the download failed)": _begins(b"<!DOCTYPE", b"<!doctype", b"<html", b"<HTML"),
    "a plain Python pickle without tensors": _is_pickle,
    "a MATLAB file": _begins(b"MATLAB "),
}


def read(path: str | os.PathLike) -> dict[str, np.ndarray]:
    """Returns the arrays of a checkpoint under the names that the training program gave them.

    A torch checkpoint is searched for its state as `nesting.named` says; from the names of any
    format, ``module.`` and ``_orig_mod.`` are taken off where every name begins with them.

    Args:
      path: a file in one of the formats of ``jaxiqa.checkpoints.FORMATS``, or a folder of npy.

    Returns:
      One array per name, in the dtype in which it was saved, and in its shape and layout too, but
      for variables of Keras, TensorFlow and Flax, which get torch's names (``conv.weight``) and
      axes (features, channels, height, width).

    Raises:
      InputError: the path does not exist or may not be read; it is of another or no known format;
        it is damaged or cut short; it asks for more than data; it holds no array. The message
        names the path.
    """
    path = pathlib.Path(path)
    try:
        found = nesting.unprefixed(_format(path).read(path))
        if not found:
            raise InputError("holds no array")
        return found
    except (InputError, OSError, MemoryError) as error:
        raise _failure(path, error) from error


def digest(path: str | os.PathLike) -> str:
    """Returns the sha256 of a checkpoint as 64 hexadecimal digits.

    Args:
      path: a file, or a folder. Of a folder the .npy files count that lie in it itself: the digest
        is over, in the order of their names, each name, a zero byte, and the sha256 of the content.

    Raises:
      InputError: the path does not exist, may not be read, or is a folder without .npy files.
    """
    path = pathlib.Path(path)
    try:
        return (_folder_digest(path) if path.is_dir() else _file_digest(path)).hex()
    except (InputError, OSError) as error:
        raise _failure(path, error) from error


def _folder_digest(path: pathlib.Path) -> bytes:
    whole = hashlib.sha256()
    for name in _own(path):
        whole.update(name.encode() + b"\0" + _file_digest(path / name))
    return whole.digest()


def _opened(path: pathlib.Path) -> BinaryIO:
    if path.exists() and not path.is_file():
        raise InputError("is neither a file nor a folder")
    return open(path, "rb")


def _file_digest(path: pathlib.Path) -> bytes:
    with _opened(path) as file:
        return hashlib.file_digest(file, "sha256").digest()


def _format(path: pathlib.Path) -> Format:
    from jaxiqa.checkpoints import FORMATS

    head, names = (b"", _own(path)) if path.is_dir() else _inside(path)
    for form in FORMATS.values():
        if form.matches(head, names):
            return form
    if _is_pickle(head, names):
        _name_what_it_asks_for(path)
    kinds = (kind for kind, matches in UNREAD.items() if matches(head, names))
    kind = next(kinds, f"of no known format: it begins with {shown(head[:8])}")
    raise InputError(f"is {kind if head else 'empty'}; the formats read are {', '.join(FORMATS)}")


def _name_what_it_asks_for(path: pathlib.Path) -> None:
    """Passes if a plain pickle asks for plain data only; nothing of it is executed.

    Raises:
      InputError: it asks for more, which is named, or it is damaged.
    """
    torch_pickle.load(io.BytesIO(path.read_bytes()), {})


def _inside(path: pathlib.Path) -> tuple[bytes, Sequence[str]]:
    """The first bytes of a file and, where it is a zip archive, the names of its members."""
    with _opened(path) as file:
        head = file.read(HEAD)
    return head, tuple(torch_zip.members(path)) if head.startswith(b"PK") else ()


def _own(path: pathlib.Path) -> Sequence[str]:
    """The names of the .npy files that lie in a folder itself, of which there must be some."""
    own = [entry.name for entry in arrays.npy_files(path)]
    if own:
        return own
    below = {found.parent for depth in ("*/", "*/*/") for found in path.glob(f"{depth}*.npy")}
    names = ", ".join(sorted(str(folder.relative_to(path)) for folder in below)[:6])
    if names:
        raise InputError(f"holds no .npy files itself, but these folders in it do: {names}")
    raise InputError("is a folder without .npy files; give a checkpoint file or a folder of them")


def _failure(path: pathlib.Path, error: Exception) -> InputError:
    if isinstance(error, FileNotFoundError):
        beside = (entry.name for entry in path.parent.glob("*"))
        return InputError(f"{path}: does not exist{checks.near(path.name, beside)}")
    if isinstance(error, OSError):
        return InputError(f"{path}: cannot be read: {error.strerror or error}")
    if isinstance(error, MemoryError):
        return InputError(f"{path}: is larger than the free memory")
    return InputError(f"{path}: {error}")
