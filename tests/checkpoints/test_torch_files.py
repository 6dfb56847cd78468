"""Real checkpoints against facts that torch 2.13 (weights_only=True) established about them."""

import numpy as np
import pytest

from jaxiqa import checkpoints

# file, tensors, first key, a key, its shape, sum of all numbers, sum of absolute values, and for
# that key the sum of value times position, which a wrong order would change.
FACTS = [
    ("alexnet_torchvision/alexnet-features.pth", 10, "features.0.weight",
     "features.8.weight", (256, 384, 3, 3), -8012.14389, 59946.4769, -1188949878.66),
    ("squeezenet1_1_torchvision/squeezenet1_1-features.pth", 50, "features.0.weight",
     "features.11.expand3x3.weight", (256, 64, 3, 3), -1110.78484, 30648.4755, -30479822.0778),
    ("vgg16_torchvision_block12/vgg16-features0-7.pth", 8, "features.0.weight",
     "features.7.weight", (128, 128, 3, 3), -519.173099, 8685.75855, -24245999.1489),
    ("resnet18_torchvision_bnfolded/resnet18-bnfolded-partial.pth", 38, "conv1.bias",
     "layer3.0.conv2.weight", (256, 256, 3, 3), -3884.87016, 91848.5036, -144429475.821),
    ("cifar10_resnets/resnet20-12fca82f.th", 97, "conv1.weight",
     "layer3.0.conv2.weight", (64, 64, 3, 3), 139.78265, 21349.5626, -2842443.89077),
    ("cifar10_resnets/resnet32-d509ac18.th", 157, "conv1.weight",
     "layer3.0.conv2.weight", (64, 64, 3, 3), 721.51789, 28995.8471, -2043885.82184),
    ("cifar10_resnets/resnet44-014dd654.th", 217, "conv1.weight",
     "layer3.0.conv2.weight", (64, 64, 3, 3), 1107.79148, 35943.7418, -844284.776097),
    ("cifar10_resnets/resnet56-4bfd9763.th", 277, "conv1.weight",
     "layer3.0.conv2.weight", (64, 64, 3, 3), 1427.87901, 41377.0863, -1231171.10687),
    ("lpips_lin/v0.0/alex.pth", 5, "lin0.model.1.weight",
     "lin2.model.1.weight", (1, 384, 1, 1), 65.5060213, 65.5060213, 4544.32643281),
    ("lpips_lin/v0.0/squeeze.pth", 7, "lin0.model.1.weight",
     "lin5.model.1.weight", (1, 512, 1, 1), 104.928566, 104.928566, 3609.20797762),
    ("lpips_lin/v0.1/vgg.pth", 5, "lin0.model.1.weight",
     "lin3.model.1.weight", (1, 512, 1, 1), 131.855509, 131.855509, 13249.7446883),
    ("dists/weights.pt", 2, "alpha",
     "alpha", (1, 1475, 1, 1), 0.999999834, 0.999999834, 582.528734237),
    ("vgg19_normalised/vgg_normalised_conv3_1.pth", 12, "0.weight",
     "16.weight", (256, 128, 3, 3), 167.091844, 9276.26723, -19592275.455),
    ("vgg19_normalised/feature_invertor_conv3_1.pth", 10, "1.weight",
     "1.weight", (128, 256, 3, 3), 192.993252, 6902.5627, 21611584.0446),
]  # fmt: skip


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact[0])
def test_real_checkpoint_is_what_torch_says(shared, fact):
    file, count, first, key, shape, total, absolute, ramp = fact
    arrays = checkpoints.read(shared / "data/weights" / file)
    assert len(arrays) == count
    assert next(iter(arrays)) == first
    assert arrays[key].shape == shape
    assert all(array.dtype in (np.float32, np.int64) for array in arrays.values())
    wide = [array.astype(np.float64) for array in arrays.values()]
    assert sum(array.sum() for array in wide) == pytest.approx(total, rel=1e-8)
    assert sum(np.abs(array).sum() for array in wide) == pytest.approx(absolute, rel=1e-8)
    flat = arrays[key].astype(np.float64).ravel()
    assert flat @ np.arange(flat.size, dtype=np.float64) == pytest.approx(ramp, rel=1e-9)


def test_arrays_outlive_the_file(shared, tmp_path):
    source = shared / "data/weights/dists/weights.pt"
    copy = tmp_path / "weights.pt"
    copy.write_bytes(source.read_bytes())
    arrays = checkpoints.read(copy)
    copy.write_bytes(b"")
    np.testing.assert_array_equal(arrays["beta"], checkpoints.read(source)["beta"])
