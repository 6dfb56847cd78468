"""The nets that ship: whole, small, loadable by name, and as good at their tasks as they say."""

import csv
import hashlib
import pathlib

import numpy as np
import pytest

from jaxiqa.arch.net import available_taps
from jaxiqa.checkpoints.load import load_net
from jaxiqa.checkpoints.obtain import get, verify
from jaxiqa.checkpoints.sources import shipped, sources
from jaxiqa.checks import InputError
from jaxiqa.training import pool
from jaxiqa.training.goals import GOALS
from jaxiqa.training.record import write_record
from jaxiqa.training.shipped import read_head, read_record
from jaxiqa.training.step import measured

NETS = {name: record for name, record in sources().items() if record.ships}
LOGS = pathlib.Path(__file__).resolve().parents[2] / "docs" / "pocket"
SEEDS = range(3)
EACH = pytest.mark.parametrize("name", NETS)


def test_every_goal_ships_from_every_seed():
    assert set(NETS) == {f"pocket.{goal}-{seed}" for goal in GOALS for seed in SEEDS}
    files = {record.file for record in NETS.values()}
    assert {path.name for path in (shipped() / "pocket").iterdir()} == files


def test_all_together_are_small():
    assert sum(path.stat().st_size for path in (shipped() / "pocket").iterdir()) < 15e6


@EACH
def test_the_record_is_of_the_file(name, tmp_path):
    record = NETS[name]
    path = shipped() / record.address
    assert hashlib.sha256(path.read_bytes()).hexdigest() == record.sha256
    assert path.stat().st_size == record.size
    expected = (shipped() / f"{name}.toml").read_text(encoding="utf-8")
    assert write_record(tmp_path, path).read_text(encoding="utf-8") == expected


@EACH
def test_the_log_ends_with_what_was_recorded(name):
    held = read_record(shipped() / NETS[name].address)
    with (LOGS / f"{name.partition('.')[2]}.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert int(rows[-1]["step"]) == int(held["steps"])
    # Of the weights before they were rounded to float16.
    expected = float(held["held_out_merit"])
    np.testing.assert_allclose(float(rows[-1]["held_out_merit"]), expected, atol=0.01)
    for told in ("chance", "device", "seconds"):
        assert {row[told] for row in rows} == {held[told]}
    (command,) = {row["command"] for row in rows}
    begin = f"python scripts/train_pocket.py {held['goal']} --seed {held['seed']} --steps "
    assert command.startswith(begin)
    goal = GOALS[held["goal"]]
    assert float(held["chance"]) == pytest.approx(goal.chance, rel=1e-4)
    # At least half as much again as chance, with 2048 answers; or a tenth of the variance.
    assert expected > (1.5 * goal.chance if goal.merit == "accuracy" else 0.1)


def test_one_is_loaded_by_its_name_and_has_every_tap():
    net = load_net("pocket.rotation-1")
    assert net.source == f"sha256 {NETS['pocket.rotation-1'].sha256}"
    assert len(available_taps(net)) == 12
    bare = load_net("pocket.random-1")
    for node, held in bare.variables["params"].items():
        assert net.variables["params"][node]["kernel"].shape == held["kernel"].shape
        assert (net.variables["params"][node]["kernel"] != held["kernel"]).any()


def test_what_sees_no_colour_has_kernels_alike_for_all_channels():
    kernel = np.asarray(load_net("pocket.colorization-0").variables["params"]["conv1"]["kernel"])
    np.testing.assert_array_equal(kernel[:, :, 0], kernel[:, :, 1])
    np.testing.assert_array_equal(kernel[:, :, 0], kernel[:, :, 2])


def test_there_is_nothing_to_get():
    with pytest.raises(InputError, match="ships with jaxiqa"):
        get("pocket.rotation-0")
    record = NETS["pocket.rotation-0"]
    assert verify("pocket.rotation-0")["source"]["sha256"] == record.sha256


@pytest.fixture(scope="module")
def held_out():
    return pool.painted(pool.HELD_OUT, 2048)


@pytest.mark.slow
@pytest.mark.parametrize("goal", GOALS)
def test_the_weights_are_as_good_at_their_task_as_recorded(goal, held_out):
    for seed in SEEDS:
        name = f"pocket.{goal}-{seed}"
        path = shipped() / NETS[name].address
        params = load_net(name).variables["params"]
        loss, merit = measured(params, read_head(path), *held_out, goal=GOALS[goal])
        held = read_record(path)
        # Another processor paints a few pixels otherwise, and ties may fall otherwise.
        np.testing.assert_allclose(merit, float(held["held_out_merit"]), atol=0.01)
        np.testing.assert_allclose(loss, float(held["held_out_loss"]), rtol=0.02)
