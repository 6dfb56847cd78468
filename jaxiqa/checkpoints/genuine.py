"""Whether a file is the one that its publisher means, as far as a digest of it is published."""

import hashlib
import pathlib

from jaxiqa.checkpoints.read import digest
from jaxiqa.checkpoints.sources import Source
from jaxiqa.checks import InputError


def misfit(path: pathlib.Path, record: Source) -> str:
    """Returns which digest the file has and which it should have; empty where it is the right one.

    Args:
      path: a file, or a folder, of which no md5 is published.
      record: its sha256, or the first digits of it, and its md5; either may be empty.
    """
    came = digest(path)
    if not came.startswith(record.sha256):
        return f"sha256 {came}, which should begin with {record.sha256}"
    if record.md5 and path.is_file():
        with open(path, "rb") as file:
            came = hashlib.file_digest(file, "md5").hexdigest()
        if came != record.md5:
            return f"md5 {came}, which should be {record.md5}"
    return ""


def check_digest(path: pathlib.Path, record: Source) -> None:
    """Passes if a file is the publisher's, as far as a digest of it is known.

    Raises:
      InputError: it is not there, or another.
    """
    if wrong := misfit(path, record):
        raise InputError(f"{path} is not the file of {record.name}: it has {wrong}")
