"""ResNet-20 to 110 for images of 32 x 32, shortcuts without weights (arXiv 1512.03385, 4.2)."""

from jaxiqa.arch.graph import INPUT, Architecture, Node, chain
from jaxiqa.arch.layers import AdaptiveAveragePool, Add, BatchNorm, Conv, Linear, Relu, Subsample
from jaxiqa.arch.resnet import basic, branch
from jaxiqa.arch.rows import named

# Blocks per stage, n of the paper's 6 n + 2 layers.
DEPTHS = {"resnet20": 3, "resnet32": 5, "resnet44": 7, "resnet56": 9, "resnet110": 18}
_WIDTHS = (16, 32, 64)

_STEM = (
    named("conv1", Conv(16, 3, padding=1, bias=False), "conv1"),
    named("bn1", BatchNorm(), "bn1"),
    named("relu1", Relu()),
)


def _block(source: str, stage: int, block: int, *above: str) -> tuple[Node, ...]:
    name, path = f"layer{stage}_{block}", f"layer{stage}.{block}"
    halves = stage > 1 and block == 0
    width, stride = _WIDTHS[stage - 1], 2 if halves else 1
    rows = branch(source, name, path, basic(width, stride))
    kept = f"{name}.shortcut" if halves else source
    shortcut = Node(kept, Subsample(width, stride), (source,), f"{path}.shortcut")
    return (
        *rows,
        *([shortcut] if halves else []),
        Node(f"{name}.add", Add(), (rows[-1].name, kept)),
        Node(name, Relu(), (f"{name}.add",), path, above),
    )


def _cifar_resnet(name: str, depth: int) -> Architecture:
    nodes = list(chain(INPUT, *_STEM))
    for stage in (1, 2, 3):
        for block in range(depth):
            above = (f"layer{stage}",) if block == depth - 1 else ()
            nodes += _block(nodes[-1].name, stage, block, *above)
    last = nodes[-1].name
    nodes += chain(
        last,
        named("avgpool", AdaptiveAveragePool(1)),
        named("linear", Linear(10), "linear"),
    )
    return Architecture(
        name,
        tuple(nodes),
        features=last,
        stages=("relu1", *(f"layer{stage}_{depth - 1}" for stage in (1, 2, 3))),
        reference="akamaster/pytorch_resnet_cifar10; He et al., arXiv 1512.03385",
    )


CIFAR_RESNET = {name: _cifar_resnet(name, depth) for name, depth in DEPTHS.items()}
