"""Every tap of every architecture against torchvision's definition with the same weights."""

import pathlib
import runpy

import numpy as np
import pytest
from planted import SIZES, planted_arrays, planted_images, samples

from jaxiqa.arch import ARCHITECTURES
from jaxiqa.arch.net import Net, responses
from jaxiqa.checkpoints.fit import fit
from jaxiqa.images import IMAGENET

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOLERANCE = 1e-4  # of the tap's maximum magnitude


# All VGGs share one table of the classifier, 120 million numbers; here it is run for one of them.
WHOLE = ("alexnet", "vgg11", "squeezenet1_0", "squeezenet1_1")


def planted_net(name, start=""):
    architecture = ARCHITECTURES[name]
    fitted = fit(architecture, planted_arrays(architecture, start), source="planted")
    assert bool(fitted.missing) == bool(start)
    return Net(fitted.variables, architecture, IMAGENET, name, "planted")


def as_torch(response):
    """(N, h, w, C) as (N, C, h, w), the layout in which the oracle's values were sampled."""
    return np.asarray(response).transpose(0, 3, 1, 2)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_every_module_path_agrees_with_torchvision(name):
    oracle = np.load(pathlib.Path(__file__).parent / "oracles" / f"{name}.npz")
    part = "" if name in WHOLE else "features"
    net = planted_net(name, part)
    for size in SIZES:
        start = f"{size[0]}x{size[1]}/"
        paths = [
            label.removeprefix(start)
            for label in oracle.files
            if label.startswith(start + part) and not label.endswith("/max")
        ]
        ours = {node.path for node in net.architecture.nodes if node.path.startswith(part)}
        assert ours <= set(paths)
        found = responses(net, planted_images(size), taps=paths)
        for path in paths:
            ours, theirs = samples(path, as_torch(found[path])), oracle[start + path]
            error = np.abs(ours - theirs).max() / oracle[f"{start}{path}/max"]
            assert error <= TOLERANCE, f"{path} at {size}: {error:.1e} of the maximum"


@pytest.mark.slow
@pytest.mark.parametrize("name", ARCHITECTURES)
def test_every_value_agrees_with_torchvision_run_live(name):
    pytest.importorskip("torch")
    shim = ROOT.parent / "shared" / "oracles" / "tvshim.py"
    kept = runpy.run_path(str(shim)) if shim.exists() else {}
    pytest.importorskip("torchvision")
    oracle = runpy.run_path(str(ROOT / "scripts" / "make_oracle_arrays.py"))
    net, worst = planted_net(name), 0.0
    for size in SIZES:
        theirs = oracle["torch_responses"](
            name, planted_arrays(net.architecture), planted_images(size)
        )
        ours = responses(net, planted_images(size), taps=list(theirs))
        for path, response in theirs.items():
            values = as_torch(ours[path]).reshape(response.shape)
            error = np.abs(values - response).max() / np.abs(response).max()
            assert error <= TOLERANCE, f"{path} at {size}: {error:.1e} of the maximum"
            worst = max(worst, float(error))
    print(f"{name}: largest error over taps {worst:.1e} of the tap's maximum")
    del kept
