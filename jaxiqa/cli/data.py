"""`jaxiqa data list | prepare | show | check`: databases of human opinion, by name."""

import contextlib
import json
import sys
from collections.abc import Callable, Iterator
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from jaxiqa import checks
from jaxiqa.cli.data_show import facts, few, lines, table_facts, without_spread
from jaxiqa.data import prepared
from jaxiqa.data.check import check, check_folder
from jaxiqa.data.databases import DATABASES
from jaxiqa.data.prepare import FORMATS, database_of, made, prepare, rows_of, state
from jaxiqa.report.table import console, plain_table


def add_verbs(verbs) -> None:
    """Adds `data` and its actions."""
    data = verbs.add_parser(
        "data",
        help="prepare databases of human opinion, and show what they are",
        description="Prepares databases of human opinion, so that they load by name: in "
        "`jaxiqa study --data NAME` and `jaxiqa.data.load`, and with `prepare --as array_record` "
        "in tensorflow-datasets too.",
    )
    actions = data.add_subparsers(dest="action", metavar="ACTION")
    listing = _add(actions, "list", show_list, "list the databases, and which are prepared")
    listing.add_argument("--json", action="store_true", help="print all that is known as JSON")
    preparing = _add(
        actions,
        "prepare",
        show_prepared,
        "look through an unpacked database, and keep its table",
        "Opens every image of a database that its publisher gave you and you unpacked, and keeps "
        "its table, so that it loads by name. What was interrupted goes on where it stopped; only "
        "a copy, --as array_record, begins anew.",
        "example: jaxiqa data prepare tid2013 --from Downloads/tid2013",
    )
    preparing.add_argument("name", metavar="NAME", help="as in `jaxiqa data list`")
    where = preparing.add_mutually_exclusive_group()
    where.add_argument("--from", dest="source", metavar="DIR", help="the unpacked folder")
    where.add_argument("--photos", metavar="DIR", help="the Kodak photographs, for tid2013-kodak")
    where.add_argument("--download", action="store_true", help="get the Kodak photographs")
    preparing.add_argument(
        "--as",
        dest="store",
        default=FORMATS[0],
        metavar="|".join(FORMATS),
        help="files leaves the images where they are (the default); array_record copies them, so "
        "that `tfds.load` reads them with the data_dir that is printed",
    )
    showing = _add(actions, "show", show_database, "print what a database is, and how to get it")
    showing.add_argument("name", metavar="NAME", help="as in `jaxiqa data list`")
    showing.add_argument("--json", action="store_true", help="print it as JSON")
    checking = _add(
        actions,
        "check",
        show_check,
        "look whether the images are there and whole",
        "Looks whether all images of a prepared database are what they were, or lists what is "
        "missing or damaged in an unpacked folder.",
        "example: jaxiqa data check kadid10k --from Downloads/kadid10k",
    )
    checking.add_argument("name", metavar="NAME", help="as in `jaxiqa data list`")
    checking.add_argument(
        "--from",
        dest="source",
        metavar="DIR",
        help="an unpacked folder; for tid2013-kodak that of the photographs",
    )


def _add(actions, name: str, run, help_: str, description: str = "", epilog: str | None = None):
    epilog = epilog or f"example: jaxiqa data {name}" + (" tid2013" if name == "show" else "")
    description = description or f"{help_[0].upper()}{help_[1:]}."
    added = actions.add_parser(name, help=help_, description=description, epilog=epilog)
    added.add_argument("--root", metavar="DIR", help="where prepared databases are kept")
    added.set_defaults(run=run)
    return added


def show_list(choices) -> int:
    """Prints a row per database."""
    if choices.json:
        print(json.dumps([_facts(name, choices.root) for name in DATABASES], indent=1))
        return 0
    rows = [
        (
            *(name, str(len(database.images)), str(database.rows)),
            *(database.opinion, _prepared_as(name, choices.root)),
        )
        for name, database in DATABASES.items()
    ]
    columns = ("database", "images a row", "rows", "opinion", "prepared as")
    console().print(plain_table(columns, columns[1:3], rows))
    return 0


def _facts(name: str, root: str | None) -> dict[str, Any]:
    as_what = state(name, root)
    return facts(DATABASES[name], as_what) | {
        "prepared_rows": rows_of(name, root) if as_what else None
    }


def _prepared_as(name: str, root: str | None) -> str:
    if not (as_what := state(name, root)):
        return "-"
    note = few(DATABASES[name], rows_of(name, root))
    return f"{as_what} ({note})" if note else as_what


@contextlib.contextmanager
def _bar(name: str) -> Iterator[Callable[[int, int], None]]:
    """A bar of images in a terminal, nothing elsewhere."""
    screen = console(stderr=True)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    bars = Progress(
        *(*columns, TimeRemainingColumn()),
        console=screen,
        transient=True,
        disable=not screen.is_terminal,
    )
    task = bars.add_task(name, total=None)
    with bars:
        yield lambda done, total: bars.update(task, completed=done, total=total)


def _source(choices, progress) -> str:
    """Returns the folder that a database is prepared from.

    Raises:
      InputError: none is named, or one of the other kind.
    """
    database = database_of(choices.name)
    wanted = "--photos" if database.photographs else "--from"
    given = choices.photos if database.photographs else choices.source
    if database.photographs and choices.download:
        from jaxiqa.data.kodak_photos import download_photographs

        folder = made(choices.name, choices.root) / "photographs"
        return str(download_photographs(folder, progress=progress))
    if given is None:
        other = " or --download" if database.photographs else ""
        raise checks.InputError(
            f"{choices.name} is prepared with {wanted} DIR{other}. {database.manual}"
        )
    return given


def show_prepared(choices) -> int:
    """Prepares a database, and says how much there is of it."""
    database = database_of(choices.name)
    with _bar(choices.name) as progress:
        source = _source(choices, progress)
        held = prepare(
            choices.name, source, root=choices.root, store=choices.store, progress=progress
        )
    rows = len(held.columns["opinion"])
    for note in filter(None, (few(database, rows), without_spread(database, held.columns))):
        print(f"jaxiqa: {choices.name}: {note}", file=sys.stderr)
    print(f"{choices.name} is prepared: {rows} rows, {len(held.sha256)} images in {held.place}")
    if choices.store == "array_record":
        name, data_dir = choices.name.replace("-", "_"), prepared.folder(choices.root) / "tfds"
        print("in Python, after `import jaxiqa.data, tensorflow_datasets as tfds`:")
        print(f'tfds.load("{name}", data_dir={json.dumps(str(data_dir), ensure_ascii=False)})')
    return 0


def show_database(choices) -> int:
    """Prints what is known of a database, and of its table where it is prepared."""
    database = database_of(choices.name)
    found = _facts(choices.name, choices.root)
    if found["prepared"]:
        found["table"] = table_facts(database, choices.root)
    if choices.json:
        print(json.dumps(found, indent=1))
        return 0
    for line in lines(found):
        console().print(line, markup=False, soft_wrap=True)
    return 0


def show_check(choices) -> int:
    """Prints what is wrong, one line an image; exits 2 if anything is."""
    with _bar(choices.name) as progress:
        if choices.source is None:
            wrong = check(choices.name, root=choices.root, progress=progress)
        else:
            wrong = check_folder(choices.name, choices.source, progress=progress)
    for line in wrong:
        print(line)
    if wrong:
        raise checks.InputError(f"{choices.name}: {len(wrong)} images are not as they should be")
    print(f"{choices.name} is whole")
    return 0
