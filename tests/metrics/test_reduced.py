"""Narrow dtypes: near float32 where they can be, and float32 where they cannot."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from kinds import KINDS, taps_of_every_kind
from planted import planted_images

import jaxiqa
from jaxiqa.arch import ARCHITECTURES
from jaxiqa.images import preprocess
from jaxiqa.metrics.load import load_metric

NARROW = ("bfloat16", "float16")
REFERENCE = np.clip(planted_images((40, 44)), 0, 1)[:1]
NOISE = np.random.default_rng(0).standard_normal(REFERENCE.shape).astype(np.float32)
STRONG = np.clip(REFERENCE + np.float32(0.1) * NOISE, 0, 1)
FLAT = [np.full_like(REFERENCE, level) for level in (0, 0.5, 1)]


@functools.cache
def net(scale=1.0):
    found = jaxiqa.load_net("alexnet.random-0")
    return jax.tree.map(lambda leaf: leaf * np.float32(scale), found)


@functools.cache
def metric(dtype, scale=1.0, form="unit"):
    return load_metric(f"alexnet:relu1/{form}", net=net(scale), dtype=dtype)


@pytest.mark.slow
@pytest.mark.parametrize("dtype", NARROW)
def test_near_float32_for_strong_distortions(dtype):
    exact, found = (metric(kind)(REFERENCE, STRONG) for kind in ("float32", dtype))
    assert 0 < np.abs(found / exact - 1).max() < (0.02 if dtype == "bfloat16" else 0.003)


@pytest.mark.parametrize("dtype", NARROW)
def test_never_0_for_images_that_differ(dtype):
    """Steps that the dtype does not have, wherever they lie within one of its own."""
    expected = net().preprocess
    changed = np.maximum(REFERENCE - np.float32(2e-6), 0)
    seen = [preprocess(x, expected).astype(dtype) for x in (REFERENCE, changed)]
    lost = np.where(np.asarray(seen[0] == seen[1]), changed, REFERENCE)
    assert (lost != REFERENCE).mean() > 0.5
    exact, found = (metric(kind)(REFERENCE, lost) for kind in ("float32", dtype))
    assert exact > 0
    np.testing.assert_allclose(found, exact, rtol=1e-6)
    np.testing.assert_array_equal(metric(dtype)(REFERENCE, REFERENCE), 0)


@pytest.mark.slow
def test_what_overflows_is_computed_in_float32():
    loud = 1e6
    exact, found = (
        metric(kind, loud, "euclidean")(REFERENCE, STRONG) for kind in ("float32", "float16")
    )
    assert exact > 65504
    np.testing.assert_allclose(found, exact, rtol=1e-6)
    slope = jax.grad(lambda x: metric("float16", loud, "euclidean")(REFERENCE, x)[0])
    expected = jax.grad(lambda x: metric("float32", loud, "euclidean")(REFERENCE, x)[0])
    np.testing.assert_allclose(slope(STRONG), expected(STRONG), rtol=1e-5, atol=1e-2)


@pytest.mark.slow
@pytest.mark.parametrize("dtype", NARROW)
def test_gradient_is_finite(dtype):
    slope = jax.jit(jax.grad(lambda x, y: metric(dtype)(x, y).sum(), argnums=(0, 1)))
    for pair in ((REFERENCE, STRONG), (REFERENCE, REFERENCE), *((x, x) for x in FLAT)):
        assert all(jnp.isfinite(leaf).all() for leaf in slope(*map(jnp.asarray, pair)))


@pytest.mark.slow
@pytest.mark.parametrize("dtype", NARROW)
def test_gradient_of_a_small_loss_is_that_of_the_loss(dtype):
    def slope(kind, scale):
        return jax.grad(lambda x: (scale * metric(kind)(REFERENCE, x)).sum())(STRONG)

    exact, found = (slope(kind, 1e-6) for kind in ("float32", dtype))
    assert jnp.linalg.norm(found - exact) < 0.1 * jnp.linalg.norm(exact)


# Each kind with one dtype: compiling takes most of the time.
@pytest.mark.slow
@pytest.mark.parametrize(("name", "dtype"), list(zip(KINDS, 3 * NARROW, strict=True)))
def test_every_kind_of_layer_in_a_narrow_dtype(name, dtype):
    tap = taps_of_every_kind(ARCHITECTURES[name])[-1]
    trunk = jaxiqa.load_net(f"{name}.random-0")
    images = [np.clip(x, 0, 1).repeat(2, axis=1).repeat(2, axis=2) for x in (REFERENCE, STRONG)]
    exact, found = (
        load_metric(f"{name}:{tap}/unit", net=trunk, dtype=kind)(*images)
        for kind in ("float32", dtype)
    )
    assert np.abs(found / exact - 1).max() < 0.5
