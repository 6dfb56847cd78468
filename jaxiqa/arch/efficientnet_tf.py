"""EfficientNet B0 to B7 as first published: TensorFlow's padding, under timm's names.

The same arithmetic as in Keras; only size, never weights, tells it from torchvision's form.
"""

from jaxiqa.arch.efficientnet import SCALES, size, stage_ends
from jaxiqa.arch.graph import INPUT, Architecture
from jaxiqa.arch.layers import BatchNorm, Silu
from jaxiqa.arch.timm_rows import Ends, net

_NORM = BatchNorm(1e-3)


def _efficientnet(scale: str) -> Architecture:
    of = size(scale, _NORM)
    return net(
        f"tf_efficientnet_{scale}",
        INPUT,
        of.stages,
        Ends(of.stem, of.head, _NORM, Silu()),
        same=True,
        linear_end=True,
        taps=stage_ends(of),
        reference="timm; Tan and Le, arXiv 1905.11946",
    )


EFFICIENTNET_TF = {f"tf_efficientnet_{scale}": _efficientnet(scale) for scale in SCALES}
