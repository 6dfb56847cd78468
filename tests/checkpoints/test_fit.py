"""Keys and shapes fitted to a table: everything that does not fit is named, at once."""

import dataclasses

import ml_dtypes
import numpy as np
import pytest

from jaxiqa.arch import ARCHITECTURES
from jaxiqa.arch.graph import INPUT, Architecture, Node, chain
from jaxiqa.arch.layers import AdaptiveAveragePool, BatchNorm, Conv, Linear, Relu
from jaxiqa.checkpoints.fit import expected_keys, fit, stored_shape
from jaxiqa.checkpoints.renames import canonical
from jaxiqa.checks import InputError

TINY = Architecture(
    "tiny",
    chain(
        INPUT,
        Node("conv1", Conv(4, 3), (), "features.0"),
        Node("bn1", BatchNorm(), (), "features.1"),
        Node("relu1", Relu(), (), "features.2"),
        Node("conv2", Conv(5, 1), (), "features.3"),
        Node("avgpool", AdaptiveAveragePool(2), (), "avgpool"),
        Node("fc1", Linear(6, window=2), (), "classifier.0"),
        Node("fc2", Linear(7), (), "classifier.1"),
    ),
    features="conv2",
    stages=("relu1",),
    reference="",
)

SHAPES = {
    "features.0.weight": (4, 3, 3, 3),
    "features.0.bias": (4,),
    "features.1.weight": (4,),
    "features.1.bias": (4,),
    "features.1.running_mean": (4,),
    "features.1.running_var": (4,),
    "features.3.weight": (5, 4, 1, 1),
    "features.3.bias": (5,),
    "classifier.0.weight": (6, 20),
    "classifier.0.bias": (6,),
    "classifier.1.weight": (7, 6),
    "classifier.1.bias": (7,),
}


def checkpoint(**changes):
    """Distinct numbers in every array; ``None`` takes a key away."""
    arrays = {
        key: np.arange(1, np.prod(shape) + 1, dtype=np.float32).reshape(shape) / (place + 7)
        for place, (key, shape) in enumerate(SHAPES.items())
    }
    arrays |= {key: array for key, array in changes.items() if array is not None}
    return {key: arrays[key] for key in arrays if key not in changes or changes[key] is not None}


def fitted(arrays):
    return fit(TINY, arrays, source="a.pth")


def refusal(arrays, architecture=TINY):
    with pytest.raises(InputError) as caught:
        fit(architecture, arrays, source="a.pth")
    message = str(caught.value)
    assert len(message.splitlines()) == 1
    assert message.startswith("a.pth")
    return message


def test_keys_and_shapes_are_those_of_the_canonical_definition():
    assert {key: stored_shape(place) for key, place in expected_keys(TINY).items()} == SHAPES


def test_every_array_lands_in_its_place():
    arrays = checkpoint()
    found = fitted(arrays)
    assert found.missing == ()
    params, running = found.variables["params"], found.variables["batch_stats"]
    assert set(params) == {"conv1", "bn1", "conv2", "fc1", "fc2"}
    assert set(running) == {"bn1"}
    assert params["conv1"]["kernel"].shape == (3, 3, 3, 4)
    assert params["conv1"]["kernel"][2, 0, 1, 3] == arrays["features.0.weight"][3, 1, 2, 0]
    for ours, theirs in (("scale", "weight"), ("bias", "bias")):
        np.testing.assert_array_equal(params["bn1"][ours], arrays[f"features.1.{theirs}"])
    for ours, theirs in (("mean", "running_mean"), ("var", "running_var")):
        np.testing.assert_array_equal(running["bn1"][ours], arrays[f"features.1.{theirs}"])


def test_fully_connected_kernel_reads_positions_channel_by_channel():
    arrays = checkpoint()
    kernel = fitted(arrays).variables["params"]["fc1"]["kernel"]
    response = np.random.default_rng(0).random((2, 2, 5))
    flattened = response.transpose(2, 0, 1).reshape(-1)
    expected = arrays["classifier.0.weight"].astype(np.float64) @ flattened
    np.testing.assert_allclose(np.einsum("hwc,hwcd->d", response, kernel), expected, rtol=1e-6)


def test_order_of_keys_and_counters_of_training_do_not_matter():
    arrays = checkpoint(**{"features.1.num_batches_tracked": np.int64(5)})
    found, other = fitted(arrays), fitted(dict(reversed(arrays.items())))
    for collection in found.variables:
        for node, held in found.variables[collection].items():
            for name, array in held.items():
                assert array.dtype == np.float32
                np.testing.assert_array_equal(array, other.variables[collection][node][name])


def test_every_misfit_is_in_one_message():
    message = refusal(
        checkpoint(
            **{
                "features.0.bias": None,
                "classifier.1.weight": None,
                "features.0.weight": np.zeros((4, 3, 5, 5), np.float32),
                "features.1.running_var": np.zeros(3, np.float32),
                "conv1.weight": np.zeros((2, 2), np.float32),
                "step": np.zeros((), np.float32),
                "line\nbreak": np.zeros(1, np.float32),
            }
        )
    )
    assert message == (
        "a.pth does not fit tiny: 2 missing: features.0.bias, classifier.1.weight; "
        "3 unused: conv1.weight (2, 2), step (), 'line\\nbreak (1,)'; "
        "2 misshapen: features.0.weight is (4, 3, 5, 5) and should be (4, 3, 3, 3), "
        "features.1.running_var is (3,) and should be (4,)"
    )


def test_only_missing_keys_are_a_partial_checkpoint():
    whole = fitted(checkpoint()).variables
    part = {key: array for key, array in checkpoint().items() if key.startswith("features.0")}
    found = fitted(part)
    assert found.missing == tuple(key for key in SHAPES if not key.startswith("features.0"))
    assert list(found.variables) == ["params"]
    assert list(found.variables["params"]) == ["conv1"]
    for name, array in found.variables["params"]["conv1"].items():
        np.testing.assert_array_equal(array, whole["params"]["conv1"][name])


@pytest.mark.parametrize("arrays", [{}, {"num_batches_tracked": np.int64(3)}])
def test_nothing_that_fits_is_refused(arrays):
    assert "12 missing: features.0.weight, features.0.bias, " in refusal(arrays)


FORMS = [
    ("features.3.weight", (5, 4), True),
    ("features.3.weight", (5, 4, 1, 1), True),
    ("features.3.weight", (4, 5, 1, 1), False),
    ("features.3.weight", (5, 4, 1), False),
    ("features.3.weight", (20,), False),
    ("classifier.1.weight", (7, 6, 1, 1), True),
    ("classifier.1.weight", (6, 7), False),
    ("classifier.0.weight", (6, 5, 2, 2), False),
    ("features.0.weight", (4, 3), False),
    ("features.0.weight", (4, 3, 1, 1), False),
    ("features.0.weight", (3, 4, 3, 3), False),
    ("features.0.weight", (3, 3, 3, 4), False),
    ("features.0.bias", (4, 1), False),
    ("features.0.bias", (), False),
]


@pytest.mark.parametrize(("key", "shape", "fits"), FORMS)
def test_a_pointwise_convolution_and_a_matrix_are_the_same_and_nothing_else_is(key, shape, fits):
    plain = checkpoint()
    changed = plain[key].reshape(shape) if fits else np.zeros(shape, np.float32)
    arrays = checkpoint(**{key: changed})
    if not fits:
        assert f"1 misshapen: {key} is {shape} and should be {SHAPES[key]}" in refusal(arrays)
        return
    node = expected_keys(TINY)[key].node
    ours, theirs = (fitted(a).variables["params"][node]["kernel"] for a in (arrays, plain))
    np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("dtype", [np.float16, np.float64, ml_dtypes.bfloat16])
def test_other_floating_dtypes_become_float32(dtype):
    array = np.array([1, 2, -3, 0.5], dtype)
    bias = fitted(checkpoint(**{"features.0.bias": array})).variables["params"]["conv1"]["bias"]
    assert bias.dtype == np.float32
    assert bias.tolist() == [1, 2, -3, 0.5]


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int64, np.bool_, np.complex64])
def test_what_is_no_floating_point_is_refused(dtype):
    message = refusal(checkpoint(**{"features.0.bias": np.ones(4, dtype)}))
    assert f"features.0.bias is {np.dtype(dtype)} and should be floating point" in message


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e39])
def test_values_that_are_no_finite_numbers_are_refused(value):
    array = np.array([1, 2, value, 3], np.float64)
    message = refusal(checkpoint(**{"features.1.running_mean": array}))
    assert "features.1.running_mean holds values that are not finite" in message


GLUON = ARCHITECTURES["squeezenet1_1"]


def test_gluon_names_are_mapped_by_number_and_not_by_order():
    expected = expected_keys(GLUON)
    keys = sorted(f"squeezenet0_conv{i}_{k}" for i in range(26) for k in ("weight", "bias"))
    names, flatten = canonical(GLUON, keys, expected)
    assert flatten == "chw"
    assert sorted(names.values()) == sorted(expected)
    assert names["squeezenet0_conv2_weight"] == "features.3.expand1x1.weight"
    assert names["squeezenet0_conv10_bias"] == "features.7.squeeze.bias"
    assert names["squeezenet0_conv25_weight"] == "classifier.1.weight"
    assert canonical(ARCHITECTURES["alexnet"], keys, expected)[0] == {key: key for key in keys}


@pytest.mark.parametrize("prefix", ["trunk.", "trunk._feature_blocks.", "_feature_blocks."])
def test_the_trunks_of_vissl_fit(prefix):
    expected = expected_keys(GLUON)
    beside = ("heads.0.weight", "heads.0.bias")
    names, _ = canonical(GLUON, (*(prefix + key for key in expected), *beside), expected)
    assert list(names.values()) == [*expected, *beside]


KERAS_EFFICIENTNET = {
    "stem_conv.weight": "conv_stem.weight",
    "block1a_bn.running_var": "blocks.0.0.bn1.running_var",
    "block1a_project_conv.weight": "blocks.0.0.conv_pw.weight",
    "block2b_expand_bn.weight": "blocks.1.1.bn1.weight",
    "block7a_dwconv.weight": "blocks.6.0.conv_dw.weight",
    "block6d_se_expand.bias": "blocks.5.3.se.conv_expand.bias",
    "block6d_project_bn.bias": "blocks.5.3.bn3.bias",
    "top_bn.bias": "bn2.bias",
    "predictions.bias": "classifier.bias",
}


def test_efficientnet_has_other_names_in_keras():
    of = dataclasses.replace(ARCHITECTURES["alexnet"], name="tf_efficientnet_b0")
    names, _ = canonical(of, KERAS_EFFICIENTNET, KERAS_EFFICIENTNET.values())
    assert names == KERAS_EFFICIENTNET


def test_a_key_or_two_in_common_do_not_make_a_naming():
    expected = expected_keys(ARCHITECTURES["alexnet"])
    keys = ("conv1.weight", "layer1.0.conv1.weight", "layer2.0.conv1.weight")
    assert canonical(ARCHITECTURES["alexnet"], keys, expected)[0] == {key: key for key in keys}
    names = canonical(ARCHITECTURES["alexnet"], ("conv1.weight", "conv2.bias"), expected)[0]
    assert list(names.values()) == ["features.0.weight", "features.3.bias"]


def test_canonical_names_are_left_alone():
    expected = expected_keys(GLUON)
    assert canonical(GLUON, expected, expected)[0] == {key: key for key in expected}


def test_two_arrays_for_one_place_are_refused():
    one = np.zeros((64, 3, 3, 3), np.float32)
    keys = ("squeezenet0_conv0_weight", "squeezenet1_conv0_weight")
    assert f"2 repeated: {', '.join(keys)}" in refusal(dict.fromkeys(keys, one), GLUON)
    mixed = {"features.0.weight": one, keys[0]: one, "squeezenet0_conv0_bias": one[:, 0, 0, 0]}
    assert "2 repeated: features.0.weight, squeezenet0_conv0_weight" in refusal(mixed, GLUON)


def test_wrong_keys_are_named_as_they_stand_in_the_file():
    arrays = {
        "squeezenet0_conv0_weight": np.zeros((64, 3, 7, 7), np.float32),
        "squeezenet0_conv0_bias": np.zeros(64, np.float32),
        "squeezenet0_conv26_bias": np.zeros(9, np.float32),
    }
    message = refusal(arrays, GLUON)
    assert "1 unused: squeezenet0_conv26_bias (9,)" in message
    assert "squeezenet0_conv0_weight is (64, 3, 7, 7) and should be (64, 3, 3, 3)" in message
