"""What is known of an opinion database before any file of it is seen."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from jaxiqa.data.databases.folder import Folder

# column name -> n texts, or an array (n,) of float64; image keys are relative to the folder
Columns = dict[str, Any]

PAIR = ("reference", "distorted")
TRIPLET = ("reference", "first", "second")


@dataclass(frozen=True, kw_only=True)
class Database:
    """An opinion database as its publisher gives it out.

    Attributes:
      name: as in ``load``.
      title: of the database, in words.
      address: the publisher's page.
      manual: how to get and unpack it.
      marker: a file within the unpacked folder that tells where the folder begins; one that ends
        in "/" is a folder.
      read: the unpacked folder -> columns; no image is opened.
      rows: how many the publisher counts.
      references: how many the publisher counts.
      higher_is_better: the sign of the opinion.
      opinion: what the scores are.
      spread: what the column beside the scores is.
      citation: what to cite.
      licence: the terms of use, in short.
      exclusions: word -> "column=value", beside what ``exclude`` takes for every database.
      images: the columns that hold images.
      note: what else is to be known, in a sentence.
      photographs: whether it is computed from photographs, in place of an unpacked folder.
    """

    name: str
    title: str
    address: str
    manual: str
    marker: str
    read: Callable[[Folder], Columns]
    rows: int
    references: int
    higher_is_better: bool
    opinion: str
    spread: str
    citation: str
    licence: str
    exclusions: Mapping[str, str] = field(default_factory=dict)
    images: tuple[str, ...] = PAIR
    note: str = ""
    photographs: bool = False


def keys(database: Database, columns: Columns) -> tuple[str, ...]:
    """Returns the distinct image keys of a table, references first."""
    return tuple(dict.fromkeys(key for column in database.images for key in columns[column]))
