"""Runs: determined by their seed, and the same whether they were interrupted or not."""

import dataclasses

import jax
import numpy as np
import pytest

from jaxiqa.checks import InputError
from jaxiqa.training import run as runs
from jaxiqa.training.goal import SCENE
from jaxiqa.training.goals import GOALS
from jaxiqa.training.run import LogRow, Run, train
from jaxiqa.training.step import BATCH, initial_state, train_step

DRAW = np.random.default_rng(0)
SCENES = DRAW.integers(0, 256, (BATCH, SCENE, SCENE, 3), np.uint8)
LABELS = DRAW.integers(0, 16, BATCH, np.int32)
RUN = Run("rotation", seed=0, steps=4)


@pytest.fixture(autouse=True)
def often(monkeypatch):
    monkeypatch.setattr(runs, "INTERVAL", 2)


def finish(folder, run=RUN):
    *_, (log, state) = train(run, folder, SCENES, LABELS, (SCENES, LABELS))
    return log, state


def assert_same(found, expected):
    assert found[0] == expected[0]
    for one, other in zip(*(jax.tree.leaves(state) for _, state in (found, expected)), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.slow
def test_interrupted_it_ends_as_it_would_have(tmp_path):
    expected = finish(tmp_path / "whole")
    assert [row.step for row in expected[0]] == [2, 4]
    assert all(np.isfinite(dataclasses.astuple(row)).all() for row in expected[0])
    steps = train(RUN, tmp_path / "broken", SCENES, LABELS, (SCENES, LABELS))
    assert next(steps)[0] == []
    assert len(next(steps)[0]) == 1
    steps.close()
    assert_same(finish(tmp_path / "broken"), expected)
    # Called once more it computes nothing.
    assert_same(finish(tmp_path / "broken"), expected)
    with pytest.raises(InputError, match="holds another run"):
        finish(tmp_path / "broken", dataclasses.replace(RUN, steps=6))


@pytest.mark.slow
def test_a_step_descends_and_repeats():
    goal, key = GOALS["rotation"], jax.random.key(0)
    losses = []
    for _ in range(2):
        state, told = initial_state(goal, 0, 40), []
        for _ in range(8):
            state, loss, _ = train_step(state, key, SCENES, LABELS, goal=goal, steps=40)
            told.append(float(loss))
        losses.append(told)
    assert losses[0] == losses[1]
    assert losses[0][-1] < losses[0][0]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"goal": "rotaton"}, "did you mean 'rotation'"),
        ({"seed": -1}, "a seed of 0 or more"),
        ({"steps": 0}, "a step at least"),
    ],
)
def test_mistakes_are_told(fields, message):
    with pytest.raises(InputError, match=message):
        dataclasses.replace(RUN, **fields)


def test_a_row_of_the_log_names_what_it_holds():
    names = [field.name for field in dataclasses.fields(LogRow)]
    assert names == ["step", "loss", "merit", "held_out_loss", "held_out_merit"]
