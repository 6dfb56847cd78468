"""A publisher's unpacked folder with its table, read and found sound."""

import os

import numpy as np

from jaxiqa.checks import InputError
from jaxiqa.data.databases import Columns, Database, Folder, unpacked


def opened(database: Database, source: str | os.PathLike[str]) -> tuple[Folder, Columns]:
    """Returns a publisher's folder and its table.

    Raises:
      InputError: the folder is not the publisher's, or the table cannot be read, is empty or has an
        opinion that is not finite.
    """
    folder = unpacked(source, database.marker, manual=database.manual)
    columns = database.read(folder)
    if not len(columns["opinion"]):
        raise InputError(f"{folder.root}: the table of {database.name} has no rows")
    if len(wrong := np.flatnonzero(~np.isfinite(columns["opinion"]))):
        raise InputError(
            f"{folder.root}: the opinion of {columns[database.images[-1]][wrong[0]]} is "
            f"{columns['opinion'][wrong[0]]}, expected a finite number"
        )
    return folder, columns
