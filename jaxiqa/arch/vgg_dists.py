"""The trunk of DISTS (arXiv 2004.07728): VGG16 with weighted L2 pooling, and the image as a tap."""

import dataclasses

from jaxiqa.arch.graph import INPUT, Architecture, Node, chain
from jaxiqa.arch.layers import L2Pool, MaxPool, Normalise
from jaxiqa.arch.vgg import VGG
from jaxiqa.images import IMAGENET


def _rows():
    """Yields the image, its normalisation, and VGG16 down to relu5_3 with its pools exchanged."""
    yield Node("rgb", Normalise(), ())
    yield Node("normalised", Normalise(IMAGENET.mean, IMAGENET.std), ())
    for node in VGG["vgg16"].nodes:
        if node.name == "pool5":
            return
        pool = isinstance(node.layer, MaxPool)
        yield dataclasses.replace(node, layer=L2Pool()) if pool else node


VGG16_DISTS = Architecture(
    "vgg16_dists",
    chain(INPUT, *_rows()),
    features="relu5_3",
    stages=("rgb", *VGG["vgg16"].stages),
    reference="DISTS-pytorch; Ding et al., arXiv 2004.07728",
)
