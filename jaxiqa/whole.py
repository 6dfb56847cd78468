"""Files that are written whole or not at all."""

import os
import pathlib
import tempfile
from collections.abc import Callable

from jaxiqa import checks


def write_whole(path: pathlib.Path, write: Callable[[pathlib.Path], None]) -> None:
    """Has ``write`` fill a file beside ``path`` and then puts it in place in one step.

    Raises:
      InputError: the place cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(
            dir=path.parent, prefix=f".{path.stem}-", suffix=path.suffix
        )
        os.close(handle)
        unfinished = pathlib.Path(name)
        try:
            write(unfinished)
            unfinished.chmod(0o644)
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
    except OSError as error:
        raise checks.InputError(f"cannot write {path}: {error.strerror or error}") from error
