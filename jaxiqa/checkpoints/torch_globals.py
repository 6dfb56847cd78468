"""The names a torch pickle may ask for, and the functions that answer in their place.

``GLOBALS`` is the whole list; any other name is refused. An answer checks its arguments and
returns data. Values that are no tensor (devices, layouts, numpy values, random states, sets) come
back as ``INERT``, of which nothing is kept.
"""

import dataclasses
from collections.abc import Callable
from typing import Any

import ml_dtypes
import numpy as np

from jaxiqa.checkpoints import torch_tensor
from jaxiqa.checkpoints.torch_tensor import Storage, Tensor, shown
from jaxiqa.checks import InputError


@dataclasses.dataclass(frozen=True, slots=True)
class Global:
    """What stands in for a name: something to call, a dtype, or neither."""

    name: str
    call: Callable[..., Any] | None = None
    dtype: np.dtype | None = None


class Inert:
    """A value that is no tensor and of which nothing is kept."""

    __slots__ = ()


INERT = Inert()


def key_of(value: Any) -> Any:
    """Returns ``value`` if it may be the key of a dict; deep tuples would overrun the C stack.

    Raises:
      InputError: it is neither plain nor a tuple of plain values.
    """
    parts = value if type(value) is tuple else (value,)
    if all(type(part) in (str, bytes, int, float, bool, type(None), Global) for part in parts):
        return value
    raise InputError(f"has a dict with {shown(value)} for a key; a text was expected")


def storage_of(identity: Any) -> Storage:
    """Returns the storage that a persistent id describes.

    Args:
      identity: ``("storage", type, key, location, numel)``; the stream format appends None or
        ``(name, offset, numel)`` of a part. The location (cpu, cuda:0) is ignored.

    Raises:
      InputError: the id is of another kind or describes no run of bytes.
    """
    kind = identity[0] if type(identity) is tuple and identity else identity
    if type(identity) is not tuple or kind not in ("storage", b"storage"):
        raise InputError(
            f"refers to {shown(kind)}, which is no storage; save net.state_dict() instead"
        )
    _, kind, key, _location, numel, *part = identity
    if type(kind) is not Global or kind.dtype is None:
        raise InputError(f"has a storage of an unknown type under {shown(key)}")
    return torch_tensor.storage(key, kind.dtype, numel, *part)


def look_up(name: str) -> Global:
    """Returns what stands in for ``module name``.

    Raises:
      InputError: it is not in ``GLOBALS``; the message says what the file asks for.
    """
    dotted = name.replace(" ", ".", 1)
    if dotted not in GLOBALS:
        raise InputError(
            f"asks for {shown(dotted)}, and only tensors and plain data are read; where you trust "
            "the file, load it with torch and save net.state_dict()"
        )
    return GLOBALS[dotted]


def call(function: Any, arguments: Any) -> Any:
    """Returns what a stand-in answers to ``arguments``, a tuple.

    Raises:
      InputError: the function is no stand-in, or one that is not to be called.
    """
    if type(function) is not Global or function.call is None or type(arguments) is not tuple:
        name = function.name if type(function) is Global else function
        raise InputError(f"calls {shown(name)}, which is not to be called")
    return function.call(*arguments)


def without_attributes(target: Any) -> Any:
    """Returns ``target`` as it is, where its attributes do not matter.

    State dicts carry version numbers as attributes of an OrderedDict; they are not kept.

    Raises:
      InputError: it is anything but a dict or ``INERT``.
    """
    if target is INERT or type(target) is dict:
        return target
    raise InputError(f"sets attributes of {shown(target)}; only plain data is read")


def _tensor(stored, offset, shape, strides) -> Tensor:
    return torch_tensor.tensor(stored, offset, shape, strides)


def _tensor_v2(stored, offset, shape, strides, _grad, _hooks, metadata=None) -> Tensor:
    if metadata:
        raise InputError("has a tensor with a delayed conjugate or sign; save x.resolve_conj()")
    return _tensor(stored, offset, shape, strides)


def _tensor_v3(stored, offset, shape, strides, _grad, _hooks, kind, metadata=None) -> Tensor:
    if metadata or type(kind) is not Global or kind.dtype is None:
        raise InputError(f"has a tensor of a dtype that is not read, {shown(kind)}")
    return torch_tensor.tensor(stored, offset, shape, strides, kind.dtype)


def _parameter(value: Any, *_rest: Any) -> Tensor:
    if type(value) is not Tensor:
        raise InputError(f"has a parameter over {shown(value)} instead of a tensor")
    return value


def _ordered(pairs: Any = ()) -> dict:
    return {key_of(key): value for key, value in pairs}


_CALLS = {
    "torch._utils._rebuild_tensor": _tensor,
    "torch._utils._rebuild_tensor_v2": _tensor_v2,
    "torch._utils._rebuild_tensor_v3": _tensor_v3,
    "torch._utils._rebuild_parameter": _parameter,
    "torch._utils._rebuild_parameter_with_state": _parameter,
    "torch.Size": lambda sizes=(): tuple(sizes),
    "collections.OrderedDict": _ordered,
    "collections.defaultdict": lambda *_: {},
}
_PYTHON = ("set", "frozenset", "slice", "complex", "bytearray", "range", "xrange")
_NUMPY = ("multiarray.scalar", "multiarray._reconstruct", "numeric._frombuffer")
_METADATA = (
    *("torch.device", "torch.serialization._get_layout", "_codecs.encode", "collections.Counter"),
    *("numpy.dtype", "numpy.ndarray"),
    *(f"numpy.{core}.{name}" for core in ("core", "_core") for name in _NUMPY),
    *(f"{module}.{name}" for module in ("builtins", "__builtin__") for name in _PYTHON),
)
_FACTORIES = ("dict", "list", "int", "float")
_STORAGES = {
    "Double": np.float64, "Float": np.float32, "Half": np.float16, "BFloat16": ml_dtypes.bfloat16,
    "Long": np.int64, "Int": np.int32, "Short": np.int16, "Char": np.int8, "Byte": np.uint8,
    "Bool": np.bool_, "ComplexDouble": np.complex128, "ComplexFloat": np.complex64,
}  # fmt: skip
_DTYPES = (
    *("float64", "float32", "float16", "int64", "int32", "int16", "int8", "bool"),
    *("uint64", "uint32", "uint16", "uint8", "complex128", "complex64", "bfloat16"),
    *("float8_e4m3fn", "float8_e4m3fnuz", "float8_e5m2", "float8_e5m2fnuz"),
)

GLOBALS: dict[str, Global] = {
    **{name: Global(name, call) for name, call in _CALLS.items()},
    **{name: Global(name, lambda *_: INERT) for name in _METADATA},
    **{f"{m}.{n}": Global(n) for m in ("builtins", "__builtin__") for n in _FACTORIES},
    **{
        f"{module}.{kind}Storage": Global(kind, dtype=np.dtype(dtype))
        for module in ("torch", "torch.cuda")
        for kind, dtype in _STORAGES.items()
    },
    **{
        f"{module}.UntypedStorage": Global("Untyped", dtype=np.dtype(np.uint8))
        for module in ("torch", "torch.storage")
    },
    **{f"torch.{n}": Global(n, dtype=np.dtype(getattr(ml_dtypes, n, n))) for n in _DTYPES},
}
