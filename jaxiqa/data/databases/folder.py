"""A publisher's folder as it lies on a user's disk, in which names are found regardless of case."""

import os
import pathlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from jaxiqa.checks import InputError


@dataclass(frozen=True)
class Folder:
    """An unpacked folder.

    Attributes:
      root: where the publisher's names begin.
      files: plain form of a name -> the name as it is on disk; see ``find``.
    """

    root: pathlib.Path
    files: Mapping[str, str]

    def find(self, name: str) -> str | None:
        """Returns the name on disk of a publisher's file, or None where there is none.

        Upper and lower case do not count, nor do spaces and underscores in names of folders: TID
        mixes the case within one folder, and "Part 1" of LIVE-MD is unpacked as "Part_1" too.
        """
        return self.files.get(_plain(name))

    def path(self, name: str) -> pathlib.Path:
        """Returns the path of a file that must be there.

        Raises:
          InputError: it is not.
        """
        found = self.find(name)
        if found is None:
            raise InputError(f"{self.root}: {name} is missing")
        return self.root / found

    def inside(self, name: str) -> list[str]:
        """Returns the names on disk of all files below a folder, sorted."""
        start = _plain(f"{name}/x")[:-1]
        return sorted(found for plain, found in self.files.items() if plain.startswith(start))

    def lines(self, name: str) -> Iterator[tuple[int, str]]:
        """Yields number and text of each line of a text file that is not blank.

        Raises:
          InputError: the file is missing or no text.
        """
        try:
            text = self.path(name).read_bytes().decode("utf-8-sig")
        except UnicodeDecodeError:
            raise InputError(f"{self.root / name} is not a text file") from None
        for number, line in enumerate(text.splitlines(), 1):
            if line.strip():
                yield number, line.strip()

    def numbers(self, name: str) -> list[float]:
        """Returns the numbers of a text file that holds one a line.

        Raises:
          InputError: the file is missing, or a line is no number.
        """
        return [number(self, name, line, text) for line, text in self.lines(name)]


def number(folder: Folder, name: str, line: int, text: str) -> float:
    """Returns the finite number that a text is.

    Raises:
      InputError: it is none; file and line are named.
    """
    try:
        found = float(text)
    except ValueError:
        found = float("nan")
    if found - found != 0:
        raise InputError(f"{folder.root / name}, line {line}: expected a number, got {text!r}")
    return found


def unpacked(source: str | os.PathLike[str], marker: str, *, manual: str = "") -> Folder:
    """Returns a publisher's folder: the one that is given, or one below it.

    Args:
      source: a folder.
      marker: a file, or with "/" at its end a folder, by which the publisher's is known.
      manual: how to get it, for the message.

    Raises:
      InputError: the source is no folder, or does not hold the marker, or holds several.
    """
    source = pathlib.Path(source).expanduser().absolute()
    if source.is_file():
        raise InputError(f"{source} is a file, expected the folder that it unpacks to")
    if not source.is_dir():
        raise InputError(f"{source} does not exist, expected an unpacked folder")
    files = {_plain(name): name for name in _walk(source)}
    places = {
        tuple(name.split("/")[:depth])
        for plain, name in files.items()
        if (depth := _depth(plain, marker)) is not None
    }
    nearest = min(map(len, places), default=0)
    starts = sorted("".join(f"{part}/" for part in p) for p in places if len(p) == nearest)
    if not starts:
        raise InputError(f"{source} does not hold {marker}. {manual}".rstrip())
    if len(starts) > 1:
        told = ", ".join(starts)
        raise InputError(f"{source} holds {marker} in several folders ({told}); name one of them")
    start = starts[0]
    within = [name[len(start) :] for name in files.values() if name.startswith(start)]
    return Folder(source / start, {_plain(name): name for name in within})


def _walk(source: pathlib.Path) -> Iterator[str]:
    """Yields the names of all files, relative to the folder; hidden ones are left out.

    Links are followed, each folder once: a link to a folder above it would have no end.
    """
    visited = set()
    for place, folders, names in os.walk(source, followlinks=True):
        stat = os.stat(place)
        if (stat.st_dev, stat.st_ino) in visited:
            folders.clear()
            continue
        visited.add((stat.st_dev, stat.st_ino))
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        before = pathlib.Path(place).relative_to(source)
        yield from ((before / n).as_posix() for n in sorted(names) if not n.startswith("."))


def _plain(name: str) -> str:
    folder, slash, file = name.lower().rpartition("/")
    return folder.replace(" ", "").replace("_", "") + slash + file


def _depth(plain: str, marker: str) -> int | None:
    """Returns how many folders come before the marker in a file's name, or None without it."""
    wanted = _plain(f"{marker}x")[:-1] if marker.endswith("/") else _plain(marker)
    name = f"/{plain}"
    at = name.find(f"/{wanted}") if marker.endswith("/") else len(name) - len(wanted) - 1
    found = at >= 0 and name[at:].startswith(f"/{wanted}")
    return name[:at].count("/") if found else None
