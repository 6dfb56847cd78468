"""Random weights: the net of no function, the control of every comparison of functions."""

import math
import zlib

import numpy as np

from jaxiqa.arch.geometry import node_parameters
from jaxiqa.arch.graph import Architecture, upstream
from jaxiqa.arch.layers import Add, Conv, Layer, Parameter

_GAINS = ("kernel", "scale")
_CONSTANT = {"bias": 0.0, "mean": 0.0, "scale": 1.0, "var": 1.0}


def branch_gains(architecture: Architecture) -> dict[str, float]:
    """Returns a factor for the last row of each residual branch, by its name.

    A branch that is as large as what it is added to doubles the energy at each sum, which grows to
    1e12 and more in 50 of them. With a factor of 1 / sqrt(sums) all together multiply it by e at
    most, as trained and batch normalised nets begin: their branch is 1 / sqrt(depth) of the sum.
    """
    sums = [node for node in architecture.nodes if isinstance(node.layer, Add)]
    ends = (
        max(node.inputs, key=lambda name: len(upstream(architecture, (name,)))) for node in sums
    )
    return dict.fromkeys(ends, 1 / math.sqrt(max(1, len(sums))))


def _draw(parameter: Parameter, layer: Layer, label: str, seed: int) -> np.ndarray:
    """Normal numbers of variance 2 / fan-in for kernels (He et al.), constants for the rest."""
    if parameter.name == "kernel" and isinstance(layer, Conv) and layer.fixed:
        return np.asarray(layer.fixed, np.float32).reshape(parameter.shape)
    if parameter.name in _CONSTANT:
        return np.full(parameter.shape, _CONSTANT[parameter.name], np.float32)
    generator = np.random.default_rng([seed, zlib.crc32(label.encode())])
    scale = math.sqrt(2 / math.prod(parameter.shape[:-1]))
    drawn = generator.standard_normal(parameter.shape, np.float32)
    return drawn * np.float32(scale)


def random_variables(architecture: Architecture, seed: int) -> dict:
    """Returns He-normal kernels and zero biases for the convolutional part of a net.

    The numbers are NumPy's, drawn array by array from the seed and the array's name, so they are
    the same on every device and do not depend on which other arrays are drawn.

    Args:
      architecture: the net's table.
      seed: 0 or larger.

    Returns:
      ``{"params": {node: {"kernel", "bias"}}, ...}`` of float32 arrays, kernels HWIO. The
      classifier, which only a trained net has a use for, is left out; fixed filters stay. What
      ends a residual branch is scaled down by the number of branches.

    References:
      He, Zhang, Ren, Sun 2015, "Delving deep into rectifiers", arXiv 1502.01852, eq. 10.
      De and Smith 2020, "Batch normalization biases residual blocks towards the identity function
      in deep networks", arXiv 2002.10444, section 3.
    """
    held, gains = node_parameters(architecture), branch_gains(architecture)
    variables = {}
    for node in upstream(architecture, (architecture.features,)):
        for parameter in held[node.name]:
            label = f"{architecture.name}/{node.name}/{parameter.name}"
            arrays = variables.setdefault(parameter.collection, {}).setdefault(node.name, {})
            drawn = _draw(parameter, node.layer, label, seed)
            gain = gains.get(node.name, 1.0) if parameter.name in _GAINS else 1.0
            arrays[parameter.name] = drawn * np.float32(gain)
    return variables
