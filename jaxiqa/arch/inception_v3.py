"""Inception v3 (arXiv 1512.00567), as torchvision and as Keras define it.

Both without the auxiliary classifier. In Keras' form a mean at the border of a map is over what is
inside it, and normalisations have no scale of their own; modules keep torchvision's names.
"""

import dataclasses

from jaxiqa.arch.graph import INPUT, Architecture, Node
from jaxiqa.arch.layers import (
    AdaptiveAveragePool,
    AveragePool,
    Conv,
    Linear,
    MaxPool,
)
from jaxiqa.arch.mixed import Mixed, conv_unit

_SIZES = {"1": 1, "3": 3, "5": 5, "1x7": (1, 7), "7x1": (7, 1), "1x3": (1, 3), "3x1": (3, 1)}


def _conv(features: int, size: str, stride: int = 1, *, padded: bool = True) -> Conv:
    kernel = _SIZES[size]
    sides = kernel if isinstance(kernel, tuple) else (kernel, kernel)
    padding = tuple(side // 2 for side in sides) if padded else (0, 0)
    padding = padding if isinstance(kernel, tuple) else padding[0]
    return Conv(features, kernel, stride, padding, bias=False)


def _halving(features: int) -> Conv:
    return _conv(features, "3", 2, padded=False)


_MEAN = AveragePool(3, 1, padding=1)


def _a(source: str, name: str, pooled: int) -> tuple[Node, ...]:
    """Figure 5 of the paper."""
    return (
        Mixed(source, name)
        .branch(("branch1x1", _conv(64, "1")))
        .branch(("branch5x5_1", _conv(48, "1")), ("branch5x5_2", _conv(64, "5")))
        .branch(
            ("branch3x3dbl_1", _conv(64, "1")),
            ("branch3x3dbl_2", _conv(96, "3")),
            ("branch3x3dbl_3", _conv(96, "3")),
        )
        .pool(_MEAN, ("branch_pool", _conv(pooled, "1")))
        .joined()
    )


def _b(source: str, name: str) -> tuple[Node, ...]:
    """Figure 10: half the resolution."""
    return (
        Mixed(source, name)
        .branch(("branch3x3", _halving(384)))
        .branch(
            ("branch3x3dbl_1", _conv(64, "1")),
            ("branch3x3dbl_2", _conv(96, "3")),
            ("branch3x3dbl_3", _halving(96)),
        )
        .pool(MaxPool(3, 2))
        .joined()
    )


def _c(source: str, name: str, width: int) -> tuple[Node, ...]:
    """Figure 6: 7 x 7 as 1 x 7 and 7 x 1."""
    return (
        Mixed(source, name)
        .branch(("branch1x1", _conv(192, "1")))
        .branch(
            ("branch7x7_1", _conv(width, "1")),
            ("branch7x7_2", _conv(width, "1x7")),
            ("branch7x7_3", _conv(192, "7x1")),
        )
        .branch(
            ("branch7x7dbl_1", _conv(width, "1")),
            ("branch7x7dbl_2", _conv(width, "7x1")),
            ("branch7x7dbl_3", _conv(width, "1x7")),
            ("branch7x7dbl_4", _conv(width, "7x1")),
            ("branch7x7dbl_5", _conv(192, "1x7")),
        )
        .pool(_MEAN, ("branch_pool", _conv(192, "1")))
        .joined()
    )


def _d(source: str, name: str) -> tuple[Node, ...]:
    """Half the resolution once more."""
    return (
        Mixed(source, name)
        .branch(("branch3x3_1", _conv(192, "1")), ("branch3x3_2", _halving(320)))
        .branch(
            ("branch7x7x3_1", _conv(192, "1")),
            ("branch7x7x3_2", _conv(192, "1x7")),
            ("branch7x7x3_3", _conv(192, "7x1")),
            ("branch7x7x3_4", _halving(192)),
        )
        .pool(MaxPool(3, 2))
        .joined()
    )


def _e(source: str, name: str) -> tuple[Node, ...]:
    """Figure 7: branches that fork into 1 x 3 and 3 x 1."""

    def sides(part: str):
        return tuple((f"{part}{side}", _conv(384, k)) for side, k in (("a", "1x3"), ("b", "3x1")))

    return (
        Mixed(source, name)
        .branch(("branch1x1", _conv(320, "1")))
        .fork(("branch3x3_1", _conv(384, "1")), ends=sides("branch3x3_2"))
        .fork(
            ("branch3x3dbl_1", _conv(448, "1")),
            ("branch3x3dbl_2", _conv(384, "3")),
            ends=sides("branch3x3dbl_3"),
        )
        .pool(_MEAN, ("branch_pool", _conv(192, "1")))
        .joined()
    )


_STEM = {
    "Conv2d_1a_3x3": _conv(32, "3", 2, padded=False),
    "Conv2d_2a_3x3": _conv(32, "3", padded=False),
    "Conv2d_2b_3x3": _conv(64, "3"),
    "maxpool1": MaxPool(3, 2),
    "Conv2d_3b_1x1": _conv(80, "1"),
    "Conv2d_4a_3x3": _conv(192, "3", padded=False),
    "maxpool2": MaxPool(3, 2),
}
_MIXED = (
    *((_a, "Mixed_5b", 32), (_a, "Mixed_5c", 64), (_a, "Mixed_5d", 64), (_b, "Mixed_6a")),
    *((_c, "Mixed_6b", 128), (_c, "Mixed_6c", 160), (_c, "Mixed_6d", 160), (_c, "Mixed_6e", 192)),
    *((_d, "Mixed_7a"), (_e, "Mixed_7b"), (_e, "Mixed_7c")),
)


def _nodes():
    source = INPUT
    for name, layer in _STEM.items():
        if isinstance(layer, Conv):
            yield from conv_unit(source, name, layer)
        else:
            yield Node(name, layer, (source,), name)
        source = name
    for block, name, *width in _MIXED:
        yield from block(source, name, *width)
        source = name
    yield Node("avgpool", AdaptiveAveragePool(1), (source,), "avgpool", ("dropout",))
    yield Node("fc", Linear(1000), ("avgpool",), "fc")


INCEPTION_V3 = Architecture(
    "inception_v3",
    tuple(_nodes()),
    features="Mixed_7c",
    stages=("Conv2d_2b_3x3", "Conv2d_4a_3x3", "Mixed_5d", "Mixed_6e", "Mixed_7c"),
    reference="torchvision; Szegedy et al., arXiv 1512.00567",
)

_INSIDE = dataclasses.replace(_MEAN, count_padding=False)

INCEPTION_V3_KERAS = dataclasses.replace(
    INCEPTION_V3,
    name="inception_v3_keras",
    nodes=tuple(
        dataclasses.replace(node, layer=_INSIDE) if node.layer == _MEAN else node
        for node in INCEPTION_V3.nodes
    ),
    reference="Keras; Szegedy et al., arXiv 1512.00567",
)
