"""Architectures as data, what runs them, and the registry of all that are known.

A new architecture is one table file and one line here.
"""

from jaxiqa.arch import (
    alexnet,
    alexnet_forms,
    cifar_resnet,
    convnext,
    densenet,
    efficientnet,
    efficientnet_tf,
    googlenet,
    inception_v3,
    mobilenet_keras,
    mobilenet_v1,
    mobilenet_v2,
    mobilenet_v3,
    resnet,
    resnet_keras,
    resnet_v2,
    squeezenet,
    vgg,
)
from jaxiqa.arch.graph import Architecture

ARCHITECTURES: dict[str, Architecture] = {
    "alexnet": alexnet.ALEXNET,
    **alexnet_forms.ALEXNET_FORMS,
    "vgg11": vgg.VGG["vgg11"],
    "vgg11_bn": vgg.VGG_BN["vgg11_bn"],
    "vgg13": vgg.VGG["vgg13"],
    "vgg13_bn": vgg.VGG_BN["vgg13_bn"],
    "vgg16": vgg.VGG["vgg16"],
    "vgg16_bn": vgg.VGG_BN["vgg16_bn"],
    "vgg19": vgg.VGG["vgg19"],
    "vgg19_bn": vgg.VGG_BN["vgg19_bn"],
    "squeezenet1_0": squeezenet.SQUEEZENET1_0,
    "squeezenet1_1": squeezenet.SQUEEZENET1_1,
    **resnet.RESNET,
    "resnet50_lab": resnet.RESNET_LAB,
    **resnet_keras.RESNET_KERAS,
    **resnet_v2.RESNET_V2,
    **resnet_keras.RESNET_V2_KERAS,
    **cifar_resnet.CIFAR_RESNET,
    **densenet.DENSENET,
    "googlenet": googlenet.GOOGLENET,
    "inception_v3": inception_v3.INCEPTION_V3,
    "inception_v3_keras": inception_v3.INCEPTION_V3_KERAS,
    "mobilenet_v1": mobilenet_v1.MOBILENET_V1,
    "mobilenet_v2": mobilenet_v2.MOBILENET_V2,
    **mobilenet_v3.MOBILENET_V3,
    **mobilenet_keras.MOBILENET_KERAS,
    **efficientnet.EFFICIENTNET,
    **efficientnet_tf.EFFICIENTNET_TF,
    "convnext_tiny": convnext.CONVNEXT_TINY,
}
