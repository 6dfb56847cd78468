"""VIF in the pixel domain against published values, float64, piq, and without information."""

import awkward
import jax
import numpy as np
import pytest
from scipy import signal

from jaxiqa.checks import InputError
from jaxiqa.images import read_pair
from jaxiqa.metrics.vif import VIF, local_variance, vif

SIZE = (41, 43)
FIRST, SECOND = awkward.seeded(*SIZE)
GREY = np.array([0.298936021293775, 0.587043074451121, 0.114020904255103])


EXACT = {"grey": "exact", "form": "pixel"}


def exact(reference, distorted):
    return vif(reference, distorted, **EXACT)


def oracle(reference, distorted):
    """The published formula for one pair of images in float64, as it is written."""
    x, y = (image.astype(np.float64) * 255 @ GREY for image in (reference, distorted))
    kept = there = 0
    for scale, size in enumerate((17, 9, 5, 3)):
        away = np.arange(size) - size // 2
        window = np.exp(-(away[:, None] ** 2 + away**2) / (2 * (size / 5) ** 2))
        window /= window.sum()

        def mean(image, window=window):
            return signal.correlate2d(image, window, "valid")

        if scale:
            x, y = mean(x)[::2, ::2], mean(y)[::2, ::2]
        var_x, var_y = mean(x * x) - mean(x) ** 2, mean(y * y) - mean(y) ** 2
        gain = (mean(x * y) - mean(x) * mean(y)) / (var_x + 1e-10)
        noise = np.where(gain < 0, var_y, var_y - gain**2 * var_x)
        gain = np.maximum(gain, 0)
        kept += np.log10(1 + gain**2 * var_x / (np.maximum(noise, 1e-10) + 2)).sum()
        there += np.log10(1 + var_x / 2).sum()
    return kept / there


def value_of(shared, *names, grey="rounded"):
    pair = read_pair(*(shared / "data/metrics/pairs" / name for name in names))
    return float(vif(*(image[None] for image in pair), grey=grey)[0])


@pytest.mark.slow
@pytest.mark.parametrize("contrast", [1, 0.05])
def test_against_float64(contrast):
    first, second = (0.4 + contrast * (images - 0.4) for images in (FIRST, SECOND))
    expected = [oracle(first[k], second[k]) for k in range(3)]
    np.testing.assert_allclose(exact(first, second)[:3], expected, rtol=2e-5)
    expected = [oracle(second[k], first[k]) for k in range(3)]
    np.testing.assert_allclose(exact(second, first)[:3], expected, rtol=2e-5)


# By the authors' program (of I01 with unrounded luma), as tests of photosynthesis-team/piq list.
@pytest.mark.slow
@pytest.mark.parametrize(
    ("names", "grey", "value"),
    [
        (("goldhill.gif", "goldhill_jpeg.gif"), "rounded", 0.2665),
        (("I01.BMP", "i01_01_5.bmp"), "exact", 0.3147),
    ],
)
def test_published(shared, names, grey, value):
    assert value_of(shared, *names, grey=grey) == pytest.approx(value, abs=5.1e-5)


# The published 0.0172, 0.9891 and 0.9924 of these pairs of TID2013 are of the wavelet form.
@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "value"), [("I03", 0.070086), ("I04", 0.971347), ("I06", 0.978038)]
)
def test_pairs_of_tid2013(shared, name, value):
    got = value_of(shared, f"calibration/ref/{name}.bmp", f"calibration/dist/{name}.bmp")
    assert got == pytest.approx(value, abs=2e-5)


@pytest.mark.slow
def test_pair_of_another_program(shared):
    # dingkeyan93/IQA-optimization gives 0.2597 for this pair, piq 0.2603 like us.
    got = value_of(shared, "r0.png", "r1.png", grey="exact")
    assert got == pytest.approx(0.2603, abs=5.1e-5)
    assert got == pytest.approx(0.2597, abs=1e-3)


@pytest.mark.slow
def test_piq():
    # piq 0.8.0, vif_p(distorted, reference) in float64.
    got = exact(FIRST, SECOND)
    np.testing.assert_allclose(got[:2], [0.17008340, 0.16399660], atol=1e-5)


@pytest.mark.slow
def test_piq_side_by_side():
    piq, torch = pytest.importorskip("piq"), pytest.importorskip("torch")
    pair = [torch.tensor(images.transpose(0, 3, 1, 2)) for images in (SECOND, FIRST)]
    theirs = piq.vif_p(*pair, reduction="none")
    np.testing.assert_allclose(exact(FIRST, SECOND), theirs, atol=1e-5)


@pytest.mark.slow
def test_values_and_gradients_where_images_are_awkward():
    values = awkward.check(VIF, EXACT, SIZE, equal=1)
    # No information in the reference: all of it is kept by a flat image, none by another.
    for name in ("grey and darker grey", "white and black"):
        assert values[name] == 1
    for name in ("flat reference", "white reference", "flat distorted", "black distorted"):
        assert values[name] == 0


@pytest.mark.slow
def test_slope():
    awkward.check_slope(VIF, EXACT, SIZE)


@pytest.mark.slow
def test_more_contrast_is_more_than_1():
    assert (exact(0.5 * FIRST, FIRST) > 1).all()
    assert (exact(FIRST, 0.5 * FIRST) < 1).all()


@pytest.mark.slow
def test_rounding():
    # Differences below half a grey level of 8 bits vanish.
    whole = (np.round(FIRST[..., :1] * 255) / 255).repeat(3, axis=-1)
    near = np.abs(whole - np.float32(0.3 / 255))
    np.testing.assert_allclose(vif(whole, near), 1, atol=1e-6)
    assert (exact(whole, near) != 1).all()


@pytest.mark.slow
def test_variance_of_low_contrast():
    window = (0.25, 0.5, 0.25)
    x = (200 + 1e-3 * np.random.default_rng(3).random((1, 8, 9))).astype(np.float32)
    weights = np.outer(window, window)
    views = np.lib.stride_tricks.sliding_window_view(x[0].astype(np.float64), (3, 3))
    mean = np.sum(views * weights, axis=(2, 3), keepdims=True)
    expected = np.sum((views - mean) ** 2 * weights, axis=(2, 3))
    np.testing.assert_allclose(local_variance(x, window)[0], expected, rtol=0.05)
    direction = np.ones_like(x)
    _, slope = jax.jvp(lambda y: local_variance(y, window), (x,), (direction,))
    np.testing.assert_allclose(slope, 0, atol=1e-3)


@pytest.mark.slow
def test_map():
    values, _, local = awkward.compiled(VIF, tuple(EXACT.items()))(FIRST, SECOND)
    np.testing.assert_allclose(values, exact(FIRST, SECOND), atol=1e-6)
    assert local.shape == FIRST.shape[:3]
    # Noise in a corner is lost there alone.
    mixed = FIRST.copy()
    mixed[:, :20, :20] = SECOND[:, :20, :20]
    _, _, local = awkward.compiled(VIF, tuple(EXACT.items()))(FIRST, mixed)
    np.testing.assert_allclose(local[:, 30:, 30:], 0, atol=1e-4)
    assert (local[:, :10, :10].max(axis=(1, 2)) > 0.1).all()


def test_refusals():
    with pytest.raises(InputError, match="at least 41 x 41"):
        vif(FIRST[:, :40], SECOND[:, :40])
    with pytest.raises(InputError, match="rounded"):
        vif(FIRST, SECOND, grey="round")
