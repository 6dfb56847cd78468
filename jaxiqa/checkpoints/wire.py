"""The wire format of protocol buffers, as far as files of weights use it.

A message is a row of fields, each a key (number << 3 | type) and a value; no field says how the
message is called, so the reader of a format knows the numbers.

References:
  https://protobuf.dev/programming-guides/encoding
"""

from collections.abc import Iterator

import numpy as np

from jaxiqa.checks import InputError

VARINT, EIGHT, BYTES, FOUR = 0, 1, 2, 5
_FIXED = {EIGHT: 8, FOUR: 4}
# Of the decoded numbers.
LONGEST_VARINT = 10

Value = int | memoryview


def damaged() -> InputError:
    """Returns what is said of a message that ends early or makes no sense."""
    return InputError("is damaged or cut short; fetch it again")


def varint(raw: memoryview, at: int) -> tuple[int, int]:
    """Returns a number of variable length and the place behind it."""
    value = 0
    for index, byte in enumerate(raw[at : at + LONGEST_VARINT]):
        value |= (byte & 127) << 7 * index
        if byte < 128:
            return value & (1 << 64) - 1, at + index + 1
    raise damaged()


def fields(raw: memoryview) -> Iterator[tuple[int, Value]]:
    """Yields (number, value) of each field of a message, in order.

    Values are whole numbers, or views of the bytes: of a text, of an inner message, of packed
    numbers, of one number of fixed width.

    Raises:
      InputError: the message ends within a field, or a field is of a type that is out of use.
    """
    at = 0
    while at < len(raw):
        key, at = varint(raw, at)
        kind, start = key & 7, at
        if kind == VARINT:
            value, at = varint(raw, at)
            yield key >> 3, value
            continue
        if kind == BYTES:
            length, start = varint(raw, at)
        elif kind in _FIXED:
            length = _FIXED[kind]
        else:
            raise damaged()
        at = start + length
        if at > len(raw):
            raise damaged()
        yield key >> 3, raw[start:at]


def several(raw: memoryview, number: int) -> list[Value]:
    """Returns all values of a repeated field."""
    return [value for found, value in fields(raw) if found == number]


def whole_numbers(values: list[Value]) -> list[int]:
    """Returns the numbers of a repeated field, packed or one by one."""
    found = []
    for value in values:
        if isinstance(value, int):
            found.append(value)
            continue
        at = 0
        while at < len(value):
            number, at = varint(value, at)
            found.append(number)
    return found


def floats(values: list[Value], dtype: str) -> np.ndarray:
    """Returns the numbers of fixed width of a repeated field, packed or one by one, (n,)."""
    if any(isinstance(value, int) for value in values):
        raise damaged()
    if len(values) > 1:
        values = [memoryview(b"".join(values))]
    raw = values[0] if values else memoryview(b"")
    if len(raw) % np.dtype(dtype).itemsize:
        raise damaged()
    return np.frombuffer(raw, dtype).astype(np.dtype(dtype).newbyteorder("="))


def halves(values: list[Value]) -> np.ndarray:
    """Returns the bit patterns of 16 bits that stand as whole numbers in a repeated field, (n,)."""
    bits = whole_numbers(values)
    if any(number > 0xFFFF for number in bits):
        raise damaged()
    return np.array(bits, np.uint16)


def text(value: Value) -> str:
    """Returns a text; what is no UTF-8 is escaped."""
    if isinstance(value, int):
        raise damaged()
    return bytes(value).decode("utf-8", "backslashreplace")


def message(value: Value) -> memoryview:
    """Returns the bytes of an inner message."""
    if isinstance(value, int):
        raise damaged()
    return value
