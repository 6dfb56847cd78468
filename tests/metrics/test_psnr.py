"""PSNR against published values, NumPy in float64, and at the ends of its range."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxiqa.checks import InputError
from jaxiqa.images import read_pair
from jaxiqa.metrics import psnr

RNG = np.random.default_rng(0)
FIRST = RNG.random((3, 20, 24, 3)).astype(np.float32)
SECOND = np.clip(FIRST + RNG.normal(0, 0.1, FIRST.shape), 0, 1).astype(np.float32)


def in_float64(reference, distorted):
    error = np.mean((reference.astype(np.float64) - distorted) ** 2, axis=(1, 2, 3))
    return -10 * np.log10(error)


# Values of the original implementations for pairs of TID2013, as chaofengc/IQA-PyTorch lists them.
@pytest.mark.parametrize(("name", "published"), [("I03", 21.11), ("I04", 20.99), ("I06", 27.01)])
def test_published(shared, name, published):
    folder = shared / "data/metrics/pairs/calibration"
    pair = read_pair(folder / f"ref/{name}.bmp", folder / f"dist/{name}.bmp")
    assert round(float(psnr(*(image[None] for image in pair))[0]), 2) == published


def test_tid2013_value(shared):
    folder = shared / "data/metrics/pairs"
    pair = read_pair(folder / "I01.BMP", folder / "i01_01_5.bmp")
    assert round(float(psnr(*(image[None] for image in pair))[0]), 4) == 21.0157


@pytest.mark.parametrize("noise", [1e-4, 1e-2, 1])
def test_against_float64(noise):
    second = np.clip(FIRST + noise * RNG.normal(size=FIRST.shape), 0, 1).astype(np.float32)
    np.testing.assert_allclose(psnr(FIRST, second), in_float64(FIRST, second), atol=1e-5)


def test_of_grey():
    grey = [
        (images.astype(np.float64) @ [0.29893602, 0.58704307, 0.11402090])
        for images in (FIRST, SECOND)
    ]
    expected = in_float64(*(images[..., None] for images in grey))
    np.testing.assert_allclose(psnr(FIRST, SECOND, colour="grey"), expected, atol=1e-4)
    with pytest.raises(InputError, match="unknown colour of psnr: 'gray', did you mean 'grey'"):
        psnr(FIRST, SECOND, colour="gray")


def test_equal_images_are_infinitely_alike_with_a_gradient_of_zero():
    mixed = SECOND.copy()
    mixed[1] = FIRST[1]
    assert np.isinf(psnr(FIRST, mixed)).tolist() == [False, True, False]
    slope = jax.grad(lambda x: psnr(FIRST, x)[1])(jnp.asarray(mixed))
    np.testing.assert_array_equal(slope, 0)
    slope = jax.grad(lambda x: psnr(FIRST, x)[0])(jnp.asarray(mixed))
    error = np.sum((mixed[0].astype(np.float64) - FIRST[0]) ** 2)
    expected = -20 / np.log(10) * (mixed[0].astype(np.float64) - FIRST[0]) / error
    np.testing.assert_allclose(slope[0], expected, rtol=1e-4, atol=1e-7)


def test_jit_batch_and_symmetry():
    got = psnr(FIRST, SECOND)
    assert got.shape == (3,)
    assert got.dtype == jnp.float32
    np.testing.assert_allclose(jax.jit(psnr)(FIRST, SECOND), got, rtol=1e-6)
    singly = [psnr(FIRST[i : i + 1], SECOND[i : i + 1])[0] for i in range(3)]
    np.testing.assert_allclose(singly, got, rtol=1e-6)
    np.testing.assert_array_equal(psnr(SECOND, FIRST), got)


def test_unlike_shapes_are_refused():
    with pytest.raises(InputError, match="a pair needs one shape"):
        psnr(FIRST, SECOND[:1])
