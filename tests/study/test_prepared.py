"""Prepared databases in a study, by name."""

import numpy as np
import pytest
import trees

from jaxiqa.checks import InputError
from jaxiqa.cli.main import main
from jaxiqa.data import DATABASES, prepare
from jaxiqa.study.choices import DATA_NAMES, KNOWN_NAMES, DataChoice
from jaxiqa.study.plan import data_sets
from jaxiqa.study.study_file import read_study

NET = '[[net]]\nname = "alexnet.random-0"\ntaps = ["relu1"]\n'


@pytest.fixture
def kadid(tmp_path, monkeypatch):
    monkeypatch.setenv("JAXIQA_CACHE", str(tmp_path / "cache"))
    trees.TREES["kadid10k"](tmp_path / "unpacked")
    prepare("kadid10k", tmp_path / "unpacked")


def study(folder, data):
    path = folder / "study.toml"
    path.write_text(f"[[data]]\n{data}\n{NET}")
    return path


def test_databases_of_pairs_are_known(kadid):
    assert set(KNOWN_NAMES) - set(DATA_NAMES) == set(DATABASES) - {"bapps-2afc"}
    (pairs,) = data_sets([DataChoice(name="kadid10k", exclude=("identical", "level=5"))])
    assert pairs.distorted == tuple(
        f"images/{name}.png" for name in ("I01_25_01", "I81_01_01", "I81_25_01")
    )
    with pytest.raises(InputError, match="csiq is not prepared"):
        data_sets([DataChoice(name="csiq")])


def test_so_many_of_their_pairs(kadid):
    (few,) = data_sets([DataChoice(name="kadid10k", exclude=("identical",), pairs=3)])
    (whole,) = data_sets([DataChoice(name="kadid10k", exclude=("identical",))])
    assert few.name == f"kadid10k (3 of {len(whole)})"
    assert set(few.distorted) < set(whole.distorted)
    with pytest.raises(InputError, match=r"kadid10k has [0-9] pairs, and 100 of them were asked"):
        data_sets([DataChoice(name="kadid10k", pairs=100)])


def test_a_study_file_names_them(kadid, tmp_path):
    found = read_study(study(tmp_path, 'name = "kadid10k"\nexclude = ["identical"]\npairs = 4'))
    assert found.data == (DataChoice(name="kadid10k", exclude=("identical",), pairs=4),)
    path = tmp_path / "again.toml"
    path.write_text(found.to_toml())
    assert read_study(path) == found


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ('name = "kadid"', "did you mean 'kadid10k'"),
        (
            'name = "tid2013"\nhigher_is_better = true',
            "higher_is_better belongs to a csv",
        ),
        ('name = "contrast-thresholds"\nexclude = ["level=1"]', "exclude belongs to a prepared d"),
        ('name = "contrast-thresholds"\npairs = 50', "pairs belongs to rated pairs, not to con"),
        ('name = "kadid10k"\npairs = 2', "pairs must be 3 or more, got 2"),
        ('name = "kadid10k"\npairs = -1', "pairs must be a whole number from 0 on, got -1"),
        ('csv = "study.toml"\nexclude = ["level=1"]', "exclude belongs to a prepared database"),
        ('name = "kadid10k"\nexclude = "identical"', "exclude must be a list of texts"),
    ],
)
def test_what_a_study_file_gets_wrong(tmp_path, data, message):
    with pytest.raises(InputError, match=message):
        read_study(study(tmp_path, data))


@pytest.mark.slow
def test_a_study_of_the_command_line(kadid, tmp_path, capsys):
    words = ("--net", "squeezenet1_1.random-0", "--taps", "relu1", "--resamples", "20")
    code = main(["study", "--data", "kadid10k", *words, "--out", str(tmp_path / "out")])
    assert (code, "kadid10k") == (0, capsys.readouterr().out.split()[0])
    table = np.genfromtxt(tmp_path / "out" / "results.csv", delimiter=",", names=True, dtype=None,
                          encoding="utf-8")  # fmt: skip
    assert set(table["data"]) == {"kadid10k"}
    assert set(table["n"]) == {6}
