"""Architectures as data, what runs them, and the registry of all that are known.

A new architecture is one table file and one line here.
"""

from jaxiqa.arch import alexnet, squeezenet, vgg
from jaxiqa.arch.graph import Architecture

ARCHITECTURES: dict[str, Architecture] = {
    "alexnet": alexnet.ALEXNET,
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
}
