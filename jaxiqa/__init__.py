"""How well, and why, pretrained convnets judge image quality like people do, in JAX.

    net = jaxiqa.load_net("alexnet", weights="alexnet-owt-7be5be79.pth")
    jaxiqa.responses(net, images, taps=("relu1", "features.8"))
    jaxiqa.euclidean(net, reference, distorted, taps=("relu3",))

Images are NHWC, RGB, float32 in [0, 1]; a distance is (N,), 0 for equal images.
"""

from jaxiqa.arch.net import Net, responses
from jaxiqa.checkpoints.load import load_net
from jaxiqa.checks import InputError
from jaxiqa.images import Preprocess, read_image
from jaxiqa.readouts.euclidean import euclidean
from jaxiqa.study.correlate import correlate

__all__ = [
    "InputError",
    "Net",
    "Preprocess",
    "correlate",
    "euclidean",
    "load_net",
    "read_image",
    "responses",
]
