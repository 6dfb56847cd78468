"""VIF of wavelets against published values, pyiqa, differences, and without information."""

import functools

import awkward
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxiqa.checks import InputError
from jaxiqa.images import read_pair
from jaxiqa.metrics.load import load_metric
from jaxiqa.metrics.pyramid_sp5 import sp5_bands
from jaxiqa.metrics.vif import VIF, vif
from jaxiqa.metrics.vif_wavelet import block_variance, mixtures

EXACT = {"grey": "exact", "form": "wavelet"}
SIZE = (72, 76)
FIRST, SECOND = awkward.seeded(*SIZE)
FAINT, FAINTER = (
    np.float32(0.4) + np.float32(0.05) * (x - np.float32(0.4)) for x in (FIRST, SECOND)
)


# Little optimised: of small images, that is to say of compiling, all the time is taken.
@functools.partial(jax.jit, compiler_options={"xla_backend_optimization_level": 0})
def exact(reference, distorted):
    return vif(reference, distorted, **EXACT)


def value_of(shared, *names):
    pair = read_pair(*(shared / "data/metrics/pairs" / name for name in names))
    return float(vif(*(image[None] for image in pair), form="wavelet")[0])


@pytest.mark.slow
def test_pyiqa():
    # pyiqa 0.1.16, VIF().vif(distorted, reference) of grey planes, its filters in float64.
    found = exact(
        np.stack([FIRST[0], SECOND[0], FAINT[0]]), np.stack([SECOND[0], FIRST[0], FAINTER[0]])
    )
    np.testing.assert_allclose(found, [0.21623890, 0.20651216, 0.77882027], atol=1e-6)


@pytest.mark.slow
def test_pyiqa_side_by_side():
    torch, arch = pytest.importorskip("torch"), pytest.importorskip("pyiqa.archs.vif_arch")
    rng = np.random.default_rng(2)
    # Patches of some extent, and sizes that neither 2 nor 3 divides.
    first = np.kron(rng.random((4, 13, 15, 1)), np.ones((1, 8, 8, 3)))[:, :101, :115]
    first = 0.8 * first + 0.2 * rng.random(first.shape)
    noise = rng.normal(0, 1, first.shape) * [[[[0.01]]], [[[0.05]]], [[[0.2]]], [[[0.5]]]]
    # Grey of whole numbers, so that both programs see the same planes.
    images = np.round(255 * np.clip([first, first + noise], 0, 1)[..., :1]).repeat(3, axis=-1) / 255
    images = images.astype(np.float32)
    theirs = arch.VIF()(*(torch.tensor(x.transpose(0, 3, 1, 2)) for x in images[::-1]))
    np.testing.assert_allclose(vif(*images, form="wavelet"), theirs, atol=1e-5)


# By the authors' program, as chaofengc/IQA-PyTorch lists them for these pairs of TID2013.
@pytest.mark.slow
@pytest.mark.parametrize(("name", "value"), [("I03", 0.0172), ("I04", 0.9891), ("I06", 0.9924)])
def test_published(shared, name, value):
    got = value_of(shared, f"calibration/ref/{name}.bmp", f"calibration/dist/{name}.bmp")
    assert got == pytest.approx(value, abs=5.1e-5)


@pytest.mark.slow
def test_pair_of_another_program(shared):
    # dingkeyan93/IQA-optimization lists 0.1804 for this pair. Its VIF.py takes the distorted image
    # for the reference, and then gives 0.1809 today, as pyiqa does with its images exchanged.
    assert value_of(shared, "r0.png", "r1.png") == pytest.approx(0.206236, abs=5e-6)
    exchanged = value_of(shared, "r1.png", "r0.png")
    assert exchanged == pytest.approx(0.180904, abs=5e-6)
    assert exchanged == pytest.approx(0.1804, abs=6e-4)


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
def test_slope_where_eigenvalues_are_equal():
    # Of single spikes far apart C is p I - p^2: eight of its nine eigenvalues are p.
    spikes = np.zeros((1, 2, 36, 36))
    spikes[:, :, 3::6, 3::6] = 100
    direction = np.random.default_rng(4).normal(size=spikes.shape)

    def information(bands):
        ((power, eigenvalues),) = mixtures([bands])
        return jnp.sum(jnp.log1p(power[..., None] * eigenvalues[:, :, None, None] / 0.4))

    with jax.enable_x64(True):
        eigenvalues = np.sort(mixtures([jnp.asarray(spikes)])[0][1][0, 0])
        np.testing.assert_allclose(eigenvalues[1:], eigenvalues[-1], rtol=1e-9)
        slope = jax.grad(information)(jnp.asarray(spikes))
        ends = [
            float(information(jnp.asarray(spikes + step * direction))) for step in (1e-5, -1e-5)
        ]
    np.testing.assert_allclose(
        np.sum(np.asarray(slope) * direction), (ends[0] - ends[1]) / 2e-5, rtol=1e-5
    )


@pytest.mark.slow
def test_more_contrast_is_more_than_1():
    assert (exact(0.5 * FIRST[:3], FIRST[:3]) > 1).all()
    assert (exact(FIRST[:3], 0.5 * FIRST[:3]) < 1).all()
    np.testing.assert_array_equal(exact(FIRST[:3], FIRST[:3]), 1)


@pytest.mark.slow
def test_variance_of_blocks():
    x = (200 + 1e-2 * np.random.default_rng(3).random((1, 2, 29, 31))).astype(np.float32)
    views = np.lib.stride_tricks.sliding_window_view(x.astype(np.float64), (9, 9), axis=(2, 3))
    # Blocks of 3 from the first pixel on; two at either end have no whole window.
    expected = np.var(views, axis=(4, 5))[:, :, 3:-3:3, 3:-3:3][:, :, :5, :6]
    found = block_variance(x, 9)
    np.testing.assert_allclose(found, expected, rtol=0.05)
    _, slope = jax.jvp(lambda y: block_variance(y, 9), (x,), (np.ones_like(x),))
    np.testing.assert_allclose(slope, 0, atol=1e-3)


@pytest.mark.slow
def test_pyramid():
    # Bands have no mean and turn with the image; levels are halved, rounded up.
    pyramid = jax.jit(functools.partial(sp5_bands, levels=4))
    image = FIRST[:1, :, :, 0]
    bands = pyramid(image)
    assert [band.shape[1:] for band in bands] == [(2, 72, 76), (2, 36, 38), (2, 18, 19), (2, 9, 10)]
    turned = pyramid(image.swapaxes(1, 2))
    for band, other, flat in zip(bands, turned, pyramid(0 * image + 9), strict=True):
        np.testing.assert_allclose(other[:, ::-1], band.swapaxes(2, 3), atol=1e-6)
        np.testing.assert_allclose(flat, 0, atol=1e-4)


@pytest.mark.slow
def test_map():
    # Noise in a corner is lost there alone.
    mixed = FIRST.copy()
    mixed[:, :20, :20] = SECOND[:, :20, :20]
    values, _, local = awkward.compiled(VIF, tuple(EXACT.items()))(FIRST, mixed)
    assert local.shape == FIRST.shape[:3]
    assert (values < 1).all()
    np.testing.assert_allclose(local[:, 45:, 45:], 0, atol=1e-4)
    assert (local[:, :12, :12].max(axis=(1, 2)) > 0.1).all()


def test_refusals():
    with pytest.raises(InputError, match="at least 72 x 72"):
        vif(FIRST[:, :71], SECOND[:, :71], form="wavelet")
    with pytest.raises(InputError, match="pixel, wavelet"):
        vif(FIRST, SECOND, form="fourier")
    images = jax.ShapeDtypeStruct((1, 72, 75, 3), np.float32)
    assert jax.eval_shape(load_metric("vif", form="wavelet"), images, images).shape == (1,)
