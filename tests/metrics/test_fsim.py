"""FSIM and FSIMc against published values, piq, and where phase congruency is nowhere."""

import awkward
import numpy as np
import pytest

from jaxiqa.checks import InputError
from jaxiqa.images import read_pair
from jaxiqa.metrics.fsim import FSIM, fsim

SIZE = (17, 21)
FIRST, SECOND = awkward.seeded(*SIZE)
GREY = {"colour": "fsim"}


def published(shared, *names, **options):
    pair = read_pair(*(shared / "data/metrics/pairs" / name for name in names))
    return float(fsim(*(image[None] for image in pair), **options)[0])


# FSIMc of pairs of TID2013 by the authors' program, as chaofengc/IQA-PyTorch lists them.
@pytest.mark.parametrize(("name", "value"), [("I03", 0.689), ("I04", 0.9702), ("I06", 0.9927)])
def test_published(shared, name, value):
    names = f"calibration/ref/{name}.bmp", f"calibration/dist/{name}.bmp"
    assert published(shared, *names, colour="fsimc") == pytest.approx(value, abs=5.1e-5)


# By the authors' program, as tests of photosynthesis-team/piq list them.
@pytest.mark.slow
@pytest.mark.parametrize(
    ("names", "colour", "value"),
    [
        (("goldhill.gif", "goldhill_jpeg.gif"), "fsim", 0.89691),
        (("I01.BMP", "i01_01_5.bmp"), "fsim", 0.93674),
        (("I01.BMP", "i01_01_5.bmp"), "fsimc", 0.92587),
    ],
)
def test_published_by_matlab(shared, names, colour, value):
    assert published(shared, *names, colour=colour) == pytest.approx(value, abs=5.1e-6)


@pytest.mark.slow
def test_published_in_pytorch(shared):
    # By dingkeyan93/IQA-optimization, a translation of the authors' program.
    value = published(shared, "r0.png", "r1.png", colour="fsimc")
    assert value == pytest.approx(0.7843, abs=5.1e-5)


@pytest.mark.slow
def test_piq():
    # piq 0.8.0, fsim(chromatic=False) in float64.
    got = fsim(FIRST, SECOND)
    np.testing.assert_allclose(got[:2], [0.92918374, 0.90842291], atol=1e-5)
    np.testing.assert_allclose(awkward.values_of(FSIM, GREY, FIRST, SECOND), got, atol=1e-6)


@pytest.mark.slow
def test_piq_side_by_side():
    piq, torch = pytest.importorskip("piq"), pytest.importorskip("torch")
    pair = [torch.tensor(images.transpose(0, 3, 1, 2)) for images in (FIRST, SECOND)]
    theirs = piq.fsim(*pair, reduction="none", chromatic=False)
    np.testing.assert_allclose(fsim(FIRST, SECOND), theirs, atol=1e-5)
    # piq has four digits of I and Q, and takes |s|^0.03 where the original takes the real part of
    # a negative s^0.03: colours of noise are often opposite.
    theirs = piq.fsim(*pair, reduction="none")
    np.testing.assert_allclose(fsim(FIRST, SECOND, colour="fsimc"), theirs, atol=2e-3)


@pytest.mark.slow
def test_values_and_gradients_where_images_are_awkward():
    values = awkward.check(FSIM, GREY, SIZE, equal=1)
    assert 0 < values["white and black"] < values["grey and darker grey"] < 1
    assert values["flat distorted"] < 0.5


@pytest.mark.slow
def test_slope():
    awkward.check_slope(FSIM, GREY, SIZE)


@pytest.mark.slow
def test_fsimc_where_images_are_awkward():
    awkward.check(FSIM, {"colour": "fsimc"}, SIZE, equal=1)
    awkward.check_slope(FSIM, {"colour": "fsimc"}, SIZE)


@pytest.mark.slow
def test_only_fsimc_sees_colour():
    # A change along (0, 0.114, -0.587) leaves luma alone.
    tinted = FIRST * 0.5 + 0.2
    other = tinted + np.float32([0, 0.114, -0.587]) * 0.2
    assert (fsim(tinted, other) > 0.9999).all()
    assert (fsim(tinted, other, colour="fsimc") < 0.999).all()


@pytest.mark.slow
def test_map_has_the_mean_of_the_distance():
    values, _, local = awkward.compiled(FSIM, tuple(GREY.items()))(FIRST, SECOND)
    assert local.shape == FIRST.shape[:3]
    np.testing.assert_allclose(1 - local.mean(axis=(1, 2)), values, atol=1e-6)


def test_refusals():
    with pytest.raises(InputError, match="at least 16 x 16"):
        fsim(FIRST[:, :15], SECOND[:, :15])
    with pytest.raises(InputError, match="fsimc"):
        fsim(FIRST, SECOND, colour="fsimd")
