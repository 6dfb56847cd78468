"""Euclidean distance between responses: against NumPy, at its zero, and its gradient."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from planted import planted_images

import jaxiqa
from jaxiqa.checks import InputError
from jaxiqa.readouts.euclidean import euclidean, from_energies, safe_sqrt

NET = jaxiqa.load_net("alexnet.random")
REFERENCE = planted_images((64, 72))
DISTORTED = np.clip(REFERENCE + 0.1 * planted_images((72, 64)).swapaxes(1, 2), 0, 1)


def numpy_distance(taps):
    first, second = (jaxiqa.responses(NET, x, taps=taps) for x in (REFERENCE, DISTORTED))
    flat = [
        np.concatenate([np.asarray(f[t], np.float64).reshape(2, -1) for t in taps], axis=1)
        for f in (first, second)
    ]
    positions = max(np.prod(first[t].shape[1:3]) for t in taps)
    return np.linalg.norm(flat[0] - flat[1], axis=1) / np.sqrt(positions)


@pytest.mark.parametrize("taps", [("relu1",), ("conv3",), ("relu1", "relu3"), ("relu5", "pool1")])
def test_is_the_norm_of_the_concatenated_difference(taps):
    ours = euclidean(NET, REFERENCE, DISTORTED, taps=taps)
    np.testing.assert_allclose(ours, numpy_distance(taps), rtol=1e-5)


def test_is_symmetric_and_exactly_zero_for_equal_images():
    there = euclidean(NET, REFERENCE, DISTORTED, taps=("relu2", "relu5"))
    back = euclidean(NET, DISTORTED, REFERENCE, taps=("relu2", "relu5"))
    np.testing.assert_array_equal(there, back)
    assert (euclidean(NET, REFERENCE, REFERENCE, taps=("relu2", "relu5")) == 0).all()


def test_of_a_batch_is_that_of_its_images():
    batch = euclidean(NET, REFERENCE, DISTORTED, taps=("relu3",))
    each = [euclidean(NET, REFERENCE[i][None], DISTORTED[i][None], taps=("relu3",)) for i in (0, 1)]
    np.testing.assert_allclose(batch, np.concatenate(each), rtol=1e-6)


@pytest.mark.parametrize(
    "images", [REFERENCE, np.zeros_like(REFERENCE), np.full_like(REFERENCE, 0.5)]
)
@pytest.mark.parametrize("taps", [("conv1",), ("relu1", "relu5")])
def test_gradient_is_finite_at_equal_images(images, taps):
    slope = jax.grad(lambda x: euclidean(NET, images, x, taps=taps).sum())(jnp.asarray(images))
    assert jnp.isfinite(slope).all()


@pytest.mark.parametrize("taps", [("conv1",), ("relu1", "conv3")])
def test_gradient_agrees_with_finite_differences(taps):
    # Away from the edges of [0, 1], so that the steps stay inside.
    start = jnp.asarray(0.25 + 0.5 * DISTORTED)

    def distance(x):
        return euclidean(NET, REFERENCE, x, taps=taps)[0]

    slope = jax.grad(distance)(start)
    steepest = slope / jnp.linalg.norm(slope)
    # Far below a grey level per pixel: few kinks of ReLU are crossed, float32 still resolves it.
    step = 0.02
    measured = (distance(start + step * steepest) - distance(start - step * steepest)) / (2 * step)
    np.testing.assert_allclose(jnp.linalg.norm(slope), measured, rtol=5e-3)


def test_square_root_is_unchanged_where_positive_and_flat_at_zero():
    values = jnp.asarray([0.0, 1e-30, 4.0])
    np.testing.assert_array_equal(safe_sqrt(values), jnp.sqrt(values))
    slope = jax.vmap(jax.grad(safe_sqrt))(values)
    assert slope[0] == 0
    np.testing.assert_allclose(slope[1:], 0.5 / np.sqrt(values[1:]), rtol=1e-6)


def test_positions_weigh_taps_as_concatenation_does():
    energies = [jnp.ones((3, 2)), jnp.ones((3, 5))]
    np.testing.assert_allclose(from_energies(energies, (16, 4)), np.sqrt(2 + 5 / 4), rtol=1e-6)


def test_what_is_not_a_number_stays_so():
    assert jnp.isnan(safe_sqrt(jnp.asarray([jnp.nan, -1.0]))).all()


def test_a_tap_is_concatenated_once():
    with pytest.raises(InputError, match=r"relu1\+features.1 holds tap 'relu1' twice"):
        euclidean(NET, REFERENCE, DISTORTED, taps=("relu1", "features.1"))


def test_unequal_sizes_are_refused():
    with pytest.raises(InputError, match="64"):
        euclidean(NET, REFERENCE, DISTORTED[:, :63], taps=("relu1",))
