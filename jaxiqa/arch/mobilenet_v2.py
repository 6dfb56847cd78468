"""MobileNet v2 (arXiv 1801.04381), as torchvision defines it."""

from jaxiqa.arch.graph import INPUT, Architecture, Node, chain
from jaxiqa.arch.inverted import depthwise
from jaxiqa.arch.layers import AdaptiveAveragePool, Add, BatchNorm, Conv, Linear, Relu6
from jaxiqa.arch.rows import also, named, unit

# Expansion, channels, blocks, stride of the first of them: table 2 of the paper.
STAGES = (
    *((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2)),
    *((6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)),
)


def _unit(source: str, name: str, path: str, conv: Conv) -> tuple[Node, ...]:
    return unit(source, name, path, conv, BatchNorm(), Relu6())


def _block(source: str, place: int, *, channels: int, times: int, features: int, stride: int):
    """The last two rows, projection and its normalisation, stand beside the units in ``conv``."""
    name, inner, nodes = f"block{place}", f"features.{place}.conv", []
    if times > 1:
        conv = Conv(times * channels, 1, bias=False)
        nodes += _unit(source, f"{name}.expand", f"{inner}.0", conv)
    units = 2 if times > 1 else 1
    before = nodes[-1].name if nodes else source
    filtered = depthwise(times * channels, 3, stride)
    nodes += _unit(before, f"{name}.depthwise", f"{inner}.{units - 1}", filtered)
    residual = stride == 1 and channels == features
    projected = f"{name}.project" if residual else name
    ends = chain(
        nodes[-1].name,
        named(f"{name}.project.conv", Conv(features, 1, bias=False), f"{inner}.{units}"),
        named(projected, BatchNorm(), f"{inner}.{units + 1}", inner),
    )
    if not residual:
        return (*nodes, *also(ends, f"features.{place}"))
    return (*nodes, *ends, Node(name, Add(), (source, projected), f"features.{place}"))


def _nodes() -> tuple[Node, ...]:
    nodes = list(_unit(INPUT, "stem", "features.0", Conv(32, 3, 2, 1, bias=False)))
    channels, place = 32, 1
    for times, features, depth, first in STAGES:
        for stride in (first, *[1] * (depth - 1)):
            nodes += _block(
                nodes[-1].name,
                place,
                channels=channels,
                times=times,
                features=features,
                stride=stride,
            )
            channels, place = features, place + 1
    last = _unit(nodes[-1].name, "head", f"features.{place}", Conv(1280, 1, bias=False))
    classifier = chain(
        "head",
        named("avgpool", AdaptiveAveragePool(1), "", "classifier.0"),
        named("fc", Linear(1000), "classifier.1", "classifier"),
    )
    return (*nodes, *also(last, "features"), *classifier)


# The last block at each resolution; blocks end in a projection that is not activated.
MOBILENET_V2 = Architecture(
    "mobilenet_v2",
    _nodes(),
    features="head",
    stages=("block1", "block3", "block6", "block13", "head"),
    reference="torchvision; Sandler et al., arXiv 1801.04381",
)
