"""MobileNet v1, v2 and v3 as Keras defines them; module paths are its layers' names.

TensorFlow's padding at each stride, but for v1, whose strides within see zeros at the end only.
In v2 and v3 Keras settles the padding when a net is built; this is what a known size gives.
"""

import dataclasses
from collections.abc import Iterator

from jaxiqa.arch.graph import INPUT, Architecture, Node, chain
from jaxiqa.arch.inverted import Inverted
from jaxiqa.arch.layers import (
    SAME,
    Activation,
    AdaptiveAveragePool,
    Add,
    BatchNorm,
    Conv,
    HardSwish,
    Linear,
    Relu6,
)
from jaxiqa.arch.mobilenet_v1 import STAGES as STAGES_V1
from jaxiqa.arch.mobilenet_v2 import STAGES as STAGES_V2
from jaxiqa.arch.mobilenet_v3 import BLOCKS, HIDDEN, MOBILENET_V3
from jaxiqa.arch.rows import named, squeeze_excite, zero_padding

_NORM = BatchNorm(1e-3)
_GATE = tuple(f"squeeze_excite_{part}" for part in ("avg_pool", "conv", "relu", "conv_1"))


@dataclasses.dataclass(frozen=True)
class Paths:
    """What a net's layers are called: after a convolution's name, norm and activation."""

    norm: str
    activation: str


def _unit(
    name: str, path: str, conv: Conv, activation: Activation | None, paths: Paths
) -> tuple[Node, ...]:
    """A convolution, its normalisation and, unless None, activation, to be chained."""
    rows = (
        named(f"{name}.conv", conv, path),
        named(f"{name}.norm" if activation else name, _NORM, f"{path}_{paths.norm}"),
    )
    if activation is None:
        return rows
    return (*rows, named(name, activation, f"{path}_{paths.activation}" * bool(paths.activation)))


def _depthwise(channels: int, kernel: int, stride: int, padding) -> Conv:
    return Conv(channels, kernel, stride, padding, groups=channels, bias=False)


def _v1() -> Iterator[Node]:
    paths, channels, place = Paths("bn", "relu"), 32, 1
    yield from _unit("stem", "conv1", Conv(32, 3, 2, SAME, bias=False), Relu6(), paths)
    for stage, (features, depth, first) in enumerate(STAGES_V1, start=1):
        for block in range(depth):
            name, stride = f"block{stage}_{block}", first if block == 0 else 1
            if stride > 1:
                yield named(f"{name}.pad", zero_padding(channels, 0, 1), f"conv_pad_{place}")
            conv = _depthwise(channels, 3, stride, 0 if stride > 1 else 1)
            yield from _unit(f"{name}.depthwise", f"conv_dw_{place}", conv, Relu6(), paths)
            conv = Conv(features, 1, bias=False)
            yield from _unit(name, f"conv_pw_{place}", conv, Relu6(), paths)
            channels, place = features, place + 1
    yield named("avgpool", AdaptiveAveragePool(1))
    yield named("fc", Linear(1000), "conv_preds", "predictions")


def _block(source: str, name: str, path: str, block: Inverted, paths: Paths) -> tuple[Node, ...]:
    """An inverted residual block; its rows are called ``path`` and what they do."""
    rows: list[Node] = []
    if path != "expanded_conv_":
        wide = Conv(block.expanded, 1, bias=False)
        rows += _unit(f"{name}.expand", f"{path}expand", wide, block.activation, paths)
    conv = _depthwise(block.expanded, block.kernel, block.stride, SAME)
    rows += _unit(f"{name}.depthwise", f"{path}depthwise", conv, block.activation, paths)
    nodes = chain(source, *rows)
    if block.squeezed:
        gated = squeeze_excite(
            nodes[-1].name,
            f"{name}.gated",
            f"{path}squeeze_excite_mul",
            widths=(block.squeezed, block.expanded),
            activations=block.gate,
        )
        parts = (*(f"{path}{part}" for part in _GATE), "", gated[-1].path)
        nodes += tuple(
            dataclasses.replace(row, path=part) for row, part in zip(gated, parts, strict=True)
        )
    end = f"{name}.project" if block.residual else name
    projected = Conv(block.features, 1, bias=False)
    # A block's end is called as the block, what is inside it by a name with a dot.
    conv, norm = _unit(f"{name}.project", f"{path}project", projected, None, paths)
    nodes += chain(nodes[-1].name, conv, dataclasses.replace(norm, name=end))
    if not block.residual:
        return nodes
    return (*nodes, Node(name, Add(), (source, end), f"{path}add"))


def _v2() -> tuple[Node, ...]:
    paths, channels, place = Paths("BN", "relu"), 32, 0
    stem = Conv(32, 3, 2, SAME, bias=False)
    nodes = chain(
        INPUT,
        named("stem.conv", stem, "Conv1"),
        named("stem.norm", _NORM, "bn_Conv1"),
        named("stem", Relu6(), "Conv1_relu"),
    )
    for times, features, depth, first in STAGES_V2:
        for stride in (first, *[1] * (depth - 1)):
            block = Inverted(
                channels,
                times * channels,
                features,
                kernel=3,
                stride=stride,
                squeezed=0,
                activation=Relu6(),
                gate=(Relu6(), Relu6()),
                norm=_NORM,
            )
            path = f"block_{place}_" if place else "expanded_conv_"
            nodes += _block(nodes[-1].name, f"block{place + 1}", path, block, paths)
            channels, place = features, place + 1
    head = (
        named("head.conv", Conv(1280, 1, bias=False), "Conv_1"),
        named("head.norm", _NORM, "Conv_1_bn"),
        named("head", Relu6(), "out_relu"),
        named("avgpool", AdaptiveAveragePool(1)),
        named("fc", Linear(1000), "predictions"),
    )
    return (*nodes, *chain(nodes[-1].name, *head))


def _v3(size: str) -> tuple[Node, ...]:
    paths = Paths("bn", "")
    stem = Conv(16, 3, 2, SAME, bias=False)
    nodes = chain(INPUT, *_unit("stem", "conv", stem, HardSwish(), paths))
    for place, block in enumerate(BLOCKS[size]):
        path = f"expanded_conv_{place}_" if place else "expanded_conv_"
        nodes += _block(nodes[-1].name, f"block{place + 1}", path, block, paths)
    head = (
        *_unit("head", "conv_1", Conv(6 * block.features, 1, bias=False), HardSwish(), paths),
        named("avgpool", AdaptiveAveragePool(1)),
        named("fc1", Linear(HIDDEN[size]), "conv_2"),
        named("hardswish", HardSwish()),
        named("fc2", Linear(1000), "logits", "predictions"),
    )
    return (*nodes, *chain(nodes[-1].name, *head))


MOBILENET_KERAS = {
    "mobilenet_v1_keras": Architecture(
        "mobilenet_v1_keras",
        chain(INPUT, *_v1()),
        features="block5_1",
        stages=("block1_0", "block2_1", "block3_1", "block4_5", "block5_1"),
        reference="Keras; Howard et al., arXiv 1704.04861",
    ),
    "mobilenet_v2_keras": Architecture(
        "mobilenet_v2_keras",
        _v2(),
        features="head",
        stages=("block1", "block3", "block6", "block13", "head"),
        reference="Keras; Sandler et al., arXiv 1801.04381",
    ),
    **{
        f"{name}_keras": Architecture(
            f"{name}_keras",
            _v3(name),
            features="head",
            stages=table.stages,
            reference="Keras; Howard et al., arXiv 1905.02244",
        )
        for name, table in MOBILENET_V3.items()
    },
}
