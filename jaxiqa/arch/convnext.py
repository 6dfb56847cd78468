"""ConvNeXt tiny (arXiv 2201.03545), as torchvision defines it."""

from jaxiqa.arch.graph import INPUT, Architecture, Node, chain
from jaxiqa.arch.layers import AdaptiveAveragePool, Add, Conv, Gelu, LayerNorm, Linear, Scale
from jaxiqa.arch.rows import also, named, unit

# Channels and blocks of each stage: section 3 of the paper.
_STAGES = ((96, 3), (192, 3), (384, 9), (768, 3))


def _block(source: str, name: str, path: str, width: int) -> tuple[Node, ...]:
    """x + scale * branch(x): a 7 x 7 depthwise convolution and, per position, two layers."""
    inner = f"{path}.block"
    branch = chain(
        source,
        named(
            f"{name}.depthwise",
            Conv(width, 7, padding=3, groups=width),
            f"{inner}.0",
            f"{inner}.1",
        ),
        named(f"{name}.norm", LayerNorm(), f"{inner}.2"),
        named(f"{name}.expand", Conv(4 * width, 1), f"{inner}.3"),
        named(f"{name}.gelu", Gelu(), f"{inner}.4"),
        named(f"{name}.project", Conv(width, 1), f"{inner}.5", f"{inner}.6", inner),
        named(f"{name}.scale", Scale(), path, f"{path}.stochastic_depth"),
    )
    return (*branch, Node(name, Add(), (source, f"{name}.scale"), path))


def _nodes() -> tuple[Node, ...]:
    width = _STAGES[0][0]
    nodes = list(unit(INPUT, "stem", "features.0", Conv(width, 4, 4), LayerNorm(), None))
    for stage, (width, depth) in enumerate(_STAGES, start=1):
        if stage > 1:
            down, path = f"downsample{stage}", f"features.{2 * stage - 2}"
            nodes += chain(
                nodes[-1].name,
                named(f"{down}.norm", LayerNorm(), f"{path}.0"),
                named(down, Conv(width, 2, 2), f"{path}.1", path),
            )
        path = f"features.{2 * stage - 1}"
        for place in range(depth):
            block = f"block{stage}_{place}", f"{path}.{place}"
            nodes += _block(nodes[-1].name, *block, width)
        nodes = list(also(tuple(nodes), path))
    nodes = list(also(tuple(nodes), "features"))
    head = chain(
        nodes[-1].name,
        named("avgpool", AdaptiveAveragePool(1), "avgpool"),
        named("norm", LayerNorm(), "classifier.0", "classifier.1"),
        named("fc", Linear(1000), "classifier.2", "classifier"),
    )
    return (*nodes, *head)


CONVNEXT_TINY = Architecture(
    "convnext_tiny",
    _nodes(),
    features="block4_2",
    stages=("stem", *(f"block{stage}_{depth - 1}" for stage, (_, depth) in enumerate(_STAGES, 1))),
    reference="torchvision; Liu et al., arXiv 2201.03545",
)
