"""`jaxiqa weights list | get | add | verify | where`: published weights and the user's cache."""

import dataclasses
import functools
import pathlib

from rich.progress import DownloadColumn, TransferSpeedColumn

from jaxiqa.arch import ARCHITECTURES
from jaxiqa.checkpoints import cache, obtain, sources
from jaxiqa.checkpoints.sources import Source
from jaxiqa.cli.bar import bar
from jaxiqa.cli.output import add_output, note, print_json, progress_console
from jaxiqa.images import to_record
from jaxiqa.report.table import console, plain_table


def add_actions(actions) -> None:
    """Adds the actions that deal with the cache."""
    listing = actions.add_parser(
        "list",
        help="list published weights, and which of them are here",
        description="Lists the published weights that are known, and which are in the cache.",
        epilog="example: jaxiqa weights list",
    )
    fields = ", ".join(field.name for field in dataclasses.fields(Source))
    add_output(listing, f"a list of {fields}, state")
    listing.set_defaults(run=show_list)
    getting = actions.add_parser(
        "get",
        help="download, verify and convert published weights",
        description="Downloads published weights, verifies their digest, converts them and keeps "
        "them in the cache, where their name finds them. A broken download goes on where it broke.",
        epilog="example: jaxiqa weights get alexnet.imagenet",
    )
    adding = actions.add_parser(
        "add",
        help="convert a published file that is at hand",
        description="Verifies and converts a file that was fetched by other means.",
        epilog="example: jaxiqa weights add alexnet-owt-7be5be79.pth alexnet.imagenet",
    )
    adding.add_argument("file", metavar="FILE", help="the publisher's file, under any name")
    verifying = actions.add_parser(
        "verify",
        help="check that kept weights are whole and the publisher's",
        description="Checks every file of converted weights against the digest it had when it was "
        "written, and the file they came from against the digest that is published.",
        epilog="example: jaxiqa weights verify alexnet.imagenet",
    )
    place = actions.add_parser(
        "where",
        help="print the folder of the cache",
        description=f"Prints the folder of the cache; {cache.VARIABLE} names another.",
        epilog="example: jaxiqa weights where",
    )
    for action, run, keys in (
        (getting, get, "name, folder"),
        (adding, add, "name, folder"),
        (verifying, verify, "name, source"),
    ):
        action.add_argument("name", metavar="NAME", help="as in `jaxiqa weights list`")
        add_output(action, keys)
        action.set_defaults(run=run)
    add_output(place, "folder")
    place.set_defaults(run=show_place)


def _state(record: Source) -> str:
    if record.ships:
        return "ships"
    if cache.is_converted(record.name):
        return "here"
    return "-" if record.architecture in ARCHITECTURES else "not in this version"


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f}" if size else "-"


def _json(record: Source) -> dict:
    fields = dataclasses.asdict(record)
    return fields | {"preprocess": to_record(record.preprocess), "state": _state(record)}


def show_list(choices) -> int:
    """Prints a row per set of weights."""
    records = sources.sources().values()
    if choices.json:
        print_json([_json(record) for record in records])
        return 0
    columns = ("weights", "function", "environment", "top-1 %", "MB", "address", "state")
    rows = [
        (
            *(record.name, record.function, record.environment),
            f"{record.top1:.1f}" if record.top1 else "-",
            _megabytes(record.size),
            record.verified or "unverified",
            _state(record),
        )
        for record in records
    ]
    console().print(plain_table(columns, columns[3:5], rows))
    return 0


def _told(choices, path: pathlib.Path) -> int:
    if choices.json:
        print_json({"name": choices.name, "folder": path})
    else:
        print(f"{choices.name} is in {path}")
    return 0


def get(choices) -> int:
    """Gets weights, tells how far that is, and says where they are."""
    counts, say = (DownloadColumn(), TransferSpeedColumn()), functools.partial(note, choices)
    screen = progress_console(choices)
    with bar(screen, choices.name, *counts, unit="MB", size=1e6) as progress:
        path = obtain.get(choices.name, progress=progress, say=say)
    return _told(choices, path)


def add(choices) -> int:
    """Adds a file, and says where its weights are."""
    say = functools.partial(note, choices)
    return _told(choices, obtain.add(choices.file, choices.name, say=say))


def verify(choices) -> int:
    """Says that kept weights are whole, and of which file."""
    found = obtain.verify(choices.name)
    if choices.json:
        print_json({"name": choices.name, "source": found["source"]})
    else:
        print(f"{choices.name} is whole (source sha256 {found['source']['sha256']})")
    return 0


def show_place(choices) -> int:
    """Prints the folder, there or not."""
    if choices.json:
        print_json({"folder": cache.folder()})
    else:
        print(cache.folder())
    return 0
