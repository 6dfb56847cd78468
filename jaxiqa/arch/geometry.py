"""Sizes that follow from an architecture's table: channels, maps, strides, parameter counts."""

import dataclasses
import functools
import math
import types
from collections.abc import Mapping

import numpy as np

from jaxiqa.arch.graph import INPUT, Architecture, Node
from jaxiqa.arch.layers import (
    SAME,
    AdaptiveAveragePool,
    AveragePool,
    Concat,
    Conv,
    L2Pool,
    Layer,
    Lightness,
    Linear,
    MaxPool,
    Parameter,
    Pool,
    Subsample,
    pair,
    parameters,
)

# No net here needs a larger image than this before each of its maps holds one position.
LARGEST_MINIMUM = 1024


def pooled(extent, layer: Pool):
    """Returns how many windows fit along an axis; a partial last one must start inside the map.

    Args:
      extent: positions along the axis, a number or an array of numbers.
      layer: a pool.
    """
    if layer.padding == SAME:
        return np.where(extent < 1, 0, -(-extent // layer.stride))
    free = extent + 2 * layer.padding - layer.window
    count = (-(-free // layer.stride) if layer.ceil else free // layer.stride) + 1
    outside = (count - 1) * layer.stride >= extent + layer.padding
    return np.where(extent < 1, 0, count - outside)


def extent_after(layer: Layer, extent):
    """Returns the number of positions along an axis after a layer, 0 or less where none is left.

    Kernels that are not square leave both extents as they are, so that one axis tells all.

    Args:
      layer: of the table.
      extent: positions before it, a number or an array of numbers.
    """
    match layer:
        case Conv(_, kernel, stride, padding) if padding == SAME:
            return np.where(extent > 0, -(-extent // stride), 0)
        case Conv(_, kernel, stride, padding):
            after = (extent + 2 * pair(padding)[0] - pair(kernel)[0]) // stride + 1
            return np.where(extent > 0, after, 0)
        case MaxPool() | AveragePool() | L2Pool():
            return pooled(extent, layer)
        case AdaptiveAveragePool(size):
            return np.where(extent > 0, size, 0)
        case Linear(_, window):
            return np.where(extent == window, 1, 0)
        case Subsample(_, stride):
            return -(-extent // stride)
        case _:
            return extent


def channels(architecture: Architecture) -> dict[str, int]:
    """Returns the number of channels of each node."""
    found = {INPUT: 3}
    for node in architecture.nodes:
        before = [found[name] for name in node.inputs]
        match node.layer:
            case Conv(features) | Linear(features) | Subsample(features):
                found[node.name] = features
            case Concat():
                found[node.name] = sum(before)
            case Lightness():
                found[node.name] = 1
            case _:
                found[node.name] = before[0]
    return found


@functools.lru_cache(maxsize=128)
def node_parameters(architecture: Architecture) -> Mapping[str, tuple[Parameter, ...]]:
    """Returns the arrays that each node holds, by the node's name."""
    width = channels(architecture)
    held = {n.name: parameters(n.layer, width[n.inputs[0]]) for n in architecture.nodes}
    return types.MappingProxyType(held)


def _extents(architecture: Architecture, extent) -> dict:
    found = {INPUT: extent}
    for node in architecture.nodes:
        found[node.name] = extent_after(node.layer, found[node.inputs[0]])
    return found


def extents(architecture: Architecture, extent: int) -> dict[str, int]:
    """Returns the number of positions along one axis at each node for an image that long."""
    return {name: int(after) for name, after in _extents(architecture, extent).items()}


@functools.lru_cache(maxsize=128)
def _smallest_images(architecture: Architecture) -> Mapping[str, int]:
    """The least extent by node, found by trying all of them at once."""
    tried = np.arange(1, LARGEST_MINIMUM)
    after, serves, found = _extents(architecture, tried), {INPUT: tried > 0}, {}
    for node in architecture.nodes:
        serves[node.name] = after[node.name] >= 1
        for source in node.inputs:
            serves[node.name] = serves[node.name] & serves[source]
        if not serves[node.name].any():
            raise AssertionError(
                f"{architecture.name}: {node.name} needs an image above {tried[-1]}"
            )
        found[node.name] = int(tried[np.argmax(serves[node.name])])
    return types.MappingProxyType(found)


def smallest_image(architecture: Architecture, name: str) -> int:
    """Returns the least height or width of an image for which node ``name`` has a response."""
    return _smallest_images(architecture)[name]


def _step(layer: Layer) -> int:
    """The factor by which a layer spreads its positions on the image; 0 where there is no fixed."""
    match layer:
        case Conv() | MaxPool() | AveragePool() | L2Pool() | Subsample():
            return layer.stride
        case AdaptiveAveragePool() | Linear():
            return 0
        case _:
            return 1


@dataclasses.dataclass(frozen=True)
class TapGeometry:
    """A row of the listing.

    Attributes:
      node: the table's row.
      channels: number of channels.
      stride: image pixels between neighbouring positions; 0 where it depends on the image.
      parameters: number of learned and running values that this node holds.
      smallest: least height and width of an image at which the tap has a response.
    """

    node: Node
    channels: int
    stride: int
    parameters: int
    smallest: int


def listing(architecture: Architecture) -> tuple[TapGeometry, ...]:
    """Returns one row per node, in the table's order."""
    width, held, stride = channels(architecture), node_parameters(architecture), {INPUT: 1}
    for node in architecture.nodes:
        stride[node.name] = stride[node.inputs[0]] * _step(node.layer)
    return tuple(
        TapGeometry(
            node,
            width[node.name],
            stride[node.name],
            sum(math.prod(parameter.shape) for parameter in held[node.name]),
            smallest_image(architecture, node.name),
        )
        for node in architecture.nodes
    )
