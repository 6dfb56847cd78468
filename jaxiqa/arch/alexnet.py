"""AlexNet as torchvision defines it (the one-column net of Krizhevsky 2014, arXiv 1404.5997)."""

from jaxiqa.arch.graph import INPUT, Architecture, Node, chain
from jaxiqa.arch.layers import AdaptiveAveragePool, Conv, Linear, MaxPool, Relu

_NODES = chain(
    INPUT,
    Node("conv1", Conv(64, 11, stride=4, padding=2), (), "features.0"),
    Node("relu1", Relu(), (), "features.1"),
    Node("pool1", MaxPool(3, 2), (), "features.2"),
    Node("conv2", Conv(192, 5, padding=2), (), "features.3"),
    Node("relu2", Relu(), (), "features.4"),
    Node("pool2", MaxPool(3, 2), (), "features.5"),
    Node("conv3", Conv(384, 3, padding=1), (), "features.6"),
    Node("relu3", Relu(), (), "features.7"),
    Node("conv4", Conv(256, 3, padding=1), (), "features.8"),
    Node("relu4", Relu(), (), "features.9"),
    Node("conv5", Conv(256, 3, padding=1), (), "features.10"),
    Node("relu5", Relu(), (), "features.11"),
    Node("pool5", MaxPool(3, 2), (), "features.12", aliases=("features",)),
    Node("avgpool", AdaptiveAveragePool(6), (), "avgpool", aliases=("classifier.0",)),
    Node("fc6", Linear(4096, window=6), (), "classifier.1"),
    Node("relu6", Relu(), (), "classifier.2", aliases=("classifier.3",)),
    Node("fc7", Linear(4096), (), "classifier.4"),
    Node("relu7", Relu(), (), "classifier.5"),
    Node("fc8", Linear(1000), (), "classifier.6", aliases=("classifier",)),
)

ALEXNET = Architecture(
    "alexnet",
    _NODES,
    features="pool5",
    stages=("relu1", "relu2", "relu3", "relu4", "relu5"),
    reference="torchvision; Krizhevsky, arXiv 1404.5997",
)
