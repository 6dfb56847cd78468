"""Files cut short or with bytes changed: arrays or an InputError, and never anything else."""

import zipfile

import numpy as np
import pytest
import safetensors.numpy
from forged import TRUE, call, mapping, name, number, storage, tensor, write
from forged_wire import blob, caffe, inner, layer, onnx
from forged_wire import number as whole_number
from forged_wire import tensor as onnx_tensor

from jaxiqa import checkpoints
from jaxiqa.checks import InputError

VALUES = np.arange(8, dtype=np.float32)
FLIPS, STEP, TRUNCATIONS = 250, 3, 300


def torch_file(form, path):
    stored = storage("Float", "0", 8)
    state = mapping({"a": tensor(stored, (4,)), "b": tensor(stored, (2, 2), (1, 2), 4)})
    made = call(name("torch._utils", "_rebuild_parameter"), tensor(stored), TRUE, b"N")
    body = mapping({"epoch": number(7), "state_dict": state, "rest": made})
    return write(form, path, body, {"0": VALUES.tobytes()}, {"0": 8})


def safe_file(path):
    safetensors.numpy.save_file({"a": VALUES, "b": VALUES[:3].astype(np.int16)}, path)


def npz_file(path):
    with open(path, "wb") as file:
        np.savez(file, a=VALUES, b=VALUES[:3].astype(np.int16))


def packed_file(path):
    with open(path, "wb") as file:
        np.savez_compressed(file, a=VALUES, b=np.zeros(100))


def npy_file(path):
    with open(path, "wb") as file:
        np.save(file, VALUES.reshape(2, 4))


def h5_file(path):
    h5py = pytest.importorskip("h5py", reason="needs the extra keras")
    with h5py.File(path, "w") as root:
        root["model_weights/a/kernel:0"] = VALUES.reshape(2, 4)
        root["model_weights/a"].create_dataset("bias:0", data=VALUES, compression="gzip")


def keras_file(path):
    h5_file(path)
    content = path.read_bytes()
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", '{"config": {"layers": []}}')
        archive.writestr("model.weights.h5", content)


def onnx_file(path):
    path.write_bytes(onnx(onnx_tensor("a", VALUES, 1), onnx_tensor("b", VALUES, 1)))


def caffe_file(path):
    path.write_bytes(caffe(layer("a", "Bias", blob(VALUES), blob(VALUES[:3]))))


def graph_file(path):
    numbers = inner(2, inner(2, whole_number(1, 8))) + inner(4, VALUES.tobytes())
    tensor_field = inner(8, whole_number(1, 1) + numbers)
    value = inner(5, inner(1, "value") + inner(2, tensor_field))
    node = inner(2, "Const") + value
    path.write_bytes(inner(1, inner(1, "a") + node) + inner(1, inner(1, "b") + node))


WRITERS = {
    "zip": lambda path: torch_file("zip", path),
    "stream": lambda path: torch_file("stream", path),
    "safetensors": safe_file,
    "npz": npz_file,
    "packed npz": packed_file,
    "h5": h5_file,
    "keras": keras_file,
    "onnx": onnx_file,
    "caffe": caffe_file,
    "frozen graph": graph_file,
    "folder": npy_file,
}


@pytest.fixture(params=WRITERS)
def checkpoint(request, tmp_path):
    """A small checkpoint: what is to be read, and the file that may be damaged."""
    folder = tmp_path / "net"
    folder.mkdir()
    file = folder / "a.npy"
    WRITERS[request.param](file)
    return (folder if request.param == "folder" else file), file


def outcome(path):
    """The bytes of all arrays, or None for a refusal; which is in one line that names the path."""
    try:
        found = checkpoints.read(path)
    except InputError as error:
        said, found = str(error), None
    if found is None:
        assert said.startswith(f"{path}: ")
        assert "\n" not in said
        return None
    return {name: array.tobytes() for name, array in found.items()}


def test_every_truncation_is_noticed(checkpoint):
    path, file = checkpoint
    whole = file.read_bytes()
    assert outcome(path)
    for length in range(0, len(whole), max(STEP, len(whole) // TRUNCATIONS)):
        file.write_bytes(whole[:length])
        assert outcome(path) is None, length


def test_changed_bytes_give_arrays_or_a_refusal(checkpoint):
    path, file = checkpoint
    whole = file.read_bytes()
    random = np.random.default_rng(2)
    for _ in range(FLIPS):
        raw = np.frombuffer(whole, np.uint8).copy()
        where = random.integers(raw.size, size=random.integers(1, 4))
        raw[where] = random.integers(256, size=where.size)
        file.write_bytes(raw.tobytes())
        outcome(path)


def test_random_bytes_are_refused(tmp_path):
    random = np.random.default_rng(3)
    starts = (
        *(b"", b"PK\x03\x04", b"\x80\x02", b"\x93NUMPY\x01\x00", b"\x20" + bytes(7) + b"{"),
        *(b"\x89HDF\r\n\x1a\n", b"\x08\x07\x3a\x05", b"\n\x01a\xa2\x06\x05"),
        b"\n\x20\n\x01a\x12\x05Const",
    )
    for index in range(100):
        path = tmp_path / "net.bin"
        path.write_bytes(starts[index % len(starts)] + random.bytes(random.integers(1, 2000)))
        assert outcome(path) is None
