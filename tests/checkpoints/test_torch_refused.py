"""Forged checkpoints: each is refused in one line that says why, and nothing of it is run."""

import zipfile

import pytest
from forged import (
    HOOKS,
    LIST,
    NONE,
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
from jaxiqa.checkpoints.torch_globals import GLOBALS
from jaxiqa.checks import InputError

FORMS = ("zip", "stream")
RAW = bytes(32)
STORED = storage("Float", "0", 8)
REBUILD = name("torch._utils", "_rebuild_tensor_v2")
SYSTEM = name("posix", "system")


def short(value):
    return b"\x8c" + bytes([len(value)]) + value.encode()


def reducing(*arguments):
    return call(REBUILD, *arguments)


ASKS = {
    "a function": (call(SYSTEM, text("touch {mark}")), "posix.system"),
    "a class by its instance": (b"(" + text("x") + b"iposix\nsystem\n", "posix.system"),
    "a name from the stack": (
        short("posix") + short("system") + b"\x93" + text("touch {mark}") + b"\x85R", "posix.system"
    ),
    "eval": (call(name("builtins", "eval"), text("1")), "builtins.eval"),
    "import": (call(name("builtins", "__import__"), text("os")), "builtins.__import__"),
    "getattr": (name("builtins", "getattr"), "builtins.getattr"),
    "a dotted name": (
        name("torch._utils", "_rebuild_tensor_v2.__globals__"), "_rebuild_tensor_v2.__globals__"
    ),
    "a dotted name from the stack": (
        short("collections") + short("OrderedDict.fromkeys") + b"\x93", "OrderedDict.fromkeys"
    ),
    "a module of torch": (name("torch.nn.modules.conv", "Conv2d"), "torch.nn.modules.conv.Conv2d"),
    "a name that is no text": (number(1) + number(2) + b"\x93", "asks for"),
    "a name with a line break": (short("a\nb") + short("c") + b"\x93", "a\\nb.c"),
    "an extension": (b"\x82\x05", "EXT1 5"),
    "an object of a class": (name("collections", "OrderedDict") + b")\x81", "NEWOBJ"),
    "an object with options": (name("collections", "OrderedDict") + b")}\x92", "NEWOBJ_EX"),
    "an old object": (b"(" + name("collections", "OrderedDict") + b"o", "OBJ"),
    "a buffer from outside": (b"\x97", "NEXT_BUFFER"),
    "attributes of a function": (REBUILD + mapping({"call": NONE}) + b"b", "Global"),
    "attributes of a tensor": (tensor(STORED) + mapping({"shape": NONE}) + b"b", "a Tensor"),
    "to call a dict": (call(b"}", NONE), "a dict"),
    "to call a tensor": (call(tensor(STORED), NONE), "a Tensor"),
    "to call a storage type": (call(name("torch", "FloatStorage"), number(9)), "Float"),
    "to call a factory": (call(name("builtins", "list"), LIST), "list"),
    "arguments in a list": (REBUILD + LIST + b"R", "_rebuild_tensor_v2"),
    "to append to a tensor": (tensor(STORED) + NONE + b"a", "appends to a Tensor"),
    "to set an item of a list": (LIST + text("k") + NONE + b"s", "sets an item of a list"),
    "a whole module": (several(text("module"), NONE) + b"Q", "refers to 'module'"),
    "a persistent text": (b"Pstorage\n", "PERSID"),
    "a persistent number": (number(3) + b"Q", "refers to 3"),
    "a persistent nothing": (b")Q", "refers to ()"),
    "a quantized storage": (storage("QInt8", "0", 8), "torch.QInt8Storage"),
    "a storage of no type": (
        several(text("storage"), NONE, text("0"), text("cpu"), number(8)) + b"Q", "unknown type"
    ),
    "a storage called by a dict": (
        several(text("storage"), name("torch", "FloatStorage"), b"}", NONE, number(8)) + b"Q",
        "storage called a dict",
    ),
}  # fmt: skip

PLACES = {
    "more numbers than stored": (tensor(STORED, (9,)), "does not fit its storage of 8"),
    "a start past the end": (tensor(STORED, (2,), (1,), 7), "does not fit"),
    "a stride past the end": (tensor(STORED, (2,), (8,)), "does not fit"),
    "an expanded tensor": (tensor(STORED, (10**6, 10**6), (0, 0)), "does not fit"),
    "an overflowing shape": (tensor(STORED, (2**32, 2**32, 2**32), (0, 0, 0)), "shape"),
    "an overflowing stride": (tensor(STORED, (3,), (2**62,)), "does not fit"),
    "an overflowing offset": (tensor(STORED, (1,), (1,), 2**63), "offset"),
    "a negative offset": (tensor(STORED, (1,), (1,), -1), "offset is -1"),
    "a negative stride": (tensor(STORED, (2,), (-1,), 4), "strides is -1"),
    "a negative shape": (tensor(STORED, (-2,)), "shape is -2"),
    "an enormous empty shape": (tensor(STORED, (0, 2**62), (1, 1)), "shape"),
    "too many axes": (tensor(STORED, (1,) * 65, (1,) * 65), "shape is"),
    "fewer strides than axes": (tensor(STORED, (2, 2), (1,)), "shape"),
    "a truth value for a number": (
        reducing(STORED, TRUE, numbers((1,)), numbers((1,)), *HOOKS), "offset is True"
    ),
    "a text for a shape": (
        reducing(STORED, number(0), text("ab"), numbers((1,)), *HOOKS), "shape is 'ab'"
    ),
    "an enormous number": (
        reducing(STORED, b"\x8b\x00\x10\x00\x00" + b"\x7f" * 4096, b")", b")", *HOOKS), "bits"
    ),
    "no storage": (reducing(text("0"), number(0), b")", b")", *HOOKS), "instead of a storage"),
    "too few arguments": (reducing(STORED), "damaged"),
    "a dtype where none belongs": (
        call(
            name("torch._utils", "_rebuild_tensor"), STORED, number(0), b")", b")",
            name("torch", "float64"),
        ), "damaged",
    ),
    "a delayed conjugate": (tensor(STORED, (2,), (1,), 0, mapping({"conj": TRUE})), "resolve_conj"),
    "a negative storage": (storage("Float", "1", -8), "size is -8"),
    "an enormous storage": (storage("Float", "1", 2**63), "size is 9223372036854775808"),
    "two sizes of a storage": (STORED + storage("Float", "0", 9), "two sizes"),
    "a view past the end": (
        storage("Float", "0", 8, several(text("v"), number(5), number(4))), "past the end"
    ),
    "a parameter without a tensor": (
        call(name("torch._utils", "_rebuild_parameter"), NONE, TRUE, NONE), "instead of a tensor"
    ),
}  # fmt: skip

SHAPES = {
    "a dict within itself": (
        b"}q\x00" + text("w") + tensor(STORED) + b"s" + text("a") + b"h\x00s", "deep"
    ),
    "a state within itself": (
        b"}q\x00" + text("w") + tensor(STORED) + b"s" + text("model") + b"h\x00s", "deep"
    ),
    "a deep tuple as key": (b"}" + NONE + b"\x85" * 100_000 + NONE + b"s", "for a key"),
    "a deep tuple in a set": (call(name("builtins", "set"), NONE + b"\x85" * 100_000), "no tensor"),
    "deep lists": (tensor(STORED) + b"\x85" * 20_000, "deep"),
    "a tensor as key": (b"}" + tensor(STORED) + NONE + b"s", "for a key"),
    "an odd number of items": (b"}(" + text("a") + b"u", "damaged"),
    "an enormous text": (b"\x8d" + (2**62).to_bytes(8, "little"), "damaged"),
    "an enormous place in the memo": (b"}r\xff\xff\xff\xff0" + b"j\xfe\xff\xff\xff", "damaged"),
    "nothing": (b"", "damaged"),
    "an end of nothing": (b"u", "damaged"),
    "an unknown operation": (b"\xff", "damaged"),
    "two tensors of one name": (
        mapping({"a.b": tensor(STORED), "a": mapping({"b": tensor(STORED)})}), "called 'a.b'"
    ),
    "one tensor without a name": (tensor(STORED), "without a name"),
    "no tensor": (mapping({"epoch": number(3), "best": NONE}), "its keys are 'epoch', 'best'"),
    "a number": (number(5), "it is 5"),
}  # fmt: skip

CASES = {**ASKS, **PLACES, **SHAPES}


def refusal(path):
    with pytest.raises(InputError) as caught:
        checkpoints.read(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    assert len(message) < 500 + len(str(path))
    return message


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("case", CASES)
def test_forged_pickle_is_refused(tmp_path, form, case):
    body, said = CASES[case]
    mark = tmp_path / "mark"
    if b"touch {mark}" in body:
        body = body.replace(text("touch {mark}"), text(f"touch {mark}"))
    if case not in SHAPES:
        body = mapping({"w": tensor(STORED), "x": body})
    path = write(form, tmp_path / "net.pth", body, {"0": RAW}, {"0": 8})
    before = dict(GLOBALS)
    assert said in refusal(path)
    assert not mark.exists()
    assert before == GLOBALS


@pytest.mark.parametrize("form", FORMS)
def test_few_bytes_cannot_name_many_tensors(tmp_path, form):
    body = b"}q\x00" + text("w") + tensor(STORED) + b"s"
    for index in range(30):
        held = b"h" + bytes([index])
        body += b"}(" + text("a") + held + text("b") + held + b"uq" + bytes([index + 1])
    path = write(form, tmp_path / "net.pth", body, {"0": RAW}, {"0": 8})
    assert "holds more than 100000 values" in refusal(path)


def test_one_more_step_of_a_pickle(tmp_path, monkeypatch):
    monkeypatch.setattr("jaxiqa.checkpoints.torch_pickle.MOST_STEPS", 20)
    path = write_zip(tmp_path / "net.pth", NONE * 30, {"0": RAW})
    assert "more than 20 steps" in refusal(path)


GOOD = mapping({"w": tensor(STORED, (8,))})
LARGE = mapping({"w": tensor(storage("Float", "0", 4096), (4096,))})
ZIPS = {
    "a program": ({"members": {"constants.pkl": b"", "code/net.py": b""}}, "TorchScript"),
    "an unknown byte order": ({"members": {"byteorder": b"middle"}}, "byte order b'middle'"),
    "a storage too small": ({"storages": {"0": RAW[:-1]}}, "holds 31 bytes for storage '0'"),
    "a storage missing": ({"storages": {}}, "lacks its member 'net/data/0'"),
    "packed members": ({"compression": zipfile.ZIP_DEFLATED}, "packed"),
    "a bomb": (
        {"storages": {"0": bytes(4096 * 4)}, "body": LARGE, "compression": zipfile.ZIP_DEFLATED},
        "packed or overlap",
    ),
}


@pytest.mark.parametrize("case", ZIPS)
def test_forged_zip_is_refused(tmp_path, case):
    options, said = ZIPS[case]
    options = {"body": GOOD, "storages": {"0": RAW}} | options
    assert said in refusal(write_zip(tmp_path / "net.pth", **options))


def test_members_may_not_share_their_bytes(tmp_path):
    path = write_zip(tmp_path / "net.pth", GOOD, {"0": RAW, "1": RAW * 100})
    raw = path.read_bytes()
    first = raw.index(b"PK\x01\x02")
    entry = raw[raw.rindex(b"PK\x01\x02", 0, raw.rindex(b"net/data/1")) :][: 46 + len("net/data/1")]
    copies = [entry.replace(b"net/data/1", b"net/data/%d" % (index + 2)) for index in range(8)]
    end = bytearray(raw[raw.rindex(b"PK\x05\x06") :])
    directory = raw[first : raw.rindex(b"PK\x05\x06")] + b"".join(copies)
    count = int.from_bytes(end[8:10], "little") + len(copies)
    end[8:12] = count.to_bytes(2, "little") * 2
    end[12:16] = len(directory).to_bytes(4, "little")
    path.write_bytes(raw[:first] + directory + end)
    assert "overlap" in refusal(path)


STREAMS = {
    "another size": ({"sizes": {"0": 7}}, "two sizes"),
    "a negative size": ({"sizes": {"0": -1}}, "two sizes"),
    "a storage missing": ({"storages": {}}, "lacks storage '0'"),
    "a storage cut": ({"storages": {"0": RAW[:-1]}}, "cut short"),
    "a storage that nobody named": (
        {"storages": {"0": RAW, "9": RAW}, "sizes": {"0": 8, "9": 8}}, "storage '9'"
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", STREAMS)
def test_forged_stream_is_refused(tmp_path, case):
    options, said = STREAMS[case]
    options = {"body": GOOD, "storages": {"0": RAW}, "sizes": {"0": 8}} | options
    assert said in refusal(write_stream(tmp_path / "net.pth", **options))
