"""Normalisation folded into convolutions, and the published files that hold such."""

import numpy as np
import pytest
from planted import planted_arrays, planted_images

from jaxiqa.arch import ARCHITECTURES
from jaxiqa.arch.layers import BatchNorm
from jaxiqa.arch.net import Net, available_taps, missing_arrays, responses
from jaxiqa.checkpoints.fit import fit
from jaxiqa.checkpoints.load import load_net
from jaxiqa.checks import InputError
from jaxiqa.images import IMAGENET

RESNET = ARCHITECTURES["resnet18"]


def folded(arrays):
    """What an export does: gain into the kernel, the rest into a bias."""
    found = dict(arrays)
    for node in RESNET.nodes:
        if isinstance(node.layer, BatchNorm):
            scale, bias, mean, var = (
                found.pop(f"{node.path}.{key}")
                for key in ("weight", "bias", "running_mean", "running_var")
            )
            gain, conv = scale / np.sqrt(var + 1e-5), RESNET.by_name[node.inputs[0]].path
            found[f"{conv}.weight"] = found[f"{conv}.weight"] * gain[:, None, None, None]
            found[f"{conv}.bias"] = bias - mean * gain
    return found


def test_a_folded_net_responds_as_the_net_it_was_made_of():
    arrays, taps = planted_arrays(RESNET), ("bn1", "layer1_1", "layer2_0.downsample")
    found = []
    for checkpoint in (arrays, folded(arrays)):
        fitted = fit(RESNET, checkpoint, source="planted")
        assert fitted.missing == ()
        net = Net(fitted.variables, RESNET, IMAGENET, "resnet18", "planted")
        found.append(responses(net, planted_images((64, 72)), taps=taps))
    for tap in taps:
        scale = np.abs(found[0][tap]).max()
        np.testing.assert_allclose(found[1][tap], found[0][tap], atol=1e-5 * scale)


def test_a_bias_beside_its_normalisation_is_none_of_the_nets():
    arrays = planted_arrays(RESNET) | {"conv1.bias": np.zeros(64, np.float32)}
    with pytest.raises(InputError, match=r"1 unused: conv1\.bias"):
        fit(RESNET, arrays, source="planted")


def test_a_folded_partial_resnet_serves_three_stages(shared):
    file = "resnet18_torchvision_bnfolded/resnet18-bnfolded-partial.pth"
    net = load_net("resnet18", shared / "data" / "weights" / file)
    assert available_taps(net)[-1] == "layer3_1"
    assert missing_arrays(net, ("layer4_1",)) == tuple(
        f"layer4.{block}.conv{k}.weight" for block in (0, 1) for k in (1, 2)
    )
    image = planted_images((64, 72))
    assert np.isfinite(responses(net, image, taps=("layer3",))["layer3"]).all()
    with pytest.raises(InputError, match="do not reach tap 'layer4'"):
        responses(net, image, taps=("layer4",))


def test_a_folded_mobilenet_lacks_its_classifier_only(shared):
    folder = shared / "data" / "weights" / "mobilenetv2_torchvision_folded_nchw" / "weights"
    net = load_net("mobilenet_v2", folder)
    assert missing_arrays(net, ("head", "fc")) == ("classifier.1.weight",)
    assert available_taps(net)[-1] == "head"
