"""ResNet-50 and 101 with activation before convolution (arXiv 1603.05027), as timm defines them."""

from jaxiqa.arch.graph import INPUT, Architecture, Node, chain
from jaxiqa.arch.layers import AdaptiveAveragePool, Add, BatchNorm, Conv, Linear, MaxPool, Relu
from jaxiqa.arch.resnet import bottleneck
from jaxiqa.arch.rows import also, named
from jaxiqa.arch.timm_rows import activated

DEPTHS = {"resnetv2_50": (3, 4, 6, 3), "resnetv2_101": (3, 4, 23, 3)}
_WIDTHS = (64, 128, 256, 512)

_STEM = (
    named("conv1", Conv(64, 7, 2, 3, bias=False), "stem.conv"),
    named("maxpool", MaxPool(3, 2, padding=1), "stem.pool", "stem"),
)


def _block(
    source: str, name: str, path: str, convolutions: tuple[Conv, ...], shortcut: Conv | None
) -> tuple[Node, ...]:
    """x + branch, or shortcut + branch, where both read the activated x."""
    rows: list[Node] = []
    for place, conv in enumerate(convolutions, start=1):
        rows += activated(f"{name}.relu{place}", f"{path}.norm{place}", BatchNorm(), Relu())
        rows.append(named(f"{name}.conv{place}", conv, f"{path}.conv{place}"))
    nodes, kept = also(chain(source, *rows), f"{path}.drop_path"), source
    if shortcut is not None:
        kept, down = f"{name}.downsample", f"{path}.downsample"
        still = (f"{down}.norm", down)
        nodes += (Node(kept, shortcut, (f"{name}.relu1",), f"{down}.conv", still),)
    return (*nodes, Node(name, Add(), (f"{name}.conv{len(convolutions)}", kept), path))


def _resnet_v2(name: str, depths: tuple[int, ...]) -> Architecture:
    nodes = chain(INPUT, *_STEM)
    for stage, depth in enumerate(depths):
        for block in range(depth):
            stride = 2 if stage and block == 0 else 1
            convolutions = bottleneck(_WIDTHS[stage], stride)
            shortcut = Conv(4 * _WIDTHS[stage], 1, stride, bias=False) if block == 0 else None
            where = f"block{stage + 1}_{block}", f"stages.{stage}.blocks.{block}"
            nodes += _block(nodes[-1].name, *where, convolutions, shortcut)
        nodes = also(nodes, f"stages.{stage}.blocks", f"stages.{stage}")
    nodes = also(nodes, "stages")
    pools = ("head.global_pool.pool", "head.global_pool.flatten", "head.global_pool", "head.drop")
    tail = (
        *activated("norm", "norm", BatchNorm(), Relu()),
        named("avgpool", AdaptiveAveragePool(1), "", *pools),
        named("fc", Linear(1000), "head.fc", "head.flatten", "head"),
    )
    # Blocks end in a sum, which only the next block or the last row activates.
    return Architecture(
        name,
        (*nodes, *chain(nodes[-1].name, *tail)),
        features="norm",
        stages=(*(f"block{k}_{depth - 1}" for k, depth in enumerate(depths[:-1], 1)), "norm"),
        reference="timm; He et al., arXiv 1603.05027",
    )


RESNET_V2 = {name: _resnet_v2(name, depths) for name, depths in DEPTHS.items()}
