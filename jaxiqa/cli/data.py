"""`jaxiqa data list | prepare | show | check`: databases of human opinion, by name."""

from typing import Any

from jaxiqa.cli.data_prepare import show_check, show_prepared
from jaxiqa.cli.data_show import facts, few, lines, table_facts
from jaxiqa.cli.output import add_output, print_json
from jaxiqa.data.databases import DATABASES
from jaxiqa.data.prepare import FORMATS, database_of, rows_of, state
from jaxiqa.report.table import console, plain_table

_KEYS = (
    "name, title, address, how, rows, references, images, opinion, higher_is_better, spread, "
    "note, exclude, citation, licence, prepared"
)


def add_verbs(verbs) -> None:
    """Adds `data` and its actions."""
    data = verbs.add_parser(
        "data",
        help="prepare databases of human opinion, and show what they are",
        description="Prepares databases of human opinion, so that they load by name: in "
        "`jaxiqa study --data NAME` and `jaxiqa.data.load`, and with `prepare --as array_record` "
        "in tensorflow-datasets too.",
        epilog="examples:\n  jaxiqa data list\n"
        "  jaxiqa data prepare tid2013 --from Downloads/tid2013",
    )
    actions = data.add_subparsers(dest="action", metavar="ACTION")
    listing = _add(actions, "list", show_list, "list the databases, and which are prepared")
    add_output(listing, f"a list of {_KEYS}, prepared_rows")
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
    add_output(preparing, "name, rows, images, place, store, notes, data_dir (of array_record)")
    showing = _add(actions, "show", show_database, "print what a database is, and how to get it")
    showing.add_argument("name", metavar="NAME", help="as in `jaxiqa data list`")
    add_output(showing, f"{_KEYS}, prepared_rows, table (where it is prepared)")
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
    add_output(checking, "name, wrong (a list of lines, empty where all is whole)")


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
        print_json([_facts(name, choices.root) for name in DATABASES])
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


def show_database(choices) -> int:
    """Prints what is known of a database, and of its table where it is prepared."""
    database = database_of(choices.name)
    found = _facts(choices.name, choices.root)
    if found["prepared"]:
        found["table"] = table_facts(database, choices.root)
    if choices.json:
        print_json(found)
        return 0
    for line in lines(found):
        console().print(line, markup=False, soft_wrap=True)
    return 0
