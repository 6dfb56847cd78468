"""Rows under the names that timm's modules have, where a normalisation holds its activation."""

import dataclasses

from jaxiqa.arch.graph import Architecture, Node, chain
from jaxiqa.arch.inverted import Inverted
from jaxiqa.arch.layers import (
    SAME,
    Activation,
    AdaptiveAveragePool,
    Add,
    BatchNorm,
    Conv,
    Linear,
)
from jaxiqa.arch.rows import also, named, squeeze_excite


def activated(name: str, path: str, norm: BatchNorm, activation: Activation) -> tuple[Node, ...]:
    """Returns a normalisation and its activation, whose response is that of the module."""
    return (
        named(f"{name}.norm", norm, path, f"{path}.drop"),
        named(name, activation, f"{path}.act", path),
    )


def linear(name: str, path: str, norm: BatchNorm) -> Node:
    """Returns a normalisation whose activation does nothing."""
    return named(name, norm, path, f"{path}.drop", f"{path}.act")


def _padding(kernel: int, same: bool) -> int | str:
    return SAME if same else kernel // 2


def _gate(source: str, name: str, path: str, block: Inverted) -> tuple[Node, ...]:
    return squeeze_excite(
        source,
        f"{name}.gated",
        f"{path}.se",
        widths=(block.squeezed, block.expanded),
        activations=block.gate,
        parts=("", "conv_reduce", "act1", "conv_expand", "gate"),
    )


def _numbered(path: str, expands: bool) -> tuple[str, str, str, str]:
    """Names of the depthwise and of the last convolution, each with its normalisation."""
    last = ("conv_pwl", "bn3") if expands else ("conv_pw", "bn2")
    return (f"{path}.conv_dw", f"{path}.bn{2 if expands else 1}", *(f"{path}.{p}" for p in last))


def block_rows(
    source: str, name: str, path: str, block: Inverted, *, same: bool, linear_end: bool = True
) -> tuple[Node, ...]:
    """Returns the rows of a depthwise separable or inverted residual block.

    Args:
      source: the node that is read.
      name: of the last row.
      path: of the block.
      block: its numbers.
      same: whether padding is TensorFlow's.
      linear_end: whether the last normalisation has no activation.
    """
    expands = block.expanded != block.channels
    filtered, filtered_norm, last, last_norm = _numbered(path, expands)
    rows: list[Node] = []
    if expands:
        wide = Conv(block.expanded, 1, bias=False)
        rows += [named(f"{name}.expand.conv", wide, f"{path}.conv_pw")]
        rows += activated(f"{name}.expand", f"{path}.bn1", block.norm, block.activation)
    padding, channels = _padding(block.kernel, same), block.expanded
    depthwise = Conv(channels, block.kernel, block.stride, padding, channels, bias=False)
    rows.append(named(f"{name}.depthwise.conv", depthwise, filtered))
    rows += activated(f"{name}.depthwise", filtered_norm, block.norm, block.activation)
    still = (f"{path}.aa",) if block.squeezed else (f"{path}.aa", f"{path}.se")
    nodes = also(chain(source, *rows), *still)
    if block.squeezed:
        nodes += _gate(nodes[-1].name, name, path, block)
    residual = block.residual and linear_end
    end = f"{name}.project" if residual else name
    projected = named(f"{name}.project.conv", Conv(block.features, 1, bias=False), last)
    if not linear_end:
        ends = (projected, *activated(name, last_norm, block.norm, block.activation))
        return (*nodes, *also(chain(nodes[-1].name, *ends), path))
    nodes += chain(nodes[-1].name, projected, linear(end, last_norm, block.norm))
    if not residual:
        return also(nodes, path)
    return (
        *also(nodes, f"{path}.drop_path"),
        Node(name, Add(), (source, end), path),
    )


@dataclasses.dataclass(frozen=True)
class Ends:
    """What stands before and behind the blocks.

    Attributes:
      stem: channels of the first convolution.
      head: channels of the last one, 0 for none.
      norm: after each.
      activation: after that.
    """

    stem: int
    head: int
    norm: BatchNorm
    activation: Activation


def net(
    name: str,
    source: str,
    stages: tuple[tuple[Inverted, ...], ...],
    ends: Ends,
    *,
    same: bool,
    linear_end: bool,
    taps: tuple[str, ...],
    reference: str,
) -> Architecture:
    """Returns the table of a net of one stem, blocks by stage and one head."""
    stem = Conv(ends.stem, 3, 2, _padding(3, same), bias=False)
    rows = (
        named("stem.conv", stem, "conv_stem"),
        *activated("stem", "bn1", ends.norm, ends.activation),
    )
    nodes = chain(source, *rows)
    for stage, blocks in enumerate(stages):
        for place, block in enumerate(blocks):
            where = f"block{stage + 1}_{place}", f"blocks.{stage}.{place}"
            before = nodes[-1].name
            nodes += block_rows(before, *where, block, same=same, linear_end=linear_end)
        nodes = also(nodes, f"blocks.{stage}")
    nodes = also(nodes, "blocks")
    if ends.head:
        head = named("head.conv", Conv(ends.head, 1, bias=False), "conv_head")
        rows = (head, *activated("head", "bn2", ends.norm, ends.activation))
        nodes += chain(nodes[-1].name, *rows)
    else:
        nodes = also(nodes, "conv_head", "bn2")
    last = nodes[-1].name
    pools = ("global_pool.pool", "global_pool.flatten", "global_pool")
    nodes += chain(
        last,
        named("avgpool", AdaptiveAveragePool(1), "", *pools),
        named("fc", Linear(1000), "classifier"),
    )
    return Architecture(name, nodes, features=last, stages=taps, reference=reference)
