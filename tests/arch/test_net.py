"""Responses: what is computed, in which precision, and what is refused."""

import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from planted import planted_arrays, planted_images

from jaxiqa.arch import ARCHITECTURES
from jaxiqa.arch.initial import random_variables
from jaxiqa.arch.net import Net, apply, available_taps, needed_variables, responses
from jaxiqa.arch.ops import Precision
from jaxiqa.checkpoints.fit import fit
from jaxiqa.checks import InputError
from jaxiqa.images import IMAGENET

IMAGES = planted_images((64, 72))


def random_net(name, seed=0):
    architecture = ARCHITECTURES[name]
    return Net(random_variables(architecture, seed), architecture, IMAGENET, name, f"seed {seed}")


ALEXNET = random_net("alexnet")


def static(net, names, precision=Precision.HIGHEST):
    return {
        "architecture": net.architecture,
        "preprocess": net.preprocess,
        "names": names,
        "precision": precision,
    }


def flops(tap):
    def compute(variables, images):
        return apply(variables, images, **static(ALEXNET, (tap,)))

    lowered = jax.jit(compute).lower(needed_variables(ALEXNET, (tap,)), IMAGES)
    return lowered.compile().cost_analysis()["flops"]


def test_an_early_tap_computes_nothing_past_it():
    # conv1: 64 maps of 15 x 17, 11 x 11 x 3 weights, a multiplication and an addition each.
    convolution = 2 * 15 * 17 * 64 * 11 * 11 * 3 * len(IMAGES)
    early, deep = flops("relu1"), flops("relu5")
    assert 0.9 * convolution < early < 1.2 * convolution
    assert deep > 3 * early


def equations(jaxpr):
    for equation in jaxpr.eqns:
        yield equation
        for value in equation.params.values():
            for inner in value if isinstance(value, tuple | list) else (value,):
                if hasattr(inner, "eqns"):
                    yield from equations(inner)
                elif hasattr(inner, "jaxpr"):
                    yield from equations(inner.jaxpr)


@pytest.mark.parametrize(
    ("name", "tap"),
    [
        ("alexnet", "pool5"),
        ("vgg11_bn", "pool5"),
        ("squeezenet1_0", "fire9"),
        ("mobilenet_v3_small", "block2"),
    ],
)
@pytest.mark.parametrize("precision", [Precision.HIGHEST, Precision.HIGH])
def test_every_product_has_the_precision_asked_for(name, tap, precision):
    architecture = ARCHITECTURES[name]
    arrays = {key: np.zeros_like(a) for key, a in planted_arrays(architecture, "features").items()}
    net = Net(fit(architecture, arrays, source="").variables, architecture, IMAGENET, name, "")
    names = (tap,)
    traced = jax.make_jaxpr(lambda v, x: apply(v, x, **static(net, names, precision)))(
        net.variables, planted_images((96, 96))
    )
    products = [
        equation
        for equation in equations(traced.jaxpr)
        if equation.primitive.name in ("conv_general_dilated", "dot_general")
    ]
    assert len(products) >= len(architecture.stages)
    for equation in products:
        assert equation.params["precision"] in (precision, (precision, precision)), equation


def test_taps_come_under_the_names_asked_for():
    found = responses(ALEXNET, IMAGES, taps=("relu1", "features.1", "features.8"))
    assert list(found) == ["relu1", "features.1", "features.8"]
    assert found["features.8"].shape == (2, 3, 3, 256)
    assert found["relu1"].dtype == jnp.float32
    np.testing.assert_array_equal(found["relu1"], found["features.1"])


def test_before_and_after_activation_differ():
    found = responses(ALEXNET, IMAGES, taps=("conv2", "relu2"))
    assert (found["conv2"] < 0).any()
    np.testing.assert_array_equal(found["relu2"], np.maximum(found["conv2"], 0))


def test_numpy_and_jax_images_give_the_same():
    ours = responses(ALEXNET, IMAGES, taps=("relu1",))["relu1"]
    np.testing.assert_array_equal(
        ours, responses(ALEXNET, jnp.asarray(IMAGES), taps=("relu1",))["relu1"]
    )


def test_one_compilation_serves_every_seed():
    responses(ALEXNET, IMAGES, taps=("relu1",))
    with jax.log_compiles(), pytest.MonkeyPatch.context() as patch:
        messages = []
        patch.setattr("logging.Logger.handle", lambda self, record: messages.append(record))
        responses(random_net("alexnet", 1), IMAGES, taps=("relu1",))
    assert not [m for m in messages if "Compiling" in m.getMessage()]


def test_random_weights_are_the_same_everywhere_and_differ_by_seed():
    first, again, other = (random_net("alexnet", seed).variables for seed in (0, 0, 1))
    kernel = first["params"]["conv2"]["kernel"]
    np.testing.assert_array_equal(kernel, again["params"]["conv2"]["kernel"])
    assert not np.array_equal(kernel, other["params"]["conv2"]["kernel"])
    assert kernel.std() == pytest.approx(np.sqrt(2 / (5 * 5 * 64)), rel=0.01)
    assert "fc6" not in first["params"]


def test_works_under_jit_grad_and_vmap():
    def total(x):
        return jnp.sum(responses(ALEXNET, x, taps=("relu2",))["relu2"])

    eager = total(jnp.asarray(IMAGES))
    np.testing.assert_allclose(jax.jit(total)(IMAGES), eager, rtol=1e-5)
    slope = jax.grad(total)(jnp.asarray(IMAGES))
    assert jnp.isfinite(slope).all()
    assert (slope != 0).any()
    each = jax.vmap(lambda x: total(x[None]))(jnp.asarray(IMAGES))
    np.testing.assert_allclose(each.sum(), eager, rtol=1e-5)


def test_a_net_is_a_pytree_of_its_weights():
    leaves, structure = jax.tree.flatten(ALEXNET)
    assert len(leaves) == 10
    again = jax.tree.unflatten(structure, leaves)
    assert again.architecture is ALEXNET.architecture
    assert again.preprocess == IMAGENET


PARTIAL = Net(
    fit(
        ARCHITECTURES["alexnet"],
        {
            k: a
            for k, a in planted_arrays(ARCHITECTURES["alexnet"], "features").items()
            if "8" not in k
        },
        source="",
    ).variables,
    ARCHITECTURES["alexnet"],
    IMAGENET,
    "partial",
    "",
)


def test_partial_weights_serve_the_taps_that_they_reach():
    assert available_taps(PARTIAL)[-2:] == ("conv3", "relu3")
    assert responses(PARTIAL, IMAGES, taps=("relu3",))["relu3"].shape[-1] == 384
    message = "do not reach tap 'relu5': features.8.weight, features.8.bias missing"
    with pytest.raises(InputError, match=re.escape(message)):
        responses(PARTIAL, IMAGES, taps=("relu5",))


@pytest.mark.parametrize(
    ("images", "taps", "precision", "message"),
    [
        (IMAGES, ("relu9",), "highest", "unknown tap of alexnet 'relu9', did you mean"),
        (IMAGES, ("fc6",), "highest", "do not reach tap 'fc6'"),
        (IMAGES, "relu1", "highest", "taps must be a non-empty sequence of names, got 'relu1'"),
        (IMAGES, (), "highest", "taps must be a non-empty sequence"),
        (IMAGES, ("relu1",), "hihgest", "unknown precision 'hihgest', did you mean 'highest'"),
        (
            IMAGES[:, :40],
            ("pool5",),
            "highest",
            "72 x 40 pixels are too small for pool5 .* 63 x 63",
        ),
        (IMAGES[:, :20], ("relu1", "pool5", "pool2"), "highest", "small for pool5 .* 63 x 63"),
        (IMAGES * 255, ("relu1",), "highest", "divide by 255"),
        (IMAGES.transpose(0, 3, 1, 2), ("relu1",), "highest", "NCHW"),
    ],
)
def test_what_is_wrong_is_said(images, taps, precision, message):
    with pytest.raises(InputError, match=message):
        responses(ALEXNET, images, taps=taps, precision=precision)
