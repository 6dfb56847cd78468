"""Every tap of every architecture against the definition it follows, with the same weights."""

import functools
import json
import pathlib
import runpy
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from planted import SIZES, key_digest, planted_arrays, planted_images, planted_preprocess, samples

from jaxiqa.arch import ARCHITECTURES
from jaxiqa.arch.net import Net, apply, responses
from jaxiqa.arch.ops import Precision
from jaxiqa.checkpoints.fit import expected_keys, fit, stored_shape

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = pathlib.Path(__file__).parent / "oracles"
TOLERANCE = 1e-4  # of the tap's maximum magnitude
KEYS = json.loads((FOLDER / "keys.json").read_text())
SAMPLED = [name for name in ARCHITECTURES if (FOLDER / f"{name}.npz").exists()]

# One net of each kind is compared in the default suite; the others when slow tests run.
QUICK = (
    *("alexnet", "alexnet_jigsaw", "alexnet_colorization", "vgg11", "vgg16_bn", "squeezenet1_0"),
    *("resnet18", "resnet50", "densenet121", "inception_v3", "efficientnet_b0", "convnext_tiny"),
)


def planted_net(name, start=""):
    architecture = ARCHITECTURES[name]
    fitted = fit(architecture, planted_arrays(architecture, start), source="planted")
    assert bool(fitted.missing) == bool(start)
    expected = planted_preprocess(architecture)
    return Net(fitted.variables, architecture, expected, name, "planted")


def as_torch(response):
    """(N, h, w, C) as (N, C, h, w), the layout in which the oracle's values were sampled."""
    return np.asarray(response).transpose(0, 3, 1, 2)


def some_values(net, images, taps):
    """The sampled values and the maximum of each tap; compiled without optimising, to be quick."""
    names = tuple(dict.fromkeys(net.architecture.by_tap[tap].name for tap in taps))
    run = functools.partial(
        apply,
        architecture=net.architecture,
        preprocess=net.preprocess,
        names=names,
        precision=Precision.HIGHEST,
    )
    lowered = jax.jit(run).lower(net.variables, jnp.asarray(images))
    compiled = lowered.compile(compiler_options={"xla_backend_optimization_level": 0})
    found = compiled(net.variables, jnp.asarray(images))
    return {tap: samples(tap, as_torch(found[net.architecture.by_tap[tap].name])) for tap in taps}


def check_sampled(name, size, part=""):
    oracle = np.load(FOLDER / f"{name}.npz")
    net, place = planted_net(name, part), SIZES.index(size)
    rows = {
        str(path): (values, largest)
        for path, values, largest in zip(
            oracle["paths"], oracle["values"][place], oracle["maxima"][place], strict=True
        )
        if path.startswith(part)
    }
    assert {n.path for n in net.architecture.nodes if n.path.startswith(part)} - {""} <= set(rows)
    found = some_values(net, planted_images(size), list(rows))
    for path, (values, largest) in rows.items():
        error = np.abs(found[path] - values).max() / largest
        assert error <= TOLERANCE, f"{path} at {size}: {error:.1e} of the maximum"


@pytest.mark.parametrize("name", QUICK)
def test_every_module_path_agrees_with_its_definition(name):
    # VGG's classifier has 120 million numbers, which take long to plant.
    check_sampled(name, SIZES[1], "features" if name.startswith("vgg") else "")


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", SAMPLED)
def test_every_module_path_agrees_at_both_sizes(name, size):
    check_sampled(name, size)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_keys_shapes_and_parameters_are_those_of_the_definition(name):
    places = expected_keys(ARCHITECTURES[name])
    shapes = {key: stored_shape(place) for key, place in places.items()}
    learned = [shapes[k] for k, p in places.items() if p.parameter.collection == "params"]
    assert sum(int(np.prod(shape)) for shape in learned) == KEYS[name]["parameters"]
    assert key_digest(shapes) == KEYS[name]["digest"]


@pytest.fixture(scope="module")
def live():
    """The script that runs other programs' definitions, where these programs are installed."""
    pytest.importorskip("torch")
    shim = ROOT.parent / "shared" / "oracles" / "tvshim.py"
    kept = runpy.run_path(str(shim)) if shim.exists() else {}
    pytest.importorskip("torchvision")
    before = list(sys.path)
    yield runpy.run_path(str(ROOT / "scripts" / "make_oracle_arrays.py"))
    sys.path[:] = before
    kept.clear()


@pytest.mark.slow
@pytest.mark.parametrize("name", ARCHITECTURES)
def test_every_value_agrees_with_the_definition_run_live(name, live):
    assert live["torch_keys"](name)["digest"] == KEYS[name]["digest"]
    net, worst = planted_net(name), 0.0
    for size in SIZES:
        theirs = live["torch_responses"](
            name, planted_arrays(net.architecture), planted_images(size)
        )
        ours = responses(net, planted_images(size), taps=list(theirs))
        for path, response in theirs.items():
            values = as_torch(ours[path]).reshape(response.shape)
            error = np.abs(values - response).max() / np.abs(response).max()
            assert error <= TOLERANCE, f"{path} at {size}: {error:.1e} of the maximum"
            worst = max(worst, float(error))
    print(f"{name}: largest error over taps {worst:.1e} of the tap's maximum")
