"""Rows of a database that are left out, as said in words."""

import re

import numpy as np

from jaxiqa.checks import InputError, choose, near
from jaxiqa.data.databases import Columns, Database

COLUMNS = ("reference_id", "distortion", "level", "split")
IDENTICAL = "identical"


def kept(database: Database, columns: Columns, exclude: str | tuple[str, ...]) -> np.ndarray:
    """Returns which rows remain, (n,) bool.

    Args:
      database: whose table it is.
      columns: its table, with ``identical``.
      exclude: "column=value" with a column among ``COLUMNS``, "identical" for pairs of identical
        pixels, or one of the database's own words; one text or several.

    Raises:
      InputError: an unknown word, column or value, something else than texts, or no row that
        remains.
    """
    words = (exclude,) if isinstance(exclude, str) else exclude
    if not isinstance(words, list | tuple | set) or not all(isinstance(w, str) for w in words):
        raise InputError(f"exclude takes a text or a tuple of texts, got {exclude!r}")
    out = np.zeros(len(columns["opinion"]), bool)
    for word in words:
        out |= _excluded(database, columns, word)
    if words and np.all(out):
        raise InputError(f"{database.name}: excluding {', '.join(words)} leaves no row")
    return ~out


def _excluded(database: Database, columns: Columns, word: str) -> np.ndarray:
    known = {IDENTICAL: "", **database.exclusions}
    if "=" not in word:
        listing = f"It takes {', '.join(known)}, or column=value."
        choose(word, known, kind=f"exclusion of {database.name}", listing=listing)
    if word == IDENTICAL:
        return np.array(columns["identical"], bool)
    column, _, value = re.sub(r"\s*=\s*", "=", known.get(word, word)).partition("=")
    held = [name for name in COLUMNS if columns.get(name) is not None]
    choose(column, held, kind=f"column of {database.name}", listing=f"It has {', '.join(held)}.")
    values = np.array(columns[column])
    if value not in values and word not in known:
        hint = near(value, map(str, np.unique(values)))
        raise InputError(f"{database.name} has no {column} {value!r}{hint}")
    return values == value
