"""What a study is made of: its data sets, its nets, and where its banks are kept."""

import dataclasses
import pathlib

import numpy as np
import pytest
from rated import write_table

from jaxiqa.checks import InputError
from jaxiqa.data import ContrastThresholds
from jaxiqa.study.choices import DATA_NAMES, DataChoice, NetChoice, StudyFile
from jaxiqa.study.plan import SHIPPED, data_sets, plan_of

ROWS = [(f"r{k}.png", f"d{k}.png", k, 0.1) for k in range(4)]
COLUMNS = ("reference", "distorted", "opinion", "opinion_std")


@pytest.fixture
def mine(tmp_path) -> pathlib.Path:
    """A table with standard deviations, and a copy of that name elsewhere."""
    (tmp_path / "other").mkdir()
    write_table(tmp_path / "other" / "mine.csv", ROWS, COLUMNS)
    return pathlib.Path(write_table(tmp_path / "mine.csv", ROWS, COLUMNS))


def test_data_sets_are_those_that_ship_or_files(mine):
    assert set(DATA_NAMES) == set(SHIPPED)
    choices = [*(DataChoice(name=name) for name in SHIPPED), DataChoice(mine, None, False)]
    *shipped, table = data_sets(choices)
    assert [data.name for data in (*shipped, table)] == [*SHIPPED, "mine"]
    assert all(isinstance(data, ContrastThresholds) for data in shipped)
    assert [len(data.stimuli) for data in shipped] == [35, 72, 247, 727]
    assert table.higher_is_better is False
    assert data_sets([DataChoice(mine)])[0].higher_is_better is True


def test_the_spread_is_the_standard_error_only_if_the_study_says_so(mine, tmp_path):
    assert data_sets([DataChoice(mine)])[0].opinion_error is None
    asked = DataChoice(mine, standard_error_of_opinion="opinion_std")
    np.testing.assert_array_equal(data_sets([asked])[0].opinion_error, 0.1)
    path = write_table(tmp_path / "bare.csv", [row[:3] for row in ROWS])
    with pytest.raises(InputError, match=r"bare.csv has no column opinion_std"):
        data_sets([dataclasses.replace(asked, csv=pathlib.Path(path))])


def test_two_data_sets_of_one_name_are_refused(mine):
    for first, second in (
        (DataChoice(mine), DataChoice(mine.parent / "other" / "mine.csv")),
        (DataChoice(name="contrast-thresholds"),) * 2,
    ):
        with pytest.raises(InputError, match="two data sets are named"):
            data_sets([first, second])


def test_a_plan_is_of_the_highest_precision_and_keeps_its_banks_with_the_results(mine, tmp_path):
    nets = (NetChoice("alexnet.random", function="none"),)
    study = StudyFile((DataChoice(mine),), nets, tmp_path / "out", taps=("relu1",), seeds=(3, 4))
    plan = plan_of(study, batch=2)
    assert (plan.precision, plan.batch) == ("highest", 2)
    assert plan.banks == tmp_path / "out" / "banks"
    assert [entry.label for entry in plan.entries] == ["alexnet.random-3", "alexnet.random-4"]
    assert {entry.function for entry in plan.entries} == {"none"}
    elsewhere = dataclasses.replace(study, banks=tmp_path / "shared")
    assert plan_of(elsewhere, batch=2).banks == tmp_path / "shared"
