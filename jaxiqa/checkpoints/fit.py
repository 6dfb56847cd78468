"""Checkpoint arrays fitted to an architecture's table, key by key, shape by shape."""

import dataclasses
import math
from collections.abc import Mapping

import numpy as np

from jaxiqa import checks
from jaxiqa.arch.geometry import node_parameters
from jaxiqa.arch.graph import Architecture
from jaxiqa.arch.layers import Conv, Layer, Linear, Parameter
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


def to_flax(array: np.ndarray, place: Place) -> np.ndarray:
    """Returns a checkpoint's array as Flax keeps it: float32, kernels HWIO.

    A fully connected layer behind a map was trained on positions flattened channel by channel
    (C, H, W), so its kernel is unfolded in that order before it is turned.
    """
    if place.parameter.name == "kernel":
        height, width, channels, features = place.parameter.shape
        array = array.reshape(features, channels, height, width).transpose(2, 3, 1, 0)
    return np.ascontiguousarray(array, dtype=np.float32)


def _fits(array: np.ndarray, place: Place) -> bool:
    """Whether shapes agree; a 1 x 1 convolution and a matrix of the same size do."""
    stored = stored_shape(place)
    if array.shape == stored:
        return True
    pointwise = isinstance(place.layer, Conv | Linear) and place.parameter.name == "kernel"
    flat = array.shape[:2] == stored[:2] and math.prod(array.shape) == math.prod(stored[:2])
    return pointwise and len(array.shape) in (2, 4) and flat


def _report(misfits: Mapping[str, list[str]]) -> str:
    return "; ".join(
        f"{len(keys)} {what}: {', '.join(keys)}" for what, keys in misfits.items() if keys
    )


def fit(architecture: Architecture, arrays: Mapping[str, np.ndarray], *, source: str) -> Fitted:
    """Returns an architecture's variables from the arrays of a checkpoint.

    A checkpoint that lacks keys but has none that is unused or misshapen is partial: it is
    accepted, and what it lacks is told.

    Args:
      architecture: the net's table.
      arrays: checkpoint key -> array, from ``read``.
      source: what the arrays were read from, for the message.

    Returns:
      The variables, and the keys that are missing.

    Raises:
      InputError: keys that the architecture does not have, arrays of another shape, values that
        are no finite numbers, or not one key that fits. The message lists every missing, unused
        and misshapen key.
    """
    expected = expected_keys(architecture)
    kept = {key: a for key, a in arrays.items() if key.rpartition(".")[2] not in IGNORED}
    found = {new: kept[key] for key, new in canonical(architecture.name, kept, expected).items()}
    shape = {key: tuple(np.shape(found[key])) for key in found}
    misfits = {
        "missing": [key for key in expected if key not in found],
        "unused": [f"{key} {shape[key]}" for key in found if key not in expected],
        "misshapen": [
            f"{key} is {shape[key]} and should be {stored_shape(place)}"
            for key, place in expected.items()
            if key in found and not _fits(found[key], place)
        ],
    }
    if misfits["unused"] or misfits["misshapen"] or len(misfits["missing"]) == len(expected):
        raise checks.InputError(f"{source} does not fit {architecture.name}: {_report(misfits)}")
    variables: dict = {}
    for key, place in expected.items():
        if key in found:
            nodes = variables.setdefault(place.parameter.collection, {})
            array = to_flax(found[key], place)
            if not np.isfinite(array).all():
                raise checks.InputError(f"{source}: {key} holds values that are not finite numbers")
            nodes.setdefault(place.node, {})[place.parameter.name] = array
    return Fitted(variables, tuple(misfits["missing"]))
