"""The data sets of a study that is asked for by options."""

import dataclasses
import os
import pathlib
from collections.abc import Sequence

from jaxiqa import checks
from jaxiqa.data.prepare import state
from jaxiqa.study.choices import DATA_NAMES, KNOWN_NAMES, DataChoice, refuse_triplets

DATA = ("contrast-thresholds",)
# Beside it, where it has been prepared, as many of its pairs as can be done in a minute or so.
PHOTOS, PHOTO_PAIRS = "tid2013-kodak", 120


def data_at_hand() -> tuple[DataChoice, ...]:
    """Returns the data sets of a study that names none: what ships, part of what is prepared."""
    photos = DataChoice(name=PHOTOS, pairs=PHOTO_PAIRS)
    return tuple(DataChoice(name=name) for name in DATA) + (photos,) * bool(state(PHOTOS))


def _named_data(names: Sequence[str], sign: bool | None) -> tuple[DataChoice, ...]:
    if sign is not None and all(name in KNOWN_NAMES for name in names):
        raise checks.InputError("the sign of an opinion belongs to a --data file; none was given")
    for name in names:
        refuse_triplets(name)
        if name not in KNOWN_NAMES and not os.path.exists(name):
            raise checks.InputError(f"no such file: {name}{checks.near(name, KNOWN_NAMES)}")
    return tuple(
        DataChoice(name=name)
        if name in KNOWN_NAMES
        else DataChoice(csv=pathlib.Path(os.path.abspath(name)), higher_is_better=sign)
        for name in names
    )


def data_choices(choices) -> tuple[DataChoice, ...]:
    """Returns the data sets named, or what is at hand, of rated pairs as many as asked for.

    Raises:
      InputError: a file that is not there, a set of triplets, or an option that belongs to rated
        pairs where there are none.
    """
    found = _named_data(choices.data, choices.higher_is_better) or data_at_hand()
    if choices.pairs is None:
        return found
    if all(one.name in DATA_NAMES for one in found):
        raise checks.InputError(
            "--pairs belongs to rated pairs; give --data, a CSV file or a prepared database"
        )
    return tuple(
        one if one.name in DATA_NAMES else dataclasses.replace(one, pairs=choices.pairs)
        for one in found
    )
