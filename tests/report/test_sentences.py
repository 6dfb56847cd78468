"""The paper's conclusions against made-up numbers: each holds, does not hold, or cannot be told."""

import math

import pytest
from made_study import compared, row

from jaxiqa.report.evidence import Level, between
from jaxiqa.report.sentences import CONCLUSIONS, FAILS, HOLDS, UNKNOWN, sentences

SSIM, LPIPS, DISTS = row("ssim", 0.80), row("lpips.alexnet", 0.85), row("dists", 0.88)
ALEX, VGG = row("alexnet.imagenet:relu3", 0.90), row("vgg16.imagenet:relu2_2", 0.85)
WIDE = row("resnet50.imagenet:layer1", 0.80)
JIGSAW = row("alexnet_jigsaw.in1k:relu3", 0.90, function="jigsaw")
RANDOM = row("alexnet.random-0:relu3", 0.3, function="none", environment="none")
NO_INTERVAL = {"srocc_low": math.nan, "srocc_high": math.nan}


def stages(net, *values):
    return [row(f"{net}:{tap}", value) for tap, value in zip(STAGES[net], values, strict=True)]


STAGES = {
    "alexnet.imagenet": [f"relu{k}" for k in range(1, 6)],
    "resnet50.imagenet": [f"layer{k}" for k in range(1, 5)],
}
PLACES = row("alexnet.places365:relu3", 0.90, environment="Places365")
JOINED = row("alexnet.imagenet:relu1+relu3", 0.90)
GRAM = row("alexnet.imagenet:relu3", 0.90, readout="gram")

TABLE = [
    ("R1", HOLDS, [SSIM, ALEX, VGG], [(ALEX, SSIM, 0.001), (VGG, SSIM, 0.001)]),
    ("R1", HOLDS, [SSIM, ALEX, RANDOM], [(SSIM, ALEX, 0.001), (SSIM, RANDOM, 0.001)]),
    ("R1", UNKNOWN, [SSIM, ALEX, VGG], [(ALEX, SSIM, 0.001), (VGG, SSIM, 0.2)]),
    ("R1", UNKNOWN, [SSIM, ALEX, VGG], [(ALEX, SSIM, 0.03), (VGG, SSIM, 0.03)]),
    ("R1", FAILS, [row("ssim", 0.88), ALEX, VGG], [(VGG, row("ssim", 0.88), 0.001)]),
    ("R1", UNKNOWN, [ALEX], []),
    ("R2", HOLDS, [LPIPS, DISTS, ALEX], []),
    ("R2", FAILS, [DISTS, WIDE], []),
    ("R2", UNKNOWN, [SSIM, ALEX], []),
    ("R3", HOLDS, [LPIPS, ALEX], []),
    ("R3", FAILS, [LPIPS, ALEX, WIDE], []),
    ("R3", UNKNOWN, [LPIPS, ALEX, VGG], []),
    ("R3", UNKNOWN, [LPIPS, JIGSAW], []),
    ("R4", HOLDS, [LPIPS, JIGSAW], []),
    ("R4", UNKNOWN, [LPIPS, ALEX], []),
    ("R5", HOLDS, [ALEX, VGG, WIDE], []),
    ("R5", FAILS, [VGG, row("resnet50.imagenet:layer1", 0.95)], []),
    ("R5", UNKNOWN, [ALEX, VGG], []),
    (
        "R6",
        HOLDS,
        [
            *stages("alexnet.imagenet", 0.7, 0.75, 0.8, 0.85, 0.9),
            *stages("resnet50.imagenet", 0.9, 0.9, 0.8, 0.7),
        ],
        [],
    ),
    ("R6", UNKNOWN, stages("alexnet.imagenet", 0.7, 0.75, 0.8, 0.85, 0.9), []),
    ("R6", FAILS, stages("alexnet.imagenet", 0.9, 0.85, 0.8, 0.75, 0.7), []),
    ("R6", FAILS, stages("resnet50.imagenet", 0.7, 0.75, 0.8, 0.9), []),
    ("R6", UNKNOWN, [ALEX, WIDE], []),
    ("R7", HOLDS, [ALEX, PLACES], []),
    ("R7", FAILS, [ALEX, row("alexnet.places365:relu3", 0.8, environment="Places365")], []),
    ("R7", UNKNOWN, [ALEX, row("alexnet.places365:relu3", 0.85, environment="Places365")], []),
    ("R7", UNKNOWN, [ALEX, VGG, JIGSAW], []),
    ("R8", HOLDS, [ALEX, JOINED, GRAM], []),
    ("R8", UNKNOWN, [ALEX, JOINED], []),
    ("R8", FAILS, [ALEX, JOINED, row("alexnet.imagenet:relu3", 0.8, readout="gram")], []),
    ("R8", UNKNOWN, [ALEX], []),
]


def told(rows, comparisons, key):
    tested = [compared(*one) for one in comparisons]
    return next(one for one in sentences(rows, tested) if one.key == key)


@pytest.mark.parametrize(("key", "verdict", "rows", "comparisons"), TABLE)
def test_a_conclusion_is_what_the_numbers_say(key, verdict, rows, comparisons):
    assert told(rows, comparisons, key).verdict == verdict


def test_every_conclusion_is_seen_to_hold_and_not_to():
    known = {(key, verdict) for key, verdict, *_ in TABLE}
    assert {key for key, _ in known} == set(CONCLUSIONS)
    assert {key for key, verdict in known if verdict == HOLDS} == set(CONCLUSIONS)


def test_the_figure_is_the_difference_on_shared_draws_whichever_came_first():
    tested = [(SSIM, ALEX, 0.001)]
    found = told([SSIM, ALEX], tested, "R1")
    assert (found.value, found.low, found.high) == pytest.approx((0.1, 0.09, 0.11))
    assert "1 of 1 nets surely agree better" in found.text


def test_the_nets_that_fall_short_are_named():
    tested = [(ALEX, SSIM, 0.001), (VGG, SSIM, 0.2)]
    assert "not told: vgg16.imagenet" in told([SSIM, ALEX, VGG], tested, "R1").text


def test_without_intervals_nothing_is_claimed():
    bare = [row("ssim", 0.5, **NO_INTERVAL), row("alexnet.imagenet:relu3", 0.9, **NO_INTERVAL)]
    assert {one.verdict for one in sentences(bare, [])} == {UNKNOWN}


def test_thresholds_are_no_opinion():
    assert sentences([row("alexnet.imagenet:relu3", 0.9, rms_db=3.0)], []) == []


def test_the_interval_of_a_difference_adds_the_squares_of_the_sides_that_face():
    found = between(Level(0.5, 0.47, 0.51), Level(0.3, 0.28, 0.34))
    assert found.value == pytest.approx(0.2)
    assert found.low == pytest.approx(0.2 - math.hypot(0.03, 0.04))
    assert found.high == pytest.approx(0.2 + math.hypot(0.01, 0.02))
