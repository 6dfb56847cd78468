"""Readouts straight from images: LPIPS as published, any form by its definition, and gradients."""

import functools

import exact
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from planted import planted_images

import jaxiqa
from jaxiqa.checkpoints.read import read
from jaxiqa.checks import InputError
from jaxiqa.readouts.distance import distance
from jaxiqa.readouts.forms import FORMS
from jaxiqa.readouts.readout import Readout

NET = jaxiqa.load_net("alexnet.random-0")
REFERENCE = planted_images((64, 72))
DISTORTED = np.clip(REFERENCE + 0.1 * planted_images((72, 64)).swapaxes(1, 2), 0, 1)
TAPS = ("relu1", "conv3")
WEIGHTS = {"relu1": np.linspace(0, 2, 64), "conv3": np.linspace(1, 0, 384)}


@functools.cache
def all_responses():
    return [jaxiqa.responses(NET, images, taps=TAPS) for images in (REFERENCE, DISTORTED)]


def pairs_at(taps):
    return [[np.asarray(found[tap]) for found in all_responses()] for tap in taps]


@pytest.mark.parametrize("form", ["euclidean", "mean-std", "gram"])
def test_of_one_tap_is_the_distance_of_its_responses(form):
    ((a, b),) = pairs_at(("relu1",))
    ours = distance(NET, REFERENCE, DISTORTED, readout=Readout(("relu1",), form))
    np.testing.assert_allclose(ours, exact.distance(form, a, b), rtol=1e-5)


def test_of_several_taps_with_relevance_is_lpips():
    expected = sum(
        (exact.moments(a, b)["unit_energy"] * WEIGHTS[tap][None]).sum(1)
        for tap, (a, b) in zip(TAPS, pairs_at(TAPS), strict=True)
    )
    readout = Readout(TAPS, "unit")
    ours = distance(NET, REFERENCE, DISTORTED, readout=readout, relevance=WEIGHTS)
    np.testing.assert_allclose(ours, expected, rtol=1e-5)


def test_averaged_is_the_mean_of_each_tap():
    expected = sum(exact.moments(a, b)["energy"].mean(1) for a, b in pairs_at(TAPS))
    ours = distance(NET, REFERENCE, DISTORTED, readout=Readout(TAPS, combination="averaged"))
    np.testing.assert_allclose(ours**2, expected, rtol=1e-5)


# By the original implementation of LPIPS 0.1: three pairs of TID2013, as collected by IQA-PyTorch,
# and the example images of the project.
TID = [(f"calibration/ref/{i}.bmp", f"calibration/dist/{i}.bmp") for i in ("I03", "I04", "I06")]
EXAMPLES = [("ex_ref.png", "ex_p0.png"), ("ex_ref.png", "ex_p1.png")]
LPIPS = [
    ("alexnet", "alex", TID, (0.7237, 0.2572, 0.0508), 4),
    ("squeezenet1_1", "squeeze", EXAMPLES, (0.7110, 0.1479), 4),
]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "head", "pairs", "published", "digits"), LPIPS)
def test_lpips_is_as_published(shared, name, head, pairs, published, digits):
    weights = shared / "data" / "weights"
    net = jaxiqa.load_net(name, weights / f"{name}_torchvision" / f"{name}-features.pth")
    taps = net.architecture.stages
    heads = read(weights / "lpips_lin" / "v0.1" / f"{head}.pth")
    relevance = {tap: heads[f"lin{i}.model.1.weight"].ravel() for i, tap in enumerate(taps)}
    for names, expected in zip(pairs, published, strict=True):
        folder = shared / "data" / "metrics" / "pairs"
        images = [jaxiqa.read_image(folder / image)[None] for image in names]
        ours = distance(net, *images, readout=Readout(taps, "unit"), relevance=relevance)
        assert round(float(ours[0]), digits) == expected


def assert_zero_and_finite(form, taps):
    readout = Readout(taps, form)

    def total(x, images):
        return distance(NET, images, x, readout=readout).sum()

    slope = jax.jit(jax.value_and_grad(total))
    for images in (REFERENCE, np.zeros_like(REFERENCE), np.full_like(REFERENCE, 0.5)):
        value, change = slope(images, images)
        assert value == 0
        assert jnp.isfinite(change).all()


def test_is_zero_with_a_finite_gradient_at_equal_images():
    assert_zero_and_finite("unit", ("conv1",))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("form", "taps"), [(form, (("conv5",), TAPS)[k % 2]) for k, form in enumerate(FORMS)]
)
def test_every_form_is_zero_with_a_finite_gradient_at_equal_images(form, taps):
    assert_zero_and_finite(form, taps)


@pytest.mark.slow
@pytest.mark.parametrize("form", ["unit", "gram", "std"])
def test_gradient_agrees_with_differences(form):
    readout = Readout(TAPS, form)
    # Away from the edges of [0, 1], so that the steps stay inside.
    start = jnp.asarray(0.25 + 0.5 * DISTORTED[:1])
    value = jax.jit(lambda x: distance(NET, REFERENCE[:1], x, readout=readout)[0])
    slope = jax.grad(value)(start)
    steepest, step = slope / jnp.linalg.norm(slope), 0.02
    measured = (value(start + step * steepest) - value(start - step * steepest)) / (2 * step)
    np.testing.assert_allclose(jnp.linalg.norm(slope), measured, rtol=5e-3)


def test_works_inside_a_jit_with_the_net_and_the_relevance_as_arguments():
    readout = Readout(TAPS, "unit")

    def total(net, relevance):
        return distance(net, REFERENCE, DISTORTED, readout=readout, relevance=relevance).sum()

    relevance = {tap: jnp.asarray(w, jnp.float32) for tap, w in WEIGHTS.items()}
    outside = total(NET, relevance)
    inside, slope = jax.jit(jax.value_and_grad(total, argnums=1))(NET, relevance)
    np.testing.assert_allclose(inside, outside, rtol=1e-6)
    energies = exact.moments(*pairs_at(("relu1",))[0])["unit_energy"].sum(0)
    np.testing.assert_allclose(slope["relu1"], energies, rtol=1e-5)


ONE = Readout(("relu1",), "unit")


@pytest.mark.parametrize(
    ("readout", "relevance", "message"),
    [
        (Readout(("relu1",), combination="balanced"), None, "'balanced' .* needs a data set"),
        (Readout(("relu1",), relevance="dataset-mean"), None, "'dataset-mean' .* needs a data set"),
        ("unit", None, "must be a Readout, got 'unit'"),
        (Readout(("relu1", "features.1"), "unit"), None, "holds tap 'relu1' twice"),
        (Readout(("relu9",)), None, "relu9"),
        (Readout(("relu1",), "gram"), {"relu1": np.ones(64)}, "'gram' takes no relevance"),
        (ONE, {"relu1": np.ones(63)}, r"shape \(63,\), expected \(64,\)"),
        (ONE, {"relu1": np.ones((1, 64, 1, 1))}, r"expected \(64,\)"),
        (ONE, {"relu1": -np.ones(64)}, "below 0"),
        (ONE, {"relu1": np.full(64, np.nan)}, "not finite"),
        (ONE, {"rellu1": np.ones(64)}, "'rellu1', did you mean 'relu1'"),
        (ONE, {}, "missing for tap 'relu1'"),
    ],
)
def test_mistakes_are_told_in_one_line(readout, relevance, message):
    with pytest.raises(InputError, match=message) as caught:
        distance(NET, REFERENCE, DISTORTED, readout=readout, relevance=relevance)
    assert "\n" not in str(caught.value)


def test_images_of_unequal_size_are_refused():
    with pytest.raises(InputError, match="63"):
        distance(NET, REFERENCE, DISTORTED[:, :63], readout=ONE)
