"""Sizes that follow from an architecture's table: channels, maps, strides, parameter counts."""

import dataclasses
import math

from jaxiqa.arch.graph import INPUT, Architecture, Node, upstream
from jaxiqa.arch.layers import (
    AdaptiveAveragePool,
    Concat,
    Conv,
    Layer,
    Linear,
    MaxPool,
    Parameter,
    parameters,
)

# No net here needs a larger image than this before each of its maps holds one position.
LARGEST_MINIMUM = 1024


def pooled(extent: int, layer: MaxPool) -> int:
    """Returns how many windows fit along an axis; a partial last one must start inside the map."""
    if extent < 1:
        return 0
    steps = (extent - layer.window) / layer.stride
    count = (math.ceil(steps) if layer.ceil else math.floor(steps)) + 1
    return count - 1 if (count - 1) * layer.stride >= extent else count


def extent_after(layer: Layer, extent: int) -> int:
    """Returns the number of positions along an axis after a layer, 0 or less where none is left."""
    match layer:
        case Conv(_, kernel, stride, padding):
            return (extent + 2 * padding - kernel) // stride + 1 if extent > 0 else 0
        case MaxPool():
            return pooled(extent, layer)
        case AdaptiveAveragePool(size):
            return size if extent > 0 else 0
        case Linear(_, window):
            return int(extent == window)
        case _:
            return extent


def channels(architecture: Architecture) -> dict[str, int]:
    """Returns the number of channels of each node."""
    found = {INPUT: 3}
    for node in architecture.nodes:
        before = [found[name] for name in node.inputs]
        match node.layer:
            case Conv(features) | Linear(features):
                found[node.name] = features
            case Concat():
                found[node.name] = sum(before)
            case _:
                found[node.name] = before[0]
    return found


def node_parameters(architecture: Architecture) -> dict[str, tuple[Parameter, ...]]:
    """Returns the arrays that each node holds, by the node's name."""
    width = channels(architecture)
    return {n.name: parameters(n.layer, width[n.inputs[0]]) for n in architecture.nodes}


def extents(architecture: Architecture, extent: int) -> dict[str, int]:
    """Returns the number of positions along one axis at each node for an image that long."""
    found = {INPUT: extent}
    for node in architecture.nodes:
        found[node.name] = extent_after(node.layer, found[node.inputs[0]])
    return found


def smallest_image(architecture: Architecture, name: str) -> int:
    """Returns the least height or width of an image for which node ``name`` has a response."""
    needed = upstream(architecture, (name,))
    for extent in range(1, LARGEST_MINIMUM):
        found = extents(architecture, extent)
        if all(found[node.name] >= 1 for node in needed):
            return extent
    raise AssertionError(f"{architecture.name}: {name} needs an image above {LARGEST_MINIMUM}")


def _step(layer: Layer) -> int:
    """The factor by which a layer spreads its positions on the image; 0 where there is no fixed."""
    match layer:
        case Conv(_, _, stride) | MaxPool(_, stride):
            return stride
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
