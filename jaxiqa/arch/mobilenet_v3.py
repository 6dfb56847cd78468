"""MobileNet v3, small and large (arXiv 1905.02244), as torchvision defines them."""

from jaxiqa.arch.graph import INPUT, Architecture, chain
from jaxiqa.arch.inverted import Inverted, inverted_residual, rounded
from jaxiqa.arch.layers import (
    AdaptiveAveragePool,
    BatchNorm,
    Conv,
    HardSigmoid,
    HardSwish,
    Linear,
    Relu,
)
from jaxiqa.arch.rows import also, named, unit

# Kernel, expanded, features, gated, hard swish, stride of each block: tables 1 and 2 of the paper.
_LARGE = (
    (3, 16, 16, False, False, 1),
    (3, 64, 24, False, False, 2),
    (3, 72, 24, False, False, 1),
    (5, 72, 40, True, False, 2),
    (5, 120, 40, True, False, 1),
    (5, 120, 40, True, False, 1),
    (3, 240, 80, False, True, 2),
    (3, 200, 80, False, True, 1),
    (3, 184, 80, False, True, 1),
    (3, 184, 80, False, True, 1),
    (3, 480, 112, True, True, 1),
    (3, 672, 112, True, True, 1),
    (5, 672, 160, True, True, 2),
    (5, 960, 160, True, True, 1),
    (5, 960, 160, True, True, 1),
)
_SMALL = (
    (3, 16, 16, True, False, 2),
    (3, 72, 24, False, False, 2),
    (3, 88, 24, False, False, 1),
    (5, 96, 40, True, True, 2),
    (5, 240, 40, True, True, 1),
    (5, 240, 40, True, True, 1),
    (5, 120, 48, True, True, 1),
    (5, 144, 48, True, True, 1),
    (5, 288, 96, True, True, 2),
    (5, 576, 96, True, True, 1),
    (5, 576, 96, True, True, 1),
)
_NORM = BatchNorm(1e-3)


# Channels of the classifier's hidden layer.
HIDDEN = {"mobilenet_v3_small": 1024, "mobilenet_v3_large": 1280}


def _blocks(rows):
    channels = 16
    for kernel, expanded, features, gated, hard, stride in rows:
        yield Inverted(
            channels,
            expanded,
            features,
            kernel,
            stride,
            squeezed=rounded(expanded // 4) if gated else 0,
            activation=HardSwish() if hard else Relu(),
            gate=(Relu(), HardSigmoid()),
            norm=_NORM,
        )
        channels = features


BLOCKS = {
    "mobilenet_v3_small": tuple(_blocks(_SMALL)),
    "mobilenet_v3_large": tuple(_blocks(_LARGE)),
}


def _mobilenet_v3(name: str, stages: tuple[str, ...]) -> Architecture:
    stem, blocks = Conv(16, 3, 2, 1, bias=False), BLOCKS[name]
    nodes = list(unit(INPUT, "stem", "features.0", stem, _NORM, HardSwish()))
    for place, block in enumerate(blocks, start=1):
        nodes += inverted_residual(nodes[-1].name, f"block{place}", f"features.{place}", block)
    head, path = Conv(6 * blocks[-1].features, 1, bias=False), f"features.{len(blocks) + 1}"
    last = unit(nodes[-1].name, "head", path, head, _NORM, HardSwish())
    classifier = chain(
        "head",
        named("avgpool", AdaptiveAveragePool(1), "avgpool"),
        named("fc1", Linear(HIDDEN[name]), "classifier.0"),
        named("hardswish", HardSwish(), "classifier.1", "classifier.2"),
        named("fc2", Linear(1000), "classifier.3", "classifier"),
    )
    return Architecture(
        name,
        (*nodes, *also(last, "features"), *classifier),
        features="head",
        stages=stages,
        reference="torchvision; Howard et al., arXiv 1905.02244",
    )


# Stages are the last block at each resolution; blocks end in a projection that is not activated.
MOBILENET_V3 = {
    "mobilenet_v3_small": _mobilenet_v3(
        "mobilenet_v3_small", ("stem", "block1", "block3", "block8", "head")
    ),
    "mobilenet_v3_large": _mobilenet_v3(
        "mobilenet_v3_large", ("block1", "block3", "block6", "block12", "head")
    ),
}
