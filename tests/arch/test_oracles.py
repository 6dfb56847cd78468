"""Every tap of every architecture against the definition it follows, with the same weights."""

import functools
import json
import pathlib
import runpy

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from planted import SIZES, key_digest, planted_images, samples

from jaxiqa.arch import ARCHITECTURES
from jaxiqa.arch.geometry import channels, extents
from jaxiqa.arch.net import apply
from jaxiqa.arch.ops import Precision
from jaxiqa.checkpoints.fit import expected_keys, stored_shape
from jaxiqa.checkpoints.known import known

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = pathlib.Path(__file__).parent / "oracles"
TOLERANCE = 1e-4  # of the tap's maximum magnitude
KEYS = json.loads((FOLDER / "keys.json").read_text())
SAMPLED = [name for name in ARCHITECTURES if (FOLDER / f"{name}.npz").exists()]


def depends_on_parity(layer):
    return getattr(layer, "padding", None) == "SAME" or getattr(layer, "ceil", False)


# Nets that pad even sizes otherwise than odd ones, and one of those that do not.
BOTH = [
    name
    for name in SAMPLED
    if any(depends_on_parity(node.layer) for node in ARCHITECTURES[name].nodes)
]
BOTH = (*BOTH, "resnet18")

# One net of each kind is compared in the default suite; the others when slow tests run.
QUICK = (
    *("alexnet", "alexnet_colorization", "vgg16_bn", "squeezenet1_0"),
    *("resnet18", "efficientnet_b0", "resnetv2_50_keras"),
    "vgg16_dists",
)
# How the module paths begin that are compared there, of nets that are large or slow to compile.
PARTS = {
    "vgg16_bn": "features",
    "efficientnet_b0": tuple(f"features.{block}" for block in range(4)),
    "resnetv2_50_keras": ("conv1", "pool1", "conv2"),
}

SCRIPT = runpy.run_path(str(ROOT / "scripts" / "compare_oracles.py"))
planted_net = SCRIPT["planted_net"]


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
    rows, columns = (extents(net.architecture, extent) for extent in images.shape[1:3])
    width = channels(net.architecture)
    for node in names:
        assert found[node].shape == (len(images), rows[node], columns[node], width[node]), node
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
    check_sampled(name, SIZES[1], PARTS.get(name, ""))


@pytest.mark.slow
@pytest.mark.parametrize("name", SAMPLED)
def test_every_module_path_agrees_where_sizes_are_odd(name):
    # VGGs have one classifier, and most of their weights in it.
    other_vgg = name.startswith("vgg") and name not in ("vgg11", "vgg16_dists")
    check_sampled(name, SIZES[1], "features" if other_vgg else "")


@pytest.mark.slow
@pytest.mark.parametrize("name", BOTH)
def test_every_module_path_agrees_where_sizes_are_even(name):
    check_sampled(name, SIZES[0])


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_keys_shapes_and_parameters_are_those_of_the_definition(name):
    architecture = ARCHITECTURES[name]
    needless = known(architecture) if name.endswith("_keras") else ()
    places = {k: p for k, p in expected_keys(architecture).items() if k not in needless}
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
    for needed in ("torchvision", "timm"):
        pytest.importorskip(needed)
    yield SCRIPT
    kept.clear()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # Keras' own
@pytest.mark.parametrize("name", ARCHITECTURES)
def test_every_value_agrees_with_the_definition_run_live(name, live):
    if name.endswith("_keras"):
        pytest.importorskip("keras")
    if name == "vgg16_dists":
        pytest.importorskip("DISTS_pytorch")
    shapes, learned = live["oracles"](name)[0].shapes(name)
    assert (key_digest(shapes), learned) == (KEYS[name]["digest"], KEYS[name]["parameters"])
    for row in live["compared"](name):
        print("  ".join(row.values()))
        assert float(row["error"]) <= TOLERANCE
