"""Published weights fetched, verified, converted and kept, so that a name is enough."""

import contextlib
import pathlib
from collections.abc import Callable, Iterator

from jaxiqa.checkpoints import cache, store
from jaxiqa.checkpoints.download import Progress, fetch, silent
from jaxiqa.checkpoints.genuine import check_digest, misfit
from jaxiqa.checkpoints.load import architecture_of, convert
from jaxiqa.checkpoints.read import digest
from jaxiqa.checkpoints.sources import Source, shipped, source
from jaxiqa.checks import InputError

_PAGE = (b"<!doctype", b"<html")


def get(
    name: str, *, progress: Progress = silent, say: Callable[[str], None] = lambda line: None
) -> pathlib.Path:
    """Returns the folder of a training's converted weights, fetched where they are not there yet.

    A file that already lies where `cache.download` says is taken in place of a download. What is
    fetched gets that name when its digest is right, and is removed once it is converted.

    Args:
      name: of a source record, such as ``alexnet.imagenet``.
      progress: told how many bytes have come.
      say: told in a line what the user should know beside the result.

    Raises:
      InputError: no such record, one of a net that this version has not, or one that ships; no
        connection, in which case the message says which file to put where; another digest than
        the publisher's; a file that does not fit the architecture.
    """
    record = _served(name)
    with _alone(record, say):
        if not cache.is_converted(record.name):
            path = cache.download(record)
            came = not path.exists()
            if came:
                _download(record, path, progress, say)
            else:
                check_digest(path, record)
            _keep(record, path, say)
            if came:
                path.unlink()
    return cache.converted(record.name)


def add(
    file: pathlib.Path | str, name: str, *, say: Callable[[str], None] = lambda line: None
) -> pathlib.Path:
    """Returns the folder to which a file that is at hand was converted, under a training's name.

    Args:
      file: the publisher's checkpoint, under any name; it stays where it is.
      name: of a source record.
      say: as of ``get``.

    Raises:
      InputError: no such record or file; another digest than the publisher's; a file that does not
        fit the architecture; weights of that name are there already.
    """
    record = _served(name)
    with _alone(record, say):
        if cache.is_converted(record.name):
            raise InputError(
                f"{record.name} is there already; remove {cache.converted(record.name)} first"
            )
        check_digest(pathlib.Path(file), record)
        _keep(record, pathlib.Path(file), say)
    return cache.converted(record.name)


def verify(name: str) -> dict:
    """Returns the record of weights that ship or are kept, all of them found to be undamaged.

    Raises:
      InputError: no such record; no weights; damaged ones; ones of another file than published.
    """
    record, path = source(name), cache.converted(name)
    if record.ships:
        check_digest(shipped() / record.address, record)
        return {"source": {"file": record.file, "sha256": record.sha256}}
    if not cache.is_converted(name):
        raise InputError(f"{name} is not in the cache; `jaxiqa weights get {name}` gets it")
    _, found = store.load(path)
    came = found.get("source", {}).get("sha256", "")
    if not came.startswith(record.sha256):
        raise InputError(
            f"{path} was converted from a file of sha256 {came} and {record.sha256} is published; "
            "remove it and get it again"
        )
    return found


def _served(name: str) -> Source:
    """The record of a published training whose architecture this version has."""
    record = source(name)
    architecture_of(record.name)
    if record.ships:
        raise InputError(f"{record.name} ships with jaxiqa: take it by its name, nothing to get")
    return record


def _download(
    record: Source, path: pathlib.Path, progress: Progress, say: Callable[[str], None]
) -> None:
    """Fetches beside the final name; only a file with the right digest gets that name."""
    part = path.with_name(f"{path.name}.part")
    if not record.verified:
        say(f"the address of {record.name} is unverified: {record.address}")
    had = part.exists()
    try:
        fetch(record.address, part, size=record.size, progress=progress)
        if had and misfit(part, record):
            # The start may be of an earlier edition of the file, or of a disk that was full.
            part.unlink()
            fetch(record.address, part, size=record.size, progress=progress)
    except (InputError, OSError) as error:
        raise InputError(f"{error}; {_by_hand(record, path)}") from error
    _check_part(part, record)
    part.replace(path)


def _check_part(part: pathlib.Path, record: Source) -> None:
    wrong = misfit(part, record)
    if not wrong:
        return
    with open(part, "rb") as file:
        page = file.read(64).lstrip().lower().startswith(_PAGE)
    part.unlink()
    raise InputError(
        f"{record.address} gave {'a web page' if page else 'another file'} of {wrong}; "
        "it was removed"
    )


def _by_hand(record: Source, path: pathlib.Path) -> str:
    return (
        f"or fetch {record.address} elsewhere, put it at {path}, and run "
        f"`jaxiqa weights get {record.name}` again"
    )


def _keep(record: Source, path: pathlib.Path, say: Callable[[str], None]) -> None:
    if not (record.sha256 or record.md5):
        say(f"the publisher of {record.name} gives no digest; this file has sha256 {digest(path)}")
    found = convert(record.name, path, cache.converted(record.name))
    if found["missing"]:
        lacking = ", ".join(found["missing"])
        say(f"a partial checkpoint: {len(found['missing'])} arrays are missing ({lacking})")


@contextlib.contextmanager
def _alone(record: Source, say: Callable[[str], None]) -> Iterator[None]:
    """Lets one process at a time fetch and convert a training; a killed one lets go of it."""
    import filelock

    path = cache.folder() / "locks" / f"{record.name}.lock"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = filelock.FileLock(path)
        try:
            lock.acquire(timeout=0)
        except filelock.Timeout:
            say(f"waiting for another jaxiqa that is getting {record.name}")
            lock.acquire()
    except (OSError, NotImplementedError) as error:
        raise InputError(f"cannot write to {cache.folder()}: {error}") from error
    try:
        yield
    finally:
        lock.release()
