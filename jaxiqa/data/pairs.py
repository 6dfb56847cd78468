"""`Pairs`: image pairs with human opinion, one type for every opinion database."""

import dataclasses
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from jaxiqa.checks import InputError

_COLUMNS = ("opinion_std", "opinion_error", "reference_id", "distortion", "level", "split")


@dataclasses.dataclass(frozen=True, eq=False)
class Pairs:
    """Rated image pairs, as a table of n rows and a way to read the images.

    Attributes:
      name: of the database.
      reference: n image keys; a reference that serves many rows has one and the same key.
      distorted: n image keys.
      opinion: (n,) float64, as published.
      higher_is_better: the sign of `opinion`; True for MOS, False for most DMOS.
      read: key -> (H, W, 3) float32 in [0, 1]; callable from several threads at once.
      opinion_std: (n,) float64 standard deviations, nan where unknown, or None.
      opinion_error: (n,) float64 standard errors of the opinions, or None where not known to be.
      reference_id: n names of the scene, the groups of a bootstrap or a split, or None.
      distortion: n names of the kind of distortion, or None.
      level: n names of the strength of the distortion, or None.
      split: n names such as "train" and "test", or None.
      citation: what to cite for the opinion scores.
      licence: the terms of the database.
      digest: sha256 in hex over the table (not over the images), see `table_digest`.
      stamp: key -> a text that changes with the stored image, such as the sha256 of its file, or
        None where the images follow from the table.
    """

    name: str
    reference: tuple[str, ...]
    distorted: tuple[str, ...]
    opinion: np.ndarray
    higher_is_better: bool
    read: Callable[[str], np.ndarray]
    opinion_std: np.ndarray | None = None
    opinion_error: np.ndarray | None = None
    reference_id: tuple[str, ...] | None = None
    distortion: tuple[str, ...] | None = None
    level: tuple[str, ...] | None = None
    split: tuple[str, ...] | None = None
    citation: str = ""
    licence: str = ""
    digest: str = ""
    stamp: Callable[[str], str] | None = None

    def __post_init__(self):
        for column in ("distorted", "opinion", *_COLUMNS):
            values = getattr(self, column)
            if values is not None and len(values) != len(self.reference):
                raise InputError(
                    f"{self.name}: {column} has {len(values)} rows, "
                    f"expected {len(self.reference)} as in reference"
                )

    def __len__(self) -> int:
        return len(self.reference)


def table_digest(table: Mapping[str, Any]) -> str:
    """Returns the sha256 in hex of a table's content.

    Args:
      table: column name -> sequence of str or float, a single value, or None; the order of the
        columns does not matter. Image keys should be relative, so that a copy of a database in
        another folder has the same digest.
    """
    plain = {k: v.tolist() if isinstance(v, np.ndarray) else v for k, v in table.items()}
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def subset(pairs: Pairs, rows: ArrayLike) -> Pairs:
    """Returns the chosen rows as `Pairs`; a digest of the table becomes one of table and choice.

    Args:
      pairs: n rated pairs.
      rows: boolean mask (n,), or integer indices in the order wanted, as numpy counts.

    Raises:
      InputError: a mask of another length, indices out of range, or neither of the two.
    """
    chosen = _indices(rows, len(pairs))
    names = ("reference", "distorted", "opinion", *_COLUMNS)
    columns = {name: _take(getattr(pairs, name), chosen) for name in names}
    # Without a digest of the whole the rows would tell nothing of their content.
    digest = table_digest({"of": pairs.digest, "rows": chosen}) if pairs.digest else ""
    return dataclasses.replace(pairs, **columns, digest=digest)


def _indices(rows: ArrayLike, n: int) -> np.ndarray:
    """Returns mask or indices as indices in [0, n)."""
    rows = np.asarray(rows)
    if rows.size == 0 and rows.ndim == 1 and rows.dtype != bool:
        rows = rows.astype(np.intp)
    if rows.dtype == bool and rows.shape == (n,):
        return np.flatnonzero(rows)
    if rows.ndim == 1 and np.issubdtype(rows.dtype, np.integer):
        if np.all((rows >= -n) & (rows < n)):
            return rows.astype(np.intp) % max(n, 1)
        raise InputError(f"row indices must lie in [{-n}, {n}), got {rows.min()} to {rows.max()}")
    raise InputError(
        f"expected a boolean mask of {n} rows or a list of row indices, "
        f"got {rows.dtype} of shape {rows.shape}"
    )


def _take(column: np.ndarray | Sequence[str] | None, rows: np.ndarray):
    if column is None or isinstance(column, np.ndarray):
        return None if column is None else column[rows]
    return tuple(column[i] for i in rows)
