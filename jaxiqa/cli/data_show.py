"""What is known of a database, as a record and in words."""

import collections
import os
from collections.abc import Iterator
from typing import Any

import numpy as np

from jaxiqa.data.databases import TRIPLET, Columns, Database
from jaxiqa.data.exclude import IDENTICAL
from jaxiqa.data.load import load, load_triplets
from jaxiqa.data.prepare import stored

_SPREADS = ("opinion_std", "opinion_error")


def facts(database: Database, state: str) -> dict[str, Any]:
    """Returns what is known of a database, prepared as ``state`` says."""
    return {
        "name": database.name,
        "title": database.title,
        "address": database.address,
        "how": database.manual,
        "rows": database.rows,
        "references": database.references,
        "images": list(database.images),
        "opinion": database.opinion,
        "higher_is_better": database.higher_is_better,
        "spread": database.spread,
        "note": database.note,
        "exclude": [IDENTICAL, *database.exclusions],
        "citation": database.citation,
        "licence": database.licence,
        "prepared": state,
    }


def few(database: Database, rows: int | None) -> str:
    """Returns a note where a database has another number of rows than its publisher counts."""
    different = rows is not None and rows != database.rows
    return f"{rows} of {database.rows} published rows" if different else ""


def without_spread(database: Database, columns: Columns) -> str:
    """Returns a note where the column beside the opinion is published, and is not there."""
    there = database.spread.startswith("none") or any(name in columns for name in _SPREADS)
    return "" if there else f"without the {database.spread}, which was not found"


def table_facts(database: Database, root: str | os.PathLike[str] | None = None) -> dict[str, Any]:
    """Returns what the table of a prepared database holds.

    Raises:
      InputError: the prepared database is damaged.
    """
    held = stored(database.name, root)
    loaded = (load_triplets if database.images == TRIPLET else load)(database.name, root=root)
    columns = held.columns
    return {
        "place": held.place,
        "notes": [n for n in (few(database, len(loaded)), without_spread(database, columns)) if n],
        "digest": loaded.digest,
        "rows": len(loaded),
        "references": len(set(columns["reference"])),
        "identical": int(sum(columns["identical"])),
        "opinion": _range(columns["opinion"]),
        **{name: _range(columns[name]) for name in _SPREADS if name in columns},
        "distortions": _counts(columns, "distortion"),
        "splits": _counts(columns, "split"),
    }


def _range(values: np.ndarray) -> dict[str, float]:
    return {name: float(getattr(np, name)(values)) for name in ("min", "mean", "max")}


def _counts(columns: Columns, name: str) -> dict[str, int]:
    return dict(collections.Counter(columns.get(name, ())))


def lines(found: dict[str, Any]) -> Iterator[str]:
    """Yields the lines that tell a record."""
    yield f"{found['name']}: {found['title']}"
    yield f"rows       {found['rows']} published, of {found['references']} references"
    for name in ("opinion", "spread", "address", "how", "licence"):
        yield f"{name:10} {found[name]}"
    yield f"cite       {found['citation']}"
    yield f"exclude    {', '.join(found['exclude'])}, or column=value"
    if found["note"]:
        yield f"note       {found['note']}"
    yield f"prepared   {found['prepared'] or 'no'}"
    if "table" in found:
        yield from _table_lines(found["table"])


def _table_lines(table: dict[str, Any]) -> Iterator[str]:
    yield f"in         {table['place']}"
    yield (
        f"holds      {table['rows']} rows of {table['references']} references, "
        f"{table['identical']} of them with identical pixels"
    )
    for note in table["notes"]:
        yield f"note       {note}"
    for name in ("opinion", *_SPREADS):
        if name in table:
            low, mean, high = table[name].values()
            yield f"{name:10} {low:.4g} to {high:.4g}, mean {mean:.4g}"
    for name in ("distortions", "splits"):
        if table[name]:
            told = ", ".join(f"{value} ({count})" for value, count in table[name].items())
            yield f"{name:10} {told}"
    yield f"digest     {table['digest']}"
