"""Rows of a table that many families share: a convolution, its normalisation, its activation."""

import dataclasses

from jaxiqa.arch.graph import Node, chain
from jaxiqa.arch.layers import (
    Activation,
    AdaptiveAveragePool,
    BatchNorm,
    Conv,
    Layer,
    LayerNorm,
    Multiply,
)


def named(name: str, layer: Layer, path: str = "", *aliases: str) -> Node:
    """Returns a row that `chain` has yet to wire."""
    return Node(name, layer, (), path, aliases)


def also(nodes: tuple[Node, ...], *aliases: str) -> tuple[Node, ...]:
    """Returns the rows with further module paths for the output of the last one."""
    *before, last = nodes
    return (*before, dataclasses.replace(last, aliases=(*last.aliases, *aliases)))


def unit(
    source: str,
    name: str,
    path: str,
    conv: Conv,
    norm: BatchNorm | LayerNorm,
    activation: Activation | None,
    *,
    parts: tuple[str, ...] = ("0", "1", "2"),
    inner: str = "",
) -> tuple[Node, ...]:
    """Returns convolution, normalisation and, unless None, activation as one module.

    Args:
      source: the node that is read.
      name: of the last row.
      path: of the module, which is the output of the last row.
      conv: the convolution.
      norm: what follows it.
      activation: what follows that.
      parts: what the module calls its parts; an activation without a module has no part.
      inner: the rows before the last are called ``inner.conv`` and ``inner.norm``; by default
        the name.
    """
    layers = [layer for layer in (conv, norm, activation) if layer is not None]
    rows = [
        named(f"{inner or name}.{kind}", layer, f"{path}.{part}")
        for kind, layer, part in zip(("conv", "norm"), layers[:-1], parts, strict=False)
    ]
    own = [f"{path}.{part}" for part in parts[len(layers) - 1 : len(layers)]]
    return chain(source, *rows, named(name, layers[-1], *own, path))


def squeeze_excite(
    source: str,
    name: str,
    path: str,
    *,
    widths: tuple[int, int],
    activations: tuple[Activation, Activation],
    parts: tuple[str, ...] = ("avgpool", "fc1", "activation", "fc2", "scale_activation"),
) -> tuple[Node, ...]:
    """Returns a gate per channel computed from the channels' means, and the map times the gate.

    Args:
      source: the map.
      name: of the product; the rows before it are called ``name.pool`` and so on.
      path: of the module.
      widths: squeezed, and that of the map.
      activations: after the squeeze, and of the gate.
      parts: what the module calls its parts, an empty text where it has no module for one.

    References:
      Hu, Shen, Sun, arXiv 1709.01507, eqs. 2 to 4.
    """
    layers = (
        *(AdaptiveAveragePool(1), Conv(widths[0], 1), activations[0]),
        *(Conv(widths[1], 1), activations[1]),
    )
    kinds = ("pool", "squeeze", "activation", "excite", "gate")
    rows = chain(
        source,
        *(
            named(f"{name}.{kind}", layer, f"{path}.{part}" if part else "")
            for kind, layer, part in zip(kinds, layers, parts, strict=True)
        ),
    )
    return (*rows, Node(name, Multiply(), (source, f"{name}.gate"), path))


def zero_padding(channels: int, before: int, after: int) -> Conv:
    """Returns a filter that changes nothing but adds zeros around a map.

    For what padding within the next layer cannot say: unequal sides that do not depend on the
    extent, or zeros that a maximum sees.

    Args:
      channels: of the map.
      before: positions added above and to the left.
      after: positions added below and to the right, no fewer than before.
    """
    kernel = 1 + after - before
    fixed = (*(0.0,) * (channels * (kernel**2 - 1)), *(1.0,) * channels)
    return Conv(channels, kernel, padding=after, groups=channels, bias=False, fixed=fixed)
