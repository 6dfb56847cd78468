"""Where fetched and converted weights are kept: one folder, named weights in it."""

import os
import pathlib

from jaxiqa.checkpoints import store
from jaxiqa.checkpoints.sources import Source

VARIABLE = "JAXIQA_CACHE"


def folder() -> pathlib.Path:
    """Returns the user's cache folder, or what ``JAXIQA_CACHE`` names; it need not exist."""
    if named := os.environ.get(VARIABLE):
        return pathlib.Path(named).expanduser().absolute()
    import platformdirs

    return platformdirs.user_cache_path("jaxiqa", appauthor=False)


def converted(name: str) -> pathlib.Path:
    """Returns the folder of the converted weights of a training, there or not."""
    return folder() / "weights" / name


def is_converted(name: str) -> bool:
    """Returns whether the converted weights of a training are in the cache, whole or damaged."""
    return store.is_stored(converted(name))


def download(record: Source) -> pathlib.Path:
    """Returns where the publisher's file is looked for, and put where it is fetched."""
    return folder() / "downloads" / record.name / record.file
