"""Random weights: the net of no function, the control of every comparison of functions."""

import math
import zlib

import numpy as np

from jaxiqa.arch.geometry import node_parameters
from jaxiqa.arch.graph import Architecture, upstream
from jaxiqa.arch.layers import Conv, Layer, Parameter

_CONSTANT = {"bias": 0.0, "mean": 0.0, "scale": 1.0, "var": 1.0}


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
      classifier, which only a trained net has a use for, is left out; fixed filters stay.

    References:
      He, Zhang, Ren, Sun 2015, "Delving deep into rectifiers", arXiv 1502.01852, eq. 10.
    """
    held = node_parameters(architecture)
    variables = {}
    for node in upstream(architecture, (architecture.features,)):
        for parameter in held[node.name]:
            label = f"{architecture.name}/{node.name}/{parameter.name}"
            arrays = variables.setdefault(parameter.collection, {}).setdefault(node.name, {})
            arrays[parameter.name] = _draw(parameter, node.layer, label, seed)
    return variables
