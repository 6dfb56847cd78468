"""Inverted residual blocks: expand, filter each channel by itself, gate, project to few channels.

The blocks of MobileNet v3 and EfficientNet, under the names that torchvision's modules have.
"""

import dataclasses

from jaxiqa.arch.graph import Node
from jaxiqa.arch.layers import Activation, Add, BatchNorm, Conv
from jaxiqa.arch.rows import also, squeeze_excite, unit


@dataclasses.dataclass(frozen=True)
class Inverted:
    """A block.

    Attributes:
      channels: of its input.
      expanded: of its inner maps.
      features: of its output.
      kernel: of the depthwise convolution.
      stride: likewise.
      squeezed: channels of the gate, 0 for none.
      activation: after expansion and after the depthwise convolution.
      gate: activations within the gate, after squeeze and excitation.
      norm: after each convolution.
    """

    channels: int
    expanded: int
    features: int
    kernel: int
    stride: int
    squeezed: int
    activation: Activation
    gate: tuple[Activation, Activation]
    norm: BatchNorm

    @property
    def residual(self) -> bool:
        """Whether the input is added to the output."""
        return self.stride == 1 and self.channels == self.features


def rounded(channels: float) -> int:
    """Returns the multiple of 8 next to a number of channels, at most a tenth below it."""
    near = max(8, int(channels + 4) // 8 * 8)
    return near + 8 if near < 0.9 * channels else near


def depthwise(channels: int, kernel: int, stride: int) -> Conv:
    """Returns a convolution of each channel by itself, padded as torch pads."""
    return Conv(channels, kernel, stride, (kernel - 1) // 2, groups=channels, bias=False)


def inverted_residual(
    source: str, name: str, path: str, block: Inverted, *dropped: str
) -> tuple[Node, ...]:
    """Returns the rows of a block, the last one called ``name``.

    Args:
      source: the node that is read.
      name: of the block.
      path: of its module, which holds the branch as ``block``.
      block: its numbers.
      dropped: modules on the branch that do nothing at inference, by their names in ``path``.
    """
    nodes: list[Node] = []
    inner, place = f"{path}.block", 0
    if block.expanded != block.channels:
        conv = Conv(block.expanded, 1, bias=False)
        where = (f"{name}.expand", f"{inner}.0")
        nodes += unit(source, *where, conv, block.norm, block.activation)
        place += 1
    filtered = depthwise(block.expanded, block.kernel, block.stride)
    where = (f"{name}.depthwise", f"{inner}.{place}")
    nodes += unit(
        nodes[-1].name if nodes else source, *where, filtered, block.norm, block.activation
    )
    place += 1
    if block.squeezed:
        nodes += squeeze_excite(
            nodes[-1].name,
            f"{name}.gated",
            f"{inner}.{place}",
            widths=(block.squeezed, block.expanded),
            activations=block.gate,
        )
        place += 1
    projected = f"{name}.project" if block.residual else name
    last = unit(
        nodes[-1].name,
        projected,
        f"{inner}.{place}",
        Conv(block.features, 1, bias=False),
        block.norm,
        None,
        inner=f"{name}.project",
    )
    if not block.residual:
        return (*nodes, *also(last, inner, path))
    ends = also(last, inner, *(f"{path}.{part}" for part in dropped))
    return (*nodes, *ends, Node(name, Add(), (source, projected), path))
