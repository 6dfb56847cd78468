"""SSIM against published values and a float64 oracle, where float32 is hard pressed too."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import ndimage

from jaxiqa.checks import InputError
from jaxiqa.images import read_pair
from jaxiqa.metrics import ssim

RNG = np.random.default_rng(0)
SHAPE = (2, 40, 44, 3)
FIRST = RNG.random(SHAPE).astype(np.float32)
SECOND = np.clip(FIRST + RNG.normal(0, 0.2, SHAPE), 0, 1).astype(np.float32)
GREY = np.array([0.298936021293775, 0.587043074451121, 0.114020904255103])


def oracle(reference, distorted, grey):
    """The published formula for one image in float64, with the window as one 2-D correlation."""
    x, y = (image.astype(np.float64) * 255 @ GREY for image in (reference, distorted))
    if grey == "rounded":
        x, y = np.round(x), np.round(y)
    rows, columns = np.mgrid[-5:6, -5:6]
    window = np.exp(-(rows**2 + columns**2) / (2 * 1.5**2))
    window /= window.sum()

    def local(image):
        return ndimage.correlate(image, window)[5:-5, 5:-5]

    mean_x, mean_y = local(x), local(y)
    var_x, var_y = local(x * x) - mean_x**2, local(y * y) - mean_y**2
    cov = local(x * y) - mean_x * mean_y
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    above = (2 * mean_x * mean_y + c1) * (2 * cov + c2)
    return np.mean(above / ((mean_x**2 + mean_y**2 + c1) * (var_x + var_y + c2)))


def oracles(reference, distorted, grey):
    return [oracle(*pair, grey) for pair in zip(reference, distorted, strict=True)]


# Values of the original implementations for pairs of TID2013, as chaofengc/IQA-PyTorch lists them.
@pytest.mark.parametrize(("name", "published"), [("I03", 0.6993), ("I04", 0.9978), ("I06", 0.9989)])
def test_published(shared, name, published):
    folder = shared / "data/metrics/pairs/calibration"
    pair = read_pair(folder / f"ref/{name}.bmp", folder / f"dist/{name}.bmp")
    assert round(float(ssim(*(image[None] for image in pair))[0]), 4) == published


@pytest.mark.parametrize(
    ("names", "value"),
    [(("goldhill.gif", "goldhill_jpeg.gif"), 0.68237), (("I01.BMP", "i01_01_5.bmp"), 0.67908)],
)
def test_full_resolution(shared, names, value):
    pair = read_pair(*(shared / "data/metrics/pairs" / name for name in names))
    assert round(float(ssim(*(image[None] for image in pair))[0]), 5) == value


@pytest.mark.parametrize("grey", ["rounded", "exact"])
def test_against_float64(grey):
    got = ssim(FIRST, SECOND, grey=grey)
    np.testing.assert_allclose(got, oracles(FIRST, SECOND, grey), atol=1e-6)
    np.testing.assert_allclose(
        ssim(FIRST, 1 - FIRST, grey=grey), oracles(FIRST, 1 - FIRST, grey), atol=1e-6
    )


@pytest.mark.parametrize("base", [0.002, 0.5, 0.95])
@pytest.mark.parametrize("contrast", [1e-3, 1e-2, 0.05])
def test_low_contrast_survives_float32(base, contrast):
    low = (base + contrast * RNG.random(SHAPE)).astype(np.float32)
    other = (base + contrast * RNG.random(SHAPE)).astype(np.float32)
    loss = 1 - np.array(oracles(low, other, "exact"))
    np.testing.assert_allclose(1 - ssim(low, other, grey="exact"), loss, rtol=2e-3, atol=1e-7)


def test_flat_halves_survive_float32():
    flat, halves = np.full(SHAPE, 0.5, np.float32), np.full(SHAPE, 0.116, np.float32)
    halves[:, :, 22:] = 0.876
    got = ssim(flat, halves, grey="exact")
    np.testing.assert_allclose(got, oracles(flat, halves, "exact"), atol=1e-6)
    # Where both are flat only the luminance term is left.
    x, y = 255 * 0.93, 255 * 0.41
    expected = (2 * x * y + 2.55**2) / (x**2 + y**2 + 2.55**2)
    got = ssim(np.full(SHAPE, 0.93, np.float32), np.full(SHAPE, 0.41, np.float32), grey="exact")
    np.testing.assert_allclose(got, expected, atol=1e-6)


def test_rounding_is_to_8_bits():
    levels = RNG.integers(0, 256, (*SHAPE[:3], 1)).repeat(3, axis=-1)
    whole = (levels / 255).astype(np.float32)
    np.testing.assert_allclose(ssim(whole, FIRST), oracles(whole, FIRST, "rounded"), atol=1e-6)
    inside = np.clip((levels + RNG.uniform(-0.4, 0.4, levels.shape)) / 255, 0, 1)
    np.testing.assert_array_equal(ssim(whole, inside.astype(np.float32)), 1)
    assert (ssim(whole, inside.astype(np.float32), grey="exact") < 1).all()


def test_identity_symmetry_and_range():
    np.testing.assert_array_equal(ssim(FIRST, FIRST), 1)
    np.testing.assert_allclose(ssim(FIRST, SECOND), ssim(SECOND, FIRST), atol=1e-7)
    low = float(ssim(FIRST, 1 - FIRST).min())
    assert -1 <= low < -0.5


@pytest.mark.slow
def test_jit_vmap_and_batch():
    got = ssim(FIRST, SECOND)
    assert got.shape == (2,)
    assert got.dtype == jnp.float32
    np.testing.assert_allclose(jax.jit(ssim)(FIRST, SECOND), got, atol=1e-6)
    singly = [ssim(FIRST[i : i + 1], SECOND[i : i + 1])[0] for i in range(2)]
    np.testing.assert_allclose(singly, got, atol=1e-6)
    mapped = jax.vmap(ssim)(FIRST[:, None], SECOND[:, None])
    np.testing.assert_allclose(mapped[:, 0], got, atol=1e-6)


SLOPE = jax.jit(
    jax.grad(lambda x, reference, grey: ssim(reference, x, grey=grey).sum()), static_argnums=2
)


def along(images, reference, direction, step):
    """The slope of the summed oracle along a direction, by central differences."""
    up, down = (oracles(reference, images + s * direction, "exact") for s in (step, -step))
    return (np.sum(up) - np.sum(down)) / (2 * step)


@pytest.mark.slow
@pytest.mark.parametrize(("base", "contrast"), [(0.1, 0.8), (0.9, 0.002)])
def test_gradient_against_float64(base, contrast):
    images = base + contrast * RNG.random(SHAPE)
    other = (images + contrast * 0.1 * RNG.random(SHAPE)).astype(np.float32)
    direction = RNG.normal(size=SHAPE)
    slope = SLOPE(images.astype(np.float32), other, "exact")
    expected = along(images, other, direction, 1e-4 * contrast)
    np.testing.assert_allclose(np.sum(slope * direction), expected, rtol=5e-3)


@pytest.mark.slow
def test_gradient_passes_through_the_rounding():
    # On whole grey levels rounding changes nothing, so both have one value and one gradient.
    whole = (RNG.integers(0, 256, (*SHAPE[:3], 1)).repeat(3, axis=-1) / 255).astype(np.float32)
    other = (RNG.integers(0, 256, (*SHAPE[:3], 1)).repeat(3, axis=-1) / 255).astype(np.float32)
    rounded, exact = (SLOPE(whole, other, grey) for grey in ("rounded", "exact"))
    np.testing.assert_allclose(rounded, exact, atol=1e-4 * np.abs(exact).max())


@pytest.mark.slow
def test_forward_mode_agrees_with_reverse_mode():
    direction = RNG.normal(size=SHAPE).astype(np.float32)
    _, forward = jax.jvp(lambda x: ssim(SECOND, x).sum(), (FIRST,), (direction,))
    np.testing.assert_allclose(
        forward, np.sum(SLOPE(FIRST, SECOND, "rounded") * direction), rtol=1e-3
    )


@pytest.mark.slow
@pytest.mark.parametrize("level", [None, 0.0, 0.5, 1.0])
@pytest.mark.parametrize("grey", ["rounded", "exact"])
def test_gradient_at_equal_and_flat_images_is_finite_and_zero(grey, level):
    images = FIRST if level is None else np.full(SHAPE, level, np.float32)
    np.testing.assert_array_equal(SLOPE(images, images, grey), 0)
    against = SLOPE(images, SECOND, grey)
    assert np.isfinite(against).all()
    assert np.abs(against).max() > 0


def test_no_operation_has_a_precision_to_lose():
    text = str(jax.make_jaxpr(ssim)(FIRST, SECOND))
    assert "dot_general" not in text
    assert "conv_general_dilated" not in text


@pytest.mark.slow
def test_an_option_may_be_a_number():
    first, second = (np.kron(x[:1, :20, :20], np.ones((1, 20, 20, 1))) for x in (FIRST, SECOND))
    pair = first.astype(np.float32), second.astype(np.float32)
    np.testing.assert_array_equal(ssim(*pair, downsample=256), ssim(*pair, downsample="256"))
    assert ssim(*pair, downsample=256) != ssim(*pair)


def test_errors():
    with pytest.raises(InputError, match="at least 11 x 11 pixels, got 44 x 10"):
        ssim(FIRST[:, :10], SECOND[:, :10])
    assert ssim(FIRST[:, :11, :11], SECOND[:, :11, :11]).shape == (2,)
    with pytest.raises(InputError, match="did you mean 'rounded'"):
        ssim(FIRST, SECOND, grey="round")
    with pytest.raises(InputError, match="unknown grey of ssim: 'True'"):
        ssim(FIRST, SECOND, grey=True)
    with pytest.raises(InputError, match=r"^reference: .*\[None\]"):
        ssim(FIRST[0], SECOND[0])
