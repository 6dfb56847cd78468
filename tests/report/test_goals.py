"""What training adds: verdicts and sentences from made-up differences."""

import pytest
from made_study import compared, row

from jaxiqa.report.goals import BETTER, OPEN, UNTRAINED, WORSE, goal_gaps, goal_sentences

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


def test_the_sentence_counts_and_names():
    beside, ssim = goal_sentences([SSIM, NONE, *GOALS.values()], TESTS)
    assert "of 3 trained nets at their best taps, beside the same net without training" in beside
    assert "1 surely better (alexnet.a by +0.20 [+0.19, +0.21])" in beside
    assert "1 surely worse (alexnet.b by -0.20" in beside
    assert "1 cannot be told from it" in beside
    assert "beside SSIM" in ssim


def test_without_a_net_that_was_not_trained_nothing_is_said():
    assert goal_sentences([SSIM, GOALS[BETTER]], []) == []


def test_another_architecture_is_no_control():
    other = row("vgg16.random-0:pool1", 0.7, function="none")
    gaps = goal_gaps([SSIM, other, GOALS[BETTER]], [])
    assert {one.against for one in gaps} == {"SSIM"}
