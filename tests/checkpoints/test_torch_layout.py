"""Every dtype, layout and dialect of the two torch formats, from files made by hand."""

import ml_dtypes
import numpy as np
import pytest
from forged import (
    FALSE,
    LIST,
    NONE,
    ORDERED,
    TRUE,
    call,
    mapping,
    name,
    number,
    numbers,
    several,
    storage,
    tensor,
    text,
    write,
    write_stream,
    write_zip,
)

from jaxiqa import checkpoints

FORMS = ("zip", "stream")
RAMP = np.arange(24, dtype=np.float32)
STORED = storage("Float", "0", 24)
KINDS = {
    "Double": np.float64, "Float": np.float32, "Half": np.float16, "BFloat16": ml_dtypes.bfloat16,
    "Long": np.int64, "Int": np.int32, "Short": np.int16, "Char": np.int8, "Byte": np.uint8,
    "Bool": np.bool_, "ComplexDouble": np.complex128, "ComplexFloat": np.complex64,
}  # fmt: skip
UNTYPED = ("uint16", "uint32", "uint64", "float8_e4m3fn", "float8_e5m2")


def rest_of_stream(form):
    return (NONE,) if form == "stream" else ()


def ramp_file(form, path, items):
    """A file over one storage of 24 float32, 0 to 23."""
    return write(form, path, mapping(items), {"0": RAMP.tobytes()}, {"0": 24})


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_storage_type(tmp_path, form, kind):
    values = np.array([0, 1, 3, 100], np.float64).astype(KINDS[kind])
    body = mapping({"w": tensor(storage(kind, "7", 4, *rest_of_stream(form)), (4,))})
    path = write(form, tmp_path / "net.bin", body, {"7": values.tobytes()}, {"7": 4})
    found = checkpoints.read(path)["w"]
    assert found.dtype == values.dtype
    np.testing.assert_array_equal(found, values)


def rebuild_v3(dtype, raw):
    stored = several(
        text("storage"), name("torch.storage", "UntypedStorage"), text("0"), text("cpu"),
        number(len(raw)),
    ) + b"Q"  # fmt: skip
    rebuild = name("torch._utils", "_rebuild_tensor_v3")
    places = (stored, number(1), numbers((2,)), numbers((1,)), TRUE, ORDERED)
    return mapping({"w": call(rebuild, *places, name("torch", dtype))})


@pytest.mark.parametrize("dtype", UNTYPED)
@pytest.mark.parametrize("order", ["little", "big"])
def test_untyped_storage_takes_the_dtype_of_the_tensor(tmp_path, dtype, order):
    values = np.array([1, 2, 3]).astype(getattr(ml_dtypes, dtype, dtype))
    words = values.view(f"u{values.itemsize}")
    raw = (words if order == "little" else words.byteswap()).tobytes()
    members = {"byteorder": order.encode()}
    path = write_zip(tmp_path / "a.pt", rebuild_v3(dtype, raw), {"0": raw}, members=members)
    found = checkpoints.read(path)["w"]
    assert found.dtype == values.dtype
    np.testing.assert_array_equal(found.astype(float), [2, 3])


@pytest.mark.parametrize("kind", KINDS)
def test_big_endian_file_comes_back_native(tmp_path, kind):
    values = np.array([0, 1, 3, 100], np.float64).astype(KINDS[kind])
    width = values.itemsize // (2 if values.dtype.kind == "c" else 1)
    raw = values.view(f"u{width}").byteswap().tobytes()
    body = mapping({"w": tensor(storage(kind, "0", 4), (4,))})
    path = write_zip(tmp_path / "a.pt", body, {"0": raw}, members={"byteorder": b"big"})
    found = checkpoints.read(path)["w"]
    assert found.dtype == values.dtype
    assert found.dtype.isnative
    np.testing.assert_array_equal(found, values)


LAYOUTS = {
    "whole": ((4, 6), (6, 1), 0, RAMP.reshape(4, 6)),
    "transposed": ((6, 4), (1, 6), 0, RAMP.reshape(4, 6).T),
    "part": ((2, 3), (12, 2), 1, RAMP[1:].reshape(-1)[[[0, 2, 4], [12, 14, 16]]]),
    "one number": ((), (), 5, np.float32(5)),
    "long stride of a single": ((1, 2, 1), (2**62, 3, 2**61), 20, RAMP[[[[20], [23]]]]),
    "empty": ((0, 3), (3, 1), 0, np.zeros((0, 3), np.float32)),
    "empty inside": ((2, 0, 2), (0, 2, 1), 24, np.zeros((2, 0, 2), np.float32)),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_strides_and_offsets(tmp_path, form, layout):
    shape, strides, offset, expected = LAYOUTS[layout]
    path = ramp_file(form, tmp_path / "a.pt", {"w": tensor(STORED, shape, strides, offset)})
    found = checkpoints.read(path)["w"]
    assert found.shape == shape
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("form", FORMS)
def test_shared_storage_stays_shared(tmp_path, form):
    items = {"a": tensor(STORED, (12,), (1,), 0), "b": tensor(STORED, (12,), (1,), 6)}
    found = checkpoints.read(ramp_file(form, tmp_path / "a.pt", items))
    assert np.shares_memory(found["a"], found["b"])
    np.testing.assert_array_equal(found["b"], RAMP[6:18])


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("state", [(), (b"}",)], ids=["plain", "with state"])
def test_parameter_is_its_tensor(tmp_path, form, state):
    rebuild = "_rebuild_parameter_with_state" if state else "_rebuild_parameter"
    made = call(name("torch._utils", rebuild), tensor(STORED), TRUE, ORDERED, *state)
    found = checkpoints.read(ramp_file(form, tmp_path / "a.pt", {"w": made}))
    np.testing.assert_array_equal(found["w"], [0, 1])


def test_view_of_a_storage_in_the_oldest_files(tmp_path):
    part = several(text("view"), number(10), number(4))
    made = tensor(storage("Float", "0", 24, part), (2,), (2,), 1)
    found = checkpoints.read(ramp_file("stream", tmp_path / "a.pt", {"w": made}))
    np.testing.assert_array_equal(found["w"], [11, 13])


def short(value: str) -> bytes:
    """A text as Python 2 wrote it."""
    return b"U" + bytes([len(value)]) + value.encode()


def test_python_2_state_dict(tmp_path):
    stored = (short("storage"), name("torch", "FloatStorage"), short("0"), short("cuda:0"))
    stored = several(*stored, number(24), NONE) + b"Q"
    made = call(
        name("torch._utils", "_rebuild_tensor"), stored, number(2), numbers((3,)), numbers((4,))
    )
    pairs = LIST + b"(" + LIST + b"(" + short("lin0.weight") + made + b"e" + b"e"
    body = call(name("collections", "OrderedDict"), pairs)
    path = write_stream(tmp_path / "a.pth", body, {"0": RAMP.tobytes()}, sizes={"0": 24})
    np.testing.assert_array_equal(checkpoints.read(path)["lin0.weight"], [2, 6, 10])


def test_protocol_4_names_come_from_the_stack(tmp_path):
    def modern(value):
        return b"\x8c" + bytes([len(value)]) + value.encode() + b"\x94"

    kind = modern("torch") + modern("FloatStorage") + b"\x93\x94"
    stored = several(modern("storage"), kind, modern("0"), modern("cpu"), number(24)) + b"Q"
    rebuild = modern("torch._utils") + modern("_rebuild_tensor_v2") + b"\x93"
    made = call(rebuild, stored, number(0), number(3) + b"\x85", number(1) + b"\x85", TRUE, NONE)
    frame = b"\x95" + bytes(8)
    path = write_zip(tmp_path / "a.pt", frame + mapping({"w": made}), {"0": RAMP.tobytes()})
    np.testing.assert_array_equal(checkpoints.read(path)["w"], [0, 1, 2])


def encoded(value):
    return call(name("_codecs", "encode"), text(value), text("latin1"))


DTYPE = call(name("numpy", "dtype"), text("f8"), number(0), number(1)) + several(number(3)) + b"b"
METADATA = {
    "numpy scalar": call(name("numpy.core.multiarray", "scalar"), DTYPE, encoded("\0" * 8)),
    "numpy array": call(
        name("numpy._core.multiarray", "_reconstruct"), name("numpy", "ndarray"), numbers((0,)),
        encoded("b"),
    ) + several(number(1), numbers((1,)), DTYPE, FALSE, encoded("\0" * 8)) + b"b",
    "device": call(name("torch", "device"), text("cuda"), number(0)),
    "dtype": name("torch", "float32"),
    "size": call(name("torch", "Size"), numbers((1, 2))),
    "set": call(name("__builtin__", "set"), LIST),
    "modern set": b"\x8f(" + number(1) + b"\x90",
    "slice": call(name("builtins", "slice"), number(1), number(2), NONE),
    "default dict": call(name("collections", "defaultdict"), name("builtins", "list")) + text("a")
    + LIST + b"s",
    "bare storage": STORED,
    "versions": ORDERED + mapping({"_metadata": NONE}) + b"b",
    "optimizer": mapping({"lr": b"G" + bytes(8), "betas": several(number(0), number(2**100))}),
    "pair as key": b"}" + numbers((1, 2)) + NONE + b"s",
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", METADATA)
def test_what_is_no_tensor_is_dropped(tmp_path, form, kind):
    path = ramp_file(form, tmp_path / "a.pt", {"w": tensor(STORED), "meta": METADATA[kind]})
    assert list(checkpoints.read(path)) == ["w"]


@pytest.mark.parametrize("value", [0, 0x12345678])
def test_checksum_is_verified_unless_torch_wrote_none(tmp_path, value):
    body = mapping({"w": tensor(STORED)})
    path = write_zip(tmp_path / "a.pt", body, {"0": RAMP.tobytes()})
    raw = bytearray(path.read_bytes())
    entry = raw.rindex(b"PK\x01\x02", 0, raw.rindex(b"net/data/0"))
    raw[entry + 16 : entry + 20] = value.to_bytes(4, "little")
    path.write_bytes(raw)
    if value == 0:
        np.testing.assert_array_equal(checkpoints.read(path)["w"], [0, 1])
    else:
        with pytest.raises(ValueError, match="damaged at its member 'net/data/0'"):
            checkpoints.read(path)
