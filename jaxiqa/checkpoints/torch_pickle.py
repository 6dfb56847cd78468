"""A pickle read as data only: nothing that a file names is imported, called or given attributes.

The standard unpickler can be told which names to refuse, but not to leave attributes alone
(BUILD), nor to keep within the size of the file, nor to survive a key nested a million deep. So
`load` runs the opcodes itself, as `pickletools` decodes them, over plain lists, dicts and tuples;
what a file may ask for beyond those is decided in `torch_globals`.

References:
  Opcodes: the module `pickletools` of the standard library, which documents each.
"""

import pickletools
from collections.abc import Callable
from typing import Any, BinaryIO

from jaxiqa.checkpoints.torch_globals import call, key_of, look_up, storage_of, without_attributes
from jaxiqa.checkpoints.torch_tensor import Storage, shown
from jaxiqa.checks import InputError

# Each step takes about a byte of the file and up to 100 bytes of memory.
MOST_STEPS = 10_000_000
MOST_BITS = 4096
DAMAGED = "has a pickle that is damaged or cut short; fetch the file again"


class _Machine:
    """The stack, the stacks below the open marks, the memo, and the storages met so far."""

    __slots__ = ("marks", "memo", "stack", "storages")

    def __init__(self, storages: dict[str, Storage]):
        self.stack: list[Any] = []
        self.marks: list[list[Any]] = []
        self.memo: dict[int, Any] = {}
        self.storages = storages

    def since_mark(self) -> list[Any]:
        items, self.stack = self.stack, self.marks.pop()
        return items


_Step = Callable[[_Machine, Any], None]


def load(file: BinaryIO, storages: dict[str, Storage]) -> Any:
    """Returns what one pickle holds, as dicts, lists, tuples, plain values and `Tensor`.

    Args:
      file: stands at the first opcode, and afterwards behind the last. Its ``read`` must not
        allocate more than the file holds (a BytesIO or a memory map).
      storages: by key; those that the pickle refers to are added.

    Raises:
      InputError: the pickle asks for anything but tensors and plain data, or is damaged. The
        message completes a sentence that begins with the name of the file.
    """
    machine = _Machine(storages)
    try:
        for step, (opcode, argument, _) in enumerate(pickletools.genops(file)):
            if opcode.name == "STOP":
                return machine.stack.pop()
            if step > MOST_STEPS:
                raise InputError(f"has a pickle of more than {MOST_STEPS} steps; too large a one")
            if opcode.name not in _STEPS:
                raise _refused(opcode.name, argument)
            _STEPS[opcode.name](machine, argument)
    except InputError:
        raise
    except (ValueError, LookupError, TypeError, OverflowError, MemoryError, Warning) as error:
        raise InputError(DAMAGED) from error
    raise InputError(DAMAGED)


def _refused(operation: str, argument: Any) -> InputError:
    name = argument.replace(" ", ".", 1) if type(argument) is str else argument
    asked = operation if argument is None else f"{operation} {shown(name)}"
    return InputError(f"asks for the pickle operation {asked}; only plain data is read")


def _push(machine: _Machine, argument: Any) -> None:
    if type(argument) is int and argument.bit_length() > MOST_BITS:
        raise InputError(f"has a number of {argument.bit_length()} bits; it is damaged or forged")
    machine.stack.append(argument)


def _pop(machine: _Machine, _: Any) -> None:
    if machine.stack:
        machine.stack.pop()
    else:
        machine.since_mark()


def _mark(machine: _Machine, _: Any) -> None:
    machine.marks.append(machine.stack)
    machine.stack = []


def _new(make: Callable[[], Any]) -> _Step:
    return lambda machine, _: machine.stack.append(make())


def _gathered(make: Callable[[list], Any]) -> _Step:
    def gather(machine: _Machine, _: Any) -> None:
        items = machine.since_mark()
        machine.stack.append(make(items))

    return gather


def _paired(items: list) -> dict:
    return {key_of(key): value for key, value in zip(items[::2], items[1::2], strict=True)}


def _extend(machine: _Machine, items: list) -> None:
    if type(machine.stack[-1]) is not list:
        raise InputError(f"appends to {shown(machine.stack[-1])}; only lists can grow")
    machine.stack[-1].extend(items)


def _update(machine: _Machine, items: list) -> None:
    if type(machine.stack[-1]) is not dict:
        raise InputError(f"sets an item of {shown(machine.stack[-1])}; only dicts have items")
    machine.stack[-1].update(_paired(items))


def _last(machine: _Machine, count: int) -> list:
    if len(machine.stack) < count:
        raise InputError(DAMAGED)
    items, machine.stack[-count:] = machine.stack[-count:], []
    return items


def _tuple(count: int) -> _Step:
    return lambda machine, _: machine.stack.append(tuple(_last(machine, count)))


def _put(machine: _Machine, index: int) -> None:
    machine.memo[index] = machine.stack[-1]


def _stack_global(machine: _Machine, _: Any) -> None:
    module, name = _last(machine, 2)
    machine.stack.append(look_up(f"{module} {name}" if type(name) is type(module) is str else ""))


def _build(machine: _Machine, _: Any) -> None:
    target, _state = _last(machine, 2)
    machine.stack.append(without_attributes(target))


def _persistent(machine: _Machine, _: Any) -> None:
    found = storage_of(machine.stack.pop())
    if machine.storages.setdefault(found.key, found).nbytes != found.nbytes:
        raise InputError(f"gives two sizes for storage {shown(found.key)}; it is damaged or forged")
    machine.stack.append(found)


_PLAIN = (
    *("INT", "LONG", "BININT", "BININT1", "BININT2", "LONG1", "LONG4", "FLOAT", "BINFLOAT"),
    *("STRING", "BINSTRING", "SHORT_BINSTRING", "UNICODE", "BINUNICODE", "SHORT_BINUNICODE"),
    *("BINUNICODE8", "BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8"),
)
# A set would hash what it holds and may be deep; as a list it need not.
_STEPS: dict[str, _Step] = {
    **dict.fromkeys(("PROTO", "FRAME"), lambda machine, _: None),
    **dict.fromkeys(_PLAIN, _push),
    "NONE": _new(lambda: None),
    "NEWTRUE": _new(lambda: True),
    "NEWFALSE": _new(lambda: False),
    "EMPTY_DICT": _new(dict),
    "EMPTY_TUPLE": _new(tuple),
    **dict.fromkeys(("EMPTY_LIST", "EMPTY_SET"), _new(list)),
    "MARK": _mark,
    "POP": _pop,
    "POP_MARK": lambda machine, _: machine.since_mark(),
    "DUP": lambda machine, _: machine.stack.append(machine.stack[-1]),
    "DICT": _gathered(_paired),
    "LIST": _gathered(list),
    **dict.fromkeys(("TUPLE", "FROZENSET"), _gathered(tuple)),
    **{f"TUPLE{count}": _tuple(count) for count in (1, 2, 3)},
    "APPEND": lambda machine, _: _extend(machine, _last(machine, 1)),
    **dict.fromkeys(("APPENDS", "ADDITEMS"), lambda m, _: _extend(m, m.since_mark())),
    "SETITEM": lambda machine, _: _update(machine, _last(machine, 2)),
    "SETITEMS": lambda machine, _: _update(machine, machine.since_mark()),
    **dict.fromkeys(("PUT", "BINPUT", "LONG_BINPUT"), _put),
    "MEMOIZE": lambda machine, _: _put(machine, len(machine.memo)),
    **dict.fromkeys(("GET", "BINGET", "LONG_BINGET"), lambda m, i: m.stack.append(m.memo[i])),
    "GLOBAL": lambda machine, name: machine.stack.append(look_up(name)),
    "STACK_GLOBAL": _stack_global,
    "REDUCE": lambda machine, _: machine.stack.append(call(*_last(machine, 2))),
    "BUILD": _build,
    "BINPERSID": _persistent,
}
