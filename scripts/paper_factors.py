"""Which nets are held against each other, by the factors of arXiv 2302.13345.

Readout, the fourth factor, is compared within every net: `READOUTS` at each tap and at all stages.
"""

import dataclasses

# Plain responses, with unit norm per position, with taps in balance; then statistical descriptors.
READOUTS = ("euclidean", "unit", "euclidean/balanced", "mean", "std", "mean-std", "gram")


@dataclasses.dataclass(frozen=True)
class Comparison:
    """Nets that differ in one factor, the others held as still as what is published allows."""

    factor: str
    title: str
    nets: tuple[str, ...]


COMPARISONS = tuple(
    Comparison(factor, title, tuple(nets.split()))
    for factor, title, nets in (
        (
            "function",
            "AlexNet on ImageNet-1k, five of them published as five different networks",
            "alexnet.imagenet alexnet_bvlc.in1k alexnet_jigsaw.in1k alexnet_rotnet.in1k "
            "alexnet_colorization.in1k alexnet_deepcluster.in1k alexnet.random",
        ),
        (
            "function",
            "ResNet-50 on ImageNet-1k",
            "resnet50.imagenet resnet50.jigsaw-in1k resnet50.rotation-in1k "
            "resnet50.colorization-in1k resnet50.deepcluster_v2-in1k resnet50.pirl-in1k "
            "resnet50.simclr-in1k resnet50.random",
        ),
        ("function", "VGG16 on ImageNet-1k", "vgg16.imagenet vgg16.random"),
        (
            "function",
            "SqueezeNet 1.1 on ImageNet-1k",
            "squeezenet1_1.imagenet squeezenet1_1.random",
        ),
        ("environment", "AlexNet, classification", "alexnet.imagenet alexnet.places365"),
        (
            "environment",
            "AlexNet, jigsaw",
            "alexnet_jigsaw.in1k alexnet_jigsaw.in22k alexnet_jigsaw.yfcc100m",
        ),
        (
            "environment",
            "AlexNet, colorization",
            "alexnet_colorization.in1k alexnet_colorization.in22k alexnet_colorization.yfcc100m",
        ),
        ("environment", "VGG16, classification", "vgg16.imagenet vgg16.places365"),
        ("environment", "ResNet-50, classification", "resnet50.imagenet resnet50.places365"),
        (
            "environment",
            "ResNet-50, jigsaw",
            "resnet50.jigsaw-in1k resnet50.jigsaw-in22k resnet50.jigsaw-yfcc100m",
        ),
        (
            "environment",
            "ResNet-50, colorization",
            "resnet50.colorization-in1k resnet50.colorization-in22k resnet50.colorization-yfcc100m",
        ),
        (
            "environment",
            "ResNet-50, rotation",
            "resnet50.rotation-in1k resnet50.rotation-in22k",
        ),
        (
            "environment",
            "ResNets, classification of large and of small images",
            "resnet18.imagenet resnet34.imagenet resnet20.cifar10 resnet32.cifar10 "
            "resnet44.cifar10 resnet56.cifar10",
        ),
        (
            "architecture",
            "classification, ImageNet-1k",
            "alexnet.imagenet vgg11.imagenet vgg11_bn.imagenet vgg13.imagenet vgg13_bn.imagenet "
            "vgg16.imagenet vgg16_bn.imagenet vgg19.imagenet vgg19_bn.imagenet "
            "squeezenet1_0.imagenet squeezenet1_1.imagenet resnet18.imagenet resnet34.imagenet "
            "resnet50.imagenet resnet101.imagenet resnet152.imagenet densenet121.imagenet "
            "densenet169.imagenet densenet201.imagenet inception_v3.imagenet "
            "mobilenet_v2.imagenet efficientnet_b0.imagenet efficientnet_b1.imagenet "
            "efficientnet_b2.imagenet efficientnet_b3.imagenet efficientnet_b4.imagenet "
            "efficientnet_b5.imagenet efficientnet_b6.imagenet efficientnet_b7.imagenet",
        ),
    )
)
