"""Caffe's nets in both forms, honest and forged."""

import numpy as np
import pytest
from forged_wire import blob, caffe, inner, layer, number, old_blob, old_layer, one_by_one, packed
from planted import planted_arrays

from jaxiqa import checkpoints
from jaxiqa.arch import ARCHITECTURES
from jaxiqa.checkpoints.fit import expected_keys, fit
from jaxiqa.checkpoints.renames import canonical
from jaxiqa.checks import InputError

RANDOM = np.random.default_rng(0)
KERNEL = RANDOM.random((4, 3, 5, 2), np.float32)
BIAS = RANDOM.random(4, np.float32)
DENSE = RANDOM.random((6, 8), np.float32)


def read(tmp_path, content):
    path = tmp_path / "net.caffemodel"
    path.write_bytes(content)
    return checkpoints.read(path)


def refusal(tmp_path, content):
    with pytest.raises(InputError) as caught:
        read(tmp_path, content)
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


def same(found, expected):
    assert {key: value.shape for key, value in found.items()} == {
        key: value.shape for key, value in expected.items()
    }
    assert all(np.array_equal(found[key], expected[key]) for key in expected)
    assert all(array.dtype == np.float32 for array in found.values())


EXPECTED = {"conv1.weight": KERNEL, "conv1.bias": BIAS, "fc6.weight": DENSE}


def test_the_present_form(tmp_path):
    silent = layer("relu1", "ReLU")
    layers = layer("conv1", "Convolution", blob(KERNEL), blob(BIAS)), silent
    same(read(tmp_path, caffe(*layers, layer("fc6", "InnerProduct", blob(DENSE)))), EXPECTED)


def test_the_first_form_with_four_extents_for_every_array(tmp_path):
    layers = old_layer("conv1", 4, old_blob(KERNEL), old_blob(BIAS))
    same(read(tmp_path, caffe(layers, old_layer("fc6", 14, old_blob(DENSE)))), EXPECTED)


def test_a_1_x_1_kernel_keeps_its_four_extents(tmp_path):
    kernel = KERNEL[:1, :, :1, :1]
    found = read(tmp_path, caffe(old_layer("conv", 4, old_blob(kernel), old_blob(BIAS[:1]))))
    same(found, {"conv.weight": kernel, "conv.bias": BIAS[:1]})


def test_numbers_one_by_one_and_in_double_precision(tmp_path):
    shape = inner(7, inner(1, packed((4,))))
    single = layer("a", "Bias", one_by_one(5, BIAS) + shape)
    double = layer("b", "Bias", inner(8, BIAS.astype("<f8").tobytes()) + shape)
    found = read(tmp_path, caffe(single, double))
    assert np.array_equal(found["a.weight"], BIAS)
    assert np.array_equal(found["b.weight"], BIAS)
    assert found["b.weight"].dtype == np.float64


@pytest.mark.parametrize("count", [1.0, 999.98, 0.0])
def test_running_sums_are_divided_by_their_count(tmp_path, count):
    blobs = blob(BIAS * count), blob(DENSE[0, :4] * count), blob(np.float32([count]))
    scale = layer("scale1", "Scale", blob(BIAS), blob(-BIAS))
    found = read(tmp_path, caffe(layer("bn1", "BatchNorm", *blobs), scale))
    alive = np.float32(count > 0)
    np.testing.assert_allclose(found["bn1.running_mean"], BIAS * alive, rtol=1e-6)
    np.testing.assert_allclose(found["bn1.running_var"], DENSE[0, :4] * alive, rtol=1e-6)
    assert np.array_equal(found["scale1.weight"], BIAS)
    assert np.array_equal(found["scale1.bias"], -BIAS)
    assert len(found) == 4


def test_the_fields_names_fit_the_table(tmp_path):
    """Caffe's VGG16 has the names of the paper and fully connected layers over (C, H, W)."""
    vgg = ARCHITECTURES["vgg16"]
    arrays = planted_arrays(vgg, "features.0.") | planted_arrays(vgg, "features.28.")
    names = {"features.0": "conv1_1", "features.28": "conv5_3"}
    layers = [
        layer(name, "Convolution", *(blob(arrays[f"{path}.{part}"]) for part in ("weight", "bias")))
        for path, name in names.items()
    ]
    found = fit(vgg, read(tmp_path, caffe(*layers)), source="")
    expected = fit(vgg, arrays, source="")
    assert found.missing == expected.missing
    for name in names.values():
        for part, array in expected.variables["params"][name].items():
            assert np.array_equal(found.variables["params"][name][part], array)
    names, flatten = canonical(vgg, ("conv1_1.weight", "fc6.weight"), expected_keys(vgg))
    assert list(names.values()) == ["features.0.weight", "classifier.0.weight"]
    assert flatten == "chw"


HUGE = inner(7, inner(1, packed((1 << 40, 1 << 40))))
FORGED = {
    "without weights": (caffe(layer("data", "Input")), "is a Caffe net without weights"),
    "two of one name": (caffe(*[layer("a", "Bias", blob(BIAS))] * 2), "two layers that hold"),
    "too few numbers": (
        caffe(layer("a", "Bias", inner(5, bytes(12)) + inner(7, inner(1, packed((4,)))))),
        "has 3 numbers for an array of (4,)",
    ),
    "a shape beyond all memory": (
        caffe(layer("a", "Bias", inner(5, bytes(16)) + HUGE)),
        "has 4 numbers",
    ),
    "half a number": (caffe(layer("a", "Bias", inner(5, bytes(15)))), "is damaged"),
    "numbers that are one": (caffe(layer("a", "Bias", number(5, 3))), "is damaged"),
    "a name that is a number": (caffe(inner(100, number(1, 3))), "is damaged"),
    "a layer beyond the end": (caffe(b"\xa2\x06\xff\xff\xff\x7f"), "is damaged"),
    "a length without end": (caffe(b"\xa2\x06" + b"\xff" * 12), "is damaged"),
    "a group, out of use": (caffe(inner(100, b"\x0b")), "is damaged"),
    "more axes than numpy has": (
        caffe(layer("a", "Bias", inner(5, bytes(4)) + inner(7, inner(1, packed((1,) * 99))))),
        "has 1 numbers",
    ),
    "a BatchNorm without count": (caffe(layer("b", "BatchNorm", blob(BIAS))), "without mean"),
}


@pytest.mark.parametrize("what", FORGED)
def test_forged(tmp_path, what):
    content, reason = FORGED[what]
    assert reason in refusal(tmp_path, content)
