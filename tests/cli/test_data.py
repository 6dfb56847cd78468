"""`jaxiqa data`: databases listed, prepared, shown and checked."""

import json

import pytest
import trees

from jaxiqa.data import DATABASES, load


@pytest.fixture
def tree(tmp_path, monkeypatch):
    monkeypatch.setenv("JAXIQA_CACHE", str(tmp_path / "cache"))
    trees.TREES["kadid10k"](tmp_path / "a folder" / "kadid")
    return tmp_path / "a folder"


def test_prepare_list_show_and_check(run, tree, tmp_path):
    code, out, err = run("data", "prepare", "kadid10k", "--from", tree)
    assert (code, out) == (
        0,
        f"kadid10k is prepared: 6 rows, 8 images in {tree / 'kadid'}\n",
    )
    assert err == "jaxiqa: kadid10k: 6 of 10125 published rows\n"
    assert len(load("kadid10k")) == 6

    code, out, err = run("data", "list")
    assert (code, err) == (0, "")
    (line,) = (line for line in out.splitlines() if line.startswith("kadid10k "))
    assert line.split()[1:3] == ["2", "10125"]
    assert line.rstrip().endswith(" files (6 of 10125 published rows)")
    known = {found["name"]: found for found in json.loads(run("data", "list", "--json")[1])}
    assert list(known) == list(DATABASES)
    assert (known["kadid10k"]["prepared"], known["csiq"]["prepared"]) == ("files", "")
    assert (known["kadid10k"]["prepared_rows"], known["csiq"]["prepared_rows"]) == (6, None)

    code, out, err = run("data", "show", "kadid10k")
    assert (code, err) == (0, "")
    assert "QoMEX.2019.8743252" in out
    assert "note       6 of 10125 published rows" in out
    assert "6 rows of 2 references, 1 of them with identical pixels" in out
    assert "opinion    1.57 to 4.57, mean 3.07" in out
    table = json.loads(run("data", "show", "kadid10k", "--json")[1])["table"]
    assert table["distortions"] == {"1": 4, "25": 2}
    assert table["digest"] == load("kadid10k").digest
    assert run("data", "check", "kadid10k") == (0, "kadid10k is whole\n", "")


def test_show_of_what_is_not_prepared_says_how_to_get_it(run, tree):
    code, out, err = run("data", "show", "live")
    assert (code, err) == (0, "")
    assert "Ask for the password with the form" in out
    assert "prepared   no" in out


def test_a_copy_tells_how_it_is_loaded_and_counts_its_rows(run, tree, tmp_path):
    tfds = pytest.importorskip("tensorflow_datasets", reason="needs the extra `data`")
    code, out, _ = run("data", "prepare", "kadid10k", "--from", tree, "--as", "array_record")
    assert code == 0
    line = f'tfds.load("kadid10k", data_dir="{tmp_path / "cache" / "data" / "tfds"}")'
    assert out.splitlines()[-1] == line
    assert len(eval(line, {"tfds": tfds})["pairs"]) == 6
    (known,) = (k for k in json.loads(run("data", "list", "--json")[1]) if k["name"] == "kadid10k")
    assert (known["prepared"], known["prepared_rows"]) == ("array_record", 6)


def test_what_a_folder_lacks_is_said(run, tmp_path, monkeypatch):
    monkeypatch.setenv("JAXIQA_CACHE", str(tmp_path / "cache"))
    trees.TREES["tid2013"](tmp_path / "tid")
    (tmp_path / "tid" / "mos_std.txt").unlink()
    code, _, err = run("data", "prepare", "tid2013", "--from", tmp_path / "tid")
    assert code == 0
    assert "without the standard error of the mean opinion (mos_std.txt), which was not" in err
    assert (
        "mos_std_tid2008 of tid2013-kodak/images/pairs.csv"
        in run("data", "show", "tid2013-kodak")[1]
    )


def test_another_root(document, refused, tree, tmp_path):
    words = ("kadid10k", "--from", tree, "--root", tmp_path / "r")
    found = document("data", "prepare", *words, verb=("data", "prepare"))
    assert (found["rows"], found["notes"]) == (6, ["6 of 10125 published rows"])
    assert "kadid10k is not prepared. Download" in refused("data", "check", "kadid10k")
    whole = {"name": "kadid10k", "wrong": []}
    words = ("kadid10k", "--root", tmp_path / "r")
    assert document("data", "check", *words, verb=("data", "check")) == whole
    shown = document("data", "show", *words, verb=("data", "show"))
    assert shown["table"]["rows"] == 6


def test_check_lists_every_image_that_is_wrong(run, refused, tree):
    for name in ("I01_01_05.png", "I81.png"):
        (tree / "kadid" / "images" / name).unlink()
    code, out, err = run("data", "check", "kadid10k", "--from", tree)
    assert code == 2
    assert out.splitlines() == ["images/I81.png is missing", "images/I01_01_05.png is missing"]
    assert err == "jaxiqa: kadid10k: 2 images are not as they should be\n"
    code, told, _ = run("data", "check", "kadid10k", "--from", tree, "--json", "--quiet")
    assert (code, json.loads(told)["wrong"]) == (2, out.splitlines())
    message = refused("data", "prepare", "kadid10k", "--from", tree)
    assert "2 of 8 images are missing" in message
    assert "`jaxiqa data check kadid10k --from DIR` lists all" in message


def test_what_a_user_gets_wrong(refused, tree):
    for words, message in (
        (("prepare", "kadid10k"), "kadid10k is prepared with --from DIR. Download kadid10k.zip"),
        (("prepare", "kadid10k", "--photos", tree), "kadid10k is prepared with --from DIR"),
        (("prepare", "tid2013-kodak", "--from", tree), "with --photos DIR or --download. Give"),
        (("prepare", "kadid", "--from", tree), "did you mean 'kadid10k'"),
        (("prepare", "kadid10k", "--from", tree, "--as", "tfrecord"), "unknown store 'tfrecord'"),
        (("prepare", "csiq", "--from", tree), "does not hold csiq.DMOS.xlsx. Download"),
        (("show", "tid2031"), "did you mean 'tid2013'"),
        (("chek", "tid2013"), "did you mean 'check'"),
    ):
        assert message in refused("data", *words)
