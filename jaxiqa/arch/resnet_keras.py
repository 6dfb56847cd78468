"""ResNet 50, 101 and 152, v1 and v2, as Keras defines them; module paths are its layers' names.

Against torchvision's v1: the stride is at the first convolution of a block, and each has a bias.
Against timm's v2: the stride is in the last block of a stage, whose shortcut is subsampled, and
the first pool sees zeros around a map that is not yet activated.
"""

from jaxiqa.arch.graph import INPUT, Architecture, Node, chain
from jaxiqa.arch.layers import AdaptiveAveragePool, Add, BatchNorm, Conv, Linear, MaxPool, Relu
from jaxiqa.arch.resnet import DEPTHS
from jaxiqa.arch.rows import named, zero_padding

_SIZES = ("50", "101", "152")
_WIDTHS = (64, 128, 256, 512)
_NORM = BatchNorm(1.001e-5)
_CONV1 = named("conv1", Conv(64, 7, 2, 3), "conv1_conv")
_HEAD = (
    named("avgpool", AdaptiveAveragePool(1), "avg_pool"),
    named("fc", Linear(1000), "predictions"),
)


def _branch(source: str, name: str, path: str, convolutions: tuple[Conv, ...]) -> tuple[Node, ...]:
    """Convolutions, each but the last normalised and activated."""
    rows = []
    for place, conv in enumerate(convolutions, start=1):
        rows += [
            named(f"{name}.conv{place}", conv, f"{path}_{place}_conv"),
            named(f"{name}.bn{place}", _NORM, f"{path}_{place}_bn"),
            named(f"{name}.relu{place}", Relu(), f"{path}_{place}_relu"),
        ]
    return chain(source, *rows[:-2])


def _block(source: str, name: str, path: str, width: int, stride: int, changed: bool):
    """relu(branch(x) + x), where x goes through a 1 x 1 convolution in a stage's first block."""
    convolutions = (Conv(width, 1, stride), Conv(width, 3, padding=1), Conv(4 * width, 1))
    nodes, kept = list(_branch(source, name, path, convolutions)), source
    end = f"{name}.bn3"
    nodes.append(Node(end, _NORM, (nodes[-1].name,), f"{path}_3_bn"))
    if changed:
        kept = f"{name}.downsample"
        nodes += chain(
            source,
            named(f"{kept}.0", Conv(4 * width, 1, stride), f"{path}_0_conv"),
            named(kept, _NORM, f"{path}_0_bn"),
        )
    return (
        *nodes,
        Node(f"{name}.add", Add(), (end, kept), f"{path}_add"),
        Node(name, Relu(), (f"{name}.add",), f"{path}_out"),
    )


def _block_v2(source: str, name: str, path: str, width: int, stride: int, changed: bool):
    """branch + x, branch + a part of x, or, in a stage's first block, branch + shortcut."""
    first, last = Conv(width, 1, bias=False), Conv(4 * width, 1)
    filtered = Conv(width, 3, stride, 1, bias=False)
    before = chain(
        source,
        named(f"{name}.bn0", _NORM, f"{path}_preact_bn"),
        named(f"{name}.relu0", Relu(), f"{path}_preact_relu"),
    )
    nodes, kept = before + _branch(before[-1].name, name, path, (first, filtered, last)), source
    end = nodes[-1].name
    if changed:
        kept = f"{name}.downsample"
        nodes += (Node(kept, last, (before[-1].name,), f"{path}_0_conv"),)
    elif stride > 1:
        kept = f"{name}.downsample"
        nodes += (Node(kept, MaxPool(1, stride), (source,)),)
    return (*nodes, Node(name, Add(), (end, kept), f"{path}_out"))


def _stages(source: str, depths: tuple[int, ...], block, strided: tuple[tuple[int, int], ...]):
    """Yields the rows of all blocks; ``strided`` are the (stage, block) that halve the map."""
    for stage, (depth, width) in enumerate(zip(depths, _WIDTHS, strict=True), start=1):
        for place in range(depth):
            name, path = f"layer{stage}_{place}", f"conv{stage + 1}_block{place + 1}"
            stride = 2 if (stage, place) in strided else 1
            yield from block(source, name, path, width, stride, place == 0)
            source = name


def _ends(depths: tuple[int, ...]) -> tuple[str, ...]:
    return tuple(f"layer{stage}_{depth - 1}" for stage, depth in enumerate(depths, start=1))


def _resnet(size: str) -> Architecture:
    depths = DEPTHS[f"resnet{size}"]
    stem = (
        _CONV1,
        named("bn1", _NORM, "conv1_bn"),
        named("relu1", Relu(), "conv1_relu"),
        named("maxpool", MaxPool(3, 2, padding=1), "pool1_pool"),
    )
    strided = tuple((stage, 0) for stage in (2, 3, 4))
    nodes = (*chain(INPUT, *stem), *_stages("maxpool", depths, _block, strided))
    return Architecture(
        f"resnet{size}_keras",
        (*nodes, *chain(nodes[-1].name, *_HEAD)),
        features=nodes[-1].name,
        stages=("relu1", *_ends(depths)),
        reference="Keras; He et al., arXiv 1512.03385",
    )


def _resnet_v2(size: str) -> Architecture:
    depths = DEPTHS[f"resnet{size}"]
    stem = (
        _CONV1,
        named("maxpool.pad", zero_padding(64, 1, 1), "pool1_pad"),
        named("maxpool", MaxPool(3, 2), "pool1_pool"),
    )
    strided = tuple((stage, depths[stage - 1] - 1) for stage in (1, 2, 3))
    nodes = (*chain(INPUT, *stem), *_stages("maxpool", depths, _block_v2, strided))
    tail = (named("bn", _NORM, "post_bn"), named("relu", Relu(), "post_relu"), *_HEAD)
    # The last block at each resolution but the least; blocks end in a sum, not activated.
    ends = (f"layer{stage}_{depths[stage - 1] - 2}" for stage in (1, 2, 3))
    return Architecture(
        f"resnetv2_{size}_keras",
        (*nodes, *chain(nodes[-1].name, *tail)),
        features="relu",
        stages=(*ends, "relu"),
        reference="Keras; He et al., arXiv 1603.05027",
    )


RESNET_KERAS = {f"resnet{size}_keras": _resnet(size) for size in _SIZES}
RESNET_V2_KERAS = {f"resnetv2_{size}_keras": _resnet_v2(size) for size in _SIZES}
