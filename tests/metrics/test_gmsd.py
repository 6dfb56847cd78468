"""GMSD against published values, the formula in float64 and piq."""

import functools

import numpy as np
import pytest
from formulas import Case, calibration, conv2_same, pair, prewitt_magnitude, seeded

from jaxiqa.checks import InputError
from jaxiqa.metrics.colour import GREY
from jaxiqa.metrics.formula import formula_metric
from jaxiqa.metrics.gmsd import GMSD, gmsd


def oracle(reference, distorted):
    means = np.full((2, 2), 1 / 4)
    half = [conv2_same(x * 255 @ np.array(GREY), means)[::2, ::2] for x in (reference, distorted)]
    a, b = (prewitt_magnitude(x) for x in half)
    return np.std((2 * a * b + 170) / (a**2 + b**2 + 170), ddof=1)


CASE = Case(functools.partial(gmsd, grey="exact"), oracle, (33, 38))


def test_values():
    CASE.check_values(0, rtol=1e-5, atol=1e-7)


@pytest.mark.slow
def test_slopes():
    CASE.check_slopes()


@pytest.mark.slow
def test_eager():
    CASE.check_eager()


@pytest.mark.slow
def test_map():
    CASE.check_map(formula_metric(GMSD, "gmsd", {"grey": "exact"}).map)


# chaofengc/IQA-PyTorch, ResultsCalibra/results_official.csv: GMSD.m on rgb2gray of 8 bit RGB.
def test_published(shared):
    published = [0.220347639470143, 0.0005220585050504579, 0.0004482814810014102]
    np.testing.assert_allclose(gmsd(*calibration(shared)), published, rtol=1e-6)


# photosynthesis-team/piq, tests/test_gmsd.py (MATLAB, luma that is not rounded), and the same
# image grey from the start; dingkeyan93/IQA-optimization, IQA_pytorch/GMSD.py.
@pytest.mark.slow
@pytest.mark.parametrize(
    ("names", "grey", "published", "digits"),
    [
        (("I01.BMP", "i01_01_5.bmp"), "luma", 0.094124655829098, 8),
        (("goldhill.gif", "goldhill_jpeg.gif"), "luma", 0.138012587141798, 8),
        (("goldhill.gif", "goldhill_jpeg.gif"), "rounded", 0.138012587141798, 8),
        (("r0.png", "r1.png"), "channels", 0.1907, 4),
    ],
)
def test_published_variants(shared, names, grey, published, digits):
    value = gmsd(*pair(shared, *names), grey=grey)[0]
    assert round(float(value), digits) == round(published, digits)


# What piq 0.8.0 gives for these arrays, in float64; it divides by n where MATLAB does by n - 1.
PIQ = [0.054899007, 0.156724825]


def test_piq_numbers():
    found = np.asarray(gmsd(*seeded(33, 38), grey="luma"))
    count = 17 * 19
    np.testing.assert_allclose(found * np.sqrt((count - 1) / count), PIQ, rtol=1e-5)


@pytest.mark.slow
def test_beside_piq():
    piq, torch = pytest.importorskip("piq"), pytest.importorskip("torch")
    tensors = [torch.tensor(np.moveaxis(x, -1, 1).astype(np.float64)) for x in seeded(33, 38)]
    np.testing.assert_allclose(piq.gmsd(*tensors, reduction="none").numpy(), PIQ, rtol=1e-6)


@pytest.mark.slow
def test_greys():
    reference, distorted = seeded(16, 16)
    rounded, exact = (np.asarray(gmsd(reference, distorted, grey=g)) for g in ("rounded", "exact"))
    assert 0 < np.abs(rounded - exact).max() < 1e-2
    levels = (np.round(reference * 255) / 255)[..., :1].repeat(3, axis=-1).astype(np.float32)
    faint = np.clip(levels + 0.001, 0, 1)
    np.testing.assert_array_equal(gmsd(levels, faint), 0)
    assert (gmsd(levels, faint, grey="exact") > 0).all()
    # One plane three times has the deviation of that plane, but for n - 1.
    one = np.asarray(gmsd(levels, levels[::-1], grey="exact")) * np.sqrt(63 / 64)
    three = np.asarray(gmsd(levels, levels[::-1], grey="channels")) * np.sqrt(191 / 192)
    np.testing.assert_allclose(three, one, rtol=1e-5)


def test_errors():
    images = seeded(3, 2)
    with pytest.raises(InputError, match="gmsd: needs images of at least 3 x 3 pixels, got 2 x 3"):
        gmsd(*images)
    with pytest.raises(InputError, match="did you mean 'rounded'"):
        gmsd(*seeded(3, 3), grey="round")
