"""No product below float32, read from the traced programs: a CPU's results cannot show a slip."""

import functools

import jax
import numpy as np
import pytest

import jaxiqa
from jaxiqa.arch import ARCHITECTURES
from jaxiqa.metrics import METRICS
from jaxiqa.metrics.load import load_metric
from jaxiqa.readouts.forms import FORMS

PRODUCTS = ("dot_general", "conv_general_dilated")
HIGHEST = jax.lax.Precision.HIGHEST


def products(jaxpr):
    """Every product of a program and of the programs in it, with its precision."""
    for equation in jaxpr.eqns:
        if equation.primitive.name in PRODUCTS:
            yield equation.primitive.name, equation.params["precision"]
        for value in jax.tree.leaves(equation.params, is_leaf=lambda x: hasattr(x, "jaxpr")):
            inner = getattr(value, "jaxpr", value)
            if hasattr(inner, "eqns"):
                yield from products(inner)


def traced(metric, size):
    images = jax.ShapeDtypeStruct((1, size, size, 3), np.float32)
    both = jax.make_jaxpr(lambda x, y: (metric(x, y), jax.grad(lambda z: metric(x, z).sum())(y)))
    return list(products(both(images, images).jaxpr))


def assert_highest(found):
    assert all(precision in (HIGHEST, (HIGHEST, HIGHEST)) for _, precision in found), found


@pytest.mark.parametrize("name", METRICS)
def test_formulas(name):
    assert_highest(traced(load_metric(name), 192))


# The others are slow to trace.
NETS = ("alexnet_bvlc", "squeezenet1_1")


@functools.cache
def net(name):
    return jaxiqa.load_net(f"{name}.random-0")


@pytest.mark.parametrize("name", NETS)
def test_nets(name):
    found = traced(load_metric(f"{name}:{ARCHITECTURES[name].features}", net=net(name)), 299)
    assert "conv_general_dilated" in {kind for kind, _ in found}
    assert_highest(found)


# The first of each family: the others are made of the same layers.
FAMILIES = (
    "alexnet_colorization",
    "vgg11_bn",
    "resnet18",
    "resnet20",
    "resnetv2_50",
    "densenet121",
)
FAMILIES += ("googlenet", "inception_v3", "mobilenet_v1", "mobilenet_v2", "mobilenet_v3_small")
FAMILIES += ("efficientnet_b0", "tf_efficientnet_b0", "convnext_tiny", "resnet50_keras")


@pytest.mark.slow
@pytest.mark.parametrize("name", FAMILIES)
def test_every_family(name):
    deepest = load_metric(f"{name}:{ARCHITECTURES[name].features}", net=net(name))
    images = jax.ShapeDtypeStruct((1, 299, 299, 3), np.float32)
    assert_highest(list(products(jax.make_jaxpr(deepest)(images, images).jaxpr)))


@pytest.mark.parametrize("form", FORMS)
def test_every_form(form):
    found = traced(load_metric(f"alexnet_bvlc:conv1/{form}", net=net("alexnet_bvlc")), 64)
    assert found
    assert_highest(found)


def test_a_faster_precision_is_asked_for():
    fast = load_metric("alexnet_bvlc:relu1", net=net("alexnet_bvlc"), precision="high")
    asked = dict(traced(fast, 64))
    high = jax.lax.Precision.HIGH
    assert asked["conv_general_dilated"] in (high, (high, high))


def test_images_are_resized_in_float32():
    resized = load_metric("alexnet_bvlc:relu1", net=net("alexnet_bvlc"), resize="256")
    assert_highest(traced(resized, 300))
