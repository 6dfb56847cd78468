"""Names of metrics as the field writes them."""

import pytest

from jaxiqa.metrics import METRICS
from jaxiqa.report.names import NAMES, metric_name


@pytest.mark.parametrize("name", METRICS)
def test_every_registered_metric_has_its_name(name):
    assert name in NAMES


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("ms_ssim", "MS-SSIM"),
        ("lpips.alexnet", "LPIPS (AlexNet)"),
        ("lpips.vgg16,precision=high", "LPIPS (VGG-16, precision high)"),
        ("vif,form=wavelet", "VIF (form wavelet)"),
        ("dists", "DISTS"),
        ("my LPIPS", "my LPIPS"),
        ("alexnet.imagenet:conv5/gram", "alexnet.imagenet:conv5/gram"),
        ("ssim.mine", "ssim.mine"),
    ],
)
def test_nets_and_options_stand_in_brackets_and_other_labels_as_they_are(label, expected):
    assert metric_name(label) == expected
