"""The nets with which the analysis of arXiv 2302.13345 can be repeated, and who publishes them.

The factors and their levels are those of the paper; the files are those that publishers of such
nets offer, and need not be the very files of its authors. What `weights/` has a record of is taken
from there. Addresses as listed by torchvision 0.28, by VISSL's model zoo and by the projects' own
pages; where none is given, the project tells how to get the file.
"""

import dataclasses
import re

from jaxiqa.checkpoints.load import is_random
from jaxiqa.checkpoints.sources import sources

_DIGEST = re.compile(r"-([0-9a-f]{8})\.\w+")


@dataclasses.dataclass(frozen=True)
class Published:
    """Weights that somebody publishes.

    Attributes:
      name: what jaxiqa calls them, or would: ``architecture.training``.
      function: what the net was trained to do.
      environment: the images that it was trained on.
      address: of the file, or of the project.
      licence: as the publisher states it.
      paper: where the training is described.
      lacks: what keeps this version from reading them, beside an architecture that it lacks.
      note: what to know before comparing them.
    """

    name: str
    function: str
    environment: str
    address: str
    licence: str
    paper: str
    lacks: str = ""
    note: str = ""

    @property
    def architecture(self) -> str:
        """The part of the name before the training."""
        return self.name.partition(".")[0]

    @property
    def file(self) -> str:
        """The published file name, with its folder where the name alone tells nothing."""
        *_, folder, name = ("", *self.address.split("/"))
        return f"{folder}/{name}" if name.startswith(_LAST) else name

    @property
    def sha256(self) -> str:
        """The first digits of the digest that the file name holds, or an empty text."""
        found = _DIGEST.search(self.file)
        return found[1] if found else ""


def _torchvision(name: str, file: str, paper: str) -> Published:
    return Published(
        f"{name}.imagenet",
        "classification",
        "ImageNet-1k",
        f"https://download.pytorch.org/models/{file}",
        "BSD-3-Clause (torchvision)",
        paper,
    )


def _vissl(row: str, file: str, paper: str, **more) -> Published:
    """A row begins with name, function and environment."""
    address = f"https://dl.fbaipublicfiles.com/vissl/model_zoo/{file}"
    more = {"licence": "MIT (VISSL)", "lacks": "the names that VISSL gives to arrays", **more}
    return Published(*row.split(), address, paper=paper, **more)


def _goyal(row: str, file: str, note: str) -> Published:
    licence = "MIT (VISSL), first published under CC BY-NC 4.0"
    return _vissl(row, file, "Goyal et al., arXiv 1905.01235", licence=licence, note=note)


def _places(name: str, file: str, lacks: str) -> Published:
    return Published(
        f"{name}.places365",
        "classification",
        "Places365",
        f"http://places2.csail.mit.edu/models_places365/{file}",
        "CC BY (Places365-CNNs)",
        "Zhou et al., IEEE TPAMI 2017",
        lacks,
    )


def _cifar(name: str, file: str) -> Published:
    project = "https://github.com/akamaster/pytorch_resnet_cifar10/raw/master/pretrained_models/"
    licence, paper = "BSD-2-Clause", "He et al., arXiv 1512.03385"
    return Published(
        f"{name}.cifar10", "classification", "CIFAR-10", project + file, licence, paper
    )


_RESNET = "He et al., arXiv 1512.03385"
_ROTATION, _CLUSTERS = "Gidaris et al., arXiv 1803.07728", "Caron et al., arXiv 1807.05520"
_GREY = {"colorization": "sees lightness only (L of Lab)", "jigsaw": ""}
_LAST = "model_final_checkpoint_phase"
_HEAD = "a head of 365 classes"
_LARGER = (("in1k", "ImageNet-1k"), ("in22k", "ImageNet-22k"), ("yfcc100m", "YFCC100M"))

_TABLE = (
    *(
        _torchvision(f"resnet{depth}", f"resnet{depth}-{digest}.pth", _RESNET)
        for depth, digest in (
            *((18, "f37072fd"), (34, "b627a593"), (50, "0676ba61")),
            *((101, "63fe2227"), (152, "394f9c45")),
        )
    ),
    *(
        _torchvision(
            f"densenet{depth}", f"densenet{depth}-{digest}.pth", "Huang et al., arXiv 1608.06993"
        )
        for depth, digest in ((121, "a639ec97"), (169, "b2777c0a"), (201, "c1103571"))
    ),
    *(
        _torchvision(f"efficientnet_b{scale}", f"efficientnet_b{scale}_{end}.pth", paper)
        for paper in ("Tan and Le, arXiv 1905.11946",)
        for scale, end in enumerate(
            (
                *("rwightman-7f5810bc", "rwightman-bac287d4", "rwightman-c35c1473"),
                *("rwightman-b3899882", "rwightman-23ab8bcd", "lukemelas-1a07897c"),
                *("lukemelas-24a108a5", "lukemelas-c5b4e57e"),
            )
        )
    ),
    _torchvision(
        "inception_v3", "inception_v3_google-0cc3c7bd.pth", "Szegedy et al., arXiv 1512.00567"
    ),
    _torchvision("mobilenet_v2", "mobilenet_v2-b0353104.pth", "Sandler et al., arXiv 1801.04381"),
    _vissl(
        "alexnet_bvlc.in1k classification ImageNet-1k",
        "converted_caffenet_bvlc_in1k_supervised.torch",
        "Jia et al., arXiv 1408.5093",
    ),
    _vissl(
        "alexnet_rotnet.in1k rotation ImageNet-1k",
        "rotnet_alexnet_model_net_epoch50.torch",
        _ROTATION,
    ),
    _vissl(
        "alexnet_deepcluster.in1k clustering ImageNet-1k",
        "deepcluster_alexnet_checkpoint.torch",
        _CLUSTERS,
        note="sees grey only, through Sobel filters",
    ),
    *(
        _goyal(
            f"{name.format(function)}.{training} {function} {environment}", file, _GREY[function]
        )
        for function in ("jigsaw", "colorization")
        for data, environment in _LARGER
        for name, training, file in (
            ("alexnet_{}", data, f"converted_alexnet_{function}_{data}_pretext.torch"),
            (
                "resnet50",
                f"{function}-{data}",
                f"converted_vissl_rn50_{function}_{data}_goyal19.torch",
            ),
        )
    ),
    _vissl(
        "resnet50.rotation-in1k rotation ImageNet-1k",
        f"rotnet_rn50_in1k_ep105_rotnet_8gpu_resnet_17_07_20.46bada9f/{_LAST}125.torch",
        _ROTATION,
    ),
    _vissl(
        "resnet50.rotation-in22k rotation ImageNet-22k",
        "converted_vissl_rn50_rotnet_in22k_ep105.torch",
        _ROTATION,
    ),
    _vissl(
        "resnet50.deepcluster_v2-in1k clustering ImageNet-1k",
        "deepclusterv2_800ep_pretrain.pth.tar",
        "Caron et al., arXiv 2006.09882",
    ),
    _vissl(
        "resnet50.pirl-in1k contrastive ImageNet-1k",
        f"pirl_jigsaw_4node_pirl_jigsaw_4node_resnet_22_07_20.34377f59/{_LAST}799.torch",
        "Misra and van der Maaten, arXiv 1912.01991",
    ),
    _vissl(
        "resnet50.simclr-in1k contrastive ImageNet-1k",
        f"simclr_rn50_1000ep_simclr_8node_resnet_16_07_20.afe428c7/{_LAST}999.torch",
        "Chen et al., arXiv 2002.05709",
    ),
    _places("alexnet", "alexnet_places365.pth.tar", f"{_HEAD}, keys that begin features.module"),
    _places("vgg16", "vgg16_places365.caffemodel", f"{_HEAD}, a reader of Caffe's files"),
    _places("resnet50", "resnet50_places365.pth.tar", _HEAD),
    *(
        _cifar(f"resnet{depth}", f"resnet{depth}-{digest}.th")
        for depth, digest in (
            *((20, "12fca82f"), (32, "d509ac18"), (44, "014dd654"), (56, "4bfd9763")),
        )
    ),
)

NETS = {net.name: net for net in _TABLE}


def published(name: str) -> Published:
    """Returns what is known of a net: its record where there is one, else its row above."""
    if is_random(name):
        return Published(name, "none", "none", "", "", "")
    record = sources().get(name)
    if record is None:
        return NETS[name]
    return Published(
        *(name, record.function, record.environment, record.address),
        *(record.licence, record.paper),
    )
