"""Published nets do what they were trained to do."""

import numpy as np
import pytest
from PIL import Image

from jaxiqa.arch.net import responses
from jaxiqa.checkpoints.load import load_net

# The classes of CIFAR-10 in their order.
CIFAR = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]


@pytest.mark.parametrize("depth", [20, pytest.param(56, marks=pytest.mark.slow)])
def test_a_cifar_net_sees_a_cat_in_a_photograph_of_a_cat(shared, depth):
    weights = shared / "data" / "weights"
    (file,) = (weights / "cifar10_resnets").glob(f"resnet{depth}-*.th")
    net = load_net(f"resnet{depth}", file)
    with Image.open(weights / "sample_cat.jpg") as photograph:
        whole = photograph.convert("RGB")
        side, (width, height) = min(whole.size), whole.size
        left, top = (width - side) // 2, (height - side) // 2
        middle = whole.crop((left, top, left + side, top + side))
        small = [im.resize((32, 32), Image.Resampling.LANCZOS) for im in (whole, middle)]
    images = np.stack([np.asarray(image, np.float32) / 255 for image in small])
    logits = np.asarray(responses(net, images, taps=("logits",))["logits"])[:, 0, 0]
    ranked = np.sort(logits, axis=-1)
    assert [CIFAR[k] for k in logits.argmax(-1)] == ["cat", "cat"]
    assert (ranked[:, -1] - ranked[:, -2] > 5).all()
