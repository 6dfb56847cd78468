"""All pairs of two sets against one pair at a time, near equality above all."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxiqa
from jaxiqa.checks import InputError
from jaxiqa.metrics.load import load_metric

NET = jaxiqa.load_net("alexnet.random-0")
DRAW = np.random.default_rng(0)
SCENES = DRAW.random((3, 40, 44, 3), np.float32)
# Far ones, near ones (a tenth of a grey level, nothing to a matrix product), equal ones.
NEAR = np.clip(SCENES + 4e-4 * DRAW.standard_normal(SCENES.shape), 0, 1).astype(np.float32)
XS = np.concatenate([SCENES, DRAW.random((2, 40, 44, 3), np.float32)])
YS = np.concatenate([NEAR, SCENES, DRAW.random((1, 40, 44, 3), np.float32)])
EQUAL = (np.arange(3), np.arange(3, 6))
NAMES = ("lpips.alexnet", "alexnet:relu1", "alexnet:relu1+relu2/euclidean/averaged")
SLOW = tuple(
    pytest.param(name, marks=pytest.mark.slow)
    for name in ("alexnet:relu1/gram", "ssim", NAMES[0], NAMES[2])
)


@functools.cache
def metric(name):
    return load_metric(name, net=None if name == "ssim" else NET)


@functools.cache
def one_by_one(name):
    return np.array([[metric(name)(x[None], y[None])[0] for y in YS] for x in XS])


@pytest.mark.parametrize("name", [NAMES[1], *SLOW])
@pytest.mark.parametrize("chunk", [3, pytest.param(None, marks=pytest.mark.slow)])
def test_is_each_pair_by_itself(name, chunk):
    found = jaxiqa.pairwise(metric(name), XS, YS, chunk=chunk)
    assert found.shape == (5, 7)
    np.testing.assert_allclose(found, one_by_one(name), rtol=1e-5, atol=1e-6 * (name == "ssim"))
    np.testing.assert_array_equal(found[EQUAL], 1 if name == "ssim" else 0)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["alexnet:relu1", "ssim"])
@pytest.mark.parametrize("chunk", [None, 3])
def test_inside_a_jit(name, chunk):
    found = jax.jit(functools.partial(jaxiqa.pairwise, metric(name), chunk=chunk))(XS, YS)
    np.testing.assert_allclose(found, one_by_one(name), rtol=1e-5, atol=1e-6 * (name == "ssim"))
    np.testing.assert_array_equal(found[EQUAL], 1 if name == "ssim" else 0)


@pytest.mark.slow
def test_gradient_is_finite_at_equal_images():
    def total(xs):
        return jaxiqa.pairwise(metric("alexnet:relu1"), xs, SCENES).sum()

    assert jnp.isfinite(jax.grad(total)(jnp.asarray(SCENES))).all()


@pytest.mark.slow
def test_equal_images_are_0_where_a_root_would_see_rounding():
    scenes = np.concatenate([SCENES, XS[3:]])
    found = jaxiqa.pairwise(load_metric("mdsi"), scenes, scenes, chunk=2)
    np.testing.assert_array_equal(np.diagonal(found), 0)
    assert (found[~np.eye(5, dtype=bool)] > 0).all()


@pytest.mark.slow
@pytest.mark.parametrize("chunk", [3, None])
def test_images_spread_over_a_mesh_of_explicit_axes(chunk):
    place = jax.NamedSharding(jax.make_mesh((1,), ("pairs",)), jax.P("pairs"))
    spread = [jax.device_put(images, place) for images in (XS, YS)]
    found = jaxiqa.pairwise(metric("alexnet:relu1"), *spread, chunk=chunk)
    np.testing.assert_allclose(found, one_by_one("alexnet:relu1"), rtol=1e-5)


def test_a_matrix_product_alone_would_not_do(monkeypatch):
    """Near pairs are off by percents without the exact way, which shows that they take it."""
    from jaxiqa.metrics import pairwise

    monkeypatch.setattr(pairwise, "_NEAR", -1.0)
    pairwise._squares.clear_cache()
    found = jaxiqa.pairwise(metric("alexnet:relu1"), XS, YS)
    pairwise._squares.clear_cache()
    near = np.arange(3), np.arange(3)
    assert (np.abs(found[near] / one_by_one("alexnet:relu1")[near] - 1) > 1e-3).any()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"metric": "ssim"}, "expected a metric from load_metric, got 'ssim'"),
        ({"ys": YS[:, 1:]}, r"xs are \(40, 44\) but ys are \(39, 44\) rows and columns"),
        ({"chunk": 0}, "chunk must be a whole number above 0 or None, got 0"),
        ({"xs": XS[:, :5, :5], "ys": YS[:, :5, :5]}, "too small for relu1 of alexnet"),
    ],
)
def test_what_cannot_be(options, message):
    given = {"metric": metric("alexnet:relu1"), "xs": XS, "ys": YS} | options
    with pytest.raises(InputError, match=message):
        jaxiqa.pairwise(**given)
