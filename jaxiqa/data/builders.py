"""The databases as builders of tensorflow-datasets; importing this file registers them.

`import jaxiqa.data` does so once tensorflow-datasets is imported, before or after. Names are those
of `DATABASES` with "_" for "-". A copy is kept as array_record, which reads at random and needs no
TensorFlow; with TensorFlow `as_dataset` gives a `tf.data.Dataset` of it too.

A reference that serves many pairs is stored once: rows are in the split "pairs" with the key of
their reference, which the split "references" holds. Rows of BAPPS hold all their images, by split.
"""

import importlib.util
import pathlib
from typing import Any

import numpy as np
import tensorflow_datasets as tfds

from jaxiqa.checks import InputError
from jaxiqa.data import prepared, survey
from jaxiqa.data.databases import DATABASES, Columns, Database, Folder
from jaxiqa.data.opened import opened

VERSION = "1.0.0"
_NUMBERS = ("opinion", "opinion_std", "opinion_error")
_NAMES = ("reference_id", "distortion", "level", "split")
FORMAT = "array_record"


def alone(database: Database) -> bool:
    """Returns whether each row has a reference of its own."""
    return database.rows == database.references


def _features(database: Database) -> dict[str, Any]:
    image = tfds.features.Image(shape=(None, None, 3))
    images = dict.fromkeys(database.images, image)
    if not alone(database):
        images = {"image": image, "key": tfds.features.Text(), "reference": tfds.features.Text()}
    # examples hold float32 whatever is declared; the table itself, in the metadata, is exact
    numbers = {name: tfds.features.Scalar(np.float32) for name in _NUMBERS}
    return images | numbers | {name: tfds.features.Text() for name in _NAMES}


def _has_tensorflow() -> bool:
    return importlib.util.find_spec("tensorflow") is not None


class Builder(tfds.core.GeneratorBasedBuilder, skip_registration=True):
    """Builder of one database; its subclasses name it."""

    VERSION = tfds.core.Version(VERSION)
    # Nothing is downloaded that had a checksum; looking for their file needs importlib_resources,
    # which tensorflow-datasets 4.9.10 does not ask for.
    url_infos = None
    database: Database
    # set by `prepare`, to be told how far it is
    progress: survey.Progress = staticmethod(survey.silent)

    def __init__(self, *, file_format: str | None = None, **options):
        super().__init__(file_format=file_format, **options)
        if file_format is None and not self.info.initialized and not _has_tensorflow():
            self.info.set_file_format(FORMAT, override=True)

    def _info(self):
        return tfds.core.DatasetInfo(
            builder=self,
            description=f"{self.database.title}. Opinion: {self.database.opinion}. "
            f"Spread: {self.database.spread}. Terms: {self.database.licence}.",
            features=tfds.features.FeaturesDict(_features(self.database)),
            homepage=self.database.address,
            citation=self.database.citation,
            metadata=tfds.core.MetadataDict(),
            disable_shuffling=True,
        )

    def _opened(self, dl_manager) -> tuple[Folder, Columns]:
        """Returns the unpacked folder and its table."""
        given = pathlib.Path(dl_manager.manual_dir)
        own = given / self.name
        source = own if own.is_dir() else given
        if self.database.photographs and not (source / self.database.marker).exists():
            source = self._rebuilt(source)
        return opened(self.database, source)

    def _rebuilt(self, photographs: pathlib.Path) -> pathlib.Path:
        """Returns the folder, beside that of the data set, of what photographs are rebuilt into."""
        from jaxiqa.data import kodak

        out = pathlib.Path(self.data_dir).parents[1] / f"{self.name}_images"
        return kodak.rebuild(photographs, out, progress=self.progress).parent

    def _split_generators(self, dl_manager):
        folder, columns = self._opened(dl_manager)
        images = survey.survey(self.database, folder, columns, progress=self.progress)
        columns |= {"identical": survey.identical(self.database, columns, images)}
        sha256 = {key: image.sha256 for key, image in images.items()}
        self.info.metadata.update(columns=prepared.to_json(columns), sha256=sha256)
        paths = {key: folder.root / image.file for key, image in images.items()}
        return {
            split: self._generate_examples(columns, rows, split, paths)
            for split, rows in splits(self.database, columns).items()
        }

    def _generate_examples(self, columns: Columns, rows: list, split: str, paths: dict):
        if split == "references":
            blank = dict.fromkeys(_NUMBERS, float("nan")) | dict.fromkeys(_NAMES, "")
            for key in rows:
                yield key, blank | {"image": paths[key], "key": key, "reference": key}
            return
        for row in rows:
            images = {column: columns[column][row] for column in self.database.images}
            stored_images = {column: paths[key] for column, key in images.items()}
            if not alone(self.database):
                key = images["distorted"]
                stored_images = {"image": paths[key], "key": key, "reference": images["reference"]}
            yield row, stored_images | _values(columns, row)

    def as_dataset(self, split=None, **options):
        """Returns a `tf.data.Dataset`; without TensorFlow, the random access of `as_data_source`.

        Raises:
          InputError: a batch or supervised form without TensorFlow.
        """
        if _has_tensorflow():
            return super().as_dataset(split, **options)
        if options.get("batch_size") or options.get("as_supervised"):
            raise InputError("batches and supervised examples need tensorflow, which is not there")
        return self.as_data_source(split, decoders=options.get("decoders"))

    def _as_dataset(self, split, decoders=None, read_config=None, shuffle_files=False):
        if self.info.file_format.value != FORMAT:
            return super()._as_dataset(split, decoders, read_config, shuffle_files)
        if decoders:
            raise InputError("decoders need as_data_source where the copy is an array_record")
        import tensorflow

        examples = self.as_data_source(split)
        spec = {name: feature.get_tensor_spec() for name, feature in self.info.features.items()}
        made = tensorflow.data.Dataset.from_generator(lambda: iter(examples), output_signature=spec)
        return made.apply(tensorflow.data.experimental.assert_cardinality(len(examples)))


def _values(columns: Columns, row: int) -> dict[str, Any]:
    numbers = {n: float(columns[n][row]) if n in columns else float("nan") for n in _NUMBERS}
    return numbers | {n: columns[n][row] if n in columns else "" for n in _NAMES}


def splits(database: Database, columns: Columns) -> dict[str, list]:
    """Returns split -> its rows by number; for "references" their keys."""
    count = len(columns["opinion"])
    if not alone(database):
        references = list(dict.fromkeys(columns["reference"]))
        return {"pairs": list(range(count)), "references": references}
    found: dict[str, list] = {}
    for row in range(count):
        found.setdefault(columns["split"][row], []).append(row)
    return found


def _builder_class(database: Database) -> type[Builder]:
    name = database.name.replace("-", "_")
    instructions = f"{database.manual} Then give its folder as manual_dir, or put it into "
    body = {
        "__doc__": f"{database.title}.",
        "__module__": __name__,
        "name": name,
        "database": database,
        "MANUAL_DOWNLOAD_INSTRUCTIONS": f"{instructions}manual_dir/{name}.",
    }
    title = name.title().replace("_", "")
    try:
        return type(title, (Builder,), body)
    except ValueError:
        # another package has registered the name, and keeps it
        return type(title, (Builder,), body, skip_registration=True)


BUILDERS: dict[str, type[Builder]] = {
    name: _builder_class(database) for name, database in DATABASES.items()
}
# found by name, as pickle and people do
globals().update({made.__name__: made for made in BUILDERS.values()})
