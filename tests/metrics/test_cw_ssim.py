"""CW-SSIM against published values, and the pyramid under it."""

import awkward
import numpy as np
import pytest

from jaxiqa.checks import InputError
from jaxiqa.images import read_pair
from jaxiqa.metrics.cw_ssim import CW_SSIM, cw_ssim
from jaxiqa.metrics.steerable import masks, steerable_bands

SIZE = (64, 65)
FIRST, SECOND = awkward.seeded(*SIZE)
EXACT = {"grey": "exact", "pyramid": "4x8"}
PYIQA = [0.73132119, 0.85470613]


def exact(reference, distorted):
    return awkward.values_of(CW_SSIM, EXACT, reference, distorted)


def value_of(shared, *names, **options):
    pair = read_pair(*(shared / "data/metrics/pairs" / name for name in names))
    return float(cw_ssim(*(image[None] for image in pair), **options)[0])


# By the authors' program for pairs of TID2013, as chaofengc/IQA-PyTorch lists them.
@pytest.mark.parametrize(("name", "value"), [("I03", 0.2763), ("I04", 0.9996), ("I06", 1.0)])
def test_published(shared, name, value):
    got = value_of(shared, f"calibration/ref/{name}.bmp", f"calibration/dist/{name}.bmp")
    assert got == pytest.approx(value, abs=5.1e-5)


@pytest.mark.slow
def test_pair_of_another_program(shared):
    # Not met: dingkeyan93/IQA-optimization, whose pyramid is another, gives 0.9561.
    got = value_of(shared, "r0.png", "r1.png")
    assert got == pytest.approx(0.95690, abs=1e-5)
    assert got == pytest.approx(0.9561, abs=1e-3)
    # pyiqa 0.1.16, CW_SSIM(level=6, ori=16).
    got = value_of(shared, "r0.png", "r1.png", pyramid="6x16")
    assert got == pytest.approx(0.99323, abs=1e-5)


def test_pyiqa():
    # pyiqa 0.1.16, CW_SSIM() in float64, of grey images: its weights of grey are three digits.
    first, second = ((np.round(x[..., :1] * 255) / 255).repeat(3, axis=-1) for x in (FIRST, SECOND))
    got = cw_ssim(first, second)
    np.testing.assert_allclose(got[:2], PYIQA, atol=1e-5)
    np.testing.assert_allclose(exact(first, second), got, atol=1e-6)


@pytest.mark.slow
def test_values_and_gradients_where_images_are_awkward():
    values = awkward.check(CW_SSIM, EXACT, SIZE, equal=1)
    # Only structure counts: of two flat images nothing differs, of one alone all.
    for name in ("grey and darker grey", "white and black"):
        assert values[name] == 1
    for name in ("flat reference", "white reference", "flat distorted", "black distorted"):
        assert values[name] == pytest.approx(0, abs=1e-6)


@pytest.mark.slow
def test_slope():
    awkward.check_slope(CW_SSIM, EXACT, SIZE)


def test_brightness_and_a_small_shift_hardly_matter():
    smooth = np.cos(np.arange(64) / 5)[:, None, None] * np.cos(np.arange(65) / 6)[:, None]
    first = np.broadcast_to(0.5 + 0.2 * smooth, FIRST.shape).astype(np.float32)
    np.testing.assert_allclose(exact(first, first + np.float32(0.1)), 1, atol=1e-5)
    assert exact(first, np.roll(first, 1, axis=2))[0] > 0.97


def test_rounding():
    whole = (np.round(FIRST[..., :1] * 255) / 255).repeat(3, axis=-1)
    near = np.abs(whole - np.float32(0.3 / 255) * (FIRST[..., :1] > 0.5))
    np.testing.assert_allclose(cw_ssim(whole, near), 1, atol=1e-6)
    assert (exact(whole, near) < 1 - 1e-7).all()


@pytest.mark.parametrize(("levels", "orientations"), [(1, 2), (3, 4), (4, 8)])
def test_bands_split_the_power_between_two_frequencies(levels, orientations):
    kept, rows, columns = masks(96, 128, levels, orientations)
    assert kept.shape == (orientations, 96 // 2 ** (levels - 1), 128 // 2 ** (levels - 1))
    frequencies = np.fft.fftfreq(96)[rows][:, None], np.fft.fftfreq(128)[columns]
    radius, power = 2 * np.hypot(*frequencies), np.sum(np.abs(kept) ** 2, axis=0)
    # Analytic: each frequency or its opposite, twice the amplitude.
    both = (power + np.roll(power[::-1, ::-1], 1, axis=(0, 1))) / 4
    inside = (radius > 1.05 * 2.0**-levels) & (radius < 0.95 * 2.0 ** (1 - levels))
    assert inside.any()
    falling = np.sin(np.pi / 2 * np.log2(radius[inside] * 2.0 ** (levels - 1))) ** 2
    np.testing.assert_allclose(both[inside], falling, atol=2e-3)


def test_a_grating_is_in_the_band_of_its_orientation():
    wave = 100 + 20 * np.cos(2 * np.pi * np.arange(128) / 8)
    across = np.broadcast_to(wave, (1, 128, 128)).astype(np.float32)
    bands = np.abs(steerable_bands(across, levels=2, orientations=4))
    assert bands.shape == (1, 4, 64, 64)
    # An analytic band has a constant amplitude.
    assert bands[0, 0].mean() > 5
    np.testing.assert_allclose(bands[0, 0], bands[0, 0].mean(), rtol=1e-3)
    np.testing.assert_allclose(bands[0, 2], 0, atol=1e-3)
    down = np.abs(steerable_bands(across.transpose(0, 2, 1), levels=2, orientations=4))
    np.testing.assert_allclose(down[0, 2].T, bands[0, 0], atol=1e-3)


@pytest.mark.slow
def test_map():
    _, _, local = awkward.compiled(CW_SSIM, tuple(EXACT.items()))(FIRST, SECOND)
    assert local.shape == (awkward.COUNT, 8, 9)
    assert (local > 0).all()


def test_refusals():
    with pytest.raises(InputError, match="at least 64 x 64"):
        cw_ssim(FIRST[:, :63], SECOND[:, :63])
    with pytest.raises(InputError, match="at least 256 x 256"):
        cw_ssim(FIRST, SECOND, pyramid="6x16")
    with pytest.raises(InputError, match="4x8"):
        cw_ssim(FIRST, SECOND, pyramid="4x9")
