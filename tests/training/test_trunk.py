"""The net as it is trained, held against torch's convolutions and normalisation in numpy."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxiqa.arch.initial import random_variables
from jaxiqa.arch.net import Net, responses
from jaxiqa.arch.pocket import POCKET
from jaxiqa.images import IMAGENET
from jaxiqa.training.goals import GOALS
from jaxiqa.training.step import initial_params
from jaxiqa.training.trunk import folded, followed, initial_statistics, normalised

IMAGES = np.random.default_rng(1).random((3, 64, 64, 3), np.float32)
PARAMS = jax.tree.map(jnp.asarray, random_variables(POCKET, 1)["params"])


def plain(params):
    net = Net({"params": params}, POCKET, IMAGENET, "pocket.made", "made")
    return np.asarray(responses(net, IMAGES, taps=("relu5",))["relu5"])


@pytest.mark.slow
def test_folded_statistics_of_a_batch_give_the_responses_to_that_batch():
    biased = jax.tree.map(lambda x: x + 0.1 * (x.ndim == 1), PARAMS)
    expected, batch = normalised(biased, jnp.asarray(IMAGES), IMAGENET)
    assert np.abs(expected).max() > 0.5
    found = plain(folded(biased, batch))
    np.testing.assert_allclose(found, expected, atol=2e-5 * np.abs(expected).max())


@pytest.mark.slow
def test_what_is_normalised_does_not_depend_on_the_size_of_kernels():
    scaled = {**PARAMS, "conv1": {**PARAMS["conv1"], "kernel": 3 * PARAMS["conv1"]["kernel"]}}
    expected, found = (
        normalised(params, jnp.asarray(IMAGES), IMAGENET)[0] for params in (PARAMS, scaled)
    )
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-4)


@pytest.mark.slow
def test_running_statistics_go_to_those_of_the_batches():
    running, (_, batch) = initial_statistics(), normalised(PARAMS, jnp.asarray(IMAGES), IMAGENET)
    for _ in range(400):
        running = followed(running, batch)
    for name, held in batch.items():
        np.testing.assert_allclose(running[name]["var"], held["var"], rtol=1e-3)


def test_a_net_that_sees_no_colour_begins_with_kernels_alike_for_all_channels():
    kernel = np.asarray(initial_params(GOALS["colorization"], 1)["conv1"]["kernel"])
    bare = random_variables(POCKET, 1)["params"]["conv1"]["kernel"]
    np.testing.assert_array_equal(kernel[:, :, 0], kernel[:, :, 2])
    # Of grey images it is the same function.
    np.testing.assert_allclose(kernel.sum(2), bare.sum(2), atol=1e-6)
    np.testing.assert_array_equal(initial_params(GOALS["rotation"], 1)["conv1"]["kernel"], bare)
