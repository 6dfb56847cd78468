"""GoogLeNet (Inception v1 with batch normalisation), as torchvision defines it."""

from jaxiqa.arch.graph import INPUT, Architecture, Node
from jaxiqa.arch.layers import (
    AdaptiveAveragePool,
    BatchNorm,
    Concat,
    Conv,
    Linear,
    MaxPool,
    Relu,
)
from jaxiqa.arch.rows import unit

# 1x1; 3x3 reduced, 3x3; "5x5" reduced, "5x5"; pooled: table 1 of the paper.
_WIDTHS = {
    "3a": (64, 96, 128, 16, 32, 32),
    "3b": (128, 128, 192, 32, 96, 64),
    "4a": (192, 96, 208, 16, 48, 64),
    "4b": (160, 112, 224, 24, 64, 64),
    "4c": (128, 128, 256, 24, 64, 64),
    "4d": (112, 144, 288, 32, 64, 64),
    "4e": (256, 160, 320, 32, 128, 128),
    "5a": (256, 160, 320, 32, 128, 128),
    "5b": (384, 192, 384, 48, 128, 128),
}


def _convolved(source: str, name: str, path: str, conv: Conv) -> tuple[Node, ...]:
    return unit(source, name, path, conv, BatchNorm(1e-3), Relu(), parts=("conv", "bn"))


def _conv(features: int, kernel: int, stride: int = 1) -> Conv:
    return Conv(features, kernel, stride, kernel // 2, bias=False)


def _two(source: str, path: str, first: Conv, second: Conv) -> tuple[Node, ...]:
    """Two units, one behind the other, that the definition holds in one module."""
    *rows, last = (
        *_convolved(source, f"{path}.0", f"{path}.0", first),
        *_convolved(f"{path}.0", f"{path}.1", f"{path}.1", second),
    )
    return (*rows, Node(last.name, last.layer, last.inputs, last.path, (*last.aliases, path)))


def _inception(source: str, name: str) -> tuple[Node, ...]:
    """Four branches side by side; the third is 3 x 3 in torchvision, not 5 x 5 as in the paper."""
    one, reduced, three, narrow, five, projected = _WIDTHS[name.removeprefix("inception")]
    pool = f"{name}.branch4.0"
    *rows, last = (
        *_convolved(source, f"{name}.branch1", f"{name}.branch1", _conv(one, 1)),
        *_two(source, f"{name}.branch2", _conv(reduced, 1), _conv(three, 3)),
        *_two(source, f"{name}.branch3", _conv(narrow, 1), _conv(five, 3)),
        Node(pool, MaxPool(3, 1, ceil=True, padding=1), (source,), pool),
        *_convolved(pool, f"{name}.branch4.1", f"{name}.branch4.1", _conv(projected, 1)),
    )
    ends = (f"{name}.branch1", f"{name}.branch2.1", f"{name}.branch3.1", last.name)
    last = Node(last.name, last.layer, last.inputs, last.path, (f"{name}.branch4",))
    return (*rows, last, Node(name, Concat(), ends, name))


_STEM = {"conv1": _conv(64, 7, 2), "conv2": _conv(64, 1), "conv3": _conv(192, 3)}
_ORDER = (
    *("conv1", "maxpool1", "conv2", "conv3", "maxpool2"),
    *("inception3a", "inception3b", "maxpool3"),
    *("inception4a", "inception4b", "inception4c", "inception4d", "inception4e", "maxpool4"),
    *("inception5a", "inception5b"),
)


def _nodes():
    source = INPUT
    for name in _ORDER:
        if name in _STEM:
            yield from _convolved(source, name, name, _STEM[name])
        elif name.startswith("maxpool"):
            window = 2 if name == "maxpool4" else 3
            yield Node(name, MaxPool(window, 2, ceil=True), (source,), name)
        else:
            yield from _inception(source, name)
        source = name
    yield Node("avgpool", AdaptiveAveragePool(1), (source,), "avgpool", ("dropout",))
    yield Node("fc", Linear(1000), ("avgpool",), "fc")


GOOGLENET = Architecture(
    "googlenet",
    tuple(_nodes()),
    features="inception5b",
    stages=("conv1", "conv3", "inception3b", "inception4e", "inception5b"),
    reference="torchvision; Szegedy et al., arXiv 1409.4842",
)
