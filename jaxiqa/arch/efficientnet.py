"""EfficientNet B0 to B7 (arXiv 1905.11946), as torchvision defines them."""

import dataclasses
import math

from jaxiqa.arch.graph import INPUT, Architecture, Node, chain
from jaxiqa.arch.inverted import Inverted, inverted_residual, rounded
from jaxiqa.arch.layers import AdaptiveAveragePool, BatchNorm, Conv, Linear, Sigmoid, Silu
from jaxiqa.arch.rows import also, named, unit

# Expansion, kernel, stride of the first block, channels, blocks: table 1 of the paper.
_STAGES = (
    (1, 3, 1, 16, 1),
    (6, 3, 2, 24, 2),
    (6, 5, 2, 40, 2),
    (6, 3, 2, 80, 3),
    (6, 5, 1, 112, 3),
    (6, 5, 2, 192, 4),
    (6, 3, 1, 320, 1),
)

# By how much there are more channels and more blocks than in B0.
SCALES = {
    "b0": (1.0, 1.0),
    "b1": (1.0, 1.1),
    "b2": (1.1, 1.2),
    "b3": (1.2, 1.4),
    "b4": (1.4, 1.8),
    "b5": (1.6, 2.2),
    "b6": (1.8, 2.6),
    "b7": (2.0, 3.1),
}


@dataclasses.dataclass(frozen=True)
class Size:
    """A member of the family in numbers: the stem, blocks by stage, the head."""

    stem: int
    stages: tuple[tuple[Inverted, ...], ...]
    head: int


def size(scale: str, norm: BatchNorm) -> Size:
    """Returns the numbers of a member of the family, ``b0`` to ``b7``."""
    wide, deep = SCALES[scale]
    channels, stages = rounded(32 * wide), []
    for times, kernel, first, width, depth in _STAGES:
        blocks, features = [], rounded(width * wide)
        for place in range(math.ceil(depth * deep)):
            block = Inverted(
                channels,
                times * channels,
                features,
                kernel,
                first if place == 0 else 1,
                squeezed=channels // 4,
                activation=Silu(),
                gate=(Silu(), Sigmoid()),
                norm=norm,
            )
            blocks.append(block)
            channels = features
        stages.append(tuple(blocks))
    return Size(rounded(32 * wide), tuple(stages), 4 * channels)


def stage_ends(of: Size) -> tuple[str, ...]:
    """Returns the last block at each resolution but the least, and the head.

    Blocks end in a projection that is not activated.
    """
    return (*(f"block{k}_{len(of.stages[k - 1]) - 1}" for k in (1, 2, 3, 5)), "head")


def _efficientnet(scale: str) -> Architecture:
    norm = BatchNorm(1e-3 if scale in ("b5", "b6", "b7") else 1e-5)
    of = size(scale, norm)
    nodes: list[Node] = [
        *unit(INPUT, "stem", "features.0", Conv(of.stem, 3, 2, 1, bias=False), norm, Silu())
    ]
    for stage, blocks in enumerate(of.stages, start=1):
        for place, block in enumerate(blocks):
            where = f"block{stage}_{place}", f"features.{stage}.{place}"
            nodes += inverted_residual(nodes[-1].name, *where, block, "stochastic_depth")
        nodes = list(also(tuple(nodes), f"features.{stage}"))
    head = Conv(of.head, 1, bias=False)
    last = unit(nodes[-1].name, "head", f"features.{len(of.stages) + 1}", head, norm, Silu())
    classifier = chain(
        "head",
        named("avgpool", AdaptiveAveragePool(1), "avgpool", "classifier.0"),
        named("fc", Linear(1000), "classifier.1", "classifier"),
    )
    return Architecture(
        f"efficientnet_{scale}",
        (*nodes, *also(last, "features"), *classifier),
        features="head",
        stages=stage_ends(of),
        reference="torchvision; Tan and Le, arXiv 1905.11946",
    )


EFFICIENTNET = {f"efficientnet_{scale}": _efficientnet(scale) for scale in SCALES}
