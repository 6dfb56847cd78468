"""A user's own table of rated pairs as a builder of tensorflow-datasets."""

import os
import pathlib
import re

from jaxiqa.data.builders import Builder
from jaxiqa.data.csv_pairs import pairs_from_csv
from jaxiqa.data.databases import PAIR, Columns, Database, Folder
from jaxiqa.data.pairs import Pairs

_COLUMNS = ("opinion", "opinion_std", "reference_id", "distortion", "level", "split")


class _Named(Folder):
    """Files under their exact names."""

    def find(self, name: str) -> str | None:
        return name if (self.root / name).is_file() else None


class _FromCsv(Builder, skip_registration=True):
    """Builder of a table; its subclasses name it."""

    pairs: Pairs

    def _opened(self, dl_manager) -> tuple[Folder, Columns]:
        del dl_manager
        keys = (*self.pairs.reference, *self.pairs.distorted)
        root = pathlib.Path(os.path.commonpath([os.path.dirname(key) for key in keys]))
        columns = {
            c: getattr(self.pairs, c) for c in _COLUMNS if getattr(self.pairs, c) is not None
        }
        for column in PAIR:
            paths = getattr(self.pairs, column)
            columns[column] = tuple(pathlib.Path(p).relative_to(root).as_posix() for p in paths)
        return _Named(root, {}), columns


def from_csv(
    path: str | os.PathLike[str],
    *,
    higher_is_better: bool | None = None,
    data_dir: str | os.PathLike[str] | None = None,
) -> Builder:
    """Returns a builder of a CSV file of rated pairs; ``download_and_prepare`` copies its images.

    Args:
      path: as for `pairs_from_csv`; "My Pairs.csv" becomes the data set "csv_my_pairs_0123abcd",
        with the beginning of the digest of its table: a table that has changed is another data set.
      higher_is_better: as for `pairs_from_csv`.
      data_dir: where tensorflow-datasets keeps its data.

    Raises:
      InputError: as `pairs_from_csv`; when preparing, images that are missing, damaged or of
        unequal size.
    """
    pairs = pairs_from_csv(path, higher_is_better=higher_is_better)
    stem = re.sub(r"[^a-z0-9]+", "_", pairs.name.lower()).strip("_")
    name = "_".join(filter(None, ("csv", stem, pairs.digest[:8])))
    sign = "high = good" if pairs.higher_is_better else "high = bad"
    database = Database(
        name=name,
        title=f"Rated pairs of {pairs.name}",
        address="",
        manual="",
        marker=os.path.basename(path),
        read=lambda folder: {},
        rows=len(pairs),
        # fewer than rows, so that references are stored once
        references=0,
        higher_is_better=pairs.higher_is_better,
        opinion=f"as in the table, {sign}",
        spread="as in the table",
        citation="",
        licence="as its owner says",
    )
    body = {"name": name, "database": database, "pairs": pairs, "__module__": __name__}
    made = type("Csv", (_FromCsv,), body, skip_registration=True)
    return made(data_dir=data_dir)
