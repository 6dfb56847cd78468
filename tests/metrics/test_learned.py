"""LPIPS and DISTS as they ship: published values, and their authors' programs side by side."""

import numpy as np
import pytest

import jaxiqa
from jaxiqa.arch.vgg_dists import VGG16_DISTS
from jaxiqa.checkpoints.read import read
from jaxiqa.checks import InputError
from jaxiqa.metrics.learned import LEARNED, learned
from jaxiqa.metrics.load import load_metric

FILES = {"lpips.alexnet": "alex", "lpips.vgg16": "vgg", "lpips.squeezenet": "squeeze"}


@pytest.mark.parametrize("name", LEARNED)
def test_ships_with_where_it_comes_from(name):
    found = learned(name)
    assert found.name == name
    assert set(found.relevance) == set(found.readout.taps)
    assert all((values >= 0).all() for values in found.relevance.values())
    assert {"source", "citation", "licence"} <= set(found.provenance)


@pytest.mark.parametrize("name", FILES)
def test_heads_are_the_published_ones(shared, name):
    heads = read(shared / "data/weights/lpips_lin/v0.1" / f"{FILES[name]}.pth")
    found = learned(name)
    for k, tap in enumerate(found.readout.taps):
        expected = heads[f"lin{k}.model.1.weight"].ravel()
        np.testing.assert_array_equal(found.relevance[tap], expected)


def dists_weights():
    """Alpha and beta of all channels, (1475, 2), in the order of the taps."""
    found = learned("dists")
    return np.concatenate([found.relevance[tap] for tap in found.readout.taps])


def test_alpha_and_beta_are_the_published_ones(shared):
    arrays = read(shared / "data/weights/dists/weights.pt")
    both = np.stack([arrays[key].ravel().astype(np.float64) for key in ("alpha", "beta")], axis=-1)
    found = dists_weights()
    np.testing.assert_allclose(found, both / both.sum(), rtol=1e-6)


# By the authors' program: three pairs of TID2013 as IQA-PyTorch lists them, and the project's
# examples, one of them known to three digits.
TID = [(f"calibration/ref/{i}.bmp", f"calibration/dist/{i}.bmp") for i in ("I03", "I04", "I06")]
EXAMPLES = [("ex_ref.png", "ex_p0.png"), ("ex_ref.png", "ex_p1.png")]
PUBLISHED = [
    ("lpips.alexnet", "alexnet", TID, (0.7237, 0.2572, 0.05079), (4, 4, 5)),
    ("lpips.alexnet", "alexnet", EXAMPLES, (0.722, 0.138), (3, 3)),
    ("lpips.squeezenet", "squeezenet1_1", EXAMPLES, (0.7110, 0.1479), (4, 4)),
]


@pytest.mark.parametrize(
    ("name", "net", "pairs", "values", "digits"),
    [*PUBLISHED[:2], pytest.param(*PUBLISHED[2], marks=pytest.mark.slow)],
)
def test_published(shared, name, net, pairs, values, digits):
    path = shared / f"data/weights/{net}_torchvision/{net}-features.pth"
    metric = load_metric(name, net=jaxiqa.load_net(f"{net}.imagenet", path))
    for pair, value, places in zip(pairs, values, digits, strict=True):
        folder = shared / "data/metrics/pairs"
        images = [jaxiqa.read_image(folder / image)[None] for image in pair]
        assert round(float(metric(*images)[0]), places) == value


def test_a_trunk_that_is_missing_is_a_command():
    with pytest.raises(InputError, match=r"dists reads vgg16\.imagenet.*`jaxiqa weights get vgg16"):
        load_metric("dists")


def test_a_trunk_that_is_another():
    with pytest.raises(InputError, match="of architecture vgg11, the metric reads vgg16_dists"):
        load_metric("dists", net=jaxiqa.load_net("vgg11.random-0"))
    with pytest.raises(InputError, match="of architecture vgg11, the metric reads alexnet"):
        load_metric("lpips.alexnet", net=jaxiqa.load_net("vgg11.random-0"))
    with pytest.raises(InputError, match="expected a net from load_net, got 'alexnet'"):
        load_metric("lpips.alexnet", net="alexnet")


def test_a_net_that_is_not_the_one_that_is_named():
    with pytest.raises(InputError, match="vgg16:relu1_1 reads vgg16, the net given is alexnet"):
        load_metric("vgg16:relu1_1", net=jaxiqa.load_net("alexnet.random-0"))


def test_dists_reads_the_image_itself():
    assert VGG16_DISTS.stages[0] == "rgb"
    draw = np.random.default_rng(0)
    images = draw.random((1, 40, 40, 3), np.float32)
    net = jaxiqa.load_net("vgg16.random-0")
    trunk = jaxiqa.Net(
        net.variables, VGG16_DISTS, jaxiqa.Preprocess((0, 0, 0), (1, 1, 1)), net.name, net.source
    )
    found = jaxiqa.responses(trunk, images, taps=("rgb", "pool1"))
    np.testing.assert_array_equal(found["rgb"], images)
    assert found["pool1"].shape == (1, 20, 20, 64)


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("lpips.alexnt", {}, "unknown metric 'lpips.alexnt', did you mean 'lpips.alexnet'"),
        ("ssim", {"gray": "exact"}, "unknown option of ssim: 'gray', did you mean 'grey'"),
        ("ssim", {"dtype": "bfloat16"}, "ssim has no net: it takes no net, and computes in"),
        (3, {}, "expected the name of a metric, such as 'ssim', got 3"),
        ("lpips.alexnet", {"resize": "512"}, "unknown resize of lpips.alexnet: '512'"),
        ("lpips.alexnet", {"dtype": "float8"}, "unknown dtype 'float8'"),
        ("lpips.alexnet", {"precision": "best"}, "unknown precision 'best'"),
        ("alexnet.random-0:relu9", {}, "unknown tap of alexnet 'relu9'"),
        ("alexnet.random-0:relu1/euclidean/balanced", {}, "needs a data set"),
        ("nowhere.safetensors", {}, "no such file: nowhere.safetensors"),
    ],
)
def test_names_and_choices_that_are_none(name, options, message):
    with pytest.raises(InputError, match=message):
        load_metric(name, **options)


def planted_state(torch, module):
    """Every weight of a torch module drawn anew, of a size that keeps responses of order one."""
    draw = torch.Generator().manual_seed(0)
    for parameter in module.parameters():
        if parameter.ndim == 4:
            fan_in = parameter[0].numel()
            parameter.data.normal_(0, (2 / fan_in) ** 0.5, generator=draw)
        else:
            parameter.data.normal_(0, 0.05, generator=draw)
    return {key: value.numpy() for key, value in module.state_dict().items()}


def some_images():
    draw = np.random.default_rng(1)
    reference = draw.random((2, 80, 75, 3), np.float32)
    noise = np.float32(0.1) * draw.standard_normal(reference.shape, np.float32)
    return reference, np.clip(reference + noise, 0, 1)


def as_torch(torch, images):
    return torch.from_numpy(np.ascontiguousarray(images.transpose(0, 3, 1, 2)))


# Torchvision warns of how the authors' program calls it.
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:(The parameter|Arguments other):UserWarning")
@pytest.mark.parametrize("name", FILES)
def test_lpips_is_its_authors_program_with_the_same_random_trunk(name, tmp_path):
    torch, lpips = pytest.importorskip("torch"), pytest.importorskip("lpips")
    import safetensors.numpy

    module = lpips.LPIPS(net=FILES[name], pnet_rand=True, verbose=False).eval()
    trunk = planted_state(torch, module.net)
    # Slices of the trunk keep torchvision's numbers as their second word.
    arrays = {f"features.{key.split('.', 1)[1]}": value for key, value in trunk.items()}
    safetensors.numpy.save_file(arrays, tmp_path / "trunk.safetensors")
    net = jaxiqa.load_net(learned(name).architecture, tmp_path / "trunk.safetensors")
    reference, distorted = some_images()
    with torch.no_grad():
        pair = (2 * as_torch(torch, x) - 1 for x in (reference, distorted))
        expected = module(*pair).numpy().ravel()
        module.spatial = True
        pair = (2 * as_torch(torch, x) - 1 for x in (reference, distorted))
        maps = module(*pair).numpy()[:, 0]
    metric = load_metric(name, net=net)
    np.testing.assert_allclose(metric(reference, distorted), expected, rtol=1e-4)
    ours = metric.map(reference, distorted)
    np.testing.assert_allclose(ours, maps, rtol=1e-3, atol=1e-4 * maps.max())


@pytest.mark.slow
@pytest.mark.parametrize("resize", ["none", "256"])
def test_dists_is_its_authors_program_with_the_same_random_trunk(tmp_path, monkeypatch, resize):
    torch = pytest.importorskip("torch")
    torchvision = pytest.importorskip("torchvision")
    program = pytest.importorskip("DISTS_pytorch.DISTS_pt")
    import safetensors.numpy

    vgg = torchvision.models.vgg16(weights=None)
    arrays = planted_state(torch, vgg.features)
    safetensors.numpy.save_file(
        {f"features.{key}": value for key, value in arrays.items()}, tmp_path / "trunk.safetensors"
    )
    monkeypatch.setattr(program.models, "vgg16", lambda **_: vgg)
    module = program.DISTS(load_weights=False).eval()
    with torch.no_grad():
        weights = dists_weights()
        module.alpha.copy_(torch.from_numpy(weights[:, 0]).reshape(module.alpha.shape))
        module.beta.copy_(torch.from_numpy(weights[:, 1]).reshape(module.beta.shape))
    net = jaxiqa.load_net("vgg16", tmp_path / "trunk.safetensors")
    metric = load_metric("dists", net=net, resize=resize)
    if resize == "none":
        reference, distorted = some_images()
        pair = [as_torch(torch, x) for x in (reference, distorted)]
        tolerance = 1e-4
    else:
        from PIL import Image

        draw = np.random.default_rng(2)
        coarse = draw.integers(0, 256, (2, 36, 40, 3), np.uint8)
        pictures = [Image.fromarray(x).resize((320, 300), Image.BICUBIC) for x in coarse]
        reference, distorted = (np.float32(x)[None] / np.float32(255) for x in pictures)
        pair = [program.prepare_image(x, resize=True) for x in pictures]
        # Their images are rounded to 8 bits after the resize.
        tolerance = 2e-3
    with torch.no_grad():
        expected = np.atleast_1d(module(*pair).numpy())
    np.testing.assert_allclose(metric(reference, distorted), expected, rtol=tolerance)
