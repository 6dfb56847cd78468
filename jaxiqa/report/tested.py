"""The differences of a finished study, with those between means over seeds."""

from collections.abc import Sequence

from jaxiqa.report.folder import Folder
from jaxiqa.report.scatter import Rated
from jaxiqa.report.seed_tests import seed_comparisons, together
from jaxiqa.study.details import ComparedRow


def tested(folder: Folder, rated: Sequence[Rated]) -> list[ComparedRow]:
    """Returns the comparisons of a study, those of single seeds replaced by those of their means.

    Args:
      folder: from ``read_folder``.
      rated: its distances, from ``read_rated``.
    """
    draws = {name: folder.record.get(name) or 0 for name in ("resamples", "seed")}
    over_seeds = seed_comparisons(folder.rows, rated, **draws)
    return together(folder.rows, folder.compared, over_seeds)
