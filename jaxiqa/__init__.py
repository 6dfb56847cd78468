"""How well, and why, pretrained convnets judge image quality like people do, in JAX.

    net = jaxiqa.load_net("alexnet", weights="alexnet-owt-7be5be79.pth")
    jaxiqa.responses(net, images, taps=("relu1", "features.8"))
    jaxiqa.euclidean(net, reference, distorted, taps=("relu3",))
    jaxiqa.distance(net, reference, distorted, readout=jaxiqa.Readout(("relu3",), "unit"))

    metric = jaxiqa.load_metric("lpips.alexnet", net=net)
    metric(reference, distorted), jax.grad(lambda x: metric(reference, x).sum())(distorted)
    jaxiqa.pairwise(metric, references, images)

    bank = jaxiqa.extract_bank(net, jaxiqa.pairs_from_csv("pairs.csv"), "banks")
    jaxiqa.distances(bank, [jaxiqa.Readout(("relu1", "relu3"), "gram")])
    jaxiqa.fit_relevance(bank, jaxiqa.Readout(("relu1", "relu3"), "unit")).relevance

Images are NHWC, RGB, float32 in [0, 1]; a distance is (N,), 0 for equal images.
"""

from jaxiqa.arch.net import Net, responses
from jaxiqa.bank import distances, extract_bank, open_bank
from jaxiqa.checkpoints.load import load_net
from jaxiqa.checks import InputError
from jaxiqa.data import pairs_from_csv
from jaxiqa.images import Preprocess, read_image
from jaxiqa.metrics.load import load_metric
from jaxiqa.metrics.metric import Metric
from jaxiqa.metrics.pairwise import pairwise
from jaxiqa.readouts.distance import distance
from jaxiqa.readouts.euclidean import euclidean
from jaxiqa.readouts.readout import Readout
from jaxiqa.relevance.fit import fit_relevance
from jaxiqa.statistics.compare import compare
from jaxiqa.statistics.correlate import correlate

__all__ = [
    "InputError",
    "Metric",
    "Net",
    "Preprocess",
    "Readout",
    "compare",
    "correlate",
    "distance",
    "distances",
    "euclidean",
    "extract_bank",
    "fit_relevance",
    "load_metric",
    "load_net",
    "open_bank",
    "pairs_from_csv",
    "pairwise",
    "read_image",
    "responses",
]
