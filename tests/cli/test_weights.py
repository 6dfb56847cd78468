"""`jaxiqa weights`: checkpoints converted, shown and served again."""

import dataclasses
import hashlib
import json
import shutil

import numpy as np
import pytest
import safetensors.numpy
from planted import planted_arrays
from published import publishing

import jaxiqa
from jaxiqa.arch import ARCHITECTURES
from jaxiqa.checkpoints import sources

ALEXNET = ARCHITECTURES["alexnet"]


@pytest.fixture
def checkpoint(tmp_path):
    path = tmp_path / "first layer.safetensors"
    safetensors.numpy.save_file(planted_arrays(ALEXNET, "features.0."), path)
    return path


def test_convert_show_and_load(run, checkpoint, tmp_path):
    out = tmp_path / "a folder" / "weights"
    digest = hashlib.sha256(checkpoint.read_bytes()).hexdigest()
    code, told, err = run("weights", "convert", checkpoint, "--net=alexnet", f"--out={out}")
    assert (code, told) == (0, f"wrote {out} (source sha256 {digest})\n")
    assert len(err.splitlines()) == 1
    assert "a partial checkpoint: 14 arrays of alexnet are missing (features.3.weight, " in err
    assert err.endswith("it serves the taps conv1, relu1, pool1\n")

    code, shown, err = run("weights", "show", out)
    assert (code, err) == (0, "")
    record = json.loads(shown)
    assert record["source"] == {"file": checkpoint.name, "sha256": digest}
    assert record["architecture"] == "alexnet"
    assert record["preprocess"]["mean"] == [0.485, 0.456, 0.406]
    assert set(record["versions"]) >= {"jaxiqa", "jax", "flax", "orbax-checkpoint"}

    for net in (jaxiqa.load_net("alexnet", weights=path) for path in (out, checkpoint)):
        kernel = net.variables["params"]["conv1"]["kernel"].transpose(3, 2, 0, 1)
        expected = planted_arrays(ALEXNET, "features.0.")["features.0.weight"]
        np.testing.assert_array_equal(kernel, expected)


def test_documents_of_a_conversion(document, checkpoint, tmp_path):
    words = (checkpoint, "--net", "alexnet", "--out", tmp_path / "out")
    found = document("weights", "convert", *words, verb=("weights", "convert"))
    assert found["taps"] == ["conv1", "relu1", "pool1"]
    assert len(found["missing"]) == 14
    record = document("weights", "show", tmp_path / "out", verb=("weights", "show"))
    assert {name: record[name] for name in found if name != "folder"}.items() <= found.items()


def test_a_checkpoint_that_reaches_no_tap_says_so(run, tmp_path):
    path = tmp_path / "a.safetensors"
    safetensors.numpy.save_file(planted_arrays(ALEXNET, "features.3."), path)
    code, _, err = run("weights", "convert", path, "--net", "alexnet", "--out", tmp_path / "out")
    assert code == 0
    assert err.endswith("it serves the taps (none)\n")


def test_a_whole_checkpoint_converts_without_a_word(run, tmp_path):
    path = tmp_path / "a.safetensors"
    safetensors.numpy.save_file(planted_arrays(ARCHITECTURES["squeezenet1_1"]), path)
    words = ("--net", "squeezenet1_1.imagenet", "--out", tmp_path / "out")
    assert run("weights", "convert", path, *words)[::2] == (0, "")


def test_what_exists_is_not_overwritten(refused, checkpoint, tmp_path):
    (tmp_path / "out").mkdir()
    message = refused(
        "weights", "convert", checkpoint, "--net", "alexnet", "--out", tmp_path / "out"
    )
    assert "exists already" in message
    assert sorted(path.name for path in tmp_path.iterdir()) == [checkpoint.name, "out"]


def test_files_that_do_not_fit_leave_nothing_behind(refused, checkpoint, tmp_path):
    words = ("--out", tmp_path / "out")
    message = refused("weights", "convert", checkpoint, "--net", "vgg16", *words)
    assert "30 missing: features.0.bias" not in message
    assert "features.0.weight is (64, 3, 11, 11) and should be (64, 3, 3, 3)" in message
    assert "30 missing: features.2.weight" in message
    (tmp_path / "empty.pth").write_bytes(b"")
    assert "is empty" in refused(
        "weights", "convert", tmp_path / "empty.pth", "--net", "alexnet", *words
    )
    assert "does not exist" in refused(
        "weights", "convert", tmp_path / "no.pth", "--net", "alexnet", *words
    )
    assert "did you mean 'alexnet'" in refused(
        "weights", "convert", checkpoint, "--net", "alexnt", *words
    )
    assert "leave out" in refused(
        "weights", "convert", checkpoint, "--net", "alexnet.random-0", *words
    )
    assert not (tmp_path / "out").exists()


def test_show_refuses_what_was_never_converted(refused, checkpoint, tmp_path):
    for path in (checkpoint, tmp_path, tmp_path / "no"):
        assert f"{path} holds no converted weights" in refused("weights", "show", path)


def test_show_refuses_a_damaged_record(run, refused, checkpoint, tmp_path):
    run("weights", "convert", checkpoint, "--net", "alexnet", "--out", tmp_path / "out")
    (tmp_path / "out" / "record" / "metadata").write_text('{"format": 1}')
    assert "are damaged (record/metadata)" in refused("weights", "show", tmp_path / "out")


NAME = "alexnet.imagenet"


@pytest.fixture
def cached(monkeypatch, tmp_path):
    folder = tmp_path / "cache"
    monkeypatch.setenv("JAXIQA_CACHE", str(folder))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    return folder


@pytest.fixture
def publisher(cached, checkpoint, monkeypatch):
    """A record of an unverified address whose file is the first layer of AlexNet."""
    content = checkpoint.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    with publishing(content) as found:
        changes = {"address": found.address, "sha256": digest, "verified": "", "size": 0}
        record = dataclasses.replace(sources.sources()[NAME], **changes)
        known = sources.sources() | {NAME: record}
        monkeypatch.setattr(sources, "sources", lambda: known)
        yield found


def test_get_verify_and_load(run, publisher, cached):
    code, told, err = run("weights", "get", NAME)
    assert (code, told) == (0, f"{NAME} is in {cached / 'weights' / NAME}\n")
    unverified, partial = err.splitlines()
    assert unverified == f"jaxiqa: the address of {NAME} is unverified: {publisher.address}"
    assert partial.startswith("jaxiqa: a partial checkpoint: 14 arrays are missing")
    digest = hashlib.sha256(publisher.content).hexdigest()
    assert run("weights", "verify", NAME) == (0, f"{NAME} is whole (source sha256 {digest})\n", "")
    assert jaxiqa.load_net(NAME).source == f"sha256 {digest}"
    (row,) = (r for r in json.loads(run("weights", "list", "--json")[1]) if r["name"] == NAME)
    assert row["state"] == "here"


def test_documents_of_the_cache(document, publisher, cached):
    folder = str(cached / "weights" / NAME)
    for action in ("get", "add"):
        file = () if action == "get" else (cached.parent / "first layer.safetensors",)
        words = ("weights", action, *file, NAME)
        assert document(*words, verb=("weights", action)) == {"name": NAME, "folder": folder}
        shown = document("weights", "verify", NAME, verb=("weights", "verify"))
        assert shown["source"]["sha256"] == hashlib.sha256(publisher.content).hexdigest()
        shutil.rmtree(folder)


def test_add(run, refused, publisher, cached, checkpoint):
    code, told, _ = run("weights", "add", checkpoint, NAME)
    assert (code, told) == (0, f"{NAME} is in {cached / 'weights' / NAME}\n")
    assert "is there already" in refused("weights", "add", checkpoint, NAME)
    assert publisher.asked == []


def test_get_without_the_file_is_one_line(run, publisher, cached):
    publisher.status = 404
    code, out, err = run("weights", "get", NAME)
    assert (code, out) == (2, "")
    assert "the server answers 404" in err.splitlines()[-1]
    assert f"put it at {cached / 'downloads' / NAME / 'net-00000000.pth'}" in err
    assert "did you mean" in run("weights", "get", "alexnet.imagnet")[2]


def test_where_and_list(run, cached):
    assert run("weights", "where") == (0, f"{cached}\n", "")
    code, told, err = run("weights", "list")
    assert (code, err) == (0, "")
    lines = told.splitlines()
    assert len(lines) == 1 + len(sources.sources())
    (line,) = (line for line in lines if line.startswith(f"{NAME} "))
    assert line.split()[1:3] == ["classification", "ImageNet-1k"]
    assert line.rstrip().endswith(" -")
    records = json.loads(run("weights", "list", "--json")[1])
    assert [r["name"] for r in records] == list(sources.sources())
    assert not cached.exists()
