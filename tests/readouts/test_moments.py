"""Pair moments: against their definitions in double precision, and where these are hard."""

import functools

import exact
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxiqa.readouts.gram import _block
from jaxiqa.readouts.moments import CHANNEL_MOMENTS, MOMENTS, energy, pair_moments, state

SHAPES = ((3, 7, 9, 6), (2, 1, 1, 12))
LARGE = (1, 131, 128, 64)


@functools.partial(jax.jit, static_argnames="moments")
def found(a, b, moments=MOMENTS):
    states = (state(x, moments=moments) for x in (a, b))
    return pair_moments(*states, moments=moments)


def assert_close(name, ours, expected, rtol=1e-5):
    # A moment with a sign may be near 0 in a channel: its error is measured by the largest.
    signed = name in {"mean_difference", "var_difference", "covariance"}
    atol = rtol * np.abs(expected).max() if signed else 0
    np.testing.assert_allclose(ours, expected, rtol=rtol, atol=atol, err_msg=name)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("change", "offset"), [(1, 0), (1e-4, 0), (1, 1000), (1e-2, 1000)])
def test_agree_with_their_definitions(shape, change, offset):
    a, b = exact.planted_pair(shape, change=change, offset=offset)
    expected = exact.moments(a, b)
    for name, ours in found(a, b).items():
        assert ours.shape == (shape[0], 1 if name == "gram" else shape[-1])
        assert ours.dtype == jnp.float32
        assert_close(name, ours, expected[name])


def test_each_alone_is_what_it_is_among_all():
    a, b = exact.planted_pair(SHAPES[0], change=0.3)
    together = found(a, b)
    assert (*CHANNEL_MOMENTS, "gram") == MOMENTS
    for name in ("unit_energy", "var_difference", "covariance", "gram"):
        (alone,) = found(a, b, (name,)).values()
        np.testing.assert_allclose(alone, together[name], rtol=1e-6, err_msg=name)


@pytest.mark.parametrize(
    ("moments", "kept"),
    [
        (("energy", "mean_difference", "gram"), {"response"}),
        (("unit_energy",), {"response", "length"}),
        (("mean_distorted",), {"response", "mean"}),
        (("covariance",), {"response", "mean", "var"}),
        (MOMENTS, {"response", "length", "mean", "var"}),
    ],
)
def test_state_holds_what_the_moments_need_with_images_first(moments, kept):
    response = jax.ShapeDtypeStruct((3, 4, 5, 6), jnp.float32)
    found_state = jax.eval_shape(functools.partial(state, moments=moments), response)
    assert set(found_state) == kept
    assert {leaf.shape[0] for leaf in jax.tree.leaves(found_state)} == {3}


def test_of_a_batch_are_those_of_its_images():
    a, b = exact.planted_pair((3, 7, 9, 6), change=0.3)
    batch, turned = found(a, b), found(a[::-1], b[::-1])
    for name in MOMENTS:
        np.testing.assert_array_equal(turned[name][::-1], batch[name], err_msg=name)


@pytest.mark.parametrize("offset", [0, 1000])
def test_differences_of_equal_responses_are_exactly_zero(offset):
    a, _ = exact.planted_pair((3, 7, 9, 6), change=0, offset=offset)
    for name in ("energy", "unit_energy", "mean_difference", "var_difference", "gram"):
        assert not found(a, a)[name].any(), name


def test_variance_is_that_without_the_offset_and_of_a_flat_map_exactly_zero():
    # In steps of 2^-10, so that nothing is rounded when the offset is added.
    a, b = (np.round(x * 1024) / 1024 for x in exact.planted_pair(SHAPES[0], change=0.5))
    before, after = found(a, b), found(a + np.float32(1000), b + np.float32(1000))
    for name in ("var_reference", "var_distorted", "var_difference", "covariance"):
        assert_close(name, after[name], np.asarray(before[name]))
    flat = np.full(SHAPES[0], np.linspace(-7e5, 1000.1, 6), np.float32)
    assert not found(flat, flat)["var_reference"].any()
    np.testing.assert_array_equal(found(flat, flat)["mean_reference"], flat[:, 0, 0])


def test_low_precision_is_widened_before_anything_is_summed():
    # The squares are beyond float16.
    a, b = (jnp.asarray(400 * x, jnp.float16) for x in exact.planted_pair(SHAPES[0], change=0.5))
    expected = exact.moments(np.asarray(a, np.float32), np.asarray(b, np.float32))
    for name, ours in found(a, b, ("energy", "var_distorted")).items():
        assert ours.dtype == jnp.float32
        assert_close(name, ours, expected[name])
    np.testing.assert_allclose(energy(a, b), expected["energy"], rtol=1e-5)


def test_unit_length_where_one_response_vanishes_or_its_squares_underflow():
    a = np.zeros((1, 2, 2, 3), np.float32)
    b = a.copy()
    a[0, 0, 0], b[0, 0, 1] = (3, 0, 4), (0, 0, 5)
    a[0, 1, 0], b[0, 1, 0] = (1e-30, 0, 0), (2, 0, 0)
    a[0, 1, 1], b[0, 1, 1] = (1e-10, 0, 0), (3e-10, 0, 0)
    expected = exact.moments(a, b)["unit_energy"]
    np.testing.assert_allclose(found(a, b, ("unit_energy",))["unit_energy"], expected, rtol=1e-6)


def test_of_a_map_of_which_gram_is_taken_block_by_block():
    a, b = exact.planted_pair(LARGE, change=1e-3, offset=10)
    assert 1 < 131 * 128 / _block(131 * 128, 64) < 32
    expected = exact.moments(a, b)
    for name, ours in found(a, b).items():
        assert_close(name, ours, expected[name])


@pytest.mark.parametrize(
    ("positions", "channels"), [(384 * 512, 64), (383 * 509, 64), (48 * 64, 512), (1_000_003, 64)]
)
def test_blocks_divide_a_map_and_are_neither_tiny_nor_many(positions, channels):
    size = _block(positions, channels)
    assert positions % size == 0
    assert size == positions or positions / size < 1000


def test_every_product_is_asked_for_in_full_precision():
    # Of both programs of a map that a CPU takes block by block, and of their gradients.
    a = b = jax.ShapeDtypeStruct(LARGE, jnp.float32)
    slope = jax.grad(lambda a, b: sum(x.sum() for x in found(a, b).values()), argnums=(0, 1))
    text = str(jax.make_jaxpr(slope)(a, b))
    assert text.count("dot_general[") > 10
    highest = "precision=(Precision.HIGHEST, Precision.HIGHEST)"
    assert text.count(highest) == text.count("dot_general[")


def test_work_under_vmap():
    a, b = exact.planted_pair((3, 7, 9, 6), change=0.3)
    moments = ("unit_energy", "gram")
    mapped = jax.vmap(lambda a, b: found(a[None], b[None], moments))(a, b)
    for name, ours in found(a, b, moments).items():
        np.testing.assert_allclose(mapped[name][:, 0], ours, rtol=1e-5, atol=1e-7)


def test_work_under_shard_map():
    a, b = exact.planted_pair(LARGE, change=1e-3, offset=10)
    mesh = jax.make_mesh((1,), ("pairs",), axis_types=(jax.sharding.AxisType.Auto,))
    spec = jax.sharding.PartitionSpec("pairs")
    spread = jax.jit(jax.shard_map(found, mesh=mesh, in_specs=(spec, spec), out_specs=spec))
    together = spread(a, b)
    for name, ours in found(a, b).items():
        assert_close(name, together[name], np.asarray(ours))
