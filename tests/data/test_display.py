"""The display model against published numbers, and there and back."""

import numpy as np
import pytest

from jaxiqa.data import display


def test_rgb_to_xyz_is_that_of_the_standard():
    # IEC 61966-2-1, four decimals
    standard = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    np.testing.assert_allclose(display.RGB_TO_XYZ, standard, atol=6e-5)


@pytest.mark.parametrize(
    ("linear", "code"),
    [(0, 0), (1, 1), (0.0031308, 0.04045), (0.18, 0.46135613), (0.5, 0.73535698), (0.001, 0.01292)],
)
def test_transfer_function(linear, code):
    assert display.code_from_linear(np.float64(linear)) == pytest.approx(code, abs=1e-6)
    assert display.linear_from_code(np.float64(code)) == pytest.approx(linear, abs=1e-6)


def test_there_and_back():
    rgb = np.random.default_rng(0).uniform(size=(500, 3))
    np.testing.assert_allclose(
        display.linear_from_lms(display.lms_from_linear(rgb)), rgb, atol=1e-12
    )
    np.testing.assert_allclose(
        display.linear_from_code(display.code_from_linear(rgb)), rgb, atol=1e-7
    )


def test_equal_cone_contrast_is_exactly_grey():
    np.testing.assert_array_equal(display.rgb_per_contrast((1, 1, 1)), [0.5, 0.5, 0.5])
    np.testing.assert_array_equal(display.rgb_per_contrast((7, 7, 7)), [0.5, 0.5, 0.5])


def test_luminance_is_that_of_l_and_m_cones():
    # CIE 170-2: Y = 0.68990272 L + 0.34832189 M; a direction with dY = 0 keeps the luminance
    background = display.lms_from_linear(np.full(3, display.BACKGROUND))
    delta = np.array([0.34832189, -0.68990272, 0.4])
    step = display.rgb_per_contrast(tuple(delta / background))
    assert np.abs(step).max() > 0.3
    assert display.RGB_TO_XYZ[1] @ step == pytest.approx(0, abs=1e-9)


def test_s_cones_are_moved_by_blue():
    step = display.rgb_per_contrast((0, 0, 1))
    assert step[2] > 5 * np.abs(step[:2]).max()


def test_cone_contrast_undoes_rgb_per_contrast():
    direction = np.array([0.8, -1.5, -0.3])
    linear = display.BACKGROUND + 0.02 * display.rgb_per_contrast(tuple(direction))
    measured = display.cone_contrast(display.code_from_linear(linear))
    expected = 0.02 * direction / np.sqrt(np.mean(direction**2))
    np.testing.assert_allclose(measured, expected, atol=1e-7)
