"""Nets of keras.applications: names, what their files leave out, and the files themselves."""

import importlib
import pathlib
import runpy

import numpy as np
import pytest
from planted import planted_arrays, planted_images

import jaxiqa
from jaxiqa import checkpoints
from jaxiqa.arch import ARCHITECTURES
from jaxiqa.arch.layers import Conv
from jaxiqa.checkpoints import keras_names
from jaxiqa.checkpoints.fit import expected_keys, fit
from jaxiqa.checkpoints.known import known
from jaxiqa.checkpoints.load import load_net
from jaxiqa.checkpoints.renames import canonical, unit_paths
from jaxiqa.checkpoints.sources import sources
from jaxiqa.checks import InputError
from jaxiqa.images import IDENTITY, preprocess

SCRIPTS = pathlib.Path(__file__).resolve().parents[2] / "scripts"


@pytest.mark.parametrize(
    ("keras", "torchvision"),
    [
        ("conv1_bn.weight", "features.norm0.weight"),
        ("conv2_block3_0_bn.bias", "features.denseblock1.denselayer3.norm1.bias"),
        ("conv5_block16_2_conv.weight", "features.denseblock4.denselayer16.conv2.weight"),
        ("pool3_conv.weight", "features.transition2.conv.weight"),
        ("pool4_bn.running_var", "features.transition3.norm.running_var"),
        ("bn.running_mean", "features.norm5.running_mean"),
        ("predictions.bias", "classifier.bias"),
    ],
)
def test_names_of_densenet(keras, torchvision):
    assert keras_names.densenet(keras) == torchvision
    assert torchvision in expected_keys(ARCHITECTURES["densenet121"])


def numbered(first, *, left_out=()):
    """Keys of Inception v3 in a session that had ``first`` convolutions before; 94 of its own."""
    names = [f"_{first + place}" if first + place else "" for place in range(94)]
    return [
        f"{kind}{name}.{part}"
        for place, name in enumerate(names)
        if place not in left_out
        for kind, part in (("conv2d", "weight"), ("batch_normalization", "bias"))
    ]


@pytest.mark.parametrize("first", [0, 1, 94])
def test_numbers_of_inception_count_from_the_first_of_the_file(first):
    architecture = ARCHITECTURES["inception_v3_keras"]
    keys = numbered(first)
    names, _ = canonical(architecture, keys, expected_keys(architecture))
    assert names[keys[0]] == "Conv2d_1a_3x3.conv.weight"
    # The fourth unit of the first module: 1 x 1 before two of 3 x 3, in Keras' definition too.
    assert names[keys[2 * 8]] == "Mixed_5b.branch3x3dbl_1.conv.weight"
    assert names[keys[-1]] == "Mixed_7c.branch_pool.bn.bias"
    assert len(set(names.values())) == len(keys)


def test_a_file_with_other_counts_is_not_guessed_at():
    architecture = ARCHITECTURES["inception_v3_keras"]
    keys = numbered(0, left_out=(3,))
    rename = keras_names.inception(unit_paths(architecture), keys)
    assert rename("conv2d_5.weight") == "conv2d_5.weight"


def test_what_the_table_knows_needs_no_file():
    inception, mobilenet = (ARCHITECTURES[f"{n}_keras"] for n in ("inception_v3", "mobilenet_v1"))
    scales = [key for key in expected_keys(inception) if key.endswith(".bn.weight")]
    assert list(known(inception)) == scales
    assert all((array == 1).all() for array in known(inception).values())
    assert len(known(mobilenet)) == 4
    assert not known(ARCHITECTURES["inception_v3"])
    arrays = {
        key: array
        for key, array in planted_arrays(mobilenet, "conv").items()
        if key not in known(mobilenet)
    }
    fitted = fit(mobilenet, arrays, source="")
    assert fitted.missing == ()
    pad = fitted.variables["params"]["block2_0.pad"]["kernel"]
    assert pad.shape == (2, 2, 1, 64)
    assert (pad[1, 1] == 1).all()
    assert pad.sum() == 64


@pytest.mark.parametrize(
    ("name", "start", "before", "after"),
    [("mobilenet_v1_keras", "conv", 0, 1), ("resnetv2_50_keras", "conv1", 1, 1)],
)
def test_zero_padding_is_zero_padding(name, start, before, after):
    architecture = ARCHITECTURES[name]
    node = next(n for n in architecture.nodes if isinstance(n.layer, Conv) and n.layer.fixed)
    arrays = planted_arrays(architecture, start)
    kept = {key: array for key, array in arrays.items() if key not in known(architecture)}
    variables = fit(architecture, kept, source="planted").variables
    net = jaxiqa.Net(variables, architecture, IDENTITY, name, "planted")
    (given,) = node.inputs
    found = jaxiqa.responses(net, planted_images((35, 40)), taps=(given, node.name))
    around = ((0, 0), (before, after), (before, after), (0, 0))
    assert np.array_equal(found[node.name], np.pad(found[given], around))


@pytest.mark.parametrize(
    ("asked", "given", "start"),
    [("resnet50", "resnet50_keras", "conv2"), ("resnet50_keras", "resnet50", "layer1")],
)
def test_the_other_form_of_a_net_is_named(asked, given, start):
    arrays = planted_arrays(ARCHITECTURES[given], start)
    with pytest.raises(InputError, match=f"its names are those of {given}, which pads or"):
        fit(ARCHITECTURES[asked], arrays, source="a.h5")


KERAS = [
    record
    for record in sources().values()
    if "Keras" in record.verified and "efficientnet" not in record.name
]


@pytest.fixture
def keras(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    return pytest.importorskip("keras", reason="needs the package keras")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # Keras' own
@pytest.mark.parametrize("record", KERAS, ids=lambda record: record.name)
def test_records_prepare_images_as_keras_does(record, keras):
    modules = {"resnetv2": "resnet_v2", "mobilenet_v1": "mobilenet", "mobilenet_v3": ""}
    kinds = ("resnetv2", "resnet", "densenet", "inception_v3", "mobilenet_v1", "mobilenet_v2")
    kinds += ("mobilenet_v3", "vgg16", "vgg19")
    kind = next(k for k in kinds if record.name.startswith(k))
    images = planted_images((5, 7))
    expected = images * 2 - 1  # What the nets of MobileNet v3 do themselves, from 0..255.
    if module := modules.get(kind, kind):
        own = importlib.import_module(f"keras.applications.{module}")
        expected = own.preprocess_input(images * 255)
    found = preprocess(images, record.preprocess)
    np.testing.assert_allclose(found, expected, rtol=0, atol=2e-5 * np.abs(expected).max())


@pytest.fixture(scope="module")
def oracle():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KERAS_BACKEND", "torch")
        pytest.importorskip("keras", reason="needs the package keras")
        yield runpy.run_path(str(SCRIPTS / "oracle_keras.py"))


SAVED = ("densenet121", "inception_v3_keras", "mobilenet_v2_keras", "mobilenet_v3_small_keras")
SAVED += ("mobilenet_v1_keras", "resnet50_keras", "resnetv2_50_keras")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # Keras' own
@pytest.mark.parametrize("name", SAVED)
def test_what_keras_saves_of_its_nets_fits(name, oracle, tmp_path):
    architecture = ARCHITECTURES[name]
    needless = known(architecture) if name.endswith("_keras") else ()
    arrays = {k: a for k, a in planted_arrays(architecture).items() if k not in needless}
    expected = fit(architecture, arrays, source="planted").variables
    made = oracle["build"](name, (96, 96))
    oracle["plant"](name, made, arrays)
    made.save(tmp_path / "a.keras")
    made.save(tmp_path / "a.h5")
    made.save_weights(tmp_path / "a.weights.h5")
    for file in ("a.keras", "a.h5", "a.weights.h5"):
        fitted = fit(architecture, checkpoints.read(tmp_path / file), source=file)
        assert fitted.missing == ()
        for collection, nodes in expected.items():
            for node, held in nodes.items():
                for part, array in held.items():
                    assert np.array_equal(fitted.variables[collection][node][part], array), node
    training = f"{name}.imagenet" if name.endswith("_keras") else f"{name}.keras"
    assert load_net(training, tmp_path / "a.h5").architecture is architecture
