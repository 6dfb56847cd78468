"""`jaxiqa data prepare | check`: an unpacked database looked through, and its images later on."""

import json

from rich.progress import MofNCompleteColumn

from jaxiqa import checks
from jaxiqa.cli.bar import bar
from jaxiqa.cli.data_show import few, without_spread
from jaxiqa.cli.output import note, print_json, progress_console
from jaxiqa.data import prepared
from jaxiqa.data.check import check, check_folder
from jaxiqa.data.prepare import database_of, made, prepare


def _bar(choices):
    return bar(progress_console(choices), choices.name, MofNCompleteColumn(), unit="images")


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
    with _bar(choices) as progress:
        source = _source(choices, progress)
        held = prepare(
            choices.name, source, root=choices.root, store=choices.store, progress=progress
        )
    rows = len(held.columns["opinion"])
    notes = list(filter(None, (few(database, rows), without_spread(database, held.columns))))
    copied = choices.store == "array_record"
    data_dir = str(prepared.folder(choices.root) / "tfds") if copied else None
    for line in notes:
        note(choices, f"{choices.name}: {line}")
    if choices.json:
        told = {"name": choices.name, "rows": rows, "images": len(held.sha256)}
        place = {"place": held.place, "store": choices.store}
        print_json({**told, **place, "notes": notes, "data_dir": data_dir})
        return 0
    print(f"{choices.name} is prepared: {rows} rows, {len(held.sha256)} images in {held.place}")
    if copied:
        name = choices.name.replace("-", "_")
        print("in Python, after `import jaxiqa.data, tensorflow_datasets as tfds`:")
        print(f'tfds.load("{name}", data_dir={json.dumps(data_dir, ensure_ascii=False)})')
    return 0


def show_check(choices) -> int:
    """Prints what is wrong, one line an image; exits 2 if anything is."""
    with _bar(choices) as progress:
        if choices.source is None:
            wrong = check(choices.name, root=choices.root, progress=progress)
        else:
            wrong = check_folder(choices.name, choices.source, progress=progress)
    if choices.json:
        print_json({"name": choices.name, "wrong": wrong})
    else:
        for line in wrong or [f"{choices.name} is whole"]:
            print(line)
    if wrong:
        raise checks.InputError(f"{choices.name}: {len(wrong)} images are not as they should be")
    return 0
