"""Tables of a TOML file: read key by key, so that errors name file and key, and written."""

import contextlib
import dataclasses
import json
import os
import pathlib
import reprlib
import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from jaxiqa.checks import InputError, near

_REQUIRED = object()


@dataclasses.dataclass(frozen=True)
class Table:
    """A table of a TOML file.

    Attributes:
      values: key -> value.
      place: what errors call it: the file, or as in ``study.toml: [[net]] 2``.
      folder: of the file; relative paths start there.
    """

    values: Mapping[str, Any]
    place: str
    folder: pathlib.Path


@dataclasses.dataclass(frozen=True)
class Kind:
    """What a value must be: in words, and as a test."""

    description: str
    accepts: Callable[[Any], bool]


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value.isprintable() and bool(value.strip())


def _is_count(value: Any) -> bool:
    return type(value) is int and value >= 0


def _each_once(value: Any, accepts: Callable[[Any], bool]) -> bool:
    listed = isinstance(value, list) and bool(value) and all(map(accepts, value))
    return listed and len(set(value)) == len(value)


TEXT = Kind("a text in one line", _is_text)
FLAG = Kind("true or false", lambda value: isinstance(value, bool))
COUNT = Kind("a whole number from 0 on", _is_count)
TEXTS = Kind("a list of texts, at least one and each once", lambda v: _each_once(v, _is_text))
SEEDS = Kind(
    "a list of whole numbers of at most 9 digits, at least one and each once",
    lambda v: _each_once(v, lambda seed: _is_count(seed) and seed < 10**9),
)


def read_table(path: str | os.PathLike[str]) -> Table:
    """Returns the top table of a TOML file.

    Raises:
      InputError: the file is missing, a folder, unreadable, not UTF-8 or not TOML.
    """
    try:
        values = tomllib.loads(pathlib.Path(path).read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        raise InputError(f"no such file: {path}") from None
    except IsADirectoryError:
        raise InputError(f"{path} is a folder, expected a TOML file") from None
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise InputError(f"{path} is not UTF-8; save the file as UTF-8") from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path} is not TOML: {error}") from None
    return Table(values, str(path), pathlib.Path(os.path.abspath(path)).parent)


def check_keys(table: Table, known: Collection[str]) -> None:
    """Passes if a table has no other keys.

    Raises:
      InputError: it has; near matches and all that is known are named.
    """
    for key in table.values:
        if key not in known:
            hint = near(key, known) or "."
            raise InputError(
                f"{table.place}: unknown key {key!r}{hint} It takes {', '.join(known)}"
            )


def value(table: Table, key: str, kind: Kind, default: Any = _REQUIRED) -> Any:
    """Returns a value of a table, a list as a tuple; ``default`` where there is none.

    Raises:
      InputError: the value is not of its kind, or there is none and no default.
    """
    if key not in table.values:
        if default is _REQUIRED:
            raise InputError(f"{table.place}: {key} is missing, expected {kind.description}")
        return default
    found = table.values[key]
    if not kind.accepts(found):
        shown = reprlib.repr(found)
        raise InputError(f"{table.place}: {key} must be {kind.description}, got {shown}")
    return tuple(found) if isinstance(found, list) else found


def path_value(table: Table, key: str, default: Any = _REQUIRED) -> pathlib.Path | None:
    """Returns an absolute path; a relative one starts at the file's folder, ``~`` is one's home."""
    written_path = value(table, key, TEXT, default)
    if written_path is None:
        return None
    return pathlib.Path(os.path.abspath(table.folder / os.path.expanduser(written_path)))


def existing_path(table: Table, key: str) -> pathlib.Path | None:
    """Returns an absolute path as ``path_value``, None where the table has none.

    Raises:
      InputError: there is nothing at that path.
    """
    found = path_value(table, key, None)
    if found is not None and not found.exists():
        raise InputError(f"{table.place}: {key}: no such file: {found}")
    return found


def subtable(table: Table, key: str) -> Table:
    """Returns the table ``[key]``, an empty one where there is none.

    Raises:
      InputError: the key holds something else.
    """
    kind = Kind(f"a table, written [{key}]", lambda found: isinstance(found, dict))
    return Table(value(table, key, kind, {}), f"{table.place}: [{key}]", table.folder)


def subtables(table: Table, key: str) -> tuple[Table, ...]:
    """Returns the tables ``[[key]]``, of which there must be one.

    Raises:
      InputError: there is none, or the key holds something else.
    """

    def accepts(found: Any) -> bool:
        return isinstance(found, list) and bool(found) and all(isinstance(f, dict) for f in found)

    found = value(table, key, Kind(f"at least one table, written [[{key}]]", accepts))
    return tuple(
        Table(values, f"{table.place}: [[{key}]] {number}", table.folder)
        for number, values in enumerate(found, 1)
    )


def optional_subtables(table: Table, key: str) -> tuple[Table, ...]:
    """Returns the tables ``[[key]]``, of which there may be none.

    Raises:
      InputError: the key holds something else.
    """
    return subtables(table, key) if key in table.values else ()


@contextlib.contextmanager
def naming(place: str, key: str) -> Iterator[None]:
    """Puts place and key before the message of an ``InputError`` that is raised inside."""
    try:
        yield
    except InputError as error:
        raise InputError(f"{place}: {key}: {error}") from None


def _quoted(text: str) -> str:
    # JSON's escapes are TOML's; the one control character that JSON leaves as it is, TOML refuses.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _literal(found: object) -> str:
    match found:
        case bool():
            return str(found).lower()
        case int():
            return str(found)
        case tuple():
            return f"[{', '.join(map(_literal, found))}]"
    return _quoted(str(found))


def written(header: str, values: Mapping[str, object]) -> str:
    """Returns a table as text: ``[header]``, and the keys that hold more than None or ()."""
    kept = {key: found for key, found in values.items() if found is not None and found != ()}
    lines = [f"{key} = {_literal(found)}" for key, found in kept.items()]
    return "\n".join([*([header] if header else []), *lines, ""])
