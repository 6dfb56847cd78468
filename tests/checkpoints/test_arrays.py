"""Safetensors, npz and folders of npy: dtypes, orders, and what is refused by name."""

import io
import json
import zipfile

import ml_dtypes
import numpy as np
import pytest
import safetensors.numpy

from jaxiqa import checkpoints
from jaxiqa.checks import InputError

DTYPES = (
    *("float64", "float32", "float16", "bfloat16", "float8_e4m3fn", "float8_e5m2", "bool"),
    *("int64", "int32", "int16", "int8", "uint64", "uint32", "uint16", "uint8", "complex64"),
)
RAMP = np.arange(6, dtype=np.float32).reshape(2, 3)


def test_safetensors_keeps_every_dtype(tmp_path):
    values = {
        n: (RAMP > 2 if n == "bool" else RAMP).astype(getattr(ml_dtypes, n, n)) for n in DTYPES
    }
    values |= {"scalar": np.array(2.5), "empty": np.zeros((0, 3), np.float32)}
    safetensors.numpy.save_file(values, tmp_path / "net")
    found = checkpoints.read(tmp_path / "net")
    assert set(found) == set(values)
    for key, value in values.items():
        assert (found[key].dtype, found[key].shape) == (value.dtype, value.shape)
        assert found[key].tobytes() == value.tobytes()


def test_safetensors_of_a_dtype_that_numpy_has_not(tmp_path):
    header = json.dumps({"w": {"dtype": "F4", "shape": [4], "data_offsets": [0, 2]}}).encode()
    (tmp_path / "net").write_bytes(len(header).to_bytes(8, "little") + header + bytes(2))
    with pytest.raises(InputError, match=r"F4|damaged safetensors"):
        checkpoints.read(tmp_path / "net")


ARRAYS = {
    "plain": RAMP,
    "by columns": np.asfortranarray(RAMP),
    "big-endian": RAMP.astype(">f4"),
    "complex": RAMP.astype(np.complex128),
    "truth": RAMP > 2,
    "scalar": np.array(7, np.int16),
    "empty": np.zeros((3, 0), np.uint8),
}


def folder_writer(path, values):
    path.mkdir()
    for name, value in values.items():
        np.save(path / name, value)


def npz_writer(path, values):
    with open(path, "wb") as file:
        np.savez(file, **values)


def packed_writer(path, values):
    with open(path, "wb") as file:
        np.savez_compressed(file, **values)


WRITERS = (folder_writer, npz_writer, packed_writer)


@pytest.mark.parametrize("writer", WRITERS)
def test_npy_arrays_come_back_native(tmp_path, writer):
    writer(tmp_path / "net", ARRAYS)
    found = checkpoints.read(tmp_path / "net")
    assert set(found) == set(ARRAYS)
    for name, value in ARRAYS.items():
        assert found[name].dtype == value.dtype.newbyteorder("=")
        np.testing.assert_array_equal(found[name], value)


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize(
    ("value", "said"),
    [
        (np.array([{}, None], object), "'weird.npy' as .*O"),
        (np.zeros(2, [("x", "f4"), ("y", "i4")]), "'weird.npy' as "),
        (RAMP.astype(ml_dtypes.bfloat16).view("V2"), "'weird.npy' as"),
    ],
    ids=["objects", "records", "raw bytes"],
)
def test_arrays_of_anything_but_numbers_are_refused(tmp_path, writer, value, said):
    writer(tmp_path / "net", {"w": RAMP, "weird": value})
    with pytest.raises(InputError, match=said):
        checkpoints.read(tmp_path / "net")


@pytest.mark.parametrize("writer", WRITERS)
def test_texts_are_left_out(tmp_path, writer):
    writer(tmp_path / "net", {"w": RAMP, "name": np.array("alexnet"), "raw": np.array(b"a")})
    assert list(checkpoints.read(tmp_path / "net")) == ["w"]
    writer(tmp_path / "none", {"name": np.array("alexnet")})
    with pytest.raises(InputError, match="holds no array"):
        checkpoints.read(tmp_path / "none")


def npy(shape, descr="'<f4'"):
    """A .npy file whose header promises ``shape``, with four numbers behind it."""
    header = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}}}".encode()
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + bytes(16)


@pytest.mark.parametrize(
    "shape", ["(10**3,)", "(1000000000000,)", "(-4,)", "(2, -2, -1)", "'a'", "(1,) * 9"]
)
@pytest.mark.parametrize("packed", [False, True])
def test_header_that_promises_other_than_is_there(tmp_path, shape, packed):
    path = tmp_path / "net"
    if packed:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("w.npy", npy(shape))
    else:
        path.mkdir()
        (path / "w.npy").write_bytes(npy(shape))
    with pytest.raises(InputError, match=r"'w\.npy'; fetch it again"):
        checkpoints.read(path)


@pytest.mark.parametrize("shape", ["(2L, 2L)", "(2,2)", "( 2 , 2, )"])
def test_headers_of_other_writers(tmp_path, shape):
    (tmp_path / "w.npy").write_bytes(npy(shape))
    np.testing.assert_array_equal(checkpoints.read(tmp_path)["w"], np.zeros((2, 2)))


def test_header_is_not_evaluated(tmp_path):
    (tmp_path / "w.npy").write_bytes(npy("(4,)", "__import__('os')"))
    with pytest.raises(InputError, match="damaged header"):
        checkpoints.read(tmp_path)


def test_folder_takes_only_its_own_files(tmp_path):
    folder_writer(tmp_path / "net", {"conv1.weight": RAMP})
    folder_writer(tmp_path / "net" / "deeper", {"other": RAMP})
    (tmp_path / "net" / "notes.txt").write_text("x")
    assert list(checkpoints.read(tmp_path / "net")) == ["conv1.weight"]


def test_real_folder_is_what_numpy_reads(shared):
    folder = shared / "data/weights/squeezenet1_1_mxnet_nchw/weights"
    found = checkpoints.read(folder)
    assert len(found) == 52
    for path in folder.glob("*.npy"):
        np.testing.assert_array_equal(found[path.stem], np.load(path), strict=True)


def test_npz_is_what_numpy_reads(tmp_path):
    raw = io.BytesIO()
    np.savez(raw, **{"layer1/a": RAMP, "layer1/bias": RAMP[0]})
    (tmp_path / "net.npz").write_bytes(raw.getvalue())
    found = checkpoints.read(tmp_path / "net.npz")
    with np.load(tmp_path / "net.npz", allow_pickle=False) as theirs:
        assert set(found) == set(theirs)
        for name in theirs:
            np.testing.assert_array_equal(found[name], theirs[name], strict=True)
