"""Checkpoint arrays fitted to an architecture's table, key by key, shape by shape."""

import collections
import dataclasses
import math
from collections.abc import Collection, Mapping

import numpy as np

from jaxiqa import checks
from jaxiqa.arch import ARCHITECTURES
from jaxiqa.arch.geometry import node_parameters
from jaxiqa.arch.graph import Architecture
from jaxiqa.arch.layers import Layer, Linear, Parameter
from jaxiqa.checkpoints.folded import unfolded
from jaxiqa.checkpoints.known import known
from jaxiqa.checkpoints.renames import canonical

# Counters that training keeps and inference has no use for.
IGNORED = ("num_batches_tracked",)


@dataclasses.dataclass(frozen=True)
class Place:
    """Where an array of a checkpoint belongs in the variables."""

    node: str
    layer: Layer
    parameter: Parameter


@dataclasses.dataclass(frozen=True, eq=False)
class Fitted:
    """Variables made from a checkpoint.

    Attributes:
      variables: ``{"params": {node: {array}}, "batch_stats": ..}`` of float32 arrays.
      missing: canonical keys that the checkpoint does not have, in the table's order.
    """

    variables: dict
    missing: tuple[str, ...]


def expected_keys(architecture: Architecture) -> dict[str, Place]:
    """Returns the canonical checkpoint keys of an architecture, in the table's order."""
    held = node_parameters(architecture)
    return {
        f"{node.path}.{parameter.key}": Place(node.name, node.layer, parameter)
        for node in architecture.nodes
        for parameter in held[node.name]
    }


def stored_shape(place: Place) -> tuple[int, ...]:
    """Returns the shape that a checkpoint of the canonical definition has for an array."""
    shape = place.parameter.shape
    if place.parameter.name != "kernel":
        return shape
    height, width, channels, features = shape
    if isinstance(place.layer, Linear):
        return (features, channels * height * width)
    return (features, channels, height, width)


def to_flax(array: np.ndarray, place: Place, *, flatten: str = "chw") -> np.ndarray:
    """Returns a checkpoint's array as Flax keeps it: float32, kernels HWIO.

    A fully connected layer behind a map was trained on positions flattened channel by channel
    (C, H, W), or position by position where ``flatten`` is "hwc", so its kernel is unfolded in
    that order before it is turned.
    """
    if place.parameter.name == "kernel":
        height, width, channels, features = place.parameter.shape
        if flatten == "hwc" and isinstance(place.layer, Linear):
            array = array.reshape(features, height, width, channels).transpose(0, 3, 1, 2)
        array = array.reshape(features, channels, height, width).transpose(2, 3, 1, 0)
    with np.errstate(over="ignore"):
        return np.ascontiguousarray(array, dtype=np.float32)


def _fits(array: np.ndarray, place: Place) -> bool:
    """Whether shapes agree; a 1 x 1 convolution and a matrix of the same size do."""
    stored = stored_shape(place)
    pointwise = place.parameter.name == "kernel" and math.prod(stored) == math.prod(stored[:2])
    return array.shape == stored or (pointwise and array.shape in (stored[:2], (*stored[:2], 1, 1)))


def _misshapen(array: np.ndarray, place: Place) -> str:
    """What is wrong with the form of an array, or an empty text; bfloat16 is of kind V."""
    if array.dtype.kind not in "fV":
        return f" is {array.dtype} and should be floating point"
    return "" if _fits(array, place) else f" is {array.shape} and should be {stored_shape(place)}"


def _shown(key: str) -> str:
    return key if key.isprintable() else ascii(key)


def _report(misfits: Mapping[str, list[str]]) -> str:
    return "; ".join(
        f"{len(keys)} {what}: {', '.join(map(_shown, keys))}"
        for what, keys in misfits.items()
        if keys
    )


def _misfits(
    found: Mapping[str, np.ndarray],
    names: Mapping[str, str],
    expected: Mapping[str, Place],
    needless: Collection[str],
) -> dict[str, list[str]]:
    """Every key that is wrong, by what is wrong with it, under its name in the file."""
    counts = collections.Counter(names.values())
    return {
        "missing": [key for key in expected if key not in counts and key not in needless],
        "unused": [f"{key} {found[key].shape}" for key in names if names[key] not in expected],
        "misshapen": [
            f"{key}{wrong}"
            for key, name in names.items()
            if name in expected and (wrong := _misshapen(found[key], expected[name]))
        ],
        "repeated": [key for key, name in names.items() if counts[name] > 1],
    }


def _other_form(architecture: Architecture, keys: Collection[str]) -> str:
    """A hint where the names are those of another program's form of the net."""
    name = architecture.name
    other = name.removesuffix("_keras") if name.endswith("_keras") else f"{name}_keras"
    if other not in ARCHITECTURES:
        return ""
    expected = expected_keys(ARCHITECTURES[other])
    names, _ = canonical(ARCHITECTURES[other], keys, expected)
    most = 2 * len(set(expected) & set(names.values())) > len(names)
    return f"its names are those of {other}, which pads or strides otherwise: ask for that; " * most


def fit(architecture: Architecture, arrays: Mapping[str, np.ndarray], *, source: str) -> Fitted:
    """Returns an architecture's variables from the arrays of a checkpoint.

    A checkpoint that lacks keys but has none that is unused or misshapen is partial: it is
    accepted, and what it lacks is told. What `known` gives need not be in it.

    Args:
      architecture: the net's table.
      arrays: checkpoint key -> array, from ``read``.
      source: what the arrays were read from, for the message.

    Returns:
      The variables, and the keys that are missing.

    Raises:
      InputError: keys that the architecture does not have, arrays of another shape or without a
        floating point, two of one name, values that are no finite numbers, or not one key that
        fits. The message lists every missing, unused, misshapen and repeated key.
    """
    expected = expected_keys(architecture)
    kept = {key: a for key, a in arrays.items() if key.rpartition(".")[2] not in IGNORED}
    names, flatten = canonical(architecture, kept, expected)
    kept, names = unfolded(architecture, kept, names)
    given = known(architecture)
    misfits = _misfits(kept, names, expected, given)
    none = not set(expected) & set(names.values())
    if none or any(misfits[what] for what in misfits if what != "missing"):
        hint = _other_form(architecture, kept)
        raise checks.InputError(
            f"{source} does not fit {architecture.name}: {hint}{_report(misfits)}"
        )
    found = {name: kept[key] for key, name in names.items()}
    return Fitted(_variables(found, expected, given, source, flatten), tuple(misfits["missing"]))


def _variables(
    found: Mapping[str, np.ndarray],
    expected: Mapping[str, Place],
    given: Mapping[str, np.ndarray],
    source: str,
    flatten: str,
) -> dict:
    variables: dict = {}
    for key, place in expected.items():
        array = to_flax(found[key], place, flatten=flatten) if key in found else given.get(key)
        if array is None:
            continue
        if not np.isfinite(array).all():
            raise checks.InputError(f"{source}: {key} holds values that are not finite numbers")
        nodes = variables.setdefault(place.parameter.collection, {})
        nodes.setdefault(place.node, {})[place.parameter.name] = array
    return variables
