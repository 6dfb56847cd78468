"""Writes the heads of LPIPS and the weights of DISTS from the packages that publish them.

    pip install torch && pip install --no-deps lpips==0.1.4 DISTS-pytorch==0.1
    python scripts/make_learned_metrics.py

writes weights/metrics/*.safetensors. Both packages are read as files; neither is imported.
"""

import importlib.metadata
import pathlib

import numpy as np

from jaxiqa.checkpoints.read import digest, read
from jaxiqa.metrics.metric_file import MetricFile, save_metric
from jaxiqa.readouts.readout import Readout

OUT = pathlib.Path(__file__).resolve().parents[1] / "weights" / "metrics"
RELUS = tuple(f"relu{k}" for k in range(1, 6))
VGG = ("relu1_2", "relu2_2", "relu3_3", "relu4_3", "relu5_3")
FIRES = ("relu1", "fire3", "fire5", "fire6", "fire7", "fire8", "fire9")
LPIPS = {
    "lpips.alexnet": ("alex", "alexnet", RELUS),
    "lpips.vgg16": ("vgg", "vgg16", VGG),
    "lpips.squeezenet": ("squeeze", "squeezenet1_1", FIRES),
}
LPIPS_CITATION = (
    "Zhang et al., The Unreasonable Effectiveness of Deep Features as a Perceptual Metric, "
    "CVPR 2018, arXiv 1801.03924"
)
DISTS_CITATION = (
    "Ding et al., Image Quality Assessment: Unifying Structure and Texture Similarity, "
    "TPAMI 2022, arXiv 2004.07728"
)
DISTS_WIDTHS = dict(zip(("rgb", *VGG), (3, 64, 128, 256, 512, 512), strict=True))


def _file(package: str, ending: str) -> pathlib.Path:
    files = importlib.metadata.files(package) or []
    found = next(file for file in files if str(file).endswith(ending))
    return pathlib.Path(found.locate())


def _provenance(package: str, path: pathlib.Path, citation: str, licence: str) -> dict[str, str]:
    version = importlib.metadata.version(package)
    return {
        "source": f"{package} {version} from PyPI, {path.name}, sha256 {digest(path)}",
        "citation": citation,
        "licence": licence,
    }


def lpips(name: str) -> MetricFile:
    """Returns a net's heads: one non-negative number per channel of each stage."""
    short, net, taps = LPIPS[name]
    path = _file("lpips", f"weights/v0.1/{short}.pth")
    arrays = read(path)
    heads = {tap: arrays[f"lin{k}.model.1.weight"].reshape(-1) for k, tap in enumerate(taps)}
    provenance = _provenance("lpips", path, LPIPS_CITATION, "BSD-2-Clause")
    return MetricFile(name, f"{net}.imagenet", net, Readout(taps, "unit"), heads, provenance)


def dists() -> MetricFile:
    """Returns alpha and beta, which sum to 1 as the authors' program uses them."""
    path = _file("DISTS-pytorch", "weights.pt")
    arrays = read(path)
    both = np.stack([arrays[key].reshape(-1).astype(np.float64) for key in ("alpha", "beta")], -1)
    ends = np.cumsum(list(DISTS_WIDTHS.values()))
    parts = np.split(both / both.sum(), ends[:-1])
    weights = dict(zip(DISTS_WIDTHS, parts, strict=True))
    readout = Readout(tuple(DISTS_WIDTHS), "dists")
    provenance = _provenance("DISTS-pytorch", path, DISTS_CITATION, "MIT")
    return MetricFile("dists", "vgg16.imagenet", "vgg16_dists", readout, weights, provenance)


def main() -> None:
    """Writes all of them."""
    for metric in (*map(lpips, LPIPS), dists()):
        save_metric(OUT / f"{metric.name}.safetensors", metric)
        print(OUT / f"{metric.name}.safetensors")


if __name__ == "__main__":
    main()
