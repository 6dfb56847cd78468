"""Arrays that a file need not hold, because the table says what is in them."""

import numpy as np

from jaxiqa.arch.geometry import node_parameters
from jaxiqa.arch.graph import Architecture, Node
from jaxiqa.arch.layers import BatchNorm, Conv, Parameter

# Nets whose normalisations have no scale, by definition.
_UNSCALED = ("inception_v3_keras",)


def _values(node: Node, parameter: Parameter, unscaled: bool) -> np.ndarray | None:
    """A filter that no training changes, or ones for a scale that is none."""
    if isinstance(node.layer, Conv) and node.layer.fixed and parameter.name == "kernel":
        return np.asarray(node.layer.fixed, np.float32).reshape(parameter.shape)
    if unscaled and isinstance(node.layer, BatchNorm) and parameter.name == "scale":
        return np.ones(parameter.shape, np.float32)
    return None


def known(architecture: Architecture) -> dict[str, np.ndarray]:
    """Returns canonical key -> array, as Flax keeps it, for what needs no file."""
    unscaled = architecture.name in _UNSCALED
    values = {
        f"{node.path}.{parameter.key}": _values(node, parameter, unscaled)
        for node in architecture.nodes
        for parameter in node_parameters(architecture)[node.name]
    }
    return {key: array for key, array in values.items() if array is not None}
