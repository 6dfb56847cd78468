"""Batch normalisation that an export has folded into the convolution before it, taken out again.

gain (W x - mean) + shift  is stored as  (gain W) x + (shift - gain mean): the net is the same, the
response between the convolution and its normalisation is not.
"""

from collections.abc import Iterator, Mapping

import numpy as np

from jaxiqa.arch.geometry import node_parameters
from jaxiqa.arch.graph import Architecture, Node
from jaxiqa.arch.layers import BatchNorm, Conv


def _pairs(architecture: Architecture) -> Iterator[tuple[Node, Node]]:
    """Convolutions without bias, each with the normalisation that reads it."""
    for norm in architecture.nodes:
        before = architecture.by_name.get(norm.inputs[0])
        plain = before and isinstance(before.layer, Conv) and not before.layer.bias
        if plain and isinstance(norm.layer, BatchNorm):
            yield before, norm


def _identity(bias: np.ndarray, epsilon: float) -> dict[str, np.ndarray]:
    """The arrays of a normalisation that only adds a bias, by the parameter's name."""
    one, zero = np.ones_like(bias), np.zeros_like(bias)
    return {"scale": one, "bias": bias, "mean": zero, "var": one - one.dtype.type(epsilon)}


def unfolded(
    architecture: Architecture, arrays: Mapping[str, np.ndarray], names: Mapping[str, str]
) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """Returns arrays and names in which a folded bias has become a normalisation that adds it.

    Args:
      architecture: the table.
      arrays: by the name in the file.
      names: name in the file -> canonical key.

    Returns:
      Both anew; what is not folded is as it was.
    """
    arrays, names = dict(arrays), dict(names)
    files, held = {name: key for key, name in names.items()}, node_parameters(architecture)
    for conv, norm in _pairs(architecture):
        bias = files.get(f"{conv.path}.bias")
        keys = {parameter.name: f"{norm.path}.{parameter.key}" for parameter in held[norm.name]}
        if bias is None or arrays[bias].dtype.kind != "f" or set(keys.values()) & set(files):
            continue
        del names[bias]
        made = _identity(arrays.pop(bias), norm.layer.epsilon)
        arrays |= {key: made[name] for name, key in keys.items()}
        names |= {key: key for key in keys.values()}
    return arrays, names
