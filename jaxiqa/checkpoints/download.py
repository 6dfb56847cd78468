"""A published file fetched over http, whole or not at all; a broken one goes on where it broke.

References:
  Range, 206, 416 and Content-Range: RFC 9110, section 14.
"""

import http.client
import pathlib
import re
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Callable

from jaxiqa.checks import InputError

# Called with how many bytes are there, and how many there will be (0 where that is not known).
Progress = Callable[[int, int], None]

CHUNK = 1 << 18
SECONDS = 30
# Of connections in a row that bring nothing.
TRIES = 4
PAUSE = 1.0
# Publishers round the sizes that they tell.
NEAR = 0.01
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")
_WHOLE = re.compile(r"bytes \*/(\d+)")


class _Broken(Exception):
    """The connection ended before the file did."""


def silent(done: int, total: int) -> None:
    """A progress that nobody watches."""


def fetch(
    address: str, part: pathlib.Path, *, size: int = 0, progress: Progress = silent
) -> pathlib.Path:
    """Returns ``part`` once it holds the whole file.

    Bytes that an earlier call left in it are kept where the server can go on behind them.

    Args:
      address: http or https.
      part: a file that nothing takes for the whole one; its folder is made.
      size: of the file in bytes, to within 1 %; 0 where it is not known.
      progress: told after every piece.

    Raises:
      InputError: no connection, an answer that is no file, another size than was expected, no
        space, or a connection that breaks again and again; what came so far is kept.
    """
    if not address.startswith(("https://", "http://")):
        raise InputError(f"{address} is no http address")
    part.parent.mkdir(parents=True, exist_ok=True)
    left = TRIES
    while True:
        before = _length(part)
        try:
            return _go_on(address, part, size, progress)
        except _Broken as error:
            have = _length(part)
            left = TRIES if have > before else left - 1
            if not left:
                raise InputError(
                    f"{address}: the connection breaks after {have:,} bytes ({error}); the same "
                    "command goes on from there"
                ) from error
            time.sleep(PAUSE * (TRIES - left))


def _length(path: pathlib.Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _go_on(address: str, part: pathlib.Path, size: int, progress: Progress) -> pathlib.Path:
    """One connection, from the end of what is there to the end of the file."""
    have = _length(part)
    try:
        answer = _asked(address, have)
    except urllib.error.HTTPError as error:
        with error:
            if error.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and have:
                return _beyond(error, part)
            raise InputError(
                f"{address}: the server answers {error.code} ({error.reason})"
            ) from error
    except (OSError, http.client.HTTPException) as error:
        # A server that went away between two pieces is told from one that never was there.
        reason = getattr(error, "reason", None) or error
        raise InputError(f"{address}: no connection ({reason or type(error).__name__})") from error
    with answer:
        start, total = _extent(answer, have)
        _check_size(address, total, size, part, start)
        with open(part, "ab") as file:
            file.truncate(start)
            _copy(answer, file, start, total, progress)
    return part


def _asked(address: str, have: int) -> http.client.HTTPResponse:
    headers = {"User-Agent": "jaxiqa", "Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
    return urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=SECONDS)


def _extent(answer: http.client.HTTPResponse, have: int) -> tuple[int, int]:
    """At which byte the answer starts, and how many the whole file has, 0 where that is untold."""
    if answer.status == http.HTTPStatus.PARTIAL_CONTENT:
        found = _RANGE.fullmatch(answer.headers.get("Content-Range", ""))
        if found and int(found[1]) == have:
            return have, 0 if found[2] == "*" else int(found[2])
        raise InputError(f"{answer.url}: the server answers with another part than was asked for")
    length = answer.headers.get("Content-Length", "")
    return 0, int(length) if length.isdecimal() else 0


def _beyond(error: urllib.error.HTTPError, part: pathlib.Path) -> pathlib.Path:
    """Nothing is left to come, or what is there is longer than the file and of no use."""
    found = _WHOLE.fullmatch(error.headers.get("Content-Range", ""))
    if found and int(found[1]) == _length(part):
        return part
    part.unlink()
    raise _Broken("more was there than the file has")


def _check_size(address: str, total: int, size: int, part: pathlib.Path, start: int) -> None:
    if size and total and abs(total - size) > NEAR * size:
        raise InputError(f"{address}: holds {total:,} bytes and should hold about {size:,}")
    free = shutil.disk_usage(part.parent).free
    if free < total - start:
        raise InputError(f"{part.parent}: {total - start:,} bytes are needed and {free:,} are free")


def _copy(answer, file, start: int, total: int, progress: Progress) -> None:
    done = start
    progress(done, total)
    while piece := _piece(answer):
        file.write(piece)
        done += len(piece)
        progress(done, total)
    if done < total:
        raise _Broken(f"{total:,} were announced")


def _piece(answer: http.client.HTTPResponse) -> bytes:
    try:
        return answer.read1(CHUNK)
    except (OSError, http.client.HTTPException) as error:
        raise _Broken(str(error) or type(error).__name__) from error
