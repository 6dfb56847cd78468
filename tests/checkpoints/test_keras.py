"""What Keras saves, in its three layouts: honest, real, and forged."""

import dataclasses
import io
import json
import sys
import zipfile

import numpy as np
import pytest
from planted import planted_arrays

import jaxiqa
from jaxiqa import checkpoints
from jaxiqa.arch import ARCHITECTURES
from jaxiqa.arch.layers import Linear, Parameter
from jaxiqa.checkpoints.fit import expected_keys, fit, to_flax
from jaxiqa.checkpoints.load import load_net
from jaxiqa.checkpoints.renames import canonical
from jaxiqa.checks import InputError
from jaxiqa.images import IMAGENET

h5py = pytest.importorskip("h5py", reason="needs the extra keras")

RANDOM = np.random.default_rng(0)
KERNEL = RANDOM.random((3, 2, 4, 5), np.float32)
DEPTHWISE = RANDOM.random((3, 3, 4, 2), np.float32)
DENSE = RANDOM.random((6, 7), np.float32)
VECTORS = dict(zip(("a", "b", "c", "d"), RANDOM.random((4, 5), np.float32), strict=True))
A, B, C, D = VECTORS.values()


def read(path):
    return checkpoints.read(path)


def refusal(path):
    with pytest.raises(InputError) as caught:
        read(path)
    assert len(str(caught.value).splitlines()) == 1
    assert str(caught.value).startswith(f"{path}: ")
    return str(caught.value)


def h5(path, datasets, **attributes):
    with h5py.File(path, "w") as root:
        for name, array in datasets.items():
            root[name] = array
        root.attrs.update(attributes)
    return path


def archive(path, config, datasets, labels=None):
    raw = io.BytesIO()
    with h5py.File(raw, "w") as root:
        for name, array in datasets.items():
            root[name] = array
        for name, label in (labels or {}).items():
            root.require_group(name).attrs["name"] = label
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("metadata.json", "{}")
        packed.writestr("config.json", json.dumps(config))
        packed.writestr("model.weights.h5", raw.getvalue())
    return path


def net(*layers):
    rows = [{"class_name": kind, "config": {"name": name, **more}} for kind, name, more in layers]
    return {"class_name": "Functional", "config": {"name": "net", "layers": rows}}


def same(found, expected):
    assert {k: v.shape for k, v in found.items()} == {k: v.shape for k, v in expected.items()}
    for key, array in expected.items():
        assert np.array_equal(found[key], array), key


def depthwise(kernel):
    """Channel c, copy m of a kernel (H, W, channels, copies) is group c of torch's convolution."""
    height, width, channels, copies = kernel.shape
    out = np.empty((channels * copies, 1, height, width), kernel.dtype)
    for c in range(channels):
        for m in range(copies):
            out[c * copies + m, 0] = kernel[:, :, c, m]
    return out


WEIGHT = np.moveaxis(KERNEL, (2, 3), (1, 0))
EXPECTED = {
    "conv_a.weight": WEIGHT,
    "conv_a.bias": A,
    "bn_a.weight": A,
    "bn_a.bias": B,
    "bn_a.running_mean": C,
    "bn_a.running_var": D,
    "mix.weight": depthwise(DEPTHWISE),
    "out.weight": DENSE.T,
}


def test_h5_by_layer(tmp_path):
    suffix = ":0"
    datasets = {
        "model_weights/conv_a/conv_a/kernel": KERNEL,
        "model_weights/conv_a/conv_a/bias": A,
        "model_weights/bn_a/bn_a/gamma": A,
        "model_weights/bn_a/bn_a/beta": B,
        "model_weights/bn_a/bn_a/moving_mean": C,
        "model_weights/bn_a/bn_a/moving_variance": D,
        "model_weights/mix/mix/depthwise_kernel": DEPTHWISE,
        "model_weights/out/out/kernel": DENSE,
    }
    optimizer = {"optimizer_weights/iteration": np.int64(3)}
    old = {f"{name}{suffix}": array for name, array in datasets.items()}
    same(read(h5(tmp_path / "new.h5", datasets | optimizer)), EXPECTED)
    same(read(h5(tmp_path / "old.h5", old | optimizer)), EXPECTED)
    alone = {name.removeprefix("model_weights/"): array for name, array in old.items()}
    same(read(h5(tmp_path / "weights.h5", alone | optimizer)), EXPECTED)


@pytest.mark.parametrize("name", ["dw_a", "conv_dw_1", "block1a_dwconv", "expanded_conv_depthwise"])
def test_a_depthwise_kernel_is_known_by_its_layer(tmp_path, name):
    """Keras 3 calls it ``kernel``, as that of any convolution."""
    datasets = {f"{name}/{name}/kernel": DEPTHWISE}
    same(read(h5(tmp_path / "a.h5", datasets)), {f"{name}.weight": depthwise(DEPTHWISE)})


def test_a_depthwise_kernel_is_known_by_its_class(tmp_path):
    config = json.dumps(net(("DepthwiseConv2D", "mix", {})))
    datasets = {"model_weights/mix/mix/kernel": DEPTHWISE}
    found = read(h5(tmp_path / "a.h5", datasets, model_config=config))
    same(found, {"mix.weight": depthwise(DEPTHWISE)})


LAYERS = {
    "layers/conv2d/vars/0": KERNEL,
    "layers/conv2d/vars/1": A,
    "layers/batch_normalization/vars/0": A,
    "layers/batch_normalization/vars/1": B,
    "layers/batch_normalization/vars/2": C,
    "layers/batch_normalization/vars/3": D,
    "layers/depthwise_conv2d/vars/0": DEPTHWISE,
    "layers/dense/vars/0": DENSE,
    "layers/dropout/seed_generator/vars/0": np.uint32([1, 2]),
}
NAMES = {"conv2d": "conv_a", "batch_normalization": "bn_a", "depthwise_conv2d": "mix"}
NAMES |= {"dense": "out"}
CONFIG = net(
    *(("InputLayer", "images", {}), ("Conv2D", "conv_a", {}), ("BatchNormalization", "bn_a", {})),
    *(("DepthwiseConv2D", "mix", {}), ("Dense", "out", {})),
)


def test_archives_name_layers_in_the_file_or_in_the_description(tmp_path):
    labels = {f"layers/{place}/vars": name for place, name in NAMES.items()}
    same(read(archive(tmp_path / "a.keras", {}, LAYERS, labels)), EXPECTED)
    same(read(archive(tmp_path / "b.keras", CONFIG, LAYERS)), EXPECTED)
    unnamed = {key.replace("conv_a", "conv2d"): value for key, value in EXPECTED.items()}
    unnamed = {key.replace("bn_a", "batch_normalization"): v for key, v in unnamed.items()}
    unnamed = {key.replace("mix", "depthwise_conv2d"): v for key, v in unnamed.items()}
    unnamed = {key.replace("out", "dense"): v for key, v in unnamed.items()}
    same(read(archive(tmp_path / "c.keras", {}, LAYERS)), unnamed)


def test_layers_are_counted_per_class_and_nets_may_hold_nets(tmp_path):
    inner = {"class_name": "Sequential", "config": {"name": "block", "layers": []}}
    inner["config"]["layers"] = net(("Conv2D", "deep", {}))["config"]["layers"]
    config = net(("Conv2D", "first", {}), ("ReLU", "act", {}), ("Conv2D", "second", {}))
    config["config"]["layers"].append(inner)
    datasets = {
        "layers/conv2d/vars/0": KERNEL,
        "layers/conv2d_1/vars/0": 2 * KERNEL,
        "layers/sequential/layers/conv2d/vars/0": 3 * KERNEL,
    }
    found = read(archive(tmp_path / "a.keras", config, datasets))
    same(found, {"first.weight": WEIGHT, "second.weight": 2 * WEIGHT, "deep.weight": 3 * WEIGHT})


@pytest.mark.parametrize(
    ("switch", "parts"),
    [("scale", ("bias", "running_mean", "running_var")), ("center", ("weight",))],
)
def test_normalisation_without_scale_or_centre(tmp_path, switch, parts):
    rest = tuple(dict.fromkeys((*parts, "running_mean", "running_var")))
    config = net(("BatchNormalization", "bn", {switch: False}))
    datasets = {
        f"layers/batch_normalization/vars/{i}": VECTORS[letter]
        for i, letter in zip(range(3), "abc", strict=True)
    }
    found = read(archive(tmp_path / "a.keras", config, datasets))
    same(found, {f"bn.{part}": v for part, v in zip(rest, (A, B, C), strict=True)})


def test_a_separable_convolution_is_two(tmp_path):
    kernel, point = DEPTHWISE, KERNEL[:1, :1]
    datasets = {f"layers/separable_conv2d/vars/{i}": v for i, v in enumerate((kernel, point, A))}
    config = net(("SeparableConv2D", "sep", {}))
    expected = {
        "sep.depthwise.weight": depthwise(kernel),
        "sep.pointwise.weight": WEIGHT[:, :, :1, :1],
        "sep.pointwise.bias": A,
    }
    same(read(archive(tmp_path / "a.keras", config, datasets)), expected)


def test_layers_of_one_name_get_their_whole_path(tmp_path):
    datasets = {"left/conv/kernel": KERNEL, "right/conv/kernel": 2 * KERNEL}
    expected = {"left.conv.weight": WEIGHT, "right.conv.weight": 2 * WEIGHT}
    same(read(h5(tmp_path / "a.h5", datasets)), expected)


def test_vgg16_fits_by_the_names_of_keras(tmp_path):
    vgg = ARCHITECTURES["vgg16"]
    arrays = planted_arrays(vgg, "features.0.") | planted_arrays(vgg, "features.28.")
    datasets = {}
    for name, path in (("block1_conv1", "features.0"), ("block5_conv3", "features.28")):
        datasets[f"{name}/kernel:0"] = arrays[f"{path}.weight"].transpose(2, 3, 1, 0)
        datasets[f"{name}/bias:0"] = arrays[f"{path}.bias"]
    found = fit(vgg, read(h5(tmp_path / "a.h5", datasets)), source="").variables["params"]
    expected = fit(vgg, arrays, source="").variables["params"]
    assert set(found) == set(expected) == {"conv1_1", "conv5_3"}
    assert all(np.array_equal(found[n]["kernel"], expected[n]["kernel"]) for n in expected)


def test_keras_flattens_position_by_position():
    """What fc6 makes of one value at one position of one channel."""
    vgg = ARCHITECTURES["vgg16"]
    expected = expected_keys(vgg)
    keys = ("block1_conv1.weight", "fc1.weight", "predictions.bias")
    names, flatten = canonical(vgg, keys, expected)
    assert list(names.values()) == ["features.0.weight", "classifier.0.weight", "classifier.6.bias"]
    assert flatten == "hwc"
    place = dataclasses.replace(
        expected["classifier.0.weight"],
        layer=Linear(5, window=3),
        parameter=Parameter("params", "kernel", (3, 3, 4, 5), "weight"),
    )
    one = np.zeros((3, 3, 4, 5), np.float32)
    one[2, 1, 3, 4] = 1
    assert np.array_equal(to_flax(one.reshape(-1, 5).T, place, flatten=flatten), one)
    assert not np.array_equal(to_flax(one.reshape(-1, 5).T, place), one)


def soft(root):
    root["b"] = h5py.SoftLink("/a")


def external(root):
    root["b"] = h5py.ExternalLink("/etc/passwd", "/a")


def elsewhere(root):
    root.create_dataset("b", (4,), "f4", external=[("/etc/passwd", 0, 16)])


def virtual(root):
    layout = h5py.VirtualLayout((4,), "f4")
    layout[:] = h5py.VirtualSource("/etc/passwd", "a", (4,))
    root.create_virtual_dataset("b", layout)


def unwritten(root):
    root.create_dataset("b", (1 << 40,), "f4")


def unwritten_chunks(root):
    root.create_dataset("b", (1 << 40,), "f4", chunks=(1 << 20,), compression="gzip")


def texts(root):
    root["b"] = ["a text"]


def records(root):
    root["b"] = np.zeros(2, [("x", "f4"), ("y", "i4")])


def within_itself(root):
    root["b/c"] = root["/"]


FORGED = {
    soft: "refers to another file or place at 'b'",
    external: "refers to another file or place at 'b'",
    elsewhere: "keeps '/b' in another file",
    virtual: "keeps '/b' in another file",
    unwritten: "holds 0 bytes for '/b'",
    unwritten_chunks: "holds 0 bytes for '/b'",
    texts: "only plain numbers",
    records: "only plain numbers",
    within_itself: "more than 32 deep",
}


@pytest.mark.parametrize("forge", FORGED)
def test_forged(tmp_path, forge):
    path = h5(tmp_path / "a.h5", {"a": A})
    with h5py.File(path, "a") as root:
        forge(root)
    assert FORGED[forge] in refusal(path)


def test_a_forged_archive(tmp_path):
    path = tmp_path / "a.keras"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("config.json", "[" * 100_000)
        packed.writestr("model.weights.h5", b"no HDF5")
    assert "damaged HDF5" in refusal(path)
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("model.weights.h5", b"no HDF5")
    assert "damaged Keras archive" in refusal(path)


@pytest.mark.parametrize("config", [[], {"config": []}, {"config": {"layers": [3, {}, None]}}])
def test_a_description_that_is_none(tmp_path, config):
    found = read(archive(tmp_path / "a.keras", config, {"layers/conv2d/vars/0": KERNEL}))
    same(found, {"conv2d.weight": WEIGHT})


def test_without_h5py_it_says_what_to_install(tmp_path, monkeypatch):
    path = h5(tmp_path / "a.h5", {"a": A})
    monkeypatch.setitem(sys.modules, "h5py", None)
    assert "needs h5py: pip install 'jaxiqa[keras]'" in refusal(path)


def test_real_slices_of_alexnet(shared):
    """Their kernels are stored with height and width exchanged."""
    folder = shared / "data/weights/alexnet_torchvision"
    torch = read(folder / "alexnet-features.pth")
    for index, layer in enumerate((0, 3, 6, 8, 10)):
        found = read(folder / f"slice_{index + 1}_base.keras")
        name = "conv2d" + f"_{index}" * bool(index)
        assert list(found) == [f"{name}.weight", f"{name}.bias"]
        assert np.array_equal(found[f"{name}.bias"], torch[f"features.{layer}.bias"])
        swapped = torch[f"features.{layer}.weight"].swapaxes(2, 3)
        assert np.array_equal(found[f"{name}.weight"], swapped)


@pytest.mark.parametrize(("file", "count"), [("pretrainedResnet", 78_666), ("vww_96", 221_794)])
def test_real_nets_of_mlperf_tiny(shared, file, count):
    """Parameters as Keras counts them in the summaries of these nets."""
    found = read(shared / "data/weights/mlperf_tiny" / f"{file}.h5")
    assert sum(array.size for array in found.values()) == count
    kernels = [array.shape for name, array in found.items() if array.ndim == 4]
    assert (16, 3, 3, 3) in kernels or (8, 3, 3, 3) in kernels
    if file == "vww_96":
        assert sum(shape[1] == 1 for shape in kernels) == 13


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # Keras' own
def test_what_keras_itself_writes(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    keras = pytest.importorskip("keras", reason="needs the package keras")
    layers = keras.layers
    inner = [keras.Input((8, 8, 4)), layers.Conv2D(5, 1, name="deep")]
    rows = [
        *(keras.Input((8, 8, 3)), layers.Conv2D(4, (3, 2), name="conv_a", padding="same")),
        *(layers.BatchNormalization(name="bn_a", scale=False), layers.Dropout(0.1)),
        *(layers.DepthwiseConv2D(3, name="mix", padding="same"), layers.ReLU()),
        *(keras.Sequential(inner, name="block"), layers.LayerNormalization(name="ln")),
        *(layers.SeparableConv2D(4, 3, name="sep"), layers.Flatten(), layers.Dense(7, name="out")),
    ]
    made = keras.Sequential(rows)
    for variable in made.weights:
        variable.assign(RANDOM.random(variable.shape, np.float32))
    mix, bn = made.get_layer("mix"), made.get_layer("bn_a")
    expected = {
        "conv_a.weight": np.moveaxis(
            np.array(made.get_layer("conv_a").get_weights()[0]), (2, 3), (1, 0)
        ),
        "mix.weight": depthwise(mix.get_weights()[0]),
        "mix.bias": mix.get_weights()[1],
        "bn_a.bias": bn.get_weights()[0],
        "bn_a.running_var": bn.get_weights()[2],
        "out.weight": made.get_layer("out").get_weights()[0].T,
    }
    made.save(tmp_path / "a.keras")
    made.save(tmp_path / "a.h5")
    made.save_weights(tmp_path / "a.weights.h5")
    found = [read(tmp_path / name) for name in ("a.keras", "a.h5", "a.weights.h5")]
    for arrays in found:
        same({key: arrays[key] for key in expected}, expected)
        same(arrays, found[0])
    assert len(found[0]) == 16


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # Keras' own
def test_efficientnet_of_keras_gives_the_logits_of_keras(tmp_path, monkeypatch):
    """Without weights Keras divides by 255 only; the rest of the preparation is given."""
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    keras = pytest.importorskip("keras", reason="needs the package keras")
    made = keras.applications.EfficientNetB0(weights=None, classifier_activation=None)
    for variable in made.weights:
        if not variable.path.startswith("normalization/"):
            random = RANDOM.random(variable.shape, np.float32)
            wide = np.float32(np.sqrt(12 / np.prod(variable.shape[:-1])))
            variable.assign((random - 0.5) * wide if random.ndim > 1 else random + 0.5)
    made.save(tmp_path / "a.h5")
    net = load_net("tf_efficientnet_b0.keras", tmp_path / "a.h5")
    images = RANDOM.random((1, 224, 224, 3), np.float32)
    given = (images - np.float32(IMAGENET.mean)) / np.float32(IMAGENET.std) * 255
    expected = keras.ops.convert_to_numpy(made(given))
    found = jaxiqa.responses(net, images, taps=("logits",))["logits"].reshape(1, -1)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5 * np.abs(expected).max())
