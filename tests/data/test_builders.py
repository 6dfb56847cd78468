"""The builders of tensorflow-datasets: the same content as from files, without TensorFlow."""

import os
import pickle
import subprocess
import sys

import numpy as np
import pytest
import rated
import trees

from jaxiqa.checks import InputError
from jaxiqa.data import DATABASES, fingerprint, load, load_triplets, prepare
from jaxiqa.data.check import check
from jaxiqa.data.databases import TRIPLET
from jaxiqa.data.prepare import state
from jaxiqa.images import read_image

tfds = pytest.importorskip("tensorflow_datasets", reason="needs the extra `data`")


@pytest.fixture
def prepared(tmp_path, capfd):
    """Returns the root under which a database is prepared as array_record."""

    def prepared(name):
        trees.TREES[name](tmp_path / "unpacked")
        root = tmp_path / "copies"
        prepare(name, tmp_path / "unpacked", root=root, store="array_record")
        assert capfd.readouterr().out == ""
        return root

    return prepared


@pytest.mark.parametrize("name", ["tid2013", "live-md", "bapps-2afc", "bapps-jnd"])
def test_a_copy_equals_the_files(prepared, tmp_path, name):
    copies = prepared(name)
    prepare(name, tmp_path / "unpacked", root=tmp_path / "files")
    by_name = load_triplets if DATABASES[name].images == TRIPLET else load
    copy, files = (by_name(name, root=root) for root in (copies, tmp_path / "files"))
    (tmp_path / "unpacked").rename(tmp_path / "gone")
    assert (state(name, copies), state(name, tmp_path / "files")) == ("array_record", "files")
    assert copy.digest == files.digest
    assert check(name, root=copies) == []
    (tmp_path / "gone").rename(tmp_path / "unpacked")
    columns = (*DATABASES[name].images, "distortion", "split", "citation")
    assert all(getattr(copy, column) == getattr(files, column) for column in columns)
    np.testing.assert_array_equal(copy.opinion, files.opinion)
    for column in DATABASES[name].images:
        for key in getattr(copy, column):
            np.testing.assert_array_equal(copy.read(key), files.read(key))
            assert copy.stamp(key) == files.stamp(key)
    if by_name is load:
        np.testing.assert_array_equal(copy.opinion_error, files.opinion_error)
        assert fingerprint(copy) == fingerprint(files)


def test_random_access_and_metadata(prepared):
    builder = tfds.builder("tid2013", data_dir=prepared("tid2013") / "tfds")
    assert DATABASES["tid2013"].citation in builder.info.citation
    assert builder.info.homepage == DATABASES["tid2013"].address
    assert "MOS, 0 to 9, high = good" in builder.info.description
    pairs = builder.as_data_source("pairs")
    last = pairs[5]
    assert (last["key"], last["opinion"]) == (b"distorted_images/i25_24_1.bmp", 3.0)
    assert (last["image"].shape, last["image"].dtype) == ((*trees.SIZE, 3), np.uint8)
    assert np.isnan(last["opinion_std"])
    assert last["opinion_error"] == pytest.approx(0.15)
    references = {one["key"]: one["image"] for one in builder.as_data_source("references")}
    assert set(references) == {one["reference"] for one in pairs}


def test_tfds_load_prepares_by_itself_and_names_are_the_publishers(tmp_path, monkeypatch):
    monkeypatch.setattr("jaxiqa.data.builders._has_tensorflow", lambda: False)
    trees.TREES["bapps-jnd"](tmp_path / "downloads" / "manual" / "bapps_jnd")
    sets, info = tfds.load("bapps_jnd", data_dir=tmp_path, with_info=True)
    assert info.splits["val"].num_examples == len(sets["val"]) == 6
    assert sets["val"][1]["opinion"] == pytest.approx(1 / 3)
    assert sets["val"][3]["distorted"].shape == (*trees.SIZE, 3)
    with pytest.raises(InputError, match="need tensorflow"):
        tfds.load("bapps_jnd", data_dir=tmp_path, batch_size=2)
    for name in DATABASES:
        builder = tfds.builder(name.replace("-", "_"), data_dir=tmp_path)
        assert builder.MANUAL_DOWNLOAD_INSTRUCTIONS.startswith(DATABASES[name].manual)


def test_tfds_load_without_the_archive_says_how_to_get_it(tmp_path):
    with pytest.raises(AssertionError, match=r"(?s)Download tid2013.rar from .*manual_dir/tid2"):
        tfds.load("tid2013", data_dir=tmp_path)


def test_a_copy_is_made_whole_or_not_at_all(prepared, tmp_path):
    trees.TREES["tid2013"](tmp_path / "unpacked")

    def stop(done, total):
        if done == total:
            raise KeyboardInterrupt

    for progress, fault in ((stop, KeyboardInterrupt), (None, InputError)):
        options = {} if progress is None else {"progress": progress}
        if progress is None:
            (tmp_path / "unpacked" / "reference_images" / "I01.BMP").unlink()
        with pytest.raises(fault):
            prepare("tid2013", tmp_path / "unpacked", root=tmp_path / "copies",
                    store="array_record", **options)  # fmt: skip
        assert state("tid2013", tmp_path / "copies") == ""
    root = prepared("tid2013")
    assert len(load("tid2013", root=root)) == 6
    with pytest.raises(InputError, match="is there already; delete it"):
        prepare("tid2013", tmp_path / "unpacked", root=root, store="array_record")
    (record,) = root.glob("tfds/tid2013/*/metadata.json")
    record.write_text("{}")
    with pytest.raises(InputError, match="is damaged"):
        load("tid2013", root=root)


ORDERS = {
    "ours, theirs": "import jaxiqa.data\nimport tensorflow_datasets as tfds",
    "theirs, ours": "import tensorflow_datasets as tfds\nimport jaxiqa.data",
    "public": "import jaxiqa\nimport tensorflow_datasets.public_api as tfds",
}


@pytest.mark.parametrize(
    "order",
    [o if o == "ours, theirs" else pytest.param(o, marks=pytest.mark.slow) for o in ORDERS],
)
def test_registered_in_either_order_and_not_before(order, tmp_path):
    program = (
        "import sys\nimport jaxiqa\nassert 'tensorflow_datasets' not in sys.modules\n"
        if order.startswith("ours")
        else ""
    )
    program += f"{ORDERS[order]}\nprint(tfds.builder('live_md').info.full_name)"
    environment = os.environ | {"TFDS_DATA_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "live_md/1.0.0\n"), done.stderr


TAKEN = """
import tensorflow_datasets as tfds

class Tid2013(tfds.core.GeneratorBasedBuilder):
    VERSION = tfds.core.Version("9.9.9")
    def _info(self): return tfds.core.DatasetInfo(builder=self)
    def _split_generators(self, dl_manager): return {}
    def _generate_examples(self): yield

import jaxiqa.data.builders as ours
print(tfds.builder("tid2013").info.full_name, tfds.builder("csiq").info.full_name)
print(ours.BUILDERS["tid2013"]().info.full_name)
"""


@pytest.mark.slow
def test_a_name_that_another_package_has_registered_stays_its_own(tmp_path):
    environment = os.environ | {"TFDS_DATA_DIR": str(tmp_path)}
    command = [sys.executable, "-c", TAKEN]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    told = "tid2013/9.9.9 csiq/1.0.0\ntid2013/1.0.0\n"
    assert (done.returncode, done.stdout) == (0, told), done.stderr


def test_builders_are_found_by_their_names(tmp_path):
    from jaxiqa.data import builders

    builder = tfds.builder("bapps_2afc", data_dir=tmp_path)
    assert type(builder) is builders.BUILDERS["bapps-2afc"]
    assert pickle.loads(pickle.dumps(builder)).info.full_name == "bapps_2afc/1.0.0"


def test_a_table_of_ones_own(tmp_path):
    from jaxiqa.data.csv_builder import from_csv

    rows = rated.write_set(tmp_path)
    path = rated.write_table(tmp_path / "My Pairs.csv", rows)
    builder = from_csv(path, higher_is_better=False, data_dir=tmp_path / "data")
    builder.download_and_prepare(file_format="array_record")
    digest = builder.pairs.digest
    assert builder.name == f"csv_my_pairs_{digest[:8]}"
    assert "high = bad" in builder.info.description
    pairs = builder.as_data_source("pairs")
    opinion = [one["opinion"] for one in pairs]
    np.testing.assert_allclose(opinion, [row[2] for row in rows], rtol=1e-6)
    assert pairs[4]["key"].decode() == rows[4][1]
    assert len(builder.as_data_source("references")) == 3
    np.testing.assert_array_equal(pairs[4]["image"], rated_image(tmp_path / rows[4][1]))


def test_a_table_that_has_changed_is_another_data_set(tmp_path):
    from jaxiqa.data.csv_builder import from_csv

    rows = rated.write_set(tmp_path)
    first = from_csv(rated.write_table(tmp_path / "p.csv", rows), data_dir=tmp_path / "data")
    path = rated.write_table(tmp_path / "p.csv", rows[:-1])
    second = from_csv(path, data_dir=tmp_path / "data")
    assert first.data_dir != second.data_dir
    assert from_csv(path, data_dir=tmp_path / "data").data_dir == second.data_dir


def test_a_whole_copy_is_read_once_the_files_are_gone(prepared, tmp_path):
    root = prepared("live-md")
    prepare("live-md", tmp_path / "unpacked", root=root)
    files = load("live-md", root=root)
    (tmp_path / "unpacked").rename(tmp_path / "gone")
    copy = load("live-md", root=root)
    assert copy.digest == files.digest
    assert copy.read(copy.distorted[0]).shape == (*trees.SIZE, 3)
    with pytest.raises(InputError, match="has no image 'foo'"):
        copy.read("foo")


def rated_image(path):
    return np.rint(read_image(path) * 255)
