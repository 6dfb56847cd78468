"""Copies of databases that tensorflow-datasets keeps: made, and read again by key."""

import contextlib
import io
import pathlib
import threading
from collections.abc import Iterator

import tensorflow_datasets as tfds
from tensorflow_datasets.core.utils import tqdm_utils

from jaxiqa.checks import InputError
from jaxiqa.data import prepared, survey
from jaxiqa.data.builders import BUILDERS, FORMAT, alone, splits
from jaxiqa.data.databases import Columns, Database
from jaxiqa.data.prepared import Stored


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Leaves the telling to ``progress``: bars and lines of tensorflow-datasets are put aside."""
    bars = tqdm_utils._active
    tqdm_utils.disable_progress_bar()
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            yield
    finally:
        tqdm_utils.display_progress_bar(bars)


def prepare(
    database: Database, source, root: pathlib.Path, progress: survey.Progress = survey.silent
) -> Stored:
    """Returns the copy of a database that is made, whole or not at all, as array_record.

    Raises:
      InputError: as ``jaxiqa.data.prepare``.
    """
    builder = BUILDERS[database.name](data_dir=root / "tfds")
    if builder.info.initialized:
        raise InputError(f"{builder.data_dir} is there already; delete it to make it anew")
    builder.progress = progress
    source = pathlib.Path(source).expanduser().absolute()
    if not source.is_dir() or not any(source.iterdir()):
        raise InputError(f"{source} is no folder or an empty one, expected an unpacked database")
    settings = tfds.download.DownloadConfig(manual_dir=source, try_download_gcs=False)
    with _quiet():
        builder.download_and_prepare(download_config=settings, file_format=FORMAT)
    return stored(database, root)


def _places(database: Database, columns: Columns) -> Iterator[tuple[str, tuple[str, int, str]]]:
    """Yields each image key with its split, position there and feature."""
    for split, rows in splits(database, columns).items():
        for position, row in enumerate(rows):
            if split == "references":
                yield row, (split, position, "image")
            elif not alone(database):
                yield columns["distorted"][row], (split, position, "image")
            else:
                for column in database.images:
                    yield columns[column][row], (split, position, column)


def stored(database: Database, root: pathlib.Path) -> Stored:
    """Returns the copy of a database.

    Raises:
      InputError: it is damaged.
    """
    builder = BUILDERS[database.name](data_dir=root / "tfds")
    try:
        columns = prepared.from_json(builder.info.metadata["columns"])
        sha256 = builder.info.metadata["sha256"]
        skip = {n: tfds.decode.SkipDecoding() for n, f in builder.info.features.items()
                if isinstance(f, tfds.features.Image)}  # fmt: skip
        sources = builder.as_data_source(decoders=skip)
    except Exception as error:
        raise InputError(f"{builder.data_dir} is damaged ({error}); prepare it again") from error
    places, lock = dict(_places(database, columns)), threading.Lock()

    def fetch(key: str) -> bytes:
        split, position, feature = places[key]
        try:
            with lock:
                return sources[split][position][feature]
        except Exception as error:
            raise InputError(f"{builder.data_dir}: {key} cannot be read ({error})") from error

    place = str(builder.data_dir)
    return Stored(columns, sha256, prepared.unchanged(fetch, sha256, place), place)
