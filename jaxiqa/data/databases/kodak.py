"""The part of TID2013 that can be rebuilt from the Kodak photographs; see ``jaxiqa.data.kodak``.

Opinion is that of TID2013. That of TID2008, where it has the same image, does not load: it is in
the columns tid2008, mos_tid2008 and mos_std_tid2008 of the table that is rebuilt, pairs.csv.
"""

import pathlib

from jaxiqa.data.csv_pairs import pairs_from_csv
from jaxiqa.data.databases.database import PAIR, Columns, Database
from jaxiqa.data.databases.folder import Folder
from jaxiqa.data.databases.tid import TID2008, TID2013

_TABLE = "pairs.csv"


def _read(folder: Folder) -> Columns:
    pairs = pairs_from_csv(folder.path(_TABLE))

    def relative(keys: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(pathlib.Path(key).relative_to(folder.root).as_posix() for key in keys)

    return {column: relative(getattr(pairs, column)) for column in PAIR} | {
        "opinion": pairs.opinion,
        "opinion_error": pairs.opinion_std,
        "reference_id": pairs.reference_id,
        "distortion": pairs.distortion,
        "level": pairs.level,
    }


TID2013_KODAK = Database(
    name="tid2013-kodak",
    title="TID2013 as far as it can be rebuilt from the Kodak photographs",
    address="https://r0k.us/graphics/kodak/",
    manual="Give the folder of the 24 Kodak photographs, kodim01.png to kodim24.png, from "
    "https://r0k.us/graphics/kodak/.",
    marker=_TABLE,
    read=_read,
    rows=720,
    references=24,
    higher_is_better=True,
    opinion=TID2013.opinion,
    spread=TID2013.spread,
    citation=f"{TID2013.citation}; {TID2008.citation}",
    licence=f"opinion: {TID2013.licence}; photographs: released by Kodak for unrestricted use",
    note="The scores of TID2008, where it has the same image, are the columns tid2008, mos_tid2008 "
    "and mos_std_tid2008 of tid2013-kodak/images/pairs.csv, in the folder of prepared databases.",
    photographs=True,
)
