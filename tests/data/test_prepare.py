"""Preparing: what is missing is listed, what is interrupted goes on, nothing half-made loads."""

import json
import shutil
import sys

import numpy as np
import pytest
import scipy.io
import trees
from PIL import Image

import jaxiqa.data
from jaxiqa.checks import InputError
from jaxiqa.data import fingerprint, load, prepare, survey
from jaxiqa.data.check import check, check_folder
from jaxiqa.data.prepare import place, state


@pytest.fixture
def tree(tmp_path):
    folder = tmp_path / "unpacked"
    trees.TREES["kadid10k"](folder)
    return folder


@pytest.fixture
def root(tmp_path):
    return tmp_path / "root"


def test_what_is_missing_is_listed(tree, root):
    for name in ("I01.png", "I81_25_01.png"):
        (tree / "images" / name).unlink()
    with pytest.raises(InputError) as caught:
        prepare("kadid10k", tree, root=root)
    assert "2 of 8 images are missing" in str(caught.value)
    assert "images/I01.png; images/I81_25_01.png;" in str(caught.value)
    assert check_folder("kadid10k", tree) == [
        "images/I01.png is missing",
        "images/I81_25_01.png is missing",
    ]
    assert state("kadid10k", root) == ""


def test_many_that_are_missing_are_counted(tree, root):
    for path in (tree / "images").glob("*_*.png"):
        path.unlink()
    lines = [f"I01_{kind:02d}_01.png,I01.png,{kind / 10},1" for kind in range(1, 14)]
    (tree / "dmos.csv").write_text("\n".join(["dist_img,ref_img,dmos,var", *lines]))
    with pytest.raises(InputError, match=r"13 of 14 .*I01_10_01.png and 3 more; `jax"):
        prepare("kadid10k", tree, root=root)


def test_images_that_are_damaged_or_of_another_size(tree, root):
    path = tree / "images" / "I01_25_01.png"
    path.write_bytes(path.read_bytes()[:-40])
    Image.new("RGB", (8, 8)).save(tree / "images" / "I81_01_05.png")
    with pytest.raises(InputError, match=r"2 images cannot be used: .*I01_25_01.png: cannot"):
        prepare("kadid10k", tree, root=root)
    assert check_folder("kadid10k", tree)[1] == (
        "images/I81.png and images/I81_01_05.png are not of one size"
    )
    assert state("kadid10k", root) == ""


def test_an_interruption_leaves_nothing_that_loads_and_the_next_goes_on(tree, root, monkeypatch):
    def stop(done, total):
        assert total == 8
        if done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        prepare("kadid10k", tree, root=root, progress=stop)
    with pytest.raises(InputError, match=r"kadid10k is not prepared\. Download kadid10k"):
        load("kadid10k", root=root)
    journal = place("kadid10k", root).with_name("images.jsonl")
    with journal.open("a") as file:
        file.write('{"file": "cut sho')
    trees.image(tree / "images" / "I01.png", 77)

    looked, look = [], survey.look
    monkeypatch.setattr(survey, "look", lambda f, name: looked.append(name) or look(f, name))
    prepare("kadid10k", tree, root=root)
    assert len(looked) == 4
    assert "images/I01.png" in looked
    assert not journal.exists()
    assert len(load("kadid10k", root=root)) == 6


def test_the_journal_of_another_folder_is_begun_anew(tree, root, tmp_path, monkeypatch):
    def stop(done, total):
        if done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        prepare("kadid10k", tree, root=root, progress=stop)
    other = tmp_path / "other"
    shutil.copytree(tree, other)  # sizes and times of change are the same
    trees.image(other / "images" / "I81.png", 7)
    for path in other.rglob("*.png"):
        shutil.copystat(tree / path.relative_to(other), path)
    looked, look = [], survey.look
    monkeypatch.setattr(survey, "look", lambda f, name: looked.append(name) or look(f, name))
    prepare("kadid10k", other, root=root)
    assert len(looked) == 8
    assert check("kadid10k", root=root) == []


def test_a_root_that_is_a_file(tree, root):
    root.touch()
    with pytest.raises(InputError, match=r"cache of prepared .* --root .* or JAXIQA_CACHE$"):
        prepare("kadid10k", tree, root=root)


def test_an_opinion_that_is_not_finite(root, tmp_path):
    trees.TREES["live"](tmp_path / "live")
    path = tmp_path / "live" / "dmos_realigned.mat"
    table = {k: v for k, v in scipy.io.loadmat(path).items() if not k.startswith("_")}
    table["dmos_new"][0, 1] = np.nan
    scipy.io.savemat(path, table)
    with pytest.raises(InputError, match=r"opinion of jp2k/img2.bmp is nan, expected a finite"):
        prepare("live", tmp_path / "live", root=root)


def test_links_that_lead_back(tree, root):
    (tree / "images" / "loop").symlink_to(tree)
    (tree / "images" / "again").symlink_to(tree / "images")
    assert len(prepare("kadid10k", tree, root=root).sha256) == 8


def test_a_fault_while_writing_keeps_what_was_there(tree, root, monkeypatch):
    prepare("kadid10k", tree, root=root)
    before = place("kadid10k", root).read_bytes()

    def full(*_):
        raise OSError("no space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(OSError, match="no space"):
        prepare("kadid10k", tree, root=root)
    assert place("kadid10k", root).read_bytes() == before
    assert [path.suffix for path in place("kadid10k", root).parent.iterdir()].count(".part") == 0


@pytest.mark.parametrize("content", ["", "{", "[]", '{"format": 1}', '{"format": 9}'])
def test_a_damaged_record_is_told(tree, root, content):
    prepare("kadid10k", tree, root=root)
    place("kadid10k", root).write_text(content)
    with pytest.raises(InputError, match="prepare the database again"):
        load("kadid10k", root=root)


def test_a_folder_that_is_gone_and_images_that_changed(tree, root):
    prepare("kadid10k", tree, root=root)
    pairs = load("kadid10k", root=root)
    before = fingerprint(pairs)
    assert check("kadid10k", root=root) == []
    trees.image(tree / "images" / "I01.png", 99)
    (tree / "images" / "I81.png").unlink()
    wrong = check("kadid10k", root=root)
    assert wrong[0] == "images/I01.png has changed since it was prepared; prepare again"
    with pytest.raises(InputError, match=r"I01.png has changed since it was prepared; prepare ag"):
        pairs.read("images/I01.png")
    with pytest.raises(InputError, match="has no image 'foo'"):
        pairs.read("foo")
    assert "I81.png: cannot be read (No such file" in wrong[1]
    assert fingerprint(pairs) != before
    with pytest.raises(InputError, match="cannot be read"):
        pairs.read("images/I81.png")
    tree.rename(tree.with_name("elsewhere"))
    with pytest.raises(InputError, match="which is gone"):
        load("kadid10k", root=root)


def test_the_digest_does_not_depend_on_where_the_images_lie(tree, root, tmp_path):
    prepare("kadid10k", tree, root=root)
    first = load("kadid10k", root=root)
    tree.rename(tmp_path / "elsewhere")
    prepare("kadid10k", tmp_path / "elsewhere", root=root)
    second = load("kadid10k", root=root)
    assert (first.digest, first.distorted) == (second.digest, second.distorted)
    table = tmp_path / "elsewhere" / "dmos.csv"
    table.write_text(table.read_text().replace("0.496", "0.497"))
    prepare("kadid10k", tmp_path / "elsewhere", root=root)
    assert load("kadid10k", root=root).digest != first.digest


def test_prepared_sets_lie_in_the_cache(tree, tmp_path, monkeypatch):
    monkeypatch.setenv("JAXIQA_CACHE", str(tmp_path / "cache"))
    prepare("kadid10k", tree)
    assert (tmp_path / "cache" / "data" / "kadid10k" / "prepared.json").exists()
    assert len(load("kadid10k")) == 6


def test_names_and_stores_that_are_unknown(tree, root):
    with pytest.raises(InputError, match="unknown database 'kadid', did you mean 'kadid10k'"):
        load("kadid", root=root)
    with pytest.raises(InputError, match="unknown store 'tfrecord'"):
        prepare("kadid10k", tree, root=root, store="tfrecord")


EXCLUSIONS = {
    "identical": ("distorted", "images/I01_01_01.png", 5),
    "reference_id=I81": ("reference_id", "I81", 3),
    "distortion=25": ("distortion", "25", 4),
    "level=5": ("level", "5", 4),
}


@pytest.mark.parametrize("word", EXCLUSIONS)
def test_an_exclusion_empties_the_column_it_names(tree, root, word):
    prepare("kadid10k", tree, root=root)
    column, value, rows = EXCLUSIONS[word]
    whole, rest = (load("kadid10k", root=root, exclude=e) for e in ((), word))
    assert value in getattr(whole, column)
    assert value not in getattr(rest, column)
    assert (len(whole), len(rest)) == (6, rows)
    assert whole.digest != rest.digest
    others = [i for i, held in enumerate(getattr(whole, column)) if held != value]
    np.testing.assert_array_equal(rest.opinion, whole.opinion[others])


def test_exclusions_add_up(tree, root):
    prepare("kadid10k", tree, root=root)
    pairs = load("kadid10k", root=root, exclude=("identical", "distortion = 25"))
    assert pairs.distorted == tuple(
        f"images/{n}.png" for n in ("I01_01_05", "I81_01_01", "I81_01_05")
    )


@pytest.mark.parametrize("name", ["tid2008", "tid2013"])
def test_the_synthetic_reference_can_be_left_out(tmp_path, root, name):
    trees.TREES[name](tmp_path / "tid")
    prepare(name, tmp_path / "tid", root=root)
    assert set(load(name, root=root, exclude="synthetic").reference_id) == {"I01"}


@pytest.mark.parametrize(
    ("exclude", "message"),
    [
        (5, "exclude takes a text or a tuple of texts, got 5"),
        (None, "exclude takes a text or a tuple of texts, got None"),
        (("level=5", 5), "exclude takes a text"),
        ("identicle", "did you mean 'identical'"),
        ("synthetic", "unknown exclusion of kadid10k 'synthetic'"),
        ("levl=5", "did you mean 'level'"),
        ("split=val", "It has reference_id, distortion, level"),
        ("level=9", "kadid10k has no level '9'"),
        (("reference_id=I01", "reference_id=I81"), "leaves no row"),
    ],
)
def test_exclusions_that_mean_nothing(tree, root, exclude, message):
    prepare("kadid10k", tree, root=root)
    with pytest.raises(InputError, match=message):
        load("kadid10k", root=root, exclude=exclude)


def test_copies_without_tensorflow_datasets(tree, root, monkeypatch):
    for name in ("tensorflow_datasets", "jaxiqa.data.builders", "jaxiqa.data.copies"):
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.delattr(jaxiqa.data, "copies", raising=False)
    with pytest.raises(InputError, match=r"pip install 'jaxiqa\[data\]'"):
        prepare("kadid10k", tree, root=root, store="array_record")


def test_triplets_are_excluded_likewise(tmp_path, root):
    from jaxiqa.data import load_triplets

    trees.TREES["bapps-2afc"](tmp_path / "bapps")
    prepare("bapps-2afc", tmp_path / "bapps", root=root)
    kept = load_triplets("bapps-2afc", root=root, exclude=("split=train", "distortion=cnn"))
    assert set(kept.distortion) == {"traditional"}
    assert len(kept) == len(kept.opinion) == 2


def test_the_record_holds_what_each_image_was(tree, root):
    prepare("kadid10k", tree, root=root)
    record = json.loads(place("kadid10k", root).read_text())
    assert record["root"] == str(tree)
    assert record["images"]["images/I01.png"]["shape"] == list(trees.SIZE)
    assert record["columns"]["identical"] == [True] + [False] * 5
