"""AlexNet as others have published it: five trunks of VISSL and two nets of Caffe.

Each is a net of its own: stride and padding of the first layer, widths, groups, local response or
batch normalisation, and what it sees differ: colorization sees lightness, DeepCluster grey edges.
"""

from jaxiqa.arch.graph import INPUT, Architecture, Node, chain
from jaxiqa.arch.layers import (
    AdaptiveAveragePool,
    BatchNorm,
    Conv,
    Lightness,
    Linear,
    LocalResponseNorm,
    MaxPool,
    Relu,
)
from jaxiqa.arch.rows import also, named

_WIDTHS = (96, 256, 384, 384, 256)
_STAGES = ("relu1", "relu2", "relu3", "relu4", "relu5")
_GROUPED = (1, 2, 1, 2, 2)
_SINGLE = (1, 1, 1, 1, 1)


def _convolutions(first: Conv, widths: tuple[int, ...], groups: tuple[int, ...]) -> list[Conv]:
    others = zip(widths[1:], (5, 3, 3, 3), groups[1:], strict=True)
    return [first, *(Conv(width, k, padding=k // 2, groups=g) for width, k, g in others)]


def _block(place: int, conv: Conv, normalised: bool) -> list[tuple[str, object]]:
    norm = [(f"bn{place}", BatchNorm())] if normalised else []
    return [(f"conv{place}", conv), *norm, (f"relu{place}", Relu())]


def _pool(place: int, order: str) -> list[tuple[str, object]]:
    """A pool, alone or with local response normalisation ``before`` or ``after`` it."""
    norm, pool = (f"norm{place}", LocalResponseNorm()), (f"pool{place}", MaxPool(3, 2))
    return {"alone": [pool], "before": [norm, pool], "after": [pool, norm]}[order]


def _trunk(
    name: str,
    paper: str,
    first: Conv,
    *,
    widths: tuple[int, ...] = _WIDTHS,
    groups: tuple[int, ...] = _GROUPED,
    normalised: tuple[int, ...] = (1, 2, 3, 4, 5),
    local: str = "alone",
    sees: tuple[Node, ...] = (),
) -> Architecture:
    """Returns a net of VISSL: eight blocks of layers, without a classifier."""
    blocks = []
    for place, conv in enumerate(_convolutions(first, widths, groups), start=1):
        blocks.append(_block(place, conv, place in normalised))
        if place in (1, 2, 5):
            blocks.append(_pool(place, "alone" if place == 5 else local))
    nodes = list(chain(INPUT, *sees))
    for number, block in enumerate(blocks):
        path = f"_feature_blocks.{number}"
        inner = [path] if len(block) == 1 else [f"{path}.{k}" for k in range(len(block))]
        rows = [named(tap, layer, p) for (tap, layer), p in zip(block, inner, strict=True)]
        added = chain(nodes[-1].name if nodes else INPUT, *rows)
        nodes += added if len(block) == 1 else also(added, path)
    flattened = also(tuple(nodes), f"_feature_blocks.{len(blocks)}")
    return Architecture(
        name, flattened, features="pool5", stages=_STAGES, reference=f"VISSL; {paper}"
    )


# The mean of three channels, then differences along columns and along rows; HWIO.
_GREY = Conv(1, 1, fixed=(1 / 3, 1 / 3, 1 / 3))
_SOBEL = Conv(2, 3, padding=1, fixed=(1, 1, 0, 2, -1, 1, 2, 0, 0, 0, -2, 0, 1, -1, 0, -2, -1, -1))


def _caffe(name: str, local: str, paper: str) -> Architecture:
    """Returns a net of Caffe, which pools with partial windows at the end.

    Caffe's classifier takes images of 227 x 227; for others maps are averaged to its 6 x 6.
    """
    rows = []
    for place, conv in enumerate(_convolutions(Conv(96, 11, 4), _WIDTHS, _GROUPED), start=1):
        rows += _block(place, conv, normalised=False)
        if place in (1, 2, 5):
            rows += _pool(place, "alone" if place == 5 else local)
    layers = [
        named(tap, MaxPool(3, 2, ceil=True) if isinstance(layer, MaxPool) else layer, tap)
        for tap, layer in rows
    ]
    head = (
        named("avgpool", AdaptiveAveragePool(6)),
        named("fc6", Linear(4096, window=6), "fc6"),
        named("relu6", Relu(), "relu6"),
        named("fc7", Linear(4096), "fc7"),
        named("relu7", Relu(), "relu7"),
        named("fc8", Linear(1000), "fc8"),
    )
    return Architecture(
        name,
        chain(INPUT, *layers, *head),
        features="pool5",
        stages=_STAGES,
        reference=f"Caffe; {paper}",
    )


_GOYAL = "Goyal et al., arXiv 1905.01235"
_KRIZHEVSKY = "Krizhevsky et al., NIPS 2012; Jia et al., arXiv 1408.5093"

ALEXNET_FORMS = {
    net.name: net
    for net in (
        _trunk("alexnet_bvlc", _KRIZHEVSKY, Conv(96, 11, 4), normalised=(), local="before"),
        _trunk("alexnet_jigsaw", _GOYAL, Conv(96, 11, 2), normalised=(3, 4, 5), local="after"),
        _trunk(
            "alexnet_colorization",
            _GOYAL,
            Conv(96, 11, 4),
            sees=(named("lightness", Lightness()),),
        ),
        _trunk(
            "alexnet_rotnet",
            "Gidaris et al., arXiv 1803.07728",
            Conv(64, 11, 4, 2),
            widths=(64, 192, 384, 256, 256),
            groups=_SINGLE,
        ),
        _trunk(
            "alexnet_deepcluster",
            "Caron et al., arXiv 1807.05520",
            Conv(96, 11, 4, 2),
            groups=_SINGLE,
            sees=(
                named("sobel.grey", _GREY, "sobel.0"),
                named("sobel.edges", _SOBEL, "sobel.1", "sobel"),
            ),
        ),
        _caffe("alexnet_caffe", "before", _KRIZHEVSKY),
        _caffe("caffenet", "after", _KRIZHEVSKY),
    )
}
