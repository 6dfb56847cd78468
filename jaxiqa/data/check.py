"""Whether a prepared database is still what it was when all its images were looked at."""

import os
import pathlib

from jaxiqa.checks import InputError
from jaxiqa.data.opened import opened
from jaxiqa.data.prepare import database_of, stored
from jaxiqa.data.survey import Progress, faults, silent


def check(
    name: str, *, root: str | os.PathLike[str] | None = None, progress: Progress = silent
) -> list[str]:
    """Returns what is wrong with a prepared database, one line an image; an empty list if nothing.

    Args:
      name: as in ``load``.
      root: where prepared databases are kept; the user's cache by default.
      progress: told after each image.

    Raises:
      InputError: it is not prepared, or its table is damaged.
    """
    held = stored(name, root)
    wrong = []
    for done, key in enumerate(held.sha256, 1):
        try:
            held.data(key)
        except InputError as error:
            wrong.append(str(error))
        progress(done, len(held.sha256))
    return wrong


def check_folder(
    name: str, source: str | os.PathLike[str], *, progress: Progress = silent
) -> list[str]:
    """Returns what is wrong with a publisher's unpacked folder, one line an image.

    Args:
      name: as in ``load``.
      source: the folder; for ``tid2013-kodak`` that of the photographs, or what was rebuilt.
      progress: told after each image.

    Raises:
      InputError: it is not the publisher's folder, or its table cannot be read; photographs that
        are missing or wrong, all named.
    """
    database = database_of(name)
    if database.photographs and not (pathlib.Path(source).expanduser() / database.marker).exists():
        from jaxiqa.data.kodak_photos import read_references

        read_references(source)
        return []
    folder, columns = opened(database, source)
    return faults(database, folder, columns, progress=progress)
