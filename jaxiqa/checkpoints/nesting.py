"""From what a training program saved to tensors with names.

Programs save the state of a net alone, or in a dict beside an epoch, an optimizer and options, or
as dicts within dicts; wrappers for several devices or for compilation prefix every name.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from jaxiqa.checkpoints.torch_tensor import Tensor, shown
from jaxiqa.checks import InputError

# The last two are how VISSL nests: classy_state_dict > base_model > model > trunk and heads.
WRAPPERS = (
    *("state_dict", "model", "model_state_dict", "net", "params"),
    *("classy_state_dict", "base_model"),
)
PREFIXES = ("module.", "_orig_mod.")
DEEPEST = 32
MOST_ENTRIES = 100_000


def named(tree: Any) -> dict[str, Tensor]:
    """Returns the tensors of a checkpoint under the names that the training program gave them.

    1. Where a dict has one of the keys ``WRAPPERS`` (tried in that order) whose value is a dict
       with a tensor at any depth, only that value is kept; again inside it, until none is left.
       An averaged copy beside it (``ema``, ``state_dict_ema``) is thereby left out.
    2. What remains is flattened: the keys on the way to a tensor are joined by dots; an item of a
       list or tuple is called by its index.
    3. Whatever is no tensor (numbers, texts, numpy values, bare storages) is dropped.

    Args:
      tree: dicts, lists and tuples, at any depth, of tensors and other values.

    Raises:
      InputError: no tensor; a tensor without a name; two tensors of one name; tensors deeper than
        ``DEEPEST`` or more than ``MOST_ENTRIES`` values, as a dict within itself would have.
    """
    if isinstance(tree, Tensor):
        raise InputError("holds one tensor without a name; save a dict of named tensors")
    holders = _holders(tree)
    if id(tree) not in holders:
        raise InputError(f"holds no tensor; {_contents(tree)}")
    found: dict[str, Tensor] = {}
    for count, (name, value) in enumerate(_leaves(_unwrapped(tree, holders), holders)):
        if count > MOST_ENTRIES:
            raise InputError(f"holds more than {MOST_ENTRIES} values; too many for a net")
        if isinstance(value, Tensor) and found.setdefault(name, value) is not value:
            raise InputError(f"has two tensors called {shown(name)}; rename one of them")
    return found


def unprefixed(arrays: dict[str, Any]) -> dict[str, Any]:
    """Returns ``arrays`` without those of ``PREFIXES`` that every key has, however often."""
    for prefix in PREFIXES:
        if arrays and all(key.startswith(prefix) and key != prefix for key in arrays):
            return unprefixed({key.removeprefix(prefix): arrays[key] for key in arrays})
    return arrays


def _items(value: Any) -> Iterable[tuple[Any, Any]]:
    if type(value) is dict:
        return value.items()
    return enumerate(value) if type(value) in (list, tuple) else ()


def _holders(tree: Any) -> set[int]:
    """The ids of all containers that hold a tensor at any depth; each is looked at once."""
    above: dict[int, list[int]] = {id(tree): []}
    todo, reached, holders = [tree], [], set()
    while todo:
        container = todo.pop()
        for _, value in _items(container):
            if isinstance(value, Tensor):
                reached.append(id(container))
            elif type(value) in (dict, list, tuple):
                if id(value) not in above:
                    todo.append(value)
                above.setdefault(id(value), []).append(id(container))
    while reached:
        current = reached.pop()
        if current not in holders:
            holders.add(current)
            reached.extend(above[current])
    return holders


def _unwrapped(tree: Any, holders: set[int]) -> Any:
    for _ in range(DEEPEST):
        inner = [tree.get(name) for name in WRAPPERS] if type(tree) is dict else []
        inner = [value for value in inner if type(value) is dict and id(value) in holders]
        if not inner:
            return tree
        tree = inner[0]
    raise InputError(f"nests its state more than {DEEPEST} deep; it is damaged or forged")


def _leaves(tree: Any, holders: set[int], above: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    if len(above) > DEEPEST:
        raise InputError(f"nests tensors more than {DEEPEST} deep; it is damaged or forged")
    for key, value in _items(tree):
        text = key.decode("latin-1") if type(key) is bytes else str(key)
        if id(value) in holders:
            yield from _leaves(value, holders, (*above, text))
        else:
            yield ".".join((*above, text)), value


def _contents(tree: Any) -> str:
    if type(tree) is not dict:
        return f"it is {shown(tree)} and not a dict of named tensors"
    names = ", ".join(shown(key) for key in list(tree)[:8])
    return f"its keys are {names}{' ...' if len(tree) > 8 else ''}" if tree else "it is empty"
