"""VGG 11, 13, 16 and 19, with and without batch normalisation (arXiv 1409.1556), as torchvision."""

from jaxiqa.arch.graph import INPUT, Architecture, Node, chain
from jaxiqa.arch.layers import AdaptiveAveragePool, BatchNorm, Conv, Linear, MaxPool, Relu

WIDTHS = (64, 128, 256, 512, 512)

# Convolutions in each of the five blocks: configurations A, B, D and E of the paper's table 1.
DEPTHS = {
    "vgg11": (1, 1, 2, 2, 2),
    "vgg13": (2, 2, 2, 2, 2),
    "vgg16": (2, 2, 3, 3, 3),
    "vgg19": (2, 2, 4, 4, 4),
}

_HEAD = (
    Node("avgpool", AdaptiveAveragePool(7), (), "avgpool"),
    Node("fc6", Linear(4096, window=7), (), "classifier.0"),
    Node("relu6", Relu(), (), "classifier.1", aliases=("classifier.2",)),
    Node("fc7", Linear(4096), (), "classifier.3"),
    Node("relu7", Relu(), (), "classifier.4", aliases=("classifier.5",)),
    Node("fc8", Linear(1000), (), "classifier.6", aliases=("classifier",)),
)


def _layers(depths: tuple[int, ...], normalised: bool):
    """Yields (name, layer) down the convolutional part, as the field names them."""
    for block, (width, depth) in enumerate(zip(WIDTHS, depths, strict=True), start=1):
        for index in range(1, depth + 1):
            yield f"conv{block}_{index}", Conv(width, 3, padding=1)
            if normalised:
                yield f"bn{block}_{index}", BatchNorm()
            yield f"relu{block}_{index}", Relu()
        yield f"pool{block}", MaxPool(2, 2)


def _vgg(name: str, depths: tuple[int, ...], *, normalised: bool) -> Architecture:
    rows = [
        Node(tap, layer, (), f"features.{place}", ("features",) if tap == "pool5" else ())
        for place, (tap, layer) in enumerate(_layers(depths, normalised))
    ]
    return Architecture(
        name,
        chain(INPUT, *rows, *_HEAD),
        features="pool5",
        stages=tuple(f"relu{block}_{depth}" for block, depth in enumerate(depths, start=1)),
        reference="torchvision; Simonyan and Zisserman, arXiv 1409.1556",
    )


VGG = {name: _vgg(name, depths, normalised=False) for name, depths in DEPTHS.items()}
VGG_BN = {f"{n}_bn": _vgg(f"{n}_bn", depths, normalised=True) for n, depths in DEPTHS.items()}
