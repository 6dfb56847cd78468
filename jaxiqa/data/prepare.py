"""From a publisher's unpacked folder to a database that loads by name."""

import json
import os
import pathlib

from jaxiqa.checkpoints import cache
from jaxiqa.checks import InputError, choose
from jaxiqa.data import prepared, survey
from jaxiqa.data.databases import DATABASES, Database
from jaxiqa.data.opened import opened
from jaxiqa.data.prepared import Stored

# "files" leaves the images where they are; "array_record" copies them, by tensorflow-datasets.
FORMATS = ("files", "array_record")


def database_of(name: str) -> Database:
    """Returns what is known of a database.

    Raises:
      InputError: an unknown name; near matches are named.
    """
    listing = "`jaxiqa data list` lists them."
    return DATABASES[choose(name, DATABASES, kind="database", listing=listing)]


def place(name: str, root: str | os.PathLike[str] | None = None) -> pathlib.Path:
    """Returns the file of a database that is prepared from files, there or not."""
    return prepared.folder(root) / name / prepared.FILE


def made(name: str, root: str | os.PathLike[str] | None = None) -> pathlib.Path:
    """Returns the folder of a database, made where it is not there.

    Raises:
      InputError: it cannot be made or written.
    """
    folder = place(name, root).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
        fault = None if os.access(folder, os.W_OK | os.X_OK) else "no permission to write"
    except OSError as error:
        fault = error.strerror
    if fault:
        raise InputError(
            f"{folder}: the cache of prepared databases cannot be written ({fault}); name another "
            f"folder with --root (root= in Python) or {cache.VARIABLE}"
        )
    return folder


def prepare(
    name: str,
    source: str | os.PathLike[str],
    *,
    root: str | os.PathLike[str] | None = None,
    store: str = "files",
    progress: survey.Progress = survey.silent,
) -> Stored:
    """Returns a database that has been looked through and from now on loads by its name.

    Every image is opened. Until all is done, nothing loads, or what was prepared before. What was
    interrupted goes on where it stopped with "files", and begins anew with "array_record".

    Args:
      name: as in ``DATABASES``.
      source: the publisher's folder, unpacked; for ``tid2013-kodak`` that of the photographs.
      root: where prepared databases are kept; the user's cache by default.
      store: "files" leaves the images in ``source``; "array_record" keeps a copy of them that
        tensorflow-datasets reads too.
      progress: told how many images were looked at, and how many there are.

    Raises:
      InputError: an unknown name or store; no publisher's folder; images that are missing, damaged
        or of unequal size, by name; an opinion that is not finite; a root that cannot be written.
    """
    database = database_of(name)
    choose(store, FORMATS, kind="store", listing=f"It takes {', '.join(FORMATS)}.")
    path = made(name, root) / prepared.FILE
    if database.photographs:
        source = _rebuilt(source, path.parent / "images", progress)
    if store == "array_record":
        return _copies().prepare(database, source, prepared.folder(root), progress)
    folder, columns = opened(database, source)
    journal = path.with_name(prepared.JOURNAL)
    images = survey.survey(database, folder, columns, journal=journal, progress=progress)
    columns |= {"identical": survey.identical(database, columns, images)}
    prepared.write(path, folder.root, columns, images)
    journal.unlink(missing_ok=True)
    return prepared.read(path)


def _rebuilt(photographs, out: pathlib.Path, progress: survey.Progress) -> pathlib.Path:
    from jaxiqa.data import kodak

    return kodak.rebuild(photographs, out, progress=progress).parent


def _copies():
    try:
        from jaxiqa.data import copies
    except ModuleNotFoundError as error:
        raise InputError(
            f"copies need tensorflow-datasets ({error}); `pip install 'jaxiqa[data]'`, or prepare "
            "from files"
        ) from error
    return copies


def stored(name: str, root: str | os.PathLike[str] | None = None) -> Stored:
    """Returns a prepared database: the files if they were prepared and are there, else the copy.

    Raises:
      InputError: it is not prepared; the message says how. Or it is damaged.
    """
    database, path = database_of(name), place(name, root)
    there = copied(name, root)
    if path.exists():
        try:
            return prepared.read(path)
        except InputError:
            if not there:
                raise
    if there:
        return _copies().stored(database, prepared.folder(root))
    option = "--photos" if database.photographs else "--from"
    raise InputError(
        f"{name} is not prepared. {database.manual} Then `jaxiqa data prepare {name} {option} DIR`"
    )


def copied(name: str, root: str | os.PathLike[str] | None = None) -> bool:
    """Returns whether tensorflow-datasets has a copy in the folder of prepared databases."""
    return bool(_infos(name, root))


def _infos(name: str, root: str | os.PathLike[str] | None) -> list[pathlib.Path]:
    pattern = f"tfds/{name.replace('-', '_')}/*/dataset_info.json"
    return sorted(prepared.folder(root).glob(pattern))


def rows_of(name: str, root: str | os.PathLike[str] | None = None) -> int | None:
    """Returns how many rows a prepared database has, without reading its table; None if unknown."""
    if (path := place(name, root)).exists():
        return prepared.rows_of(path)
    try:
        splits = json.loads(_infos(name, root)[-1].read_text("utf-8"))["splits"]
        shards = (s["shardLengths"] for s in splits if s["name"] != "references")
        return sum(int(length) for lengths in shards for length in lengths)
    except (OSError, ValueError, LookupError, TypeError):
        return None


def state(name: str, root: str | os.PathLike[str] | None = None) -> str:
    """Returns "files", "array_record", both, or an empty text, without reading any of it."""
    found = (place(name, root).exists(), copied(name, root))
    return ", ".join(form for form, there in zip(FORMATS, found, strict=True) if there)
