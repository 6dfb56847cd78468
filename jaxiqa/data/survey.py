"""Every image of an unpacked database looked at once: is it there, whole, of its pair's size."""

import concurrent.futures
import contextlib
import dataclasses
import hashlib
import json
import pathlib
from collections.abc import Callable, Iterator, Sequence
from typing import TextIO

import numpy as np

from jaxiqa.checks import InputError
from jaxiqa.data import journal as journals
from jaxiqa.data.databases import Columns, Database, Folder, keys
from jaxiqa.data.journal import Image
from jaxiqa.images.read import image_from_bytes

# Called with how many images were looked at, and how many there are.
Progress = Callable[[int, int], None]

_READERS = 2
_LISTED = 10
_WAITING = 64


def silent(done: int, total: int) -> None:
    """A progress that nobody watches."""


def look(folder: Folder, file: str) -> Image:
    """Returns what an image file is.

    Raises:
      InputError: it cannot be read or decoded, or is cut short.
    """
    path = folder.root / file
    try:
        data, stat = path.read_bytes(), path.stat()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None
    image = image_from_bytes(data, name=str(path))
    return Image(
        file,
        (stat.st_size, stat.st_mtime_ns),
        hashlib.sha256(data).hexdigest(),
        hashlib.sha256(np.ascontiguousarray(image).data).hexdigest(),
        (image.shape[0], image.shape[1]),
    )


def faults(
    database: Database, folder: Folder, columns: Columns, *, progress: Progress = silent
) -> list[str]:
    """Returns what is wrong with a folder, one line a file: missing, damaged, of another size."""
    return _survey(database, folder, columns, {}, None, progress)[1]


def survey(
    database: Database,
    folder: Folder,
    columns: Columns,
    *,
    journal: pathlib.Path | None = None,
    progress: Progress = silent,
) -> dict[str, Image]:
    """Returns every image of a database by its key.

    Args:
      database: whose folder it is.
      folder: the publisher's, unpacked.
      columns: its table.
      journal: a file in which each image is noted, so that a survey that was interrupted goes on
        where it stopped; images that changed since are looked at again, and all of them where the
        journal is of another folder.
      progress: told after each image.

    Raises:
      InputError: images are missing, damaged, or of another size than their reference.
    """
    missing = [key for key in keys(database, columns) if folder.find(key) is None]
    if missing:
        total = len(keys(database, columns))
        _refuse(database, f"{len(missing)} of {total} images are missing in {folder.root}", missing)
    known = {} if journal is None else journals.noted(journal, folder)
    with contextlib.ExitStack() as stack:
        notes = (
            None
            if journal is None
            else stack.enter_context(journals.opened(journal, folder, known))
        )
        images, wrong = _survey(database, folder, columns, known, notes, progress)
    if wrong:
        _refuse(database, f"{len(wrong)} images cannot be used", wrong)
    return images


def identical(database: Database, columns: Columns, images: dict[str, Image]) -> list[bool]:
    """Returns for each pair whether its two images have the very same pixels."""
    first, second = (columns[column] for column in database.images[-2:])
    return [images[a].pixels == images[b].pixels for a, b in zip(first, second, strict=True)]


def _refuse(database: Database, what: str, listed: list[str]) -> None:
    more = f" and {len(listed) - _LISTED} more" if len(listed) > _LISTED else ""
    shown = "; ".join(listed[:_LISTED])
    hint = f"`jaxiqa data check {database.name} --from DIR` lists all"
    raise InputError(f"{database.name}: {what}: {shown}{more}; {hint}")


def _fresh(folder: Folder, image: Image) -> bool:
    with contextlib.suppress(OSError):
        stat = (folder.root / image.file).stat()
        return (stat.st_size, stat.st_mtime_ns) == image.stat
    return False


def _survey(
    database: Database,
    folder: Folder,
    columns: Columns,
    known: dict[str, Image],
    notes: TextIO | None,
    progress: Progress,
) -> tuple[dict[str, Image], list[str]]:
    """Returns the images that can be used, and what is wrong with the others."""
    images, wrong, wanted = {}, [], keys(database, columns)
    for done, (key, found) in enumerate(_looked(folder, wanted, known), 1):
        if isinstance(found, Image):
            images[key] = found
            if notes is not None and known.get(found.file) != found:
                notes.write(json.dumps(dataclasses.asdict(found)) + "\n")
                notes.flush()
        else:
            wrong.append(found)
        progress(done, len(wanted))
    return images, wrong + list(dict.fromkeys(_sizes(database, columns, images)))


def _looked(
    folder: Folder, wanted: Sequence[str], known: dict[str, Image]
) -> Iterator[tuple[str, Image | str]]:
    """Yields each key with its image, or with what is wrong, in order, from a few threads."""

    def one(key: str) -> Image | str:
        file = folder.find(key)
        if file is None:
            return f"{key} is missing"
        noted = known.get(file)
        try:
            return noted if noted and _fresh(folder, noted) else look(folder, file)
        except InputError as error:
            return str(error)

    with concurrent.futures.ThreadPoolExecutor(_READERS) as pool:
        for start in range(0, len(wanted), _WAITING):
            part = wanted[start : start + _WAITING]
            yield from zip(part, pool.map(one, part), strict=True)


def _sizes(database: Database, columns: Columns, images: dict[str, Image]) -> Iterator[str]:
    first, *others = (columns[column] for column in database.images)
    for row in zip(first, *others, strict=True):
        shapes = {images[key].shape for key in row if key in images}
        if len(shapes) > 1:
            yield f"{' and '.join(row)} are not of one size"
