"""Euclidean distance between responses: against NumPy, at its zero, and its gradient."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from planted import planted_images

import jaxiqa
from jaxiqa.checks import InputError
from jaxiqa.readouts.euclidean import euclidean
from jaxiqa.readouts.forms import safe_sqrt
from jaxiqa.readouts.readout import Readout, combine

NET = jaxiqa.load_net("alexnet.random")
REFERENCE = planted_images((64, 72))
DISTORTED = np.clip(REFERENCE + 0.1 * planted_images((72, 64)).swapaxes(1, 2), 0, 1)


@functools.cache
def all_responses():
    taps = ("relu1", "conv3", "relu3", "relu5", "pool1")
    return [jaxiqa.responses(NET, images, taps=taps) for images in (REFERENCE, DISTORTED)]


def numpy_distance(taps):
    first, second = all_responses()
    flat = [
        np.concatenate([np.asarray(f[t], np.float64).reshape(2, -1) for t in taps], axis=1)
        for f in (first, second)
    ]
    positions = max(np.prod(first[t].shape[1:3]) for t in taps)
    return np.linalg.norm(flat[0] - flat[1], axis=1) / np.sqrt(positions)


@pytest.mark.parametrize("taps", [("relu1",), ("relu1", "relu3"), ("relu5", "pool1")])
def test_is_the_norm_of_the_concatenated_difference(taps):
    ours = euclidean(NET, REFERENCE, DISTORTED, taps=taps)
    np.testing.assert_allclose(ours, numpy_distance(taps), rtol=1e-5)


def test_is_symmetric_and_exactly_zero_for_equal_images():
    there = euclidean(NET, REFERENCE, DISTORTED, taps=("relu1", "relu3"))
    back = euclidean(NET, DISTORTED, REFERENCE, taps=("relu1", "relu3"))
    np.testing.assert_array_equal(there, back)
    assert (euclidean(NET, REFERENCE, REFERENCE, taps=("relu1", "relu3")) == 0).all()


def test_of_a_batch_is_that_of_its_images():
    batch = euclidean(NET, REFERENCE, DISTORTED, taps=("relu3",))
    each = [euclidean(NET, REFERENCE[i][None], DISTORTED[i][None], taps=("relu3",)) for i in (0, 1)]
    np.testing.assert_allclose(batch, np.concatenate(each), rtol=1e-6)


@functools.cache
def value_and_slope(taps):
    return jax.jit(jax.value_and_grad(lambda x, images: euclidean(NET, images, x, taps=taps).sum()))


@pytest.mark.parametrize(
    "taps", [("conv1",), pytest.param(("relu1", "conv3"), marks=pytest.mark.slow)]
)
def test_gradient_is_finite_at_equal_images(taps):
    for images in (REFERENCE, np.zeros_like(REFERENCE), np.full_like(REFERENCE, 0.5)):
        _, slope = value_and_slope(taps)(images, images)
        assert jnp.isfinite(slope).all()


@pytest.mark.parametrize("taps", [("conv1",), ("relu1", "conv3")])
def test_gradient_agrees_with_finite_differences(taps):
    # Away from the edges of [0, 1], so that the steps stay inside.
    start = jnp.asarray(0.25 + 0.5 * DISTORTED)
    _, slope = value_and_slope(taps)(start, REFERENCE)
    steepest = slope / jnp.linalg.norm(slope)
    # Far below a grey level per pixel: few kinks of ReLU are crossed, float32 still resolves it.
    step = 0.02
    above, below = (
        value_and_slope(taps)(start + s * steepest, REFERENCE)[0] for s in (step, -step)
    )
    np.testing.assert_allclose(jnp.linalg.norm(slope), (above - below) / (2 * step), rtol=5e-3)


def test_square_root_is_unchanged_where_positive_and_flat_at_zero():
    values = jnp.asarray([0.0, 1e-30, 4.0])
    np.testing.assert_array_equal(safe_sqrt(values), jnp.sqrt(values))
    slope = jax.vmap(jax.grad(safe_sqrt))(values)
    assert slope[0] == 0
    np.testing.assert_allclose(slope[1:], 0.5 / np.sqrt(values[1:]), rtol=1e-6)


def test_positions_weigh_taps_as_concatenation_does():
    totals = [jnp.full((3, 1), value) for value in (2.0, 5.0)]
    found = combine(totals, Readout(("a", "b")), positions=(16, 4), channels=(2, 5))
    np.testing.assert_allclose(found, np.sqrt(2 + 5 / 4), rtol=1e-6)


def test_what_is_not_a_number_stays_so():
    assert jnp.isnan(safe_sqrt(jnp.asarray([jnp.nan, -1.0]))).all()


def test_a_tap_is_concatenated_once():
    with pytest.raises(InputError, match=r"relu1\+features.1 holds tap 'relu1' twice"):
        euclidean(NET, REFERENCE, DISTORTED, taps=("relu1", "features.1"))


def test_unequal_sizes_are_refused():
    with pytest.raises(InputError, match="64"):
        euclidean(NET, REFERENCE, DISTORTED[:, :63], taps=("relu1",))
