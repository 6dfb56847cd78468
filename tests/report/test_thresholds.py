"""Sensitivities to draw: what a distance sees, beside what people see."""

import numpy as np
import pytest

from jaxiqa.checks import InputError
from jaxiqa.data import as_pairs
from jaxiqa.report import thresholds
from jaxiqa.study.plan import SHIPPED

DATA = SHIPPED["contrast-thresholds"]()


class Held:
    def __init__(self, digest):
        self.record = {"table": {"name": DATA.name, "digest": digest}}


def test_a_distance_that_sees_as_people_do_lies_on_the_line():
    distance = np.tile(DATA.ladder, len(DATA.stimuli))
    found = thresholds.sensitivities(DATA, distance)
    np.testing.assert_allclose(found, DATA.log_human_sensitivity, atol=0.01)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [("ssim", 0.75, 0.25), ("gmsd", 0.1, 0.1), ("lpips.alexnet", 0.3, 0.3), ("mine", 2.0, 2.0)],
)
def test_a_metric_becomes_a_distance_from_zero(name, value, expected):
    found = thresholds.from_zero(name, np.array([value]))
    np.testing.assert_allclose(found, [expected])


def test_each_stimulus_is_told_by_name_kind_and_frequency():
    table = thresholds.table_of(DATA)
    assert {len(column) for column in table.values()} == {len(DATA.stimuli)}
    assert {"modelfest, achromatic", "colorfest, red-green", "colorfest, yellow-blue"} <= set(
        table["distortion"]
    )


def test_a_pattern_is_drawn_for_each_place():
    found = thresholds.patterns(DATA, [0, 7])
    assert found["shown"] == {0: [0], 7: [1]}
    assert all(image.startswith("data:image/jpeg;base64,") for image in found["images"])
    assert len(set(found["images"])) == 2


def test_stimuli_of_another_version_are_refused():
    digest = as_pairs(DATA).digest
    assert len(thresholds.stimuli_of(Held(digest)).stimuli) == len(DATA.stimuli)
    with pytest.raises(InputError, match="have changed since"):
        thresholds.stimuli_of(Held("0"))
