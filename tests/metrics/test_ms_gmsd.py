"""MS-GMSD against the formula in float64 and piq; no values of its authors are known."""

import functools

import numpy as np
import pytest
from formulas import Case, conv2_same, prewitt_magnitude, seeded

from jaxiqa.checks import InputError
from jaxiqa.metrics.formula import formula_metric
from jaxiqa.metrics.ms_gmsd import MS_GMSD, ms_gmsd

YIQ = np.array([[0.299, 0.587, 0.114], [0.5959, -0.2746, -0.3213], [0.2115, -0.5227, 0.3112]])


def halves(plane):
    for _ in range(4):
        yield plane
        plane = conv2_same(plane, np.full((2, 2), 1 / 4))[::2, ::2]


def luma_oracle(reference, distorted):
    total = 0
    scales = zip(*(halves(x * 255 @ YIQ[0]) for x in (reference, distorted)), strict=True)
    for weight, scale in zip((0.096, 0.596, 0.289, 0.019), scales, strict=True):
        a, b = (prewitt_magnitude(x) for x in scale)
        total += weight * np.var((1.5 * a * b + 170) / (a**2 + b**2 - 0.5 * a * b + 170))
    return np.sqrt(total)


def oracle(reference, distorted):
    luma, squares = luma_oracle(reference, distorted), 0
    for weights in YIQ[1:]:
        a, b = ([*halves(x * 255 @ weights)][-1] for x in (reference, distorted))
        squares += np.mean((a - b) ** 2)
    share = 2 / (1 + 0.32 * np.exp(-15 * luma)) - 1
    return share * luma + (1 - share) * 0.01 * np.sqrt(squares)


CASE = Case(functools.partial(ms_gmsd, colour="chroma"), oracle, (33, 38))


@pytest.mark.slow
def test_values():
    CASE.check_values(0, rtol=1e-5, atol=1e-6)


@pytest.mark.slow
def test_slopes():
    CASE.check_slopes()


@pytest.mark.slow
def test_eager():
    CASE.check_eager()


@pytest.mark.slow
def test_map():
    CASE.check_map(formula_metric(MS_GMSD, "ms_gmsd", {"colour": "chroma"}).map)
    CASE.check_map(formula_metric(MS_GMSD, "ms_gmsd", {}).map)


# What piq 0.8.0 gives for these arrays, in float64.
PIQ, PIQ_CHROMATIC = [0.0611127409, 0.158539614], [0.053638484, 0.157443651]


@pytest.mark.slow
def test_piq_numbers():
    doubles = [x.astype(np.float64) for x in seeded(33, 38)]
    for metric, expected in ((luma_oracle, PIQ), (oracle, PIQ_CHROMATIC)):
        found = [metric(*one) for one in zip(*doubles, strict=True)]
        np.testing.assert_allclose(found, expected, rtol=1e-6)
    np.testing.assert_allclose(CASE.found[0][0], PIQ_CHROMATIC[0], rtol=1e-5)


@pytest.mark.slow
def test_luma():
    np.testing.assert_allclose(ms_gmsd(*seeded(33, 38)), PIQ, rtol=1e-5)


@pytest.mark.slow
def test_beside_piq():
    piq, torch = pytest.importorskip("piq"), pytest.importorskip("torch")
    tensors = [torch.tensor(np.moveaxis(x, -1, 1).astype(np.float64)) for x in seeded(33, 38)]
    for chromatic, expected in ((False, PIQ), (True, PIQ_CHROMATIC)):
        found = piq.multi_scale_gmsd(*tensors, reduction="none", chromatic=chromatic)
        np.testing.assert_allclose(found.numpy(), expected, rtol=1e-6)


@pytest.mark.slow
def test_only_chroma_sees_what_has_equal_luma():
    weights = np.array([0.299, 0.587, 0.114])
    grey = np.full((1, 24, 24, 3), 0.5)
    tinted = grey + 0.2 * np.array([1, 0, -weights[0] / weights[2]]) * 0.4
    images = grey.astype(np.float32), tinted.astype(np.float32)
    assert float(ms_gmsd(*images)[0]) < 1e-6
    assert float(ms_gmsd(*images, colour="chroma")[0]) > 0.05


def test_errors():
    with pytest.raises(InputError, match="needs images of at least 17 x 17 pixels, got 16 x 17"):
        ms_gmsd(*seeded(17, 16))
    with pytest.raises(InputError, match="unknown colour of ms_gmsd: 'rgb'"):
        ms_gmsd(*seeded(17, 17), colour="rgb")
