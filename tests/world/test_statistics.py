"""Statistics of images: found where they are known in closed form."""

import numpy as np
import pytest

from jaxiqa.world import statistics

DRAW = np.random.default_rng(0)
SIZE = 64


def noise(exponent: float) -> np.ndarray:
    """Gaussian patches whose power falls with frequency as f^-exponent, on average."""
    cycles = np.fft.fftfreq(SIZE)
    frequency = np.hypot(cycles[:, None], cycles[None])
    frequency[0, 0] = 1
    spectrum = np.fft.fft2(DRAW.normal(size=(96, SIZE, SIZE)))
    return np.fft.ifft2(spectrum * frequency ** (-exponent / 2)).real


@pytest.mark.parametrize("exponent", [0, 1, 2, 3])
def test_the_exponent_of_noise_is_found(exponent):
    greys = noise(exponent)
    assert statistics.spectral_exponent(greys) == pytest.approx(exponent, abs=0.15)
    assert statistics.spectral_exponent(greys, high=0.2) == pytest.approx(exponent, abs=0.2)


def test_bands_of_two_slopes_are_told_apart():
    greys = noise(2)
    # What a pixel twice as large averages loses power above, none below.
    soft = (greys + np.roll(greys, 1, 1) + np.roll(greys, 1, 2) + np.roll(greys, 1, (1, 2))) / 4
    assert statistics.spectral_exponent(soft, high=1 / 8) == pytest.approx(2, abs=0.3)
    assert statistics.spectral_exponent(soft, low=1 / 4) > 4


@pytest.mark.parametrize("cycles", [3, 8, 20])
def test_a_grating_has_its_power_at_its_frequency_whatever_its_mean(cycles):
    grating = np.cos(2 * np.pi * cycles * np.arange(SIZE) / SIZE) * np.ones((1, SIZE, 1))
    frequency, power = statistics.power_spectrum(grating)
    assert frequency[power.argmax()] == cycles / SIZE
    assert power[np.abs(frequency * SIZE - cycles) > 2].max() < 1e-12 * power.max()
    np.testing.assert_allclose(statistics.power_spectrum(grating + 5)[1], power, atol=1e-6)


@pytest.mark.parametrize(
    ("responses", "expected"),
    [
        (DRAW.normal(size=200_000), 3),
        (DRAW.laplace(2.0, 0.1, 200_000), 6),
        (DRAW.uniform(size=200_000), 1.8),
        (np.array([[0.0, 1.0]]), 1),
        # Of one in ten: 1 / (p (1 - p)) - 3.
        (np.repeat([1.0, 0.0], [10, 90]).astype(np.float32), 1 / 0.09 - 3),
    ],
)
def test_kurtosis(responses, expected):
    assert statistics.kurtosis(responses) == pytest.approx(expected, rel=0.05)


def test_principal_axes_of_a_known_covariance():
    turn, _ = np.linalg.qr(np.array([[1.0, 2, -1], [1, -1, 0.5], [1, 0.2, 3]]))
    expected = np.array([0.3, 0.1, 0.05])
    colours = (DRAW.normal(size=(50, 40, 20, 3)) * expected) @ turn.T + 0.5
    deviations, axes = statistics.colour_axes(colours)
    np.testing.assert_allclose(deviations, expected, rtol=0.02)
    np.testing.assert_allclose(np.abs((axes * turn.T).sum(1)), 1, rtol=1e-3)
    assert all(axis[np.abs(axis).argmax()] > 0 for axis in axes)


def test_only_what_varies_within_patches_is_left():
    within = 0.1 * DRAW.normal(size=(30, 16, 16, 3))
    between = DRAW.normal(size=(30, 1, 1, 3))
    np.testing.assert_allclose(
        statistics.centred(within + between), statistics.centred(within), atol=1e-12
    )
    deviations, _ = statistics.colour_axes(statistics.centred(within + between))
    np.testing.assert_allclose(deviations, 0.1, rtol=0.03)


def test_contrast_and_differences_of_a_ramp():
    down, right = np.mgrid[:5, :7]
    greys = np.stack([2 * right + 3 * down, 0 * right]).astype(float)
    found = statistics.derivatives(greys)
    assert [part.shape for part in found] == [(2, 5, 6), (2, 4, 7)]
    assert [np.unique(part[0]).tolist() for part in found] == [[2], [3]]
    variances = [(extent**2 - 1) / 12 for extent in (7, 5)]
    expected = np.sqrt(4 * variances[0] + 9 * variances[1])
    np.testing.assert_allclose(statistics.contrasts(greys), [expected, 0])


@pytest.mark.parametrize("width", [2, 4])
def test_haar_tells_the_direction_of_an_edge(width):
    block = np.zeros((3, width, width))
    block[0, :, width // 2 :] = 1
    block[1, width // 2 :] = 1
    block[2] = block[0] != block[1]
    # A row and a column that fill no block are left out.
    greys = np.pad(np.tile(block, (1, 3, 2)), ((0, 0), (0, 1), (0, 1)))
    found = statistics.haar(greys, width)
    assert found.shape == (3, 3, 3, 2)
    expected = np.diag([1, 1, -1])[:, :, None, None]
    np.testing.assert_allclose(found, np.broadcast_to(expected, found.shape), atol=1e-12)


def test_patches_lie_row_by_row_and_what_is_left_over_is_cut():
    image = DRAW.random((9, 14, 3))
    found = statistics.patches(image, 4)
    assert found.shape == (6, 4, 4, 3)
    np.testing.assert_array_equal(found[4], image[4:8, 4:8])


def test_luma_of_grey_is_that_grey():
    assert statistics.luma(np.full((2, 2, 3), 0.3)) == pytest.approx(0.3)
    np.testing.assert_allclose(statistics.luma(np.eye(3)), [0.299, 0.587, 0.114], rtol=1e-6)
