"""Nets that no library defines, as torch modules written out here.

From the paper, and from the names that the published checkpoints give to arrays.
"""

import torch
import torchvision
from torch import nn
from torch.nn import functional


class _Shortcut(nn.Module):
    def __init__(self, features: int):
        super().__init__()
        self.features = features

    def forward(self, x):
        beside = (self.features - x.shape[1]) // 2
        return functional.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, beside, beside))


class _CifarBlock(nn.Module):
    def __init__(self, channels: int, features: int, stride: int):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, features, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(features)
        self.conv2 = nn.Conv2d(features, features, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(features)
        self.shortcut = _Shortcut(features) if stride == 2 else None

    def forward(self, x):
        branch = self.bn2(self.conv2(self.bn1(self.conv1(x)).relu()))
        return (branch + (x if self.shortcut is None else self.shortcut(x))).relu()


class CifarResNet(nn.Module):
    """He et al., arXiv 1512.03385, section 4.2, option A; names of akamaster's checkpoints."""

    def __init__(self, depth: int):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        self.layer1 = self._stage(16, 16, depth)
        self.layer2 = self._stage(16, 32, depth)
        self.layer3 = self._stage(32, 64, depth)
        self.linear = nn.Linear(64, 10)

    def _stage(self, channels: int, features: int, depth: int):
        first = _CifarBlock(channels, features, features // channels)
        return nn.Sequential(first, *(_CifarBlock(features, features, 1) for _ in range(depth - 1)))

    def forward(self, x):
        x = self.bn1(self.conv1(x)).relu()
        x = self.layer3(self.layer2(self.layer1(x)))
        return self.linear(x.mean((2, 3)))


def lightness(images):
    """L of Lab less 50, as OpenCV converts sRGB; the 8-bit rounding of its input left out."""
    linear = torch.where(
        images <= 0.04045, images / 12.92, ((images + 0.055) / 1.055).clamp(min=0).pow(2.4)
    )
    y = torch.einsum("nchw,c->nhw", linear, torch.tensor([0.212671, 0.715160, 0.072169]))
    return torch.where(y > 0.008856, 116 * y.pow(1 / 3) - 16, 903.3 * y)[:, None] - 50


class VisslAlexNet(nn.Module):
    """A trunk of VISSL's model zoo, from its description: a list of blocks, then flattened."""

    def __init__(self, widths, groups, first, order, normalised, sees="colour"):
        super().__init__()
        stride, padding = first
        channels = {"colour": 3, "lightness": 1, "edges": 2}[sees]
        if sees == "edges":
            self.sobel = nn.Sequential(nn.Conv2d(3, 1, 1), nn.Conv2d(1, 2, 3, padding=1))
        self.sees, blocks = sees, []
        for place, (width, group) in enumerate(zip(widths, groups, strict=True), start=1):
            numbers = (
                (11, stride, padding) if place == 1 else (5, 1, 2) if place == 2 else (3, 1, 1)
            )
            conv = nn.Conv2d(channels, width, *numbers, groups=group)
            norm = [nn.BatchNorm2d(width)] if place in normalised else []
            blocks.append(nn.Sequential(conv, *norm, nn.ReLU()))
            if place in (1, 2, 5):
                parts = {"p": nn.MaxPool2d(3, 2), "n": nn.LocalResponseNorm(5)}
                parts = [parts[kind] for kind in (order if place < 5 else "p")]
                blocks.append(parts[0] if len(parts) == 1 else nn.Sequential(*parts))
            channels = width
        self._feature_blocks = nn.ModuleList([*blocks, nn.Flatten()])

    def forward(self, x):
        x = {"colour": lambda x: x, "lightness": lightness, "edges": getattr(self, "sobel", None)}[
            self.sees
        ](x)
        for block in self._feature_blocks:
            x = block(x)
        return x


class VisslLightnessResNet(nn.Module):
    """VISSL's ResNet-50 for colorization: torchvision's with one channel in, no fourth stride."""

    def __init__(self):
        super().__init__()
        model = torchvision.models.resnet50(weights=None)
        model.layer4[0].conv2.stride = model.layer4[0].downsample[0].stride = (1, 1)
        self.conv1 = nn.Conv2d(1, 64, 7, 2, 3, bias=False)
        self.bn1, self.relu, self.maxpool = model.bn1, model.relu, model.maxpool
        self.layer1, self.layer2 = model.layer1, model.layer2
        self.layer3, self.layer4 = model.layer3, model.layer4

    def forward(self, x):
        x = self.maxpool(self.relu(self.bn1(self.conv1(lightness(x)))))
        return self.layer4(self.layer3(self.layer2(self.layer1(x))))


class CaffeAlexNet(nn.Module):
    """The two AlexNets that Caffe ships: pools keep a last partial window, groups of two.

    Caffe fixes the image at 227 x 227; other sizes are averaged to its 6 x 6 before the classifier.
    """

    def __init__(self, order: str):
        super().__init__()
        channels = 3
        for place, (width, group) in enumerate(zip(_WIDE, _GROUPED, strict=True), start=1):
            numbers = (11, 4, 0) if place == 1 else (5, 1, 2) if place == 2 else (3, 1, 1)
            self.add_module(f"conv{place}", nn.Conv2d(channels, width, *numbers, groups=group))
            self.add_module(f"relu{place}", nn.ReLU())
            for kind in {1: order, 2: order, 5: "p"}.get(place, ""):
                if kind == "p":
                    self.add_module(f"pool{place}", nn.MaxPool2d(3, 2, ceil_mode=True))
                else:
                    self.add_module(f"norm{place}", nn.LocalResponseNorm(5, 1e-4, 0.75, 1.0))
            channels = width
        self.fc6, self.relu6 = nn.Linear(9216, 4096), nn.ReLU()
        self.fc7, self.relu7 = nn.Linear(4096, 4096), nn.ReLU()
        self.fc8 = nn.Linear(4096, 1000)

    def forward(self, x):
        for name, layer in self.named_children():
            x = functional.adaptive_avg_pool2d(x, 6).flatten(1) if name == "fc6" else x
            x = layer(x)
        return x


class Pocket(nn.Module):
    """torchvision's AlexNet to its last relu, each convolution with as many filters as ours."""

    def __init__(self, widths=(32, 64, 112, 96, 96)):
        super().__init__()
        self.features, channels, left = torchvision.models.AlexNet().features[:12], 3, list(widths)
        for place, layer in enumerate(self.features):
            if isinstance(layer, nn.Conv2d):
                numbers = layer.kernel_size, layer.stride, layer.padding
                self.features[place] = nn.Conv2d(channels, left[0], *numbers)
                channels = left.pop(0)

    def forward(self, x):
        return self.features(x)


_GROUPED, _WIDE = (1, 2, 1, 2, 2), (96, 256, 384, 384, 256)
_VISSL = {
    "alexnet_bvlc": (_WIDE, _GROUPED, (4, 0), "np", ()),
    "alexnet_jigsaw": (_WIDE, _GROUPED, (2, 0), "pn", (3, 4, 5)),
    "alexnet_colorization": (_WIDE, _GROUPED, (4, 0), "p", (1, 2, 3, 4, 5), "lightness"),
    "alexnet_rotnet": ((64, 192, 384, 256, 256), (1,) * 5, (4, 2), "p", (1, 2, 3, 4, 5)),
    "alexnet_deepcluster": (_WIDE, (1,) * 5, (4, 2), "p", (1, 2, 3, 4, 5), "edges"),
}


WRITTEN = {
    **{
        name: ("VISSL's description", lambda numbers=numbers: VisslAlexNet(*numbers))
        for name, numbers in _VISSL.items()
    },
    "pocket": ("torchvision's, narrower", Pocket),
    "resnet50_lab": ("VISSL's description", VisslLightnessResNet),
    "alexnet_caffe": ("Caffe's description", lambda: CaffeAlexNet("np")),
    "caffenet": ("Caffe's description", lambda: CaffeAlexNet("pn")),
} | {
    f"resnet{6 * n + 2}": ("arXiv 1512.03385, 4.2", lambda n=n: CifarResNet(n))
    for n in (3, 5, 7, 9, 18)
}
