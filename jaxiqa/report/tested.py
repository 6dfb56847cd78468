"""A finished study read back with its distances, and the differences between means over seeds."""

import dataclasses
import pathlib
from collections.abc import Sequence

from jaxiqa.report.folder import Folder, read_folder
from jaxiqa.report.scatter import Rated, read_rated
from jaxiqa.report.seed_tests import seed_comparisons, together
from jaxiqa.study.details import ComparedRow


@dataclasses.dataclass(frozen=True, eq=False)
class Tested:
    """What a study left behind and what is computed of it anew.

    Attributes:
      folder: its files.
      rated: its distances, by data set.
      compared: its comparisons, those of single seeds replaced by those of their means.
      notes: what could not be read, in sentences.
    """

    folder: Folder
    rated: tuple[Rated, ...]
    compared: tuple[ComparedRow, ...]
    notes: tuple[str, ...]


def _compared(folder: Folder, rated: Sequence[Rated]) -> list[ComparedRow]:
    draws = {name: folder.record.get(name) or 0 for name in ("resamples", "seed")}
    over_seeds = seed_comparisons(folder.rows, rated, **draws)
    return together(folder.rows, folder.compared, over_seeds)


def read_tested(path: pathlib.Path) -> Tested:
    """Returns a finished study with its distances and its comparisons.

    Args:
      path: of its folder.

    Raises:
      InputError: as ``read_folder``.
    """
    folder = read_folder(path)
    rated, notes = read_rated(folder)
    return Tested(folder, rated, tuple(_compared(folder, rated)), tuple(notes))
