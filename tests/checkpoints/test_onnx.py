"""Initialisers of ONNX graphs, honest and forged."""

import ml_dtypes
import numpy as np
import pytest
from forged_wire import inner, number, one_by_one, onnx, packed, tensor

from jaxiqa import checkpoints
from jaxiqa.checks import InputError

VALUES = np.arange(6, dtype=np.float32).reshape(2, 3) / 4


def read(tmp_path, content):
    path = tmp_path / "net.onnx"
    path.write_bytes(content)
    return checkpoints.read(path)


def refusal(tmp_path, content):
    with pytest.raises(InputError) as caught:
        read(tmp_path, content)
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


@pytest.mark.parametrize(
    ("kind", "dtype"),
    [(1, np.float32), (11, np.float64), (10, np.float16), (16, ml_dtypes.bfloat16)],
)
def test_floating_point(tmp_path, kind, dtype):
    found = read(tmp_path, onnx(tensor("a.weight", VALUES.astype(dtype), kind)))
    assert list(found) == ["a.weight"]
    assert found["a.weight"].dtype == dtype
    assert np.array_equal(found["a.weight"], VALUES.astype(dtype))


def written(kind, numbers):
    return onnx(inner(1, packed((2, 3))) + number(2, kind) + inner(8, "w") + numbers)


def test_numbers_that_are_not_raw(tmp_path):
    halves = packed(VALUES.astype(np.float16).view(np.uint16).reshape(-1))
    brains = packed(VALUES.astype(ml_dtypes.bfloat16).view(np.uint16).reshape(-1))
    for kind, numbers in (
        (1, inner(4, VALUES.tobytes())),
        (1, one_by_one(4, VALUES)),
        (11, inner(10, VALUES.astype(np.float64).tobytes())),
        (10, inner(5, halves)),
        (16, inner(5, brains)),
    ):
        assert np.array_equal(read(tmp_path, written(kind, numbers))["w"], VALUES), kind


def test_extents_one_by_one(tmp_path):
    content = (
        number(1, 2) + number(1, 3) + number(2, 1) + inner(8, "w") + inner(9, VALUES.tobytes())
    )
    assert np.array_equal(read(tmp_path, onnx(content))["w"], VALUES)


def test_shapes_indices_and_single_numbers_are_left_out(tmp_path):
    shape = tensor("shape", np.int64([1, -1]), 7)
    clip = tensor("clip", np.float32(6), 1)
    found = read(tmp_path, onnx(shape, clip, tensor("w", VALUES, 1)))
    assert list(found) == ["w"]
    assert "holds no array" in refusal(tmp_path, onnx(shape, clip))


FORGED = {
    "too few numbers": (onnx(tensor("w", VALUES, 1, dims=(2, 4))), "6 numbers for 'w'"),
    "a shape beyond all memory": (onnx(tensor("w", VALUES, 1, dims=(1 << 62, 4))), "6 numbers"),
    "half a number": (onnx(tensor("w", np.zeros(3, np.uint8), 1)), "is damaged"),
    "a half of 32 bits": (written(10, inner(5, packed((1 << 20,) * 6))), "is damaged"),
    "another file": (
        written(1, number(14, 1) + inner(13, inner(1, "location") + inner(2, "/etc/passwd"))),
        "keeps 'w' in another file",
    ),
    "two of one name": (onnx(*[tensor("w", VALUES, 1)] * 2), "two initialisers called 'w'"),
    "cut short": (onnx(tensor("w", VALUES, 1))[:-5], "is damaged"),
}


@pytest.mark.parametrize("what", FORGED)
def test_forged(tmp_path, what):
    content, reason = FORGED[what]
    assert reason in refusal(tmp_path, content)


@pytest.mark.slow
def test_what_onnx_itself_writes(tmp_path):
    onnx = pytest.importorskip("onnx", reason="needs the package onnx")
    path = tmp_path / "net.onnx"
    arrays = {"a.weight": VALUES, "b": VALUES.astype(np.float16), "c": VALUES.astype(np.float64)}
    held = [onnx.numpy_helper.from_array(array, name) for name, array in arrays.items()]
    listed = onnx.helper.make_tensor("d", onnx.TensorProto.FLOAT, (2, 3), VALUES.reshape(-1))
    graph = onnx.helper.make_graph([], "a graph", [], [], [*held, listed])
    onnx.save(onnx.helper.make_model(graph), path)
    found = checkpoints.read(path)
    assert list(found) == [*arrays, "d"]
    for name, array in (arrays | {"d": VALUES}).items():
        assert found[name].dtype == array.dtype
        assert np.array_equal(found[name], array)
