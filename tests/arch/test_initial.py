"""Random nets: responses of a size that float32 can square and sum, however deep the net is."""

import functools
import math
import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from planted import planted_images

from jaxiqa.arch import ARCHITECTURES
from jaxiqa.arch.geometry import smallest_image
from jaxiqa.arch.graph import upstream
from jaxiqa.arch.initial import branch_gains, random_variables
from jaxiqa.arch.layers import Add
from jaxiqa.arch.net import apply
from jaxiqa.arch.ops import Precision
from jaxiqa.images import IMAGENET

# Its residual branches would grow to 7e3; the others when slow tests run.
QUICK = ("resnet44",)


def deepest():
    """The net of most layers in each family, beside the quick one: responses grow with depth.

    Other programs' forms of a family and wider ones have the same sums.
    """
    found = {}
    for name, architecture in ARCHITECTURES.items():
        family = re.sub(r"^(tf|wide)_|_(keras|lab|small|large|\d)(?=_|$)|\d+", "", name)
        if len(architecture.nodes) > len(ARCHITECTURES[found.setdefault(family, name)].nodes):
            found[family] = name
    return dict.fromkeys((*QUICK, *found.values()))


def root_mean_squares(architecture):
    """Of the responses at every node of the convolutional part; compiled without optimising."""
    extent = max(32, smallest_image(architecture, architecture.features))
    images = jnp.asarray(planted_images((extent, extent))[:1])
    names = tuple(node.name for node in upstream(architecture, (architecture.features,)))
    run = functools.partial(
        apply,
        architecture=architecture,
        preprocess=IMAGENET,
        names=names,
        precision=Precision.HIGHEST,
    )
    variables = random_variables(architecture, 0)
    compiled = jax.jit(run).lower(variables, images)
    options = {"xla_backend_optimization_level": 0}
    found = compiled.compile(compiler_options=options)(variables, images)
    return {k: float(np.sqrt(np.mean(np.square(np.asarray(x))))) for k, x in found.items()}


@pytest.mark.parametrize(
    "name", [n if n in QUICK else pytest.param(n, marks=pytest.mark.slow) for n in deepest()]
)
def test_responses_are_of_reasonable_size_at_every_tap(name):
    """A Gram matrix of 1e3 squared is 1e12; gates of half and less make EfficientNets small."""
    found = root_mean_squares(ARCHITECTURES[name])
    assert max(found.values()) < 1e3, max(found, key=found.get)
    assert min(found.values()) > 1e-6, min(found, key=found.get)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_what_ends_a_branch_is_scaled_and_nothing_else(name):
    architecture = ARCHITECTURES[name]
    sums = [node for node in architecture.nodes if isinstance(node.layer, Add)]
    gains = branch_gains(architecture)
    assert len(gains) == len(sums)
    assert all(gain == pytest.approx(1 / math.sqrt(len(sums))) for gain in gains.values())
    # A node that others read too is what a branch is added to, and no branch.
    readers = [source for node in architecture.nodes for source in node.inputs]
    assert all(readers.count(end) == 1 for end in gains)


def test_gains_of_a_block():
    found = random_variables(ARCHITECTURES["resnet18"], 0)["params"]
    assert found["layer1_0.bn2"]["scale"] == pytest.approx(np.full(64, 1 / math.sqrt(8)))
    assert (found["layer1_0.bn1"]["scale"] == 1).all()
    assert (found["layer2_0.downsample"]["scale"] == 1).all()
    assert (found["layer1_0.bn2"]["bias"] == 0).all()
