"""Constants of TensorFlow's frozen graphs, honest and forged; variables in npz files."""

import ml_dtypes
import numpy as np
import pytest
from forged_wire import inner, number, one_by_one, packed
from planted import planted_arrays

from jaxiqa import checkpoints
from jaxiqa.arch import ARCHITECTURES
from jaxiqa.checkpoints.fit import fit
from jaxiqa.checks import InputError

KERNEL = np.arange(24, dtype=np.float32).reshape(1, 2, 3, 4) / 8
TURNED = KERNEL.transpose(3, 2, 0, 1)


def shape_of(extents):
    return inner(2, b"".join(inner(2, number(1, extent)) for extent in extents))


def tensor(kind, extents, numbers):
    return number(1, kind) + shape_of(extents) + numbers


def content(array, kind):
    return tensor(kind, array.shape, inner(4, array.tobytes()))


def node(name, operation, value=None):
    raw = inner(1, name) + inner(2, operation)
    if value is not None:
        raw += inner(5, inner(1, "dtype") + inner(2, number(6, 1)))
        raw += inner(5, inner(1, "value") + inner(2, inner(8, value)))
    return inner(1, raw)


def graph(*nodes):
    return node("input", "Placeholder") + b"".join(nodes) + inner(4, number(1, 1395))


def read(tmp_path, raw):
    path = tmp_path / "net.pb"
    path.write_bytes(raw)
    return checkpoints.read(path)


def refusal(tmp_path, raw):
    with pytest.raises(InputError) as caught:
        read(tmp_path, raw)
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


@pytest.mark.parametrize(
    ("kind", "dtype"),
    [(1, np.float32), (2, np.float64), (19, np.float16), (14, ml_dtypes.bfloat16)],
)
def test_a_kernel_is_turned(tmp_path, kind, dtype):
    raw = graph(node("conv/kernel", "Const", content(KERNEL.astype(dtype), kind)))
    found = read(tmp_path, raw)
    assert list(found) == ["conv.weight"]
    assert found["conv.weight"].dtype == dtype
    assert np.array_equal(found["conv.weight"], TURNED.astype(dtype))


def test_numbers_that_are_not_raw(tmp_path):
    halves = packed(KERNEL.astype(np.float16).view(np.uint16).reshape(-1))
    for kind, numbers in (
        (1, inner(5, KERNEL.tobytes())),
        (1, one_by_one(5, KERNEL)),
        (2, inner(6, KERNEL.astype(np.float64).tobytes())),
        (19, inner(13, halves)),
    ):
        raw = graph(node("conv/kernel", "Const", tensor(kind, KERNEL.shape, numbers)))
        assert np.array_equal(read(tmp_path, raw)["conv.weight"], TURNED), kind


def test_one_number_stands_for_all(tmp_path):
    one = tensor(1, (5,), inner(5, np.float32([0.25]).tobytes()))
    assert np.array_equal(read(tmp_path, graph(node("a", "Const", one)))["a"], np.full(5, 0.25))


def test_what_is_no_array_of_weights_is_left_out(tmp_path):
    raw = graph(
        node("conv/weights", "Const", content(KERNEL, 1)),
        node("conv/read", "Identity"),
        node("shape", "Const", content(np.int32([1, 2]), 3)),
        node("epsilon", "Const", tensor(1, (), inner(5, np.float32([0.1]).tobytes()))),
    )
    assert list(read(tmp_path, raw)) == ["conv.weight"]


def test_a_graph_that_is_not_frozen(tmp_path):
    assert "without weights" in refusal(tmp_path, graph(node("conv/kernel", "VariableV2")))


@pytest.mark.parametrize(
    ("forge", "message"),
    [
        (lambda raw: raw[:-40], "damaged or cut short"),
        (lambda raw: raw + raw, "two constants called"),
        (lambda raw: raw.replace(shape_of((1, 2, 3, 4)), shape_of((9, 2, 3, 4))), "24 numbers for"),
    ],
)
def test_forged(tmp_path, forge, message):
    raw = graph(node("conv/kernel", "Const", content(KERNEL, 1)))
    assert message in refusal(tmp_path, forge(raw))


def test_a_forged_shape_fills_no_memory(tmp_path):
    one = tensor(1, (1 << 40,), inner(5, np.float32([0.25]).tobytes()))
    assert "1 numbers for" in refusal(tmp_path, graph(node("a", "Const", one)))


def variables(arrays, suffix):
    """Torch's arrays of a net as TensorFlow has them."""
    parts = {"running_mean": "moving_mean", "running_var": "moving_variance"}
    parts |= {"weight": "gamma", "bias": "beta"}
    found = {}
    for key, array in arrays.items():
        layer, _, part = key.rpartition(".")
        if array.ndim == 4:
            axes = (2, 3, 0, 1) if array.shape[1] == 1 else (2, 3, 1, 0)
            part = "depthwise_kernel" if array.shape[1] == 1 else "kernel"
            array = array.transpose(axes)
        elif array.ndim == 2:
            part, array = "kernel", array.T
        else:
            part = parts[part]
        found[f"{layer}/{part}{suffix}"] = array
    return found


@pytest.mark.parametrize("suffix", ["", ":0"])
def test_a_net_of_keras_as_variables_in_npz(tmp_path, suffix):
    net = ARCHITECTURES["mobilenet_v1_keras"]
    arrays = {k: a for k, a in planted_arrays(net, "conv_").items() if "pad" not in k}
    np.savez(tmp_path / "a.npz", **variables(arrays, suffix))
    found = checkpoints.read(tmp_path / "a.npz")
    assert set(found) == set(arrays)
    fitted, expected = (fit(net, held, source="").variables for held in (found, arrays))
    for node_name, held in expected["params"].items():
        for name, array in held.items():
            assert np.array_equal(fitted["params"][node_name][name], array), node_name


def test_a_net_of_flax_in_npz(tmp_path):
    np.savez(
        tmp_path / "a.npz",
        **{
            "params/conv/kernel": KERNEL,
            "params/bn/scale": KERNEL[0, 0, 0],
            "batch_stats/bn/var": KERNEL[0, 0, 1],
        },
    )
    found = checkpoints.read(tmp_path / "a.npz")
    assert list(found) == ["conv.weight", "bn.weight", "bn.running_var"]
    assert np.array_equal(found["conv.weight"], TURNED)


def test_other_npz_stay_as_they_are(tmp_path):
    np.savez(tmp_path / "a.npz", **{"conv.weight": KERNEL, "norm.scale": KERNEL, "a/bias": KERNEL})
    found = checkpoints.read(tmp_path / "a.npz")
    assert set(found) == {"conv.weight", "norm.scale", "a/bias"}
    assert np.array_equal(found["conv.weight"], KERNEL)


def test_two_variables_of_one_name_are_refused(tmp_path):
    np.savez(tmp_path / "a.npz", **{"conv/kernel": KERNEL, "conv/weights": KERNEL})
    with pytest.raises(InputError, match=r"two variables for 'conv\.weight'"):
        checkpoints.read(tmp_path / "a.npz")
