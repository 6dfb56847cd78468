"""What every registered metric without weights has to do."""

import jax
import numpy as np
import pytest

from jaxiqa.metrics import METRICS, to_distance

RNG = np.random.default_rng(0)
REFERENCE = np.stack([RNG.random((24, 24, 3))] * 3).astype(np.float32)
# Noise that grows with the index.
NOISE = np.array([0.02, 0.1, 0.4]).reshape(3, 1, 1, 1) * RNG.normal(size=REFERENCE.shape)
DISTORTED = np.clip(REFERENCE + NOISE, 0, 1).astype(np.float32)
EACH = pytest.mark.parametrize("name", METRICS)


@EACH
def test_distance_grows_with_the_distortion(name):
    metric = METRICS[name]
    distance = to_distance(metric.function(REFERENCE, DISTORTED), metric.higher_is_better)
    equal = to_distance(metric.function(REFERENCE, REFERENCE), metric.higher_is_better)
    assert distance.shape == (3,)
    assert (np.diff(distance) > 0).all()
    assert (np.asarray(equal) < np.asarray(distance)).all()


@EACH
def test_own_distance_is_zero_for_equal_images(name):
    metric = METRICS[name]
    values = np.asarray(metric.function(REFERENCE, DISTORTED), np.float64)
    assert (np.diff(metric.distance(values)) > 0).all()
    equal = np.asarray(metric.function(REFERENCE, REFERENCE), np.float64)
    np.testing.assert_array_equal(metric.distance(equal), 0)


def test_distance_of_psnr_is_the_root_mean_square_error():
    error = np.sqrt(np.mean((REFERENCE.astype(np.float64) - DISTORTED) ** 2, axis=(1, 2, 3)))
    decibels = np.asarray(METRICS["psnr"].function(REFERENCE, DISTORTED), np.float64)
    np.testing.assert_allclose(METRICS["psnr"].distance(decibels), error, rtol=1e-5)


@EACH
def test_jit_and_gradient(name):
    function = METRICS[name].function
    np.testing.assert_allclose(
        jax.jit(function)(REFERENCE, DISTORTED), function(REFERENCE, DISTORTED), rtol=1e-6
    )
    slope = jax.jit(jax.grad(lambda x: function(REFERENCE, x).sum()))
    for distorted in (DISTORTED, REFERENCE, np.zeros_like(REFERENCE)):
        assert np.isfinite(slope(distorted)).all()


@EACH
def test_description_is_one_line(name):
    assert METRICS[name].description
    assert "\n" not in METRICS[name].description


def test_only_similarities_are_negated():
    values = np.array([1.0, np.inf, -0.5])
    np.testing.assert_array_equal(to_distance(values, True), [-1, -np.inf, 0.5])
    np.testing.assert_array_equal(to_distance(values, False), values)
