"""What verbs print: one JSON document, notes beside the result, and the options for both."""

import dataclasses
import json
import math
import pathlib
import sys
from collections.abc import Mapping
from typing import Any

from rich.console import Console

from jaxiqa.report.table import console


def add_output(verb, holds: str, *, csv: str | None = None) -> None:
    """Adds the options that all verbs share, last in their help.

    Args:
      verb: the parser of a verb that has all its other options.
      holds: what its JSON document is, with the names of its keys.
      csv: what its CSV is, for a verb that prints that too.
    """
    group = verb.add_argument_group("output")
    forms = group.add_mutually_exclusive_group()
    forms.add_argument("--json", action="store_true", help=f"print one JSON document: {holds}")
    if csv is not None:
        forms.add_argument("--csv", action="store_true", help=f"print CSV: {csv}")
    group.add_argument(
        "--quiet", action="store_true", help="print results and errors; no progress, no notes"
    )


def plain(value: Any) -> Any:
    """Returns what JSON can hold: NaN is null, infinity a text, a dataclass an object."""
    if dataclasses.is_dataclass(value):
        value = dataclasses.asdict(value)
    if isinstance(value, Mapping):
        return {name: plain(held) for name, held in value.items()}
    if isinstance(value, list | tuple):
        return [plain(held) for held in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else str(value)
    return str(value) if isinstance(value, pathlib.Path) else value


def print_json(document: Any) -> None:
    """Prints one document of strict JSON."""
    print(json.dumps(plain(document), indent=1, allow_nan=False))


def note(choices, line: str) -> None:
    """Tells on stderr what is good to know, unless that is not wanted."""
    if not choices.quiet:
        print(f"jaxiqa: {line}", file=sys.stderr)


def progress_console(choices) -> Console:
    """Returns where progress is told: stderr, or nowhere if that is not wanted."""
    found = console(stderr=True)
    found.quiet = choices.quiet
    return found
