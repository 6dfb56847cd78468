"""The small files of a bank: whole or not there, damage seen, one process writing at a time."""

import contextlib
import hashlib
import json
import os
import pathlib
import re
import shutil
from collections.abc import Iterator

from jaxiqa import checks

LOCK = "lock"

# What a killed run leaves half written ends so, here and in tensorstore's file driver.
UNFINISHED = ".__lock"

# What tensorstore adds to its messages for its own makers.
_INTERNAL = re.compile(r" \[(?:os_error_code|source locations|tensorstore_spec)=")


def canonical(content) -> str:
    """Returns plain JSON content as text, the same for equal content.

    Raises:
      InputError: something that JSON cannot hold, NaN and infinities included.
    """
    try:
        return json.dumps(content, sort_keys=True, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError, RecursionError) as error:
        raise checks.InputError(f"record of a bank: expected plain JSON, {error}") from error


def plain(content):
    """Returns content as it comes back from a file: tuples as lists, keys as text.

    Raises:
      InputError: something that JSON cannot hold.
    """
    return json.loads(canonical(content))


def digest(content) -> str:
    """Returns the SHA-256 of plain JSON content as 64 hexadecimal digits."""
    return hashlib.sha256(canonical(content).encode()).hexdigest()


def seal(content: dict) -> str:
    """Returns the text of a JSON file of content with its own digest, one line per key."""
    sealed = content | {"digest": digest(content)}
    lines = [f"{canonical(key)}: {canonical(value)}" for key, value in sorted(sealed.items())]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def unseal(text: bytes) -> dict | None:
    """Returns the content of a sealed file, or None where it is not what was written."""
    try:
        content = json.loads(text)
        return content if content.pop("digest") == digest(content) else None
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None


def slug(text: str) -> str:
    """Returns text as part of a file name that every system takes, 60 characters at the most."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text)[:60].strip("-.") or "unnamed"


def sync(folder: pathlib.Path) -> None:
    """Has the names in a folder reach the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_synced(path: pathlib.Path, text: str) -> None:
    """Puts a file in place in one step, its content being on the disk before its name is."""
    unfinished = path.with_name(path.name + UNFINISHED)
    with open(unfinished, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
    sync(path.parent)


@contextlib.contextmanager
def alone(place: pathlib.Path) -> Iterator[bool]:
    """Waits until no other process holds a folder or lock file, and holds it until it is left.

    Gives whether that is sure: some network file systems have no locks.
    """
    import fcntl

    flags = os.O_RDONLY if place.is_dir() else os.O_RDWR | os.O_CREAT
    handle = os.open(place, flags, 0o666)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        sure = True
    except OSError:
        sure = False
    try:
        yield sure
    finally:
        # Closing would leave it to a process that was forked meanwhile.
        if sure:
            fcntl.flock(handle, fcntl.LOCK_UN)
        os.close(handle)


def sweep(folder: pathlib.Path) -> None:
    """Removes what killed runs left half written in a bank; for whoever is surely `alone` there."""
    for path in folder.rglob("*" + UNFINISHED):
        path.unlink(missing_ok=True)


def beside(path: pathlib.Path, mark: str) -> pathlib.Path:
    """Returns the folder in which a bank is made before it gets its own name."""
    return path.with_name(f".unfinished-bank-{mark}")


def sweep_beside(path: pathlib.Path) -> None:
    """Removes banks that killed runs left half made; for whoever is surely `alone` beside them."""
    for folder in path.parent.glob(beside(path, "*").name):
        shutil.rmtree(folder, ignore_errors=True)


def system_reason(error: Exception) -> str:
    """Returns what the system says of a code of its own within an error, or an empty string."""
    code = re.search(r"os_error_code='(\d+)'", str(error))
    return os.strerror(int(code[1])) if code else ""


def reason(error: Exception) -> str:
    """Returns what went wrong in a line, in the words of the system where it has a code for it."""
    if told := system_reason(error):
        return told
    told = getattr(error, "strerror", None) or _INTERNAL.split(str(error))[0].split(": ")[-1]
    return " ".join(told.split())[:200] or type(error).__name__


@contextlib.contextmanager
def writing(path: pathlib.Path) -> Iterator[None]:
    """Turns whatever fails while a bank is written into an InputError of one line."""
    try:
        yield
    except checks.InputError:
        raise
    # The storage raises many kinds of errors where a disk is full, read-only or gone.
    except Exception as error:
        raise checks.InputError(
            f"cannot write the bank {path}: {reason(error)}; once that is mended, the same "
            "command resumes from what is there"
        ) from error
