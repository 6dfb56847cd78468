"""Prepared databases by name, as `Pairs` or `Triplets`."""

import os
from typing import Any

import numpy as np

from jaxiqa.checks import InputError
from jaxiqa.data.databases import PAIR, TRIPLET, Columns, Database
from jaxiqa.data.exclude import kept
from jaxiqa.data.pairs import Pairs, subset, table_digest
from jaxiqa.data.prepare import database_of, stored
from jaxiqa.data.prepared import Stored
from jaxiqa.data.triplets import Triplets
from jaxiqa.images.read import image_from_bytes

_COLUMNS = (
    *("opinion", "opinion_std", "opinion_error"),
    *("reference_id", "distortion", "level", "split"),
)


def load(
    name: str,
    *,
    root: str | os.PathLike[str] | None = None,
    exclude: str | tuple[str, ...] = (),
) -> Pairs:
    """Returns the rated pairs of a prepared database; its images are not opened.

    Args:
      name: as `jaxiqa data list` lists them.
      root: where prepared databases are kept; the user's cache by default.
      exclude: what to leave out, one or several of "column=value" with a column among
        reference_id, distortion, level and split; "identical" for pairs of identical pixels;
        "synthetic" for the synthetic reference of TID2008 and TID2013.

    Returns:
      `Pairs` with the opinion as published and its sign. Keys are the publisher's names, the same
      wherever the images lie, and the digest covers the table with what was excluded.

    Raises:
      InputError: an unknown name or exclusion, a database that is not prepared or holds triplets.
    """
    database = _of(name, PAIR, "load_triplets")
    held = stored(name, root)
    rows = kept(database, held.columns, exclude)
    pairs = Pairs(**_fields(database, held), higher_is_better=database.higher_is_better)
    return pairs if np.all(rows) else subset(pairs, rows)


def load_triplets(
    name: str,
    *,
    root: str | os.PathLike[str] | None = None,
    exclude: str | tuple[str, ...] = (),
) -> Triplets:
    """Returns the judged triplets of a prepared database; its images are not opened.

    Args:
      name: "bapps-2afc".
      root: where prepared databases are kept; the user's cache by default.
      exclude: as for ``load``, with the columns distortion and split.

    Raises:
      InputError: an unknown name or exclusion, a database that is not prepared or holds pairs.
    """
    database = _of(name, TRIPLET, "load")
    held = stored(name, root)
    rows = np.flatnonzero(kept(database, held.columns, exclude))
    columns = {
        column: values[rows] if isinstance(values, np.ndarray) else tuple(values[i] for i in rows)
        for column, values in held.columns.items()
    }
    return Triplets(**_fields(database, Stored(columns, held.sha256, held.data, held.place)))


def _of(name: str, images: tuple[str, ...], other: str) -> Database:
    database = database_of(name)
    if database.images != images:
        raise InputError(f"{name} holds {' '.join(database.images)}; use jaxiqa.data.{other}")
    return database


def _table(database: Database, columns: Columns) -> Columns:
    return {c: columns[c] for c in (*database.images, *_COLUMNS) if columns.get(c) is not None}


def _fields(database: Database, held: Stored) -> dict[str, Any]:
    """Returns what `Pairs` and `Triplets` have in common."""
    table = _table(database, held.columns)

    def read(key: str) -> np.ndarray:
        return image_from_bytes(held.data(key), name=f"{database.name}: {key}")

    def stamp(key: str) -> str:
        try:
            held.data(key)
            return held.sha256[key]
        except InputError:
            return "missing"

    signed = {**table, "higher_is_better": database.higher_is_better}
    return {
        "name": database.name,
        **table,
        "read": read,
        "citation": database.citation,
        "licence": database.licence,
        "digest": table_digest(signed),
        "stamp": stamp,
    }
