"""Torch checkpoints written opcode by opcode, without torch: honest ones and forged ones."""

import pathlib
import struct
import zipfile

MAGIC = 0x1950A86A20F9469CFC6C
NONE, TRUE, FALSE, LIST = b"N", b"\x88", b"\x89", b"]"


def text(value: str) -> bytes:
    raw = value.encode()
    return b"X" + struct.pack("<I", len(raw)) + raw


def number(value: int) -> bytes:
    raw = value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True)
    return b"\x8a" + bytes([len(raw)]) + raw


def name(module: str, attribute: str) -> bytes:
    return f"c{module}\n{attribute}\n".encode()


def several(*items: bytes) -> bytes:
    return b"(" + b"".join(items) + b"t"


def numbers(values) -> bytes:
    return several(*(number(value) for value in values))


def call(function: bytes, *arguments: bytes) -> bytes:
    return function + several(*arguments) + b"R"


def mapping(items: dict[str, bytes]) -> bytes:
    return b"}(" + b"".join(text(key) + value for key, value in items.items()) + b"u"


ORDERED = call(name("collections", "OrderedDict"))
HOOKS = (FALSE, ORDERED)


def storage(kind: str, key: str, numel: int, *rest: bytes) -> bytes:
    parts = (text("storage"), name("torch", f"{kind}Storage"), text(key), text("cuda:0"))
    return several(*parts, number(numel), *rest) + b"Q"


def tensor(stored: bytes, shape=(2,), strides=(1,), offset=0, *rest: bytes) -> bytes:
    rebuild = name("torch._utils", "_rebuild_tensor_v2")
    return call(rebuild, stored, number(offset), numbers(shape), numbers(strides), *HOOKS, *rest)


def pickled(body: bytes, protocol: int = 2) -> bytes:
    return b"\x80" + bytes([protocol]) + body + b"."


def write_zip(
    path: pathlib.Path,
    body: bytes,
    storages: dict[str, bytes],
    *,
    members: dict[str, bytes] | None = None,
    compression: int = zipfile.ZIP_STORED,
) -> pathlib.Path:
    """Writes the zip format; ``members`` are added or replace those of the same name."""
    contents = {"data.pkl": pickled(body), ".format_version": b"1", ".storage_alignment": b"64"}
    contents |= {"byteorder": b"little", **{f"data/{key}": raw for key, raw in storages.items()}}
    contents |= {"version": b"3\n"} | (members or {})
    with zipfile.ZipFile(path, "w", compression) as archive:
        for member, raw in contents.items():
            archive.writestr(f"net/{member}", raw)
    return path


def write_stream(
    path: pathlib.Path, body: bytes, storages: dict[str, bytes], *, sizes: dict[str, int]
) -> pathlib.Path:
    """Writes the stream format; ``sizes`` are the numbers of elements of the storages."""
    keys = LIST + b"(" + b"".join(text(key) for key in storages) + b"e"
    facts = mapping({"protocol_version": number(1001), "little_endian": TRUE})
    heads = [pickled(part) for part in (number(MAGIC), number(1001), facts, body, keys)]
    tails = [struct.pack("<q", sizes[key]) + raw for key, raw in storages.items()]
    path.write_bytes(b"".join(heads + tails))
    return path


def write(form: str, path: pathlib.Path, body: bytes, storages: dict[str, bytes], sizes: dict):
    """Writes a checkpoint in the "zip" or the "stream" format."""
    if form == "zip":
        return write_zip(path, body, storages)
    return write_stream(path, body, storages, sizes=sizes)
