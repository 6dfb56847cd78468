"""DISTS read off a bank of its trunk: the metric itself, and its form without learned weights."""

import dataclasses

import numpy as np
import pytest
from rated import noisy, pairs_of, picture

from jaxiqa import distances, extract_bank, load_net
from jaxiqa.arch import ARCHITECTURES
from jaxiqa.checks import InputError
from jaxiqa.images import IMAGENET
from jaxiqa.metrics.learned import learned
from jaxiqa.metrics.load import load_metric, net_metric
from jaxiqa.readouts.forms import FORMS

LEVELS = (0, 1, 6, 25)
REFERENCE = picture(0, (64, 64))
IMAGES = {"a": REFERENCE} | {f"a{k}": noisy(REFERENCE, k, k) for k in LEVELS}
BOTH = np.stack([REFERENCE] * len(LEVELS)), np.stack([IMAGES[f"a{k}"] for k in LEVELS])
# Each channel is a ratio of moments, rounded to some 3e-7, and they add up.
CLOSE = {"rtol": 3e-5, "atol": 1e-9}


@pytest.fixture(scope="module")
def trunk():
    return load_net("vgg16_dists.random-0")


@pytest.fixture(scope="module")
def bank(trunk, tmp_path_factory):
    pairs = pairs_of([("a", f"a{k}") for k in LEVELS], IMAGES)
    readout = learned("dists").readout
    folder = tmp_path_factory.mktemp("banks")
    return extract_bank(
        trunk, pairs, folder, taps=readout.taps, moments=FORMS[readout.form].moments
    )


@pytest.mark.slow
def test_a_bank_of_the_trunk_gives_the_metric(trunk, bank):
    found = learned("dists")
    (distance,) = distances(bank, [found.readout], relevance=found.relevance)
    expected = np.asarray(load_metric("dists", net=trunk)(*BOTH))
    assert distance[0] == 0
    assert (np.diff(expected) > 0).all()
    np.testing.assert_allclose(distance, expected, **CLOSE)


@pytest.mark.slow
def test_a_bank_of_the_trunk_gives_the_form_without_weights(trunk, bank):
    readout = learned("dists").readout
    (distance,) = distances(bank, [readout])
    expected = net_metric(trunk, readout)(*BOTH)
    np.testing.assert_allclose(distance, expected, **CLOSE)
    weighed = distances(bank, [readout], relevance=learned("dists").relevance)[0]
    assert not np.allclose(distance / distance[-1], weighed / weighed[-1], rtol=1e-3)


@pytest.mark.slow
def test_the_trunk_is_that_of_a_plain_vgg16(trunk):
    plain = dataclasses.replace(
        trunk, architecture=ARCHITECTURES["vgg16"], preprocess=IMAGENET, name="vgg16"
    )
    values = [load_metric("dists", net=net)(*BOTH) for net in (trunk, plain)]
    np.testing.assert_array_equal(*values)


def test_images_that_would_be_normalised_twice_are_refused(trunk):
    twice = dataclasses.replace(trunk, preprocess=IMAGENET)
    with pytest.raises(InputError, match="vgg16_dists normalises images itself"):
        load_metric("dists", net=twice)
