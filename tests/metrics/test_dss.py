"""DSS against published values, the formula in float64, and piq."""

import functools

import numpy as np
import pytest
from formulas import Case, conv2_same, pair, seeded
from scipy import fft

from jaxiqa.checks import InputError
from jaxiqa.metrics.colour import GREY
from jaxiqa.metrics.dss import DSS, dss
from jaxiqa.metrics.formula import formula_metric

LUMA = (0.299, 0.587, 0.114)


def local(band):
    window = np.exp(-(np.arange(-1, 2) ** 2) / (2 * 1.5**2))
    window = np.outer(window, window)
    return conv2_same(band, window / window.sum())


def worst(kept):
    return np.sort(kept.ravel())[: int(np.floor(0.05 * kept.size + 0.5))].mean()


def oracle(reference, distorted, weights=GREY):
    blocks = []
    for image in (reference, distorted):
        height, width = (extent // 8 for extent in image.shape[:2])
        grey = (image * 255 @ np.array(weights))[: height * 8, : width * 8]
        shape = (height, 8, width, 8)
        blocks.append(fft.dctn(grey.reshape(shape), axes=(1, 3), norm="ortho"))
    squares = (np.arange(8) + 0.5) ** 2
    bell = np.exp(-(squares[:, None] + squares) / (2 * 1.55**2))
    bell[bell < 0.01] = 0
    total = 0
    for m, n in np.argwhere(bell):
        x, y = (one[:, m, :, n] for one in blocks)
        c = 1000 if m == n == 0 else 300
        a, b = (np.maximum(local(z * z) - local(z) ** 2, 0) for z in (x, y))
        kept = worst((2 * np.sqrt(a * b) + c) / (a + b + c))
        if m == n == 0:
            shared = local(x * y) - local(x) * local(y)
            kept *= worst((shared + c) / (np.sqrt(a * b) + c))
        total += kept * bell[m, n] / bell.sum()
    return total


CASE = Case(functools.partial(dss, grey="exact"), oracle, (41, 51))


def test_values():
    CASE.check_values(1, rtol=1e-5, atol=1e-6)


@pytest.mark.slow
def test_slopes():
    CASE.check_slopes()


@pytest.mark.slow
def test_eager():
    CASE.check_eager()


@pytest.mark.slow
def test_map():
    CASE.check_map(formula_metric(DSS, "dss", {"grey": "exact"}).map)


# photosynthesis-team/piq, tests/test_dss.py: values of the authors' dss_index.m.
@pytest.mark.parametrize(
    ("names", "published"),
    [
        (("I01.BMP", "i01_01_5.bmp"), 0.77177436),
        pytest.param(("goldhill.gif", "goldhill_jpeg.gif"), 0.45217181, marks=pytest.mark.slow),
    ],
)
def test_published(shared, names, published):
    np.testing.assert_allclose(dss(*pair(shared, *names))[0], published, atol=1e-7)


# What piq 0.8.0 gives for these arrays, in float64; its luma is not rounded.
PIQ = [0.949686441, 0.565445749]


def test_piq_numbers():
    images = [x.astype(np.float64) for x in seeded(41, 51)]
    found = [oracle(*one, weights=LUMA) for one in zip(*images, strict=True)]
    np.testing.assert_allclose(found, PIQ, rtol=1e-6)
    np.testing.assert_allclose(CASE.found[0][0], PIQ[0], rtol=1e-4)


@pytest.mark.slow
def test_beside_piq():
    piq, torch = pytest.importorskip("piq"), pytest.importorskip("torch")
    images = seeded(41, 51)
    tensors = [torch.tensor(np.moveaxis(x, -1, 1).astype(np.float64)) for x in images]
    np.testing.assert_allclose(piq.dss(*tensors, reduction="none").numpy(), PIQ, rtol=1e-6)


@pytest.mark.slow
def test_greys():
    images = seeded(41, 51)
    rounded, exact, luma = (np.asarray(dss(*images, grey=g)) for g in DSS.options["grey"])
    np.testing.assert_allclose(luma, PIQ, rtol=1e-5)
    assert (rounded != exact).all()
    np.testing.assert_allclose(rounded, exact, atol=1e-2)
    levels = (np.round(images[0] * 255) / 255)[..., :1].repeat(3, axis=-1).astype(np.float32)
    np.testing.assert_array_equal(dss(levels, np.clip(levels + 0.001, 0, 1)), 1)


def test_errors():
    with pytest.raises(InputError, match="needs images of at least 32 x 32 pixels, got 31 x 40"):
        dss(*seeded(40, 31))
    with pytest.raises(InputError, match="unknown grey of dss: 'rgb'"):
        dss(*seeded(32, 32), grey="rgb")
