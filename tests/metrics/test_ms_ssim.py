"""MS-SSIM against published values, the formula in float64, and piq."""

import functools

import numpy as np
import pytest
from formulas import Case, calibration, pair, seeded
from scipy import ndimage

from jaxiqa.checks import InputError
from jaxiqa.metrics.colour import GREY
from jaxiqa.metrics.formula import formula_metric
from jaxiqa.metrics.ms_ssim import MS_SSIM, _losses, ms_ssim

WEIGHTS = np.array([0.0448, 0.2856, 0.3001, 0.2363, 0.1333])
BELL = np.exp(-(np.arange(-5, 6) ** 2) / (2 * 1.5**2))
BELL /= BELL.sum()


def local(plane):
    return ndimage.correlate1d(ndimage.correlate1d(plane, BELL, 0), BELL, 1)[5:-5, 5:-5]


def half(plane):
    wide = np.pad(plane, (0, 1), mode="symmetric")
    return (wide[:-1, :-1] + wide[1:, :-1] + wide[:-1, 1:] + wide[1:, 1:])[::2, ::2] / 4


def scales(x, y):
    """cs of the first four scales, ssim of the last."""
    found = []
    for level in range(5):
        mean_x, mean_y = local(x), local(y)
        var_x, var_y = local(x * x) - mean_x**2, local(y * y) - mean_y**2
        kept = 2 * (local(x * y) - mean_x * mean_y) + 58.5225
        kept /= var_x + var_y + 58.5225
        if level == 4:
            kept *= (2 * mean_x * mean_y + 6.5025) / (mean_x**2 + mean_y**2 + 6.5025)
        found.append(kept.mean())
        x, y = half(x), half(y)
    return np.array(found)


def oracle(reference, distorted, weights=GREY):
    kept = scales(*(image * 255 @ np.array(weights) for image in (reference, distorted)))
    return np.prod(np.maximum(kept, 0) ** WEIGHTS)


CASE = Case(functools.partial(ms_ssim, grey="exact"), oracle, (179, 176))


@pytest.mark.slow
def test_values():
    # Of black and white 1e-4 is left on the last scale, where 1 - loss has lost digits.
    CASE.check_values(1, rtol=5e-5, atol=1e-6)


@pytest.mark.slow
def test_slopes():
    CASE.check_slopes()


@pytest.mark.slow
def test_eager():
    CASE.check_eager()


@pytest.mark.slow
def test_map():
    CASE.check_map(formula_metric(MS_SSIM, "ms_ssim", {"grey": "exact"}).map)


# chaofengc/IQA-PyTorch, ResultsCalibra/results_official.csv, lists 0.6733, 0.9996, 0.9998: these
# are msssim.m with the method 'wtd_sum'. Its default, the product, gives 0.6700 for the first.
def test_published(shared):
    images = calibration(shared)
    found = np.round(np.asarray(ms_ssim(*images, pooling="sum"), np.float64), 4)
    np.testing.assert_array_equal(found, [0.6733, 0.9996, 0.9998])


@pytest.mark.slow
def test_the_product_is_not_what_was_published(shared):
    found = np.round(np.asarray(ms_ssim(*calibration(shared)), np.float64), 4)
    np.testing.assert_array_equal(found, [0.6700, 0.9996, 0.9998])


# dingkeyan93/IQA-optimization, IQA_pytorch/MS_SSIM.py, says 0.8524. It multiplies by the last
# scale's factor once for each of the other four, so that its weight is 0.5332 and not 0.1333, and
# takes negative values of a map for 0; the formula gives 0.8566.
@pytest.mark.slow
def test_published_channels(shared):
    images = pair(shared, "r0.png", "r1.png")
    assert round(float(ms_ssim(*images, grey="channels")[0]), 4) == 0.8566
    options = {"grey": "channels", "pooling": "product"}
    maps = _losses(*(MS_SSIM.features(image, **options) for image in images))
    kept = [np.maximum(1 - np.asarray(losses, np.float64), 0).mean() for losses in maps]
    assert round(np.prod(kept ** (WEIGHTS * [1, 1, 1, 1, 4])).item(), 4) == 0.8524


# What piq 0.8.0 gives for these arrays, in float64: for RGB, and for their luma.
PIQ_RGB, PIQ_LUMA = [0.95490797, 0.0681369551], [0.961201424, 0.194903382]


def test_piq_numbers():
    images = [x.astype(np.float64) for x in seeded(176, 192)]
    found = [oracle(*one, weights=(0.299, 0.587, 0.114)) for one in zip(*images, strict=True)]
    np.testing.assert_allclose(found, PIQ_LUMA, rtol=1e-6, atol=1e-9)


@pytest.mark.slow
def test_piq_channels_and_luma():
    images = seeded(176, 192)
    np.testing.assert_allclose(ms_ssim(*images, grey="channels"), PIQ_RGB, rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(ms_ssim(*images, grey="luma"), PIQ_LUMA, rtol=1e-5, atol=1e-7)


@pytest.mark.slow
def test_beside_piq():
    piq, torch = pytest.importorskip("piq"), pytest.importorskip("torch")
    images = [x.astype(np.float64) for x in seeded(176, 192)]
    rgb = [torch.tensor(np.moveaxis(x, -1, 1)) for x in images]
    luma = [torch.tensor((x @ np.array([0.299, 0.587, 0.114]))[:, None]) for x in images]
    for tensors, expected in ((rgb, PIQ_RGB), (luma, PIQ_LUMA)):
        found = piq.multi_scale_ssim(*tensors, reduction="none").numpy()
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-9)


@pytest.mark.slow
def test_a_scale_without_likeness_leaves_nothing_of_the_product():
    ramp = np.linspace(0, 1, 176, dtype=np.float32)
    image = np.broadcast_to((ramp * 40 % 1)[None, :, None], (1, 176, 176, 3)).astype(np.float32)
    np.testing.assert_array_equal(ms_ssim(image, 1 - image, grey="exact"), 0)
    assert float(ms_ssim(image, 1 - image, grey="exact", pooling="sum")[0]) < 0


def test_errors():
    with pytest.raises(InputError, match="at least 176 x 176 pixels, got 175 x 176"):
        ms_ssim(*seeded(176, 175))
    with pytest.raises(InputError, match="unknown pooling of ms_ssim: 'mean'"):
        ms_ssim(*seeded(176, 176), pooling="mean")
