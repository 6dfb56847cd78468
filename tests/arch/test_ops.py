"""Each fast form against the plain one, and the rules at borders against loops over windows."""

import functools
import math

import jax
import jax.export
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from jaxiqa.arch import layers
from jaxiqa.arch.convolution import convolve
from jaxiqa.arch.geometry import extent_after
from jaxiqa.arch.layers import AveragePool, Conv, MaxPool
from jaxiqa.arch.ops import APPLY, Precision
from jaxiqa.arch.pooling import average_pool, max_pool

GENERATOR = np.random.default_rng(7)
MAP = GENERATOR.standard_normal((2, 11, 8, 6)).astype(np.float32)


def apply(layer, *inputs, **arrays):
    def compute(inputs, arrays):
        return APPLY[type(layer)](layer, arrays, inputs, Precision.HIGHEST)

    return np.asarray(jax.jit(compute)(inputs, arrays))


def positions(extent, window, stride, padding, ceil=False):
    """Starts of the windows along an axis, by the rules of torch and TensorFlow."""
    if padding == "SAME":
        count = -(-extent // stride)
        padding = max(0, (count - 1) * stride + window - extent) // 2
        return [k * stride - padding for k in range(count)]
    starts = range(-padding, extent + padding, stride)
    fits = [s for s in starts if s + window <= extent + padding]
    uncovered = ceil and fits[-1] + window < extent + padding
    return fits + [s for s in starts if uncovered and fits[-1] < s < extent][:1]


def by_window(values, layer, size, reduce):
    """Loops over windows; ``reduce`` gets the (rows, columns) inside the map and their values."""
    height, width = values.shape[1:3]
    ceil = getattr(layer, "ceil", False)
    pads = layers.pair(layer.padding) if layer.padding != "SAME" else ("SAME", "SAME")
    rows = positions(height, size[0], layer.stride, pads[0], ceil)
    columns = positions(width, size[1], layer.stride, pads[1], ceil)
    return np.stack(
        [np.stack([reduce(values, row, column) for column in columns], 1) for row in rows], 1
    )


def jitted(layer):
    return jax.jit(functools.partial(convolve, layer=layer, precision=Precision.HIGHEST))


CONVOLUTIONS = [
    Conv(6, 3, 1, 1, groups=6),
    Conv(6, 5, 2, 2, groups=6),
    Conv(6, 3, 2, "SAME", groups=6),
    Conv(6, 5, 1, "SAME", groups=6),
    Conv(4, 3, 1, 1, groups=2),
    Conv(9, 3, 2, 0, groups=3),
    Conv(4, 3, 2, "SAME"),
    Conv(4, 1),
    Conv(4, 1, 2),
    Conv(4, 1, 2, "SAME"),
    Conv(4, (1, 7), 1, (0, 3)),
    Conv(4, (3, 1), 1, (1, 0)),
]


@pytest.mark.parametrize("layer", CONVOLUTIONS, ids=str)
def test_a_convolution_is_a_sum_over_its_window(layer):
    size = layers.pair(layer.kernel)
    kernel = GENERATOR.standard_normal((*size, 6 // layer.groups, layer.features))
    kernel, group = kernel.astype(np.float32), 6 // layer.groups
    outputs = layer.features // layer.groups

    def product(values, top, left):
        total = np.zeros((2, layer.features))
        for row in range(size[0]):
            for column in range(size[1]):
                y, x = top + row, left + column
                if 0 <= y < 11 and 0 <= x < 8:
                    for g in range(layer.groups):
                        part = slice(g * outputs, (g + 1) * outputs)
                        seen = values[:, y, x, g * group : (g + 1) * group]
                        total[:, part] += seen @ kernel[row, column, :, part]
        return total

    ours = jitted(layer)(MAP, kernel)
    expected = by_window(MAP, layer, size, product)
    np.testing.assert_allclose(ours, expected, atol=1e-5)
    assert ours.shape[1:3] == tuple(int(extent_after(layer, n)) for n in MAP.shape[1:3])


@pytest.mark.parametrize(
    ("layer", "channels"),
    [
        (Conv(6, 3, 2, 1, groups=6), 6),
        pytest.param(Conv(6, 3, 1, "SAME", groups=6), 6, marks=pytest.mark.slow),
        (Conv(20, 3, 2, 1), 3),
        pytest.param(Conv(32, 5, 1, "SAME"), 3, marks=pytest.mark.slow),
    ],
)
def test_what_is_computed_otherwise_and_its_gradients_are_the_plain_ones(layer, channels):
    """Depthwise convolutions, and few features of colours."""
    images = MAP[..., :channels]
    shape = (layer.kernel, layer.kernel, channels // layer.groups, layer.features)
    # Responses of about 1.
    kernel = (GENERATOR.standard_normal(shape) / math.sqrt(math.prod(shape[:3]))).astype(np.float32)
    pads = "SAME" if layer.padding == "SAME" else [(1, 1), (1, 1)]

    @jax.jit
    def plain(images, kernel):
        return lax.conv_general_dilated(
            images,
            kernel,
            (layer.stride, layer.stride),
            pads,
            dimension_numbers=("NHWC", "HWIO", "NHWC"),
            feature_group_count=layer.groups,
            precision=Precision.HIGHEST,
        )

    ours = jitted(layer)
    np.testing.assert_allclose(ours(images, kernel), plain(images, kernel), atol=1e-5)

    def slopes(function):
        slope = jax.grad(lambda x, k: jnp.sum(jnp.sin(function(x, k))), (0, 1))
        return jax.jit(slope)(images, kernel)

    for found, expected in zip(slopes(ours), slopes(plain), strict=True):
        np.testing.assert_allclose(found, expected, atol=2e-5)
    assert jax.vmap(lambda x: ours(x[None], kernel))(jnp.asarray(images)).shape[0] == 2


POOLS = [
    (3, 2),
    (3, 2, True),
    (2, 2, True),
    (3, 2, False, 1),
    (3, 1, True, 1),
    (3, 2, True, 1),
    (3, 2, False, "SAME"),
    (2, 2, False, "SAME"),
]


def inside(values, top, left, window):
    return values[:, max(0, top) : top + window, max(0, left) : left + window]


@pytest.mark.parametrize("numbers", POOLS)
def test_pools_are_maxima_and_means_over_windows(numbers):
    largest, window = MaxPool(*numbers), numbers[0]
    ours = jax.jit(lambda x: max_pool(x, largest))(MAP)
    np.testing.assert_array_equal(
        ours,
        by_window(
            MAP, largest, (window, window), lambda v, *at: inside(v, *at, window).max((1, 2))
        ),
    )
    mean = AveragePool(*numbers, count_padding=False)
    np.testing.assert_allclose(
        jax.jit(lambda x: average_pool(x, mean))(MAP),
        by_window(MAP, mean, (window, window), lambda v, *at: inside(v, *at, window).mean((1, 2))),
        atol=1e-6,
    )


def test_padding_counts_as_zeros_in_a_mean_unless_told_otherwise():
    ones = jnp.ones((1, 4, 4, 1))
    pool = jax.jit(average_pool, static_argnums=1)
    counted = pool(ones, AveragePool(3, 1, padding=1))[0, :, :, 0]
    np.testing.assert_allclose(counted[0], np.asarray([4, 6, 6, 4]) / 9, rtol=1e-6)
    left_out = pool(ones, AveragePool(3, 1, padding=1, count_padding=False))
    np.testing.assert_allclose(left_out, ones)
    # A partial window reaches to the end of the padding and no further, as in torch.
    partial = pool(jnp.ones((1, 5, 5, 1)), AveragePool(2, 2, ceil=True))[0, :, :, 0]
    np.testing.assert_allclose(partial, np.ones((3, 3)))


@pytest.mark.parametrize("layer", [MaxPool(3, 2), MaxPool(2, 2), MaxPool(3, 2, padding=1)], ids=str)
def test_the_gradient_of_a_max_pool_goes_to_the_first_of_equals(layer):
    tied = jnp.asarray(GENERATOR.integers(0, 3, (2, 12, 9, 4)), jnp.float32)
    pads = [(0, 0), (layer.padding, layer.padding), (layer.padding, layer.padding), (0, 0)]

    def plain(images):
        window, stride = (1, layer.window, layer.window, 1), (1, layer.stride, layer.stride, 1)
        return lax.reduce_window(images, -jnp.inf, lax.max, window, stride, pads)

    weights = jnp.asarray(GENERATOR.standard_normal(plain(tied).shape), jnp.float32)

    def slope(pool):
        return jax.jit(jax.grad(lambda x: jnp.sum(weights * pool(x))))(tied)

    np.testing.assert_allclose(slope(lambda x: max_pool(x, layer)), slope(plain), atol=1e-6)


def test_a_value_that_is_no_number_wins_a_max_pool():
    broken = MAP.copy()
    broken[0, 2, 2, 0] = np.nan
    found = jax.jit(max_pool, static_argnums=1)(broken, MaxPool(3, 2))
    assert np.isnan(np.asarray(found)).sum() == 4


def gelu(x):
    return x * np.vectorize(lambda v: 0.5 * (1 + math.erf(v / 2**0.5)))(x)


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        (layers.Relu6(), lambda x: np.clip(x, 0, 6)),
        (layers.Sigmoid(), lambda x: 1 / (1 + np.exp(-x))),
        (layers.HardSigmoid(), lambda x: np.clip(x + 3, 0, 6) / 6),
        (layers.HardSwish(), lambda x: x * np.clip(x + 3, 0, 6) / 6),
        (layers.Silu(), lambda x: x / (1 + np.exp(-x))),
        (layers.Gelu(), gelu),
        (layers.Subsample(10, 2), lambda x: np.pad(x[:, ::2, ::2], ((0, 0),) * 3 + ((2, 2),))),
    ],
    ids=lambda value: type(value).__name__,
)
def test_functions_without_arrays(layer, expected):
    wide = 4 * MAP
    np.testing.assert_allclose(apply(layer, wide), expected(wide.astype(float)), atol=1e-5)


def test_layer_norm_is_over_channels():
    scale, bias = GENERATOR.standard_normal((2, 6)).astype(np.float32)
    ours = apply(layers.LayerNorm(1e-2), jnp.asarray(MAP), scale=scale, bias=bias)
    mean, variance = MAP.mean(-1, keepdims=True), MAP.var(-1, keepdims=True)
    expected = (MAP - mean) / np.sqrt(variance + 1e-2) * scale + bias
    np.testing.assert_allclose(ours, expected, atol=1e-5)


@pytest.mark.parametrize("size", [3, 5])
def test_local_response_norm_is_over_neighbouring_channels(size):
    layer = layers.LocalResponseNorm(size, alpha=0.5, beta=0.75, k=2.0)
    expected = np.empty_like(MAP)
    for c in range(6):
        near = MAP[..., max(0, c - size // 2) : c + size // 2 + 1]
        energy = (near.astype(float) ** 2).sum(-1)
        expected[..., c] = MAP[..., c] / (2 + 0.5 / size * energy) ** 0.75
    np.testing.assert_allclose(apply(layer, jnp.asarray(MAP)), expected, atol=1e-6)


def test_a_gate_and_a_scale_act_on_whole_channels():
    gate = GENERATOR.random((2, 1, 1, 6)).astype(np.float32)
    np.testing.assert_array_equal(apply(layers.Multiply(), MAP, jnp.asarray(gate)), MAP * gate)
    scale = GENERATOR.random((6, 1, 1)).astype(np.float32)
    np.testing.assert_array_equal(
        apply(layers.Scale(), jnp.asarray(MAP), scale=jnp.asarray(scale)), MAP * scale[:, 0, 0]
    )


def test_lightness_is_that_of_lab():
    # L of mid grey, white, black and the primaries of sRGB, as colour science tables have them.
    colours = np.asarray(
        [[0.5, 0.5, 0.5], [1, 1, 1], [0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], np.float32
    )
    ours = apply(layers.Lightness(), jnp.asarray(colours[None, None]))[0, 0, :, 0] + 50
    np.testing.assert_allclose(ours, [53.389, 100, 0, 53.241, 87.735, 32.297], atol=0.02)

    def total(images):
        return jnp.sum(APPLY[layers.Lightness](layers.Lightness(), {}, (images,), None))

    slope = jax.jit(jax.grad(total))(colours[None, None])
    assert jnp.isfinite(slope).all()
    assert (slope > 0).all()


@pytest.mark.parametrize(("platform", "plain"), [("cpu", False), ("cuda", True), ("tpu", True)])
def test_forms_that_are_fast_on_a_cpu_stay_there(platform, plain):
    def compute(images, kernel):
        filtered = convolve(images, kernel, Conv(6, 3, 1, 1, groups=6), Precision.HIGHEST)
        return max_pool(filtered, MaxPool(3, 2))

    shapes = [jax.ShapeDtypeStruct(shape, jnp.float32) for shape in (MAP.shape, (3, 3, 1, 6))]
    text = jax.export.export(jax.jit(compute), platforms=[platform])(*shapes).mlir_module()
    assert ("feature_group_count = 6" in text) == plain
    assert ("stablehlo.reduce_window" in text) == plain
