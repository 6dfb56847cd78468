"""DenseNet 121, 161, 169 and 201 (arXiv 1608.06993), as torchvision defines them."""

from jaxiqa.arch.graph import INPUT, Architecture, Node, chain
from jaxiqa.arch.layers import (
    AdaptiveAveragePool,
    AveragePool,
    BatchNorm,
    Concat,
    Conv,
    Linear,
    MaxPool,
    Relu,
)
from jaxiqa.arch.rows import named

# Channels of the stem, channels that each layer adds, layers in each of the four blocks: table 1.
_SIZES = {
    "densenet121": (64, 32, (6, 12, 24, 16)),
    "densenet161": (96, 48, (6, 12, 36, 24)),
    "densenet169": (64, 32, (6, 12, 32, 32)),
    "densenet201": (64, 32, (6, 12, 48, 32)),
}


def _stem(width: int) -> tuple[Node, ...]:
    return (
        named("conv0", Conv(width, 7, 2, 3, bias=False), "features.conv0"),
        named("norm0", BatchNorm(), "features.norm0"),
        named("relu0", Relu(), "features.relu0"),
        named("pool0", MaxPool(3, 2, padding=1), "features.pool0"),
    )


def _dense_layer(source: str, name: str, path: str, growth: int) -> tuple[Node, ...]:
    """What one layer adds to the channels before it."""
    return chain(
        source,
        named(f"{name}.norm1", BatchNorm(), f"{path}.norm1"),
        named(f"{name}.relu1", Relu(), f"{path}.relu1"),
        named(f"{name}.conv1", Conv(4 * growth, 1, bias=False), f"{path}.conv1"),
        named(f"{name}.norm2", BatchNorm(), f"{path}.norm2"),
        named(f"{name}.relu2", Relu(), f"{path}.relu2"),
        named(name, Conv(growth, 3, padding=1, bias=False), f"{path}.conv2", path),
    )


def _dense_block(source: str, block: int, depth: int, growth: int) -> list[Node]:
    """Each layer reads the channels of all that came before it in the block."""
    nodes, name, path = [], f"denseblock{block}", f"features.denseblock{block}"
    for place in range(1, depth + 1):
        layer = f"{name}.denselayer{place}"
        nodes += _dense_layer(source, layer, f"{path}.denselayer{place}", growth)
        last = place == depth
        joined = name if last else f"{name}.concat{place}"
        nodes.append(Node(joined, Concat(), (source, layer), path if last else ""))
        source = joined
    return nodes


def _transition(source: str, block: int, width: int) -> tuple[Node, ...]:
    """Half the channels at half the resolution."""
    name, path = f"transition{block}", f"features.transition{block}"
    return chain(
        source,
        named(f"{name}.norm", BatchNorm(), f"{path}.norm"),
        named(f"relu{block}", Relu(), f"{path}.relu"),
        named(f"{name}.conv", Conv(width, 1, bias=False), f"{path}.conv"),
        named(name, AveragePool(2, 2), f"{path}.pool", path),
    )


def _densenet(name: str, width: int, growth: int, depths: tuple[int, ...]) -> Architecture:
    nodes = list(chain(INPUT, *_stem(width)))
    for block, depth in enumerate(depths, start=1):
        nodes += _dense_block(nodes[-1].name, block, depth, growth)
        width += depth * growth
        if block < len(depths):
            width //= 2
            nodes += _transition(nodes[-1].name, block, width)
    nodes += chain(
        nodes[-1].name,
        named("norm5", BatchNorm(), "features.norm5", "features"),
        named("relu5", Relu()),
        named("avgpool", AdaptiveAveragePool(1)),
        named("classifier", Linear(1000), "classifier"),
    )
    return Architecture(
        name,
        tuple(nodes),
        features="relu5",
        stages=("relu0", "relu1", "relu2", "relu3", "relu5"),
        reference="torchvision; Huang et al., arXiv 1608.06993",
    )


DENSENET = {name: _densenet(name, *sizes) for name, sizes in _SIZES.items()}
