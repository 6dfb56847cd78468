"""Gradients of nets' readouts are finite where they are hard, at every kind of layer."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from formulas import QUICK
from kinds import KINDS, taps_of_every_kind

import jaxiqa
from jaxiqa.arch import ARCHITECTURES
from jaxiqa.metrics.load import load_metric
from jaxiqa.readouts.forms import FORMS

SIZE = (1, 75, 75, 3)
DRAW = np.random.default_rng(0)
RANDOM = DRAW.random((2, *SIZE), np.float32)
ZERO, GREY, WHITE = (np.full(SIZE, level, np.float32) for level in (0, 0.5, 1))
PAIRS = {
    "random": RANDOM,
    "equal": (RANDOM[0], RANDOM[0]),
    "next to equal": (RANDOM[0], np.clip(RANDOM[0] + np.float32(1e-6), 0, 1)),
    "black": (ZERO, ZERO),
    "grey": (GREY, GREY),
    "white": (WHITE, WHITE),
    "black and white": (ZERO, WHITE),
    "grey and not": (GREY, RANDOM[1]),
}


@functools.cache
def net(name):
    return jaxiqa.load_net(f"{name}.random-0")


def assert_finite(name, taps, form):
    metric = load_metric(f"{name}:{'+'.join(taps)}/{form}", net=net(name))
    slope = jax.jit(jax.value_and_grad(lambda x, y: metric(x, y).sum(), argnums=(0, 1)))
    slope = slope.lower(ZERO, ZERO).compile(compiler_options=QUICK)
    for case, pair in PAIRS.items():
        value, slopes = slope(*map(jnp.asarray, pair))
        assert jnp.isfinite(value), case
        assert all(jnp.isfinite(found).all() for found in slopes), case
        if pair[0] is pair[1]:
            assert value == 0, case


@pytest.mark.parametrize("form", ["unit", "dists"])
def test_before_any_activation(form):
    assert_finite("alexnet_bvlc", ("conv1",), form)


# Each kind with one form and each form with one kind: all of them together take an hour to compile.
NETS = (*KINDS, "squeezenet1_1", "mobilenet_v2")


@pytest.mark.slow
@pytest.mark.parametrize(("name", "form"), list(zip(NETS, FORMS, strict=True)))
def test_at_taps_of_every_kind_of_layer(name, form):
    assert_finite(name, taps_of_every_kind(ARCHITECTURES[name]), form)
