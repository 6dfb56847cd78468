"""What is said about arrays that are not batches of images, and what is let through."""

import jax
import jax.numpy as jnp
import ml_dtypes
import numpy as np
import pytest

from jaxiqa.checks import InputError
from jaxiqa.images import check_images, check_pair

GOOD = np.random.default_rng(0).random((2, 4, 5, 3)).astype(np.float32)
KINDS = pytest.mark.parametrize("kind", [np.asarray, jnp.asarray], ids=["numpy", "jax"])


@KINDS
def test_float32_comes_back_itself(kind):
    images = kind(GOOD)
    assert check_images(images) is images


@KINDS
@pytest.mark.parametrize("dtype", [np.float16, ml_dtypes.bfloat16])
def test_half_precision_becomes_float32(kind, dtype):
    images = kind(GOOD.astype(dtype))
    got = check_images(images)
    assert got.dtype == np.float32
    assert type(got) is type(images)
    np.testing.assert_array_equal(np.asarray(got), GOOD.astype(dtype).astype(np.float32))


def test_float64_numpy_becomes_float32():
    assert check_images(GOOD.astype(np.float64)).dtype == np.float32


@pytest.mark.parametrize(
    ("shape", "match"),
    [
        ((4, 5, 3), r"\[None\]"),
        ((3, 4, 5), r"transpose\(1, 2, 0\)\[None\]"),
        ((2, 3, 4, 5), r"NCHW.*transpose\(0, 2, 3, 1\)"),
        ((2, 4, 5, 1), r"grey.*repeat\(3, axis=-1\)"),
        ((2, 4, 5, 4), r"drop alpha with \[\.\.\., :3\]"),
        ((4, 5), r"single grey image"),
        ((2, 4, 5, 7), "expected the shape"),
        ((1, 2, 4, 5, 3), "expected the shape"),
        ((3,), "expected the shape"),
        ((), "expected the shape"),
        ((0, 4, 5, 3), "no pixels"),
        ((2, 0, 5, 3), "no pixels"),
    ],
)
@KINDS
def test_shapes(kind, shape, match):
    with pytest.raises(InputError, match=match) as caught:
        check_images(kind(np.zeros(shape, np.float32)), name="reference")
    assert str(caught.value).startswith("reference: ")
    assert str(shape) in str(caught.value)


@pytest.mark.parametrize(
    ("shape", "advice"),
    [
        ((4, 5, 3), lambda x: x[None]),
        ((3, 4, 5), lambda x: x.transpose(1, 2, 0)[None]),
        ((2, 3, 4, 5), lambda x: x.transpose(0, 2, 3, 1)),
        ((2, 4, 5, 1), lambda x: x.repeat(3, axis=-1)),
        ((2, 4, 5, 4), lambda x: x[..., :3]),
        ((4, 5), lambda x: x[None, ..., None].repeat(3, axis=-1)),
    ],
)
@KINDS
def test_the_advice_helps(kind, shape, advice):
    check_images(advice(kind(np.zeros(shape, np.float32))))


@KINDS
@pytest.mark.parametrize(
    ("dtype", "match"), [(np.uint8, r"uint8.*/ 255"), (np.int32, "int32"), (bool, "bool")]
)
def test_dtypes(kind, dtype, match):
    with pytest.raises(InputError, match=match):
        check_images(kind(np.zeros((1, 4, 5, 3), dtype)))


@KINDS
@pytest.mark.parametrize(
    ("value", "match"),
    [
        (1.5, r"to 1\.5, expected \[0, 1\]$"),
        (-0.25, r"from -0\.25 to"),
        (200.0, r"to 200, .*divide by 255"),
        (np.nan, "not finite"),
        (np.inf, "not finite"),
        (-np.inf, "not finite"),
    ],
)
@pytest.mark.parametrize("dtype", [np.float32, np.float16, ml_dtypes.bfloat16])
def test_values(kind, value, match, dtype):
    images = GOOD.copy()
    images[1, 2, 3, 1] = value
    with pytest.raises(InputError, match=match):
        check_images(kind(images.astype(dtype)))


def test_rounding_just_outside_is_let_through():
    images = GOOD.copy()
    images[0, 0, 0] = [-5e-7, 1 + 5e-7, 1]
    np.testing.assert_array_equal(check_images(images), images)


@pytest.mark.parametrize("thing", [None, 3.0, [[0.5]], "a.png", GOOD.tolist()])
def test_what_is_no_array(thing):
    with pytest.raises(InputError, match="expected a NumPy or JAX array"):
        check_images(thing)


def test_under_a_trace_only_shape_and_dtype_are_checked():
    assert float(jax.jit(lambda x: check_images(x).max())(GOOD + 7)) > 7
    assert jax.vmap(check_images)(jnp.asarray(GOOD[None])).shape == (1, *GOOD.shape)
    assert jax.grad(lambda x: check_images(x).sum())(jnp.asarray(GOOD)).shape == GOOD.shape
    with pytest.raises(InputError, match="NCHW"):
        jax.jit(check_images)(GOOD.transpose(0, 3, 1, 2))
    with pytest.raises(InputError, match="uint8"):
        jax.eval_shape(check_images, jax.ShapeDtypeStruct((1, 4, 5, 3), jnp.uint8))


def test_a_constant_of_a_traced_function_is_checked():
    good, bad = jnp.asarray(GOOD), jnp.asarray(GOOD) + 7
    np.testing.assert_allclose(jax.jit(lambda x: check_images(good) - x)(good), 0)
    with pytest.raises(InputError, match="expected"):
        jax.jit(lambda x: check_images(bad) - x)(good)


def test_pairs():
    first, second = check_pair(GOOD, jnp.asarray(GOOD))
    np.testing.assert_array_equal(first, second)
    with pytest.raises(InputError, match=r"\(2, 4, 5, 3\) .*\(1, 4, 5, 3\).*repeat"):
        check_pair(GOOD, GOOD[:1])
    with pytest.raises(InputError, match=r"\(2, 4, 5, 3\) .*\(2, 3, 5, 3\).*crop or resize"):
        check_pair(GOOD, GOOD[:, 1:])
    with pytest.raises(InputError, match=r"^distorted: .*\[None\]"):
        check_pair(GOOD, GOOD[0])
