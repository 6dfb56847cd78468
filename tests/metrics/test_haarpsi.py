"""HaarPSI against a published value, the formula in float64, and piq."""

import numpy as np
import pytest
from formulas import Case, conv2_same, pair, seeded

from jaxiqa.checks import InputError
from jaxiqa.metrics.formula import formula_metric
from jaxiqa.metrics.haarpsi import HAARPSI, haarpsi

YIQ = np.array([[0.299, 0.587, 0.114], [0.596, -0.274, -0.322], [0.211, -0.523, 0.312]])
MEANS = np.full((2, 2), 1 / 4)


def similar(a, b):
    return (2 * a * b + 30) / (a**2 + b**2 + 30)


def wavelets(plane, turn):
    for size in (2, 4, 8):
        kernel = np.full((size, size), 1 / size)
        kernel[: size // 2] *= -1
        yield np.abs(conv2_same(plane, kernel.T if turn else kernel))


def oracle(reference, distorted, colour="yiq", resolution="half"):
    x, y = ([image * 255 @ row for row in YIQ] for image in (reference, distorted))
    if resolution == "half":
        x, y = ([conv2_same(plane, MEANS)[::2, ::2] for plane in planes] for planes in (x, y))
    kept, weights = [], []
    for turn in (False, True):
        a, b = ([*wavelets(planes[0], turn)] for planes in (x, y))
        kept.append((similar(a[0], b[0]) + similar(a[1], b[1])) / 2)
        weights.append(np.maximum(a[2], b[2]))
    if colour == "yiq":
        chroma = [[np.abs(conv2_same(plane, MEANS)) for plane in z[1:]] for z in (x, y)]
        kept.append(sum(similar(a, b) for a, b in zip(*chroma, strict=True)) / 2)
        weights.append((weights[0] + weights[1]) / 2)
    kept, weights = np.stack(kept), np.stack(weights)
    if not weights.any():
        return 1.0
    mean = np.sum(weights / (1 + np.exp(-4.2 * kept))) / np.sum(weights)
    return (np.log(mean / (1 - mean)) / 4.2) ** 2


CASE = Case(haarpsi, oracle, (33, 38))


def test_values():
    CASE.check_values(1, rtol=2e-6, atol=1e-6)


@pytest.mark.slow
def test_slopes():
    CASE.check_slopes()


@pytest.mark.slow
def test_eager():
    CASE.check_eager()


@pytest.mark.slow
def test_map():
    CASE.check_map(formula_metric(HAARPSI, "haarpsi", {}).map)


# photosynthesis-team/piq, tests/test_haarpsi.py: the authors' program, github.com/rgcda/haarpsi.
def test_published(shared):
    value = haarpsi(*pair(shared, "I01.BMP", "i01_01_5.bmp"))[0]
    np.testing.assert_allclose(value, 0.71706527, atol=1e-7)


@pytest.mark.slow
@pytest.mark.parametrize(("colour", "resolution"), [("luma", "half"), ("yiq", "full")])
def test_options(colour, resolution):
    images = seeded(20, 17)
    found = haarpsi(*images, colour=colour, resolution=resolution)
    doubles = zip(*(x.astype(np.float64) for x in images), strict=True)
    expected = [oracle(*one, colour, resolution) for one in doubles]
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    assert (np.abs(found - haarpsi(*images)) > 1e-3).all()


# What piq 0.8.0 gives for the luma of these arrays, in float64, and for RGB: its I and Q have
# other digits (0.5959 for 0.596), so that colour differs in the fourth.
PIQ_LUMA, PIQ_RGB = [0.799683729, 0.508230576], [0.7931362, 0.48069376]


def test_piq_numbers():
    images = [x.astype(np.float64) for x in seeded(33, 38)]
    luma = [oracle(*one, colour="luma") for one in zip(*images, strict=True)]
    np.testing.assert_allclose(luma, PIQ_LUMA, rtol=1e-6)
    np.testing.assert_allclose(CASE.found[0][0], PIQ_RGB[0], rtol=1e-3)


@pytest.mark.slow
def test_beside_piq():
    piq, torch = pytest.importorskip("piq"), pytest.importorskip("torch")
    images = seeded(33, 38)
    rgb = [torch.tensor(np.moveaxis(x, -1, 1).astype(np.float64)) for x in images]
    luma = [torch.tensor((x.astype(np.float64) @ YIQ[0])[:, None]) for x in images]
    for tensors, expected in ((luma, PIQ_LUMA), (rgb, PIQ_RGB)):
        found = piq.haarpsi(*tensors, reduction="none").numpy()
        np.testing.assert_allclose(found, expected, rtol=1e-6)
    np.testing.assert_allclose(haarpsi(*images, colour="luma"), PIQ_LUMA, rtol=1e-5)


def test_errors():
    with pytest.raises(InputError, match="needs images of at least 16 x 16 pixels, got 15 x 16"):
        haarpsi(*seeded(16, 15))
    assert HAARPSI.smallest(colour="yiq", resolution="full") == 8
    with pytest.raises(InputError, match="unknown resolution of haarpsi: 'quarter'"):
        haarpsi(*seeded(16, 16), resolution="quarter")
