"""ResNet 18 to 152 and the wide ones, as torchvision (stride at the 3 x 3, "v1.5")."""

from jaxiqa.arch.graph import INPUT, Architecture, Node, chain
from jaxiqa.arch.layers import (
    AdaptiveAveragePool,
    Add,
    BatchNorm,
    Conv,
    Lightness,
    Linear,
    MaxPool,
    Relu,
)
from jaxiqa.arch.rows import named

# Blocks in each of the four stages: table 1 of the paper.
DEPTHS = {
    "resnet18": (2, 2, 2, 2),
    "resnet34": (3, 4, 6, 3),
    "resnet50": (3, 4, 6, 3),
    "resnet101": (3, 4, 23, 3),
    "resnet152": (3, 8, 36, 3),
    "wide_resnet50_2": (3, 4, 6, 3),
    "wide_resnet101_2": (3, 4, 23, 3),
}
_WIDTHS = (64, 128, 256, 512)
_PAPERS = {
    "wide_resnet50_2": "Zagoruyko and Komodakis, arXiv 1605.07146",
    "wide_resnet101_2": "Zagoruyko and Komodakis, arXiv 1605.07146",
}

_STEM = (
    named("conv1", Conv(64, 7, 2, 3, bias=False), "conv1"),
    named("bn1", BatchNorm(), "bn1"),
    named("relu1", Relu(), "relu"),
    named("maxpool", MaxPool(3, 2, padding=1), "maxpool"),
)


def basic(width: int, stride: int) -> tuple[Conv, ...]:
    """Returns the two convolutions of a block of ResNet-34 and below."""
    return (
        Conv(width, 3, stride, 1, bias=False),
        Conv(width, 3, padding=1, bias=False),
    )


def bottleneck(width: int, stride: int, wide: int = 1) -> tuple[Conv, ...]:
    """Returns the three convolutions of a block of ResNet-50 and above."""
    inner = width * wide
    return (
        Conv(inner, 1, bias=False),
        Conv(inner, 3, stride, 1, bias=False),
        Conv(4 * width, 1, bias=False),
    )


def _convolutions(name: str, width: int, stride: int) -> tuple[Conv, ...]:
    if name in ("resnet18", "resnet34"):
        return basic(width, stride)
    return bottleneck(width, stride, 2 if name.startswith("wide") else 1)


def branch(source: str, name: str, path: str, convolutions: tuple[Conv, ...]) -> tuple[Node, ...]:
    """Returns a block's convolutions, each normalised, all but the last activated."""
    rows = []
    for place, conv in enumerate(convolutions, start=1):
        rows += [
            named(f"{name}.conv{place}", conv, f"{path}.conv{place}"),
            named(f"{name}.bn{place}", BatchNorm(), f"{path}.bn{place}"),
            named(f"{name}.relu{place}", Relu()),
        ]
    return chain(source, *rows[:-1])


def _block(
    source: str, name: str, path: str, convolutions: tuple[Conv, ...], shortcut: Conv | None, *above
) -> tuple[Node, ...]:
    """relu(branch(x) + x), where x goes through a 1 x 1 convolution if ``shortcut`` is one."""
    rows, kept = branch(source, name, path, convolutions), source
    nodes = list(rows)
    if shortcut is not None:
        kept, down = f"{name}.downsample", f"{path}.downsample"
        nodes += chain(
            source,
            named(f"{kept}.0", shortcut, f"{down}.0"),
            named(kept, BatchNorm(), f"{down}.1", down),
        )
    return (
        *nodes,
        Node(f"{name}.add", Add(), (rows[-1].name, kept)),
        Node(name, Relu(), (f"{name}.add",), path, (f"{path}.relu", *above)),
    )


def _stage(source: str, net: str, stage: int, depth: int, halves: bool) -> list[Node]:
    """The first block may halve the map."""
    nodes = []
    for block in range(depth):
        stride = 2 if halves and block == 0 else 1
        convolutions = _convolutions(net, _WIDTHS[stage - 1], stride)
        features = convolutions[-1].features
        changed = block == 0 and (stage > 1 or features > _WIDTHS[0])
        nodes += _block(
            source,
            f"layer{stage}_{block}",
            f"layer{stage}.{block}",
            convolutions,
            Conv(features, 1, stride, bias=False) if changed else None,
            *([f"layer{stage}"] if block == depth - 1 else []),
        )
        source = nodes[-1].name
    return nodes


def _stages(depths: tuple[int, ...]) -> tuple[str, ...]:
    ends = (f"layer{stage}_{depth - 1}" for stage, depth in enumerate(depths, start=1))
    return ("relu1", *ends)


def _resnet(name: str, depths: tuple[int, ...]) -> Architecture:
    nodes = list(chain(INPUT, *_STEM))
    for stage, depth in enumerate(depths, start=1):
        nodes += _stage(nodes[-1].name, name, stage, depth, halves=stage > 1)
    last = nodes[-1].name
    nodes += chain(
        last,
        named("avgpool", AdaptiveAveragePool(1), "avgpool"),
        named("fc", Linear(1000), "fc"),
    )
    return Architecture(
        name,
        tuple(nodes),
        features=last,
        stages=_stages(depths),
        reference=f"torchvision; {_PAPERS.get(name, 'He et al., arXiv 1512.03385')}",
    )


def _lightness_resnet(name: str, depths: tuple[int, ...]) -> Architecture:
    """A trunk of VISSL's colorization: sees lightness, keeps the resolution in its last stage."""
    nodes = list(chain(INPUT, named("lightness", Lightness()), *_STEM))
    for stage, depth in enumerate(depths, start=1):
        nodes += _stage(nodes[-1].name, name, stage, depth, halves=stage in (2, 3))
    return Architecture(
        name,
        tuple(nodes),
        features=nodes[-1].name,
        stages=_stages(depths),
        reference="VISSL; Goyal et al., arXiv 1905.01235",
    )


RESNET_LAB = _lightness_resnet("resnet50_lab", DEPTHS["resnet50"])

RESNET = {name: _resnet(name, depths) for name, depths in DEPTHS.items()}
