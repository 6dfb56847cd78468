"""TID2008 and TID2013: reference_images, distorted_images, mos_with_names.txt, mos_std.txt.

The case of file names is mixed, also between the table and the images: I01.BMP, i01_01_1.bmp. The
25th reference is synthetic. mos_std.txt has the order of mos_with_names.txt and holds the standard
error of each mean: about .13 on a scale of 0 to 9, some thirty observers after the spread of one.
"""

import functools
import re

import numpy as np

from jaxiqa.checks import InputError
from jaxiqa.data.databases.database import Columns, Database
from jaxiqa.data.databases.folder import Folder, number

_SCORES, _SPREAD = "mos_with_names.txt", "mos_std.txt"
_NAME = re.compile(r"i(\d\d)_(\d\d)_(\d)\.bmp", re.IGNORECASE)


def _parts(folder: Folder, line: int, text: str) -> tuple[float, str, str, int, int]:
    """Returns score, name, reference, type and level of a line such as "5.51429 I01_01_1.bmp"."""
    score, _, name = text.partition(" ")
    parts = _NAME.fullmatch(name.strip())
    if not parts:
        raise InputError(
            f"{folder.root / _SCORES}, line {line}: expected a score and a name such as "
            f"'5.51429 I01_01_1.bmp', got {text!r}"
        )
    reference, kind, level = parts.groups()
    value = number(folder, _SCORES, line, score)
    return value, name.strip(), f"I{reference}", int(kind), int(level)


def _read(
    folder: Folder, *, title: str, types: int, levels: int, beyond: tuple[int, int] = (0, 0)
) -> Columns:
    """Returns the table; some row has a type or a level ``beyond`` those of the smaller database.

    Raises:
      InputError: a row that cannot be read, or the table of the other database.
    """
    rows = [_parts(folder, *line) for line in folder.lines(_SCORES)]
    if rows and all(row[3] <= beyond[0] and row[4] <= beyond[1] for row in rows):
        raise InputError(
            f"{folder.root / _SCORES} looks like that of TID2008: no row has a type of distortion "
            f"beyond {beyond[0]} or a level beyond {beyond[1]}, as {title} has; "
            "prepare it as tid2008"
        )
    for _, name, _, kind, level in rows:
        if kind > types or level > levels:
            raise InputError(
                f"{folder.root / _SCORES} is not of {title}, which has {types} types of distortion "
                f"in {levels} levels; it names {name}"
            )
    columns = {
        "reference": tuple(f"reference_images/{row[2]}.BMP" for row in rows),
        "distorted": tuple(f"distorted_images/{row[1]}" for row in rows),
        "opinion": np.array([row[0] for row in rows]),
        "reference_id": tuple(row[2] for row in rows),
        "distortion": tuple(str(row[3]) for row in rows),
        "level": tuple(str(row[4]) for row in rows),
    }
    if folder.find(_SPREAD) is None:
        return columns
    spread = folder.numbers(_SPREAD)
    if len(spread) != len(rows):
        raise InputError(
            f"{folder.root / _SPREAD} has {len(spread)} rows, expected {len(rows)} as in {_SCORES}"
        )
    return columns | {"opinion_error": np.array(spread)}


_LICENCE = "education and research only, free of charge, with the authors' copyright notice"
_SPREAD_IS = "standard error of the mean opinion (mos_std.txt)"
_EXCLUSIONS = {"synthetic": "reference_id=I25"}

TID2008 = Database(
    name="tid2008",
    title="TID2008, Tampere image database",
    address="http://www.ponomarenko.info/tid2008.htm",
    manual="Download tid2008.rar from http://www.ponomarenko.info/tid2008.htm and unpack it.",
    marker=_SCORES,
    read=functools.partial(_read, title="TID2008", types=17, levels=4),
    rows=1700,
    references=25,
    higher_is_better=True,
    opinion="MOS, 0 to 9, high = good",
    spread=_SPREAD_IS,
    citation="Ponomarenko, Lukin, Zelensky, Egiazarian, Carli & Battisti (2009), TID2008 - a "
    "database for evaluation of full-reference visual quality assessment metrics, Advances of "
    "Modern Radioelectronics 10, 30-45",
    licence=_LICENCE,
    exclusions=_EXCLUSIONS,
)

TID2013 = Database(
    name="tid2013",
    title="TID2013, Tampere image database",
    address="http://www.ponomarenko.info/tid2013.htm",
    manual="Download tid2013.rar from http://www.ponomarenko.info/tid2013.htm and unpack it.",
    marker=_SCORES,
    read=functools.partial(_read, title="TID2013", types=24, levels=5, beyond=(17, 4)),
    rows=3000,
    references=25,
    higher_is_better=True,
    opinion="MOS, 0 to 9, high = good",
    spread=_SPREAD_IS,
    citation="Ponomarenko, Jin, Ieremeiev, Lukin, Egiazarian, Astola, Vozel, Chehdi, Carli, "
    "Battisti & Kuo (2015), Image database TID2013: peculiarities, results and perspectives, "
    "Signal Processing: Image Communication 30, 57-77, doi:10.1016/j.image.2014.10.009",
    licence=_LICENCE,
    exclusions=_EXCLUSIONS,
)
