"""What was found of each image, noted line by line, so that what was interrupted goes on."""

import contextlib
import dataclasses
import json
import pathlib
from typing import TextIO

from jaxiqa.data.databases import Folder


@dataclasses.dataclass(frozen=True)
class Image:
    """An image as it was when it was looked at.

    Attributes:
      file: its name on disk, relative to the folder.
      stat: size in bytes and time of change in ns, by which a changed file is seen at once.
      sha256: of its bytes, in hex.
      pixels: sha256 of what it decodes to, in hex.
      shape: height and width.
    """

    file: str
    stat: tuple[int, int]
    sha256: str
    pixels: str
    shape: tuple[int, int]


def _root(folder: Folder) -> str:
    """Returns the first line of a journal, which tells whose images it notes."""
    return json.dumps({"root": str(folder.root)})


def opened(journal: pathlib.Path, folder: Folder, known: dict[str, Image]) -> TextIO:
    """Returns a journal to be gone on with, or begun anew where nothing in it is known."""
    notes = journal.open("a" if known else "w", encoding="utf-8")
    if not known:
        notes.write(_root(folder) + "\n")
        notes.flush()
    return notes


def noted(journal: pathlib.Path, folder: Folder) -> dict[str, Image]:
    """Returns the images of a journal of this folder; a line that was cut short is left out."""
    found = {}
    lines = journal.read_text("utf-8", errors="replace").splitlines() if journal.exists() else []
    if lines and lines[0] == _root(folder):
        for line in lines[1:]:
            with contextlib.suppress(ValueError, TypeError):
                image = _image_of(json.loads(line))
                found[image.file] = image
    return found


def _image_of(fields: dict) -> Image:
    """Returns an image from its JSON."""
    image = Image(**fields)
    return dataclasses.replace(image, stat=tuple(image.stat), shape=tuple(image.shape))
