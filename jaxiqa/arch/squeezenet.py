"""SqueezeNet 1.0 and 1.1 (arXiv 1602.07360), as torchvision defines them."""

from jaxiqa.arch.graph import INPUT, Architecture, Node, chain
from jaxiqa.arch.layers import AdaptiveAveragePool, Concat, Conv, MaxPool, Relu

# Fire modules: (squeeze, each of the two expands), fire2 to fire9, the same in both versions.
_WIDTHS = {
    "fire2": (16, 64),
    "fire3": (16, 64),
    "fire4": (32, 128),
    "fire5": (32, 128),
    "fire6": (48, 192),
    "fire7": (48, 192),
    "fire8": (64, 256),
    "fire9": (64, 256),
}

# The convolutional part ends here; dropout, which follows, does nothing at inference.
_ENDS = {"fire9": ("features", "classifier.0")}


def _fire(name: str, source: str, path: str) -> tuple[Node, ...]:
    """A squeeze to few channels, two expands side by side, their channels concatenated."""
    squeeze, expand = _WIDTHS[name]
    squeezed = f"{name}.squeeze_relu"
    sides = [
        chain(
            squeezed,
            Node(f"{name}.{side}", Conv(expand, kernel, padding=padding), (), f"{path}.{side}"),
            Node(f"{name}.{side}_relu", Relu(), (), f"{path}.{side}_activation"),
        )
        for side, kernel, padding in (("expand1x1", 1, 0), ("expand3x3", 3, 1))
    ]
    return (
        Node(f"{name}.squeeze", Conv(squeeze, 1), (source,), f"{path}.squeeze"),
        Node(squeezed, Relu(), (f"{name}.squeeze",), f"{path}.squeeze_activation"),
        *sides[0],
        *sides[1],
        Node(name, Concat(), tuple(side[-1].name for side in sides), path, _ENDS.get(name, ())),
    )


def _squeezenet(name: str, stem: Conv, order: str, stages: tuple[str, ...]) -> Architecture:
    """Wires the stem, the fire modules and pools in ``order``, and the convolutional classifier."""
    nodes = list(
        chain(
            INPUT,
            Node("conv1", stem, (), "features.0"),
            Node("relu1", Relu(), (), "features.1"),
        )
    )
    for place, tap in enumerate(order.split(), start=2):
        path, source = f"features.{place}", nodes[-1].name
        if tap.startswith("fire"):
            nodes += _fire(tap, source, path)
        else:
            nodes.append(Node(tap, MaxPool(3, 2, ceil=True), (source,), path))
    head = chain(
        "fire9",
        Node("conv10", Conv(1000, 1), (), "classifier.1"),
        Node("relu10", Relu(), (), "classifier.2"),
        Node("avgpool", AdaptiveAveragePool(1), (), "classifier.3", aliases=("classifier",)),
    )
    return Architecture(
        name,
        (*nodes, *head),
        features="fire9",
        stages=stages,
        reference="torchvision; Iandola et al., arXiv 1602.07360",
    )


SQUEEZENET1_0 = _squeezenet(
    "squeezenet1_0",
    Conv(96, 7, stride=2),
    "pool1 fire2 fire3 fire4 pool4 fire5 fire6 fire7 fire8 pool8 fire9",
    stages=("relu1", "fire4", "fire8", "fire9"),
)
SQUEEZENET1_1 = _squeezenet(
    "squeezenet1_1",
    Conv(64, 3, stride=2),
    "pool1 fire2 fire3 pool3 fire4 fire5 pool5 fire6 fire7 fire8 fire9",
    stages=("relu1", "fire3", "fire5", "fire6", "fire7", "fire8", "fire9"),
)
