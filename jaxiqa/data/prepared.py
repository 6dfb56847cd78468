"""A prepared database on disk: one file beside the publisher's folder, written whole or not at all.

The images stay where they are; the file holds the table, and what each image was when all were
looked at. The copy that tensorflow-datasets keeps is another store of the same content: `builders`.
"""

import dataclasses
import hashlib
import json
import os
import pathlib
import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from jaxiqa.checkpoints import cache
from jaxiqa.checks import InputError
from jaxiqa.data.databases import Columns
from jaxiqa.data.survey import Image

FORMAT = 1
FILE = "prepared.json"
JOURNAL = "images.jsonl"
_ROWS = re.compile(r'\{"format": \d+, "rows": (\d+),')


@dataclasses.dataclass(frozen=True)
class Stored:
    """A database that can be read.

    Attributes:
      columns: its table.
      sha256: image key -> sha256 in hex of the file's bytes, as prepared.
      data: image key -> the bytes of the file, unchanged; callable from several threads at once.
      place: where it is.
    """

    columns: Columns
    sha256: Mapping[str, str]
    data: Callable[[str], bytes]
    place: str


def folder(root: str | os.PathLike[str] | None = None) -> pathlib.Path:
    """Returns the folder of all prepared databases: ``root``, or one in the user's cache."""
    return cache.folder() / "data" if root is None else pathlib.Path(root).expanduser().absolute()


def to_json(columns: Columns) -> dict[str, Any]:
    """Returns a table as lists."""
    return {name: values.tolist() if isinstance(values, np.ndarray) else list(values)
            for name, values in columns.items()}  # fmt: skip


def from_json(columns: dict[str, list]) -> Columns:
    """Returns a table from its lists: numbers as arrays (n,), texts as tuples."""
    return {
        name: np.array(values, np.float64) if name.startswith("opinion") else tuple(values)
        for name, values in columns.items()
    }


def write(
    path: pathlib.Path, root: pathlib.Path, columns: Columns, images: Mapping[str, Image]
) -> None:
    """Writes the file of a prepared database; an older one stays until this one is whole."""
    record = {
        "format": FORMAT,
        "rows": len(columns["opinion"]),
        "root": str(root),
        "columns": to_json(columns),
        "images": {key: dataclasses.asdict(image) for key, image in images.items()},
    }
    part = path.with_suffix(f".{os.getpid()}.part")
    try:
        with part.open("w", encoding="utf-8") as file:
            json.dump(record, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def rows_of(path: pathlib.Path) -> int | None:
    """Returns how many rows a file of a prepared database has by its first characters, or None."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            found = _ROWS.match(file.read(80))
    except OSError:
        return None
    return int(found[1]) if found else None


def unchanged(
    fetch: Callable[[str], bytes], sha256: Mapping[str, str], place: str
) -> Callable[[str], bytes]:
    """Returns ``fetch`` for the keys of a database, with what it fetches held against its sha256.

    The function raises `InputError` for a key that is none, and for an image that has changed.
    """

    def data(key: str) -> bytes:
        if not isinstance(key, str) or key not in sha256:
            raise InputError(f"{place} has no image {key!r}; the columns of its table name them")
        found = fetch(key)
        if hashlib.sha256(found).hexdigest() != sha256[key]:
            raise InputError(f"{key} has changed since it was prepared; prepare again")
        return found

    return data


def read(path: pathlib.Path) -> Stored:
    """Returns what a file of a prepared database says.

    Raises:
      InputError: the file is damaged or of another version, or the folder of its images is gone.
    """
    try:
        record = json.loads(path.read_text("utf-8"))
        if record["format"] != FORMAT:
            raise InputError(f"{path} is of another version; prepare the database again")
        root = pathlib.Path(record["root"])
        files = {key: root / image["file"] for key, image in record["images"].items()}
        sha256 = {key: image["sha256"] for key, image in record["images"].items()}
        columns = from_json(record["columns"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{path} is damaged ({error}); prepare the database again") from error
    if not root.is_dir():
        raise InputError(f"the images were in {root}, which is gone; prepare the database again")

    def fetch(key: str) -> bytes:
        try:
            return files[key].read_bytes()
        except OSError as error:
            raise InputError(f"{files[key]}: cannot be read ({error.strerror})") from None

    return Stored(columns, sha256, unchanged(fetch, sha256, str(root)), str(root))
