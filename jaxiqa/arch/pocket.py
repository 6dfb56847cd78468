"""A small AlexNet that trains in minutes and ships: the same five convolutions, narrower."""

from jaxiqa.arch.graph import INPUT, Architecture, Node, chain
from jaxiqa.arch.layers import Conv, MaxPool, Relu

_NODES = chain(
    INPUT,
    Node("conv1", Conv(32, 11, stride=4, padding=2), (), "features.0"),
    Node("relu1", Relu(), (), "features.1"),
    Node("pool1", MaxPool(3, 2), (), "features.2"),
    Node("conv2", Conv(64, 5, padding=2), (), "features.3"),
    Node("relu2", Relu(), (), "features.4"),
    Node("pool2", MaxPool(3, 2), (), "features.5"),
    Node("conv3", Conv(112, 3, padding=1), (), "features.6"),
    Node("relu3", Relu(), (), "features.7"),
    Node("conv4", Conv(96, 3, padding=1), (), "features.8"),
    Node("relu4", Relu(), (), "features.9"),
    Node("conv5", Conv(96, 3, padding=1), (), "features.10"),
    Node("relu5", Relu(), (), "features.11", aliases=("features",)),
)

POCKET = Architecture(
    "pocket",
    _NODES,
    features="relu5",
    stages=("relu1", "relu2", "relu3", "relu4", "relu5"),
    reference="jaxiqa; Krizhevsky, arXiv 1404.5997",
)
