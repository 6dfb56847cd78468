"""MobileNet v1 (arXiv 1704.04861), as timm defines it."""

from jaxiqa.arch.graph import INPUT
from jaxiqa.arch.inverted import Inverted
from jaxiqa.arch.layers import BatchNorm, Relu6
from jaxiqa.arch.timm_rows import Ends, net

# Channels, blocks, stride of the first of them: table 1 of the paper.
STAGES = ((64, 1, 1), (128, 2, 2), (256, 2, 2), (512, 6, 2), (1024, 2, 2))
_NORM = BatchNorm()


def _blocks():
    channels = 32
    for features, depth, first in STAGES:
        stage = []
        for stride in (first, *[1] * (depth - 1)):
            stage.append(
                Inverted(
                    channels,
                    channels,
                    features,
                    kernel=3,
                    stride=stride,
                    squeezed=0,
                    activation=Relu6(),
                    gate=(Relu6(), Relu6()),
                    norm=_NORM,
                )
            )
            channels = features
        yield tuple(stage)


MOBILENET_V1 = net(
    "mobilenet_v1",
    INPUT,
    tuple(_blocks()),
    Ends(32, 0, _NORM, Relu6()),
    same=False,
    linear_end=False,
    taps=("block1_0", "block2_1", "block3_1", "block4_5", "block5_1"),
    reference="timm; Howard et al., arXiv 1704.04861",
)
