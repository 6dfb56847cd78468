"""Metrics with learned weights that ship: LPIPS, DISTS, and one whose net ships too.

``lpips.alexnet``, ``lpips.vgg16``, ``lpips.squeezenet``
    Version 0.1 of Zhang et al., arXiv 1801.03924, with its linear heads: at the stages of the net
    the mean over positions of the squared difference of responses of unit length, channels weighed,
    stages added. Full resolution; the authors' program takes images in [-1, 1], which is the same.
``dists``
    Ding et al., arXiv 2004.07728: VGG16 with L2 pooling, at the image and five stages
    1 - similarity of the channels' means and of their structure, weighed by alpha and beta. The
    authors' program compares at the size given; their results, and many tables, are of images
    brought to 256 pixels (``resize="256"``).
``pocket``
    The pocket net and readout that agreed best with opinion on held-out references, out of those
    that ``scripts/fit_pocket.py`` tries, its channels weighed by all of the pairs.

The trunks of LPIPS and DISTS are no part of them: torchvision's ImageNet weights, from ``jaxiqa
weights get``.
"""

import dataclasses

from jaxiqa import checks
from jaxiqa.arch import ARCHITECTURES
from jaxiqa.arch.net import Net
from jaxiqa.arch.vgg_dists import VGG16_DISTS
from jaxiqa.checkpoints.sources import shipped
from jaxiqa.images import IDENTITY, IMAGENET
from jaxiqa.metrics.metric_file import MetricFile, load_metric_file

LEARNED: dict[str, str] = {
    "lpips.alexnet": "LPIPS 0.1, AlexNet with its learned heads",
    "lpips.vgg16": "LPIPS 0.1, VGG16 with its learned heads",
    "lpips.squeezenet": "LPIPS 0.1, SqueezeNet 1.1 with its learned heads",
    "dists": "DISTS, VGG16 with L2 pooling",
    "pocket": "a pocket net that ships, channels weighed by people's opinion of TID2013",
}


def learned(name: str) -> MetricFile:
    """Returns the weights of a metric of ``LEARNED``, as they ship."""
    return load_metric_file(shipped() / "metrics" / f"{name}.safetensors")


def as_trunk(net: Net, architecture: str) -> Net:
    """Returns a net in the form that a metric reads.

    Args:
      net: from ``load_net``.
      architecture: what the metric asks for; of ``vgg16_dists`` a plain VGG16 holds the weights.

    Raises:
      InputError: another architecture, or a VGG16 that expects other images than ImageNet's mean
        and deviation, which are a part of the table of DISTS, or that table behind them once more.
    """
    if not isinstance(net, Net):
        raise checks.InputError(f"expected a net from load_net, got {net!r}")
    if net.architecture.name == architecture == VGG16_DISTS.name and net.preprocess != IDENTITY:
        raise checks.InputError(
            f"{net.name} expects {net.preprocess}, and {VGG16_DISTS.name} normalises images "
            "itself; load it with preprocess=jaxiqa.Preprocess((0, 0, 0), (1, 1, 1))"
        )
    if net.architecture.name == architecture:
        return net
    if (net.architecture, architecture) != (ARCHITECTURES["vgg16"], VGG16_DISTS.name):
        raise checks.InputError(
            f"{net.name} is of architecture {net.architecture.name}, "
            f"the metric reads {architecture}"
        )
    if net.preprocess != IMAGENET:
        raise checks.InputError(
            f"{net.name} expects {net.preprocess}; "
            "DISTS normalises images by ImageNet's mean and deviation"
        )
    return dataclasses.replace(net, architecture=VGG16_DISTS, preprocess=IDENTITY)
