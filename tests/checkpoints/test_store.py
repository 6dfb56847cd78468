"""Converted weights on disk: whole or not at all, and damage told in one line."""

import hashlib
import json
import pathlib
import shutil

import jax
import numpy as np
import pytest

from jaxiqa.checkpoints import store
from jaxiqa.checks import InputError

VARIABLES = {
    "params": {
        "conv1": {
            "kernel": np.random.default_rng(0).standard_normal((3, 3, 3, 8), np.float32),
            "bias": np.array([0, -0.0, 1e-45, np.inf], np.float32),
        },
        "fc": {"kernel": np.random.default_rng(1).standard_normal((70, 90), np.float32)},
    },
    "batch_stats": {"bn1": {"mean": np.arange(5, dtype=np.float32)}},
}
RECORD = {"format": store.FORMAT, "name": "é", "list": [1, 2.5, None], "source": {"sha256": "0"}}


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    path = tmp_path_factory.mktemp("store") / "a b[1]"
    assert store.save(path, VARIABLES, RECORD) == path
    return path


@pytest.fixture
def copy(saved, tmp_path):
    return pathlib.Path(shutil.copytree(saved, tmp_path / "moved"))


def same(one, other):
    assert jax.tree.structure(one) == jax.tree.structure(other)
    return jax.tree.all(jax.tree.map(lambda a, b: a.tobytes() == b.tobytes(), one, other))


def refusal(ask, *arguments):
    with pytest.raises(InputError) as caught:
        ask(*arguments)
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


def test_what_was_saved_comes_back_bit_for_bit(saved, copy):
    for path in (saved, str(saved), copy):
        assert store.is_stored(path)
        variables, record = store.load(path)
        assert same(variables, VARIABLES)
        assert all(type(array) is np.ndarray for array in jax.tree.leaves(variables))
        assert record == store.load_record(path) == RECORD


def test_a_relative_path_is_as_good(saved, monkeypatch):
    monkeypatch.chdir(saved.parent)
    assert same(store.load(saved.name)[0], VARIABLES)


def test_nothing_else_is_left_beside(saved):
    assert list(saved.parent.iterdir()) == [saved]


def test_digests_are_those_of_all_files(saved):
    lines = (saved / "SHA256SUMS").read_text().splitlines()
    listed = dict(reversed(line.split("  ")) for line in lines)
    files = {p.relative_to(saved).as_posix(): p for p in saved.rglob("*") if p.is_file()}
    assert set(files) == {*listed, "SHA256SUMS"}
    for name, digest in listed.items():
        assert hashlib.sha256(files[name].read_bytes()).hexdigest() == digest


def flipped(content):
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


DAMAGES = {
    "deleted": lambda path: path.unlink(),
    "empty": lambda path: path.write_bytes(b""),
    "cut": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "one byte less": lambda path: path.write_bytes(path.read_bytes()[:-1]),
    "one bit": lambda path: path.write_bytes(flipped(path.read_bytes())),
    "other JSON": lambda path: path.write_bytes(b"[]"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_to_any_file_is_found(saved, tmp_path, damage, capfd):
    """A line end more or less in the list of digests is the one change that does no harm."""
    for file in sorted(path for path in saved.rglob("*") if path.is_file()):
        copy = pathlib.Path(shutil.copytree(saved, tmp_path / "copy", dirs_exist_ok=True))
        name = file.relative_to(saved)
        DAMAGES[damage](copy / name)
        if (damage, str(name)) == ("one byte less", store.DIGESTS):
            assert same(store.load(copy)[0], VARIABLES)
        else:
            message = refusal(store.load, copy)
            assert f"the converted weights in {copy} are damaged (" in message
            assert name.name in message or name.name == store.DIGESTS
        shutil.rmtree(copy)
    assert capfd.readouterr() == ("", "")


def test_damage_to_a_folder_is_found(saved, tmp_path):
    for folder in sorted(path for path in saved.rglob("*") if path.is_dir()):
        copy = pathlib.Path(shutil.copytree(saved, tmp_path / str(folder.stat().st_ino)))
        shutil.rmtree(copy / folder.relative_to(saved))
        assert "are damaged" in refusal(store.load, copy)


def test_a_record_is_read_where_only_weights_are_damaged(copy):
    shutil.rmtree(copy / "variables")
    assert store.load_record(copy) == RECORD
    (copy / "record" / "metadata").write_text("{}")
    assert "are damaged (record/metadata)" in refusal(store.load_record, copy)


def test_files_added_later_do_not_matter(copy):
    (copy / ".DS_Store").write_bytes(b"x")
    assert same(store.load(copy)[0], VARIABLES)


def rewrite_record(folder, text):
    """Changes the record as somebody would who also brings the digests up to date."""
    (folder / "record" / "metadata").write_text(text)
    (folder / store.DIGESTS).unlink()
    store._write_digests(folder)


RECORDS = {
    "[]": "no table",
    "3": "no table",
    "null": "no table",
    '"text"': "no table",
    "[" * 100_000: "RecursionError",
    "{": "JSONDecodeError",
    "{}": "written in format None",
    json.dumps(RECORD | {"format": store.FORMAT + 1}): "written in format 2 and this version reads",
}


@pytest.mark.parametrize(("text", "reason"), RECORDS.items(), ids=lambda value: value[:12])
def test_a_record_of_another_kind_is_refused(copy, text, reason):
    rewrite_record(copy, text)
    for ask in (store.load, store.load_record):
        assert reason in refusal(ask, copy)


def test_what_exists_is_left_alone(saved, tmp_path):
    (tmp_path / "file").write_text("mine")
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    before = sorted(tmp_path.rglob("*"))
    for path in (*before, saved):
        assert "exists already" in refusal(store.save, path, VARIABLES, RECORD)
    assert sorted(tmp_path.rglob("*")) == before
    assert (tmp_path / "file").read_text() == "mine"
    assert same(store.load(saved)[0], VARIABLES)


def test_a_place_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("mine")
    for path in (tmp_path / "file" / "out", tmp_path / ("long" * 100)):
        assert f"cannot write {path}" in refusal(store.save, path, VARIABLES, RECORD)
    assert list(tmp_path.iterdir()) == [tmp_path / "file"]


def test_a_full_disk_is_told_before_anything_is_written(tmp_path, monkeypatch):
    usage = shutil.disk_usage(tmp_path)._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    message = refusal(store.save, tmp_path / "out", VARIABLES, RECORD)
    assert "it needs 26,100 bytes and 1,000 are free" in message
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("error", [OSError(28, "No space left"), ValueError("two\nlines")])
def test_written_whole_or_not_at_all(tmp_path, monkeypatch, error):
    def fail(folder):
        assert list(folder.iterdir())
        raise error

    monkeypatch.setattr(store, "_write_digests", fail)
    assert "cannot write" in refusal(store.save, tmp_path / "out", VARIABLES, RECORD)
    assert not list(tmp_path.iterdir())


def test_an_interrupted_conversion_leaves_nothing(tmp_path, monkeypatch):
    def interrupt(folder):
        raise KeyboardInterrupt

    monkeypatch.setattr(store, "_write_digests", interrupt)
    with pytest.raises(KeyboardInterrupt):
        store.save(tmp_path / "out", VARIABLES, RECORD)
    assert not list(tmp_path.iterdir())


def test_what_was_never_converted(tmp_path):
    (tmp_path / "a.npy").write_bytes(b"x")
    for path in (tmp_path, tmp_path / "a.npy", tmp_path / "no", tmp_path / ("long" * 100)):
        assert not store.is_stored(path)
        for ask in (store.load, store.load_record):
            assert "holds no converted weights" in refusal(ask, path)


def test_versions_are_those_installed():
    assert store.versions()["jax"] == jax.__version__
    assert store.versions()["numpy"] == np.__version__
