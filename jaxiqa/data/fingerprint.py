"""What a data set is, in one digest: its table, and the images behind it."""

import concurrent.futures
import dataclasses
import functools
import hashlib
import os

import numpy as np

from jaxiqa.checks import InputError
from jaxiqa.data.pairs import Pairs, table_digest

_READERS = 2
_MISSING = "missing"


def file_digest(path: str | os.PathLike[str]) -> str:
    """Returns the sha256 in hex of a file's bytes, or "missing" where it cannot be read."""
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return _MISSING


def _pixels_digest(pairs: Pairs, key: str) -> str:
    try:
        return hashlib.sha256(np.ascontiguousarray(pairs.read(key)).data).hexdigest()
    except (OSError, InputError):
        return _MISSING


def fingerprint(pairs: Pairs) -> str:
    """Returns the sha256 in hex over the table and over every distinct image of a data set.

    It changes when an image is replaced, mended, or found again after it was missing; where files
    lie does not matter. Images of a set with a digest and no `stamp` follow from its table and are
    not looked at; those of a set with neither are read.
    """
    stamp, table = pairs.stamp, pairs.digest
    if not table:
        names = [f.name for f in dataclasses.fields(pairs) if f.name not in ("read", "stamp")]
        table = table_digest({name: getattr(pairs, name) for name in names})
        stamp = stamp or functools.partial(_pixels_digest, pairs)
    whole = hashlib.sha256(table.encode())
    if stamp is not None:
        keys = dict.fromkeys((*pairs.reference, *pairs.distorted))
        with concurrent.futures.ThreadPoolExecutor(_READERS) as pool:
            for found in pool.map(stamp, keys):
                whole.update(found.encode())
    return whole.hexdigest()
