"""What training adds: verdicts and sentences from made-up differences."""

import pytest
from made_study import compared, row

from jaxiqa.report.goal_answers import goal_answers
from jaxiqa.report.goals import BETTER, OPEN, UNTRAINED, WORSE, goal_gaps

SSIM = row("ssim", 0.8)
NONE = row("alexnet.random-0:relu1", 0.7, function="none", environment="none")
GOALS = {
    BETTER: row("alexnet.a:relu1", 0.9, function="jigsaw"),
    WORSE: row("alexnet.b:relu1", 0.5, function="rotation"),
    OPEN: row("alexnet.c:relu1", 0.705, function="colorization"),
}
TESTS = [compared(one, NONE, 0.5 if verdict == OPEN else 0.001) for verdict, one in GOALS.items()]
TESTS[-1] = compared(GOALS[OPEN], NONE, 0.5, width=0.1)


@pytest.mark.parametrize("verdict", GOALS)
def test_a_goal_is_told_from_no_training_where_interval_and_p_say_so(verdict):
    gaps = goal_gaps([SSIM, NONE, *GOALS.values()], TESTS)
    found = {one.row.net: one.verdict for one in gaps if one.against == UNTRAINED}
    assert found[GOALS[verdict].net] == verdict
    assert {one.against for one in gaps} == {UNTRAINED, "SSIM"}


def test_three_sentences_answer_goal_depth_and_ssim():
    deep = [
        row(f"{one.net}:relu5", one.srocc - 0.05, function=one.function) for one in GOALS.values()
    ]
    rows = [SSIM, NONE, *GOALS.values(), *deep]
    goal, depth, ssim = goal_answers(rows, TESTS)
    assert "which goal: jigsaw agrees best with people, SROCC 0.900" in goal
    assert "then colorization 0.705, rotation 0.500; the same net without training 0.700" in goal
    assert "beside it, of 3 goals 1 surely better, 1 surely worse, 1 cannot be told." in goal
    assert "falls from relu1 to relu5, by -0.050 [-0.05, -0.05]" in depth
    assert "better than SSIM: beside SSIM, 0.800 [0.79, 0.81], of 3 goals" in ssim


def test_without_a_net_that_was_not_trained_nothing_is_said():
    assert goal_answers([SSIM, *GOALS.values()], []) == []


def test_one_tap_tells_no_depth():
    assert "no two taps" in goal_answers([SSIM, NONE, *GOALS.values()], TESTS)[1]


def test_another_architecture_is_no_control():
    other = row("vgg16.random-0:pool1", 0.7, function="none")
    gaps = goal_gaps([SSIM, other, GOALS[BETTER]], [])
    assert {one.against for one in gaps} == {"SSIM"}
