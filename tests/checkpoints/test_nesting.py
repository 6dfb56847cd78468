"""From what a training program saved to names: wrappers, flattening, and what is refused."""

import numpy as np
import pytest

from jaxiqa.checkpoints import nesting, torch_tensor
from jaxiqa.checks import InputError

STORED = torch_tensor.storage("0", np.dtype(np.float32), 9)
T = [torch_tensor.tensor(STORED, index, (), ()) for index in range(9)]

TREES = {
    "flat": ({"a.weight": T[0], "b": T[1]}, {"a.weight": 0, "b": 1}),
    "state": ({"epoch": 3, "state_dict": {"a": T[0]}, "best": T[1]}, {"a": 0}),
    "state within model": ({"model": {"state_dict": {"a": T[0]}, "c": T[1]}}, {"a": 0}),
    "first of two": ({"model": {"m": T[0]}, "state_dict": {"s": T[1]}}, {"s": 1}),
    "first that holds a tensor": ({"state_dict": {"x": 1}, "net": {"n": T[2]}}, {"n": 2}),
    "averaged copy beside": ({"state_dict_ema": {"a": T[0]}, "state_dict": {"a": T[1]}}, {"a": 1}),
    "averaged copy alone": ({"ema": {"a": T[0]}}, {"ema.a": 0}),
    "tensor of that name": ({"model": T[0], "net": T[1]}, {"model": 0, "net": 1}),
    "text of that name": ({"model": "alexnet", "weights": {"a": T[0]}}, {"weights.a": 0}),
    "dicts within dicts": ({"conv": {"kernel": T[0], "bias": T[1]}, "n": {"a": {"b": T[2]}}},
                           {"conv.kernel": 0, "conv.bias": 1, "n.a.b": 2}),
    "lists": ({"layers": [T[0], {"w": T[1]}, (T[2], 5)]},
              {"layers.0": 0, "layers.1.w": 1, "layers.2.0": 2}),
    "numbers and bytes as keys": ({0: T[0], b"w": T[1]}, {"0": 0, "w": 1}),
    "values that are no tensor": ({"a": T[0], "b": None, "c": [1, 2], "d": {"e": "f"}}, {"a": 0}),
    "vissl": ({"classy_state_dict": {"base_model": {"model": {"trunk": {"conv1": T[0]},
              "heads": {"0": T[1]}}, "meters": {}}, "optimizer": {"m": T[2]}}},
              {"trunk.conv1": 0, "heads.0": 1}),
    "one dict under two names": ({"g": (shared := {"w": T[0]}), "g2": shared},
                                 {"g.w": 0, "g2.w": 0}),
}  # fmt: skip


@pytest.mark.parametrize("case", TREES)
def test_names_of_a_checkpoint(case):
    tree, expected = TREES[case]
    found = nesting.named(tree)
    assert {name: T.index(place) for name, place in found.items()} == expected


def looped():
    tree = {"w": T[0]}
    tree["again"] = tree
    return tree


REFUSED = {
    "no tensor": ({"epoch": 1, "args": {}}, "its keys are 'epoch', 'args'$"),
    "many keys": ({str(index): 0 for index in range(20)}, r"'7' \.\.\.$"),
    "empty": ({}, "it is empty"),
    "one bare tensor": (T[0], "without a name"),
    "a text": ("abc", "it is 'abc'"),
    "one name twice": ({"a": {"b": T[0]}, "a.b": T[1]}, "two tensors called 'a.b'"),
    "itself": (looped(), "more than 32 deep"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_trees_without_names_are_refused(case):
    tree, said = REFUSED[case]
    with pytest.raises(InputError, match=said):
        nesting.named(tree)


def test_long_lists_without_tensors_cost_nothing():
    tree = {"log": [list(range(1000)) for _ in range(200)], "w": T[0]}
    assert list(nesting.named(tree)) == ["w"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["module.a", "module.b"], ["a", "b"]),
        (["module.a", "b"], ["module.a", "b"]),
        (["_orig_mod.module.a"], ["a"]),
        (["module._orig_mod.module.a"], ["a"]),
        (["module.", "module.a"], ["module.", "module.a"]),
        ([], []),
    ],
)
def test_prefixes(given, expected):
    assert list(nesting.unprefixed(dict.fromkeys(given))) == expected
