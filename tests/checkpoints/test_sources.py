"""The records of published weights, each held against the registry of architectures."""

import dataclasses
import re
import tomllib

import numpy as np
import pytest
import safetensors.numpy
from planted import planted_arrays

from jaxiqa.arch import ARCHITECTURES
from jaxiqa.arch.net import missing_arrays
from jaxiqa.checkpoints import obtain
from jaxiqa.checkpoints import sources as records
from jaxiqa.checkpoints.fit import expected_keys
from jaxiqa.checkpoints.load import architecture_of, load_net
from jaxiqa.checkpoints.renames import renamed
from jaxiqa.checkpoints.sources import Source, shipped, source, sources
from jaxiqa.checks import InputError
from jaxiqa.images import IMAGENET, to_record

FILES = sorted(shipped().glob("*.toml"))
# Levels of the factors of arXiv 2302.13345; a word in two spellings would split a group.
FUNCTIONS = {
    *("classification", "jigsaw", "rotation", "colorization", "clustering", "contrastive"),
    *("redundancy reduction", "self-distillation", "autoencoding", "denoising"),
}
ENVIRONMENTS = {"ImageNet-1k", "ImageNet-22k", "Places365", "YFCC100M", "CIFAR-10", "dead leaves"}
FIELDS = {field.name: field for field in dataclasses.fields(Source)}
REQUIRED = {n for n, field in FIELDS.items() if field.default is dataclasses.MISSING}
OPTIONAL = {"size": int, "top1": float, "renames": dict, "ignored": list, "also": list}


def test_every_file_is_a_record():
    assert set(sources()) == {path.stem for path in FILES}
    assert len(FILES) >= 11


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_record(path):
    fields = tomllib.loads(path.read_text(encoding="utf-8"))
    assert set(fields) >= REQUIRED | {"verified"}
    assert set(fields) <= set(FIELDS)
    assert all(
        isinstance(fields[name], OPTIONAL.get(name, str)) for name in {*fields} - {"preprocess"}
    )
    found = source(path.stem)
    assert found.name == path.stem
    assert found.architecture.startswith(path.stem.partition(".")[0])
    assert re.fullmatch(r"[a-z0-9_]+\.[a-z0-9_-]+", found.name)
    assert re.fullmatch("|[0-9a-f]{8}|[0-9a-f]{64}", found.sha256)
    assert re.fullmatch("|[0-9a-f]{32}", found.md5)
    if found.ships:
        assert (shipped() / found.address).is_file()
    else:
        assert re.fullmatch(r"https?://[\w.-]+(/[\w.-]+)+", found.address)
    assert found.file == found.address.split("/")[-1]
    digits = re.search(r"-([0-9a-f]{8})\.", found.file)
    assert not digits or found.sha256.startswith(digits[1])
    assert all(getattr(found, name).strip() for name in ("training", "licence", "paper"))
    assert found.function in FUNCTIONS
    assert found.environment in ENVIRONMENTS
    assert found.training.startswith(f"{found.function}, {found.environment}")
    assert found.verified or "verified" in fields
    assert found.size == 0 or found.size > 100_000
    assert found.top1 == 0 or 40 < found.top1 < 100
    assert found.function == "classification" or not found.top1
    assert to_record(found.preprocess) | fields["preprocess"] == to_record(found.preprocess)


@pytest.mark.parametrize("record", sources().values(), ids=sources())
def test_the_renames_of_a_record_leave_canonical_keys_alone(record):
    for pattern in (*(old for old, _ in record.renames), *record.ignored):
        re.compile(pattern)
    if record.architecture in ARCHITECTURES:
        keys = dict.fromkeys(expected_keys(ARCHITECTURES[record.architecture]))
        kept = renamed(keys, record.renames, (), source="")
        assert list(kept) == list(keys)


def test_two_records_share_no_name_and_a_file_only_for_another_net():
    served = {(found.address, found.architecture) for found in sources().values()}
    assert len(served) == len(sources())
    files = {(found.address, found.sha256, found.md5, found.size) for found in sources().values()}
    assert len(files) == len({address for address, *_ in files})
    names = [name for found in sources().values() for name in (found.name, *found.also)]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("record", sources().values(), ids=sources())
def test_a_record_serves_its_net_or_says_that_the_net_is_not_there(record):
    for name in (record.name, *record.also):
        if record.ships:
            assert load_net(name).source == f"sha256 {record.sha256}"
        elif record.architecture in ARCHITECTURES:
            assert architecture_of(name) is ARCHITECTURES[record.architecture]
            with pytest.raises(InputError, match=f"weights get {re.escape(record.name)}"):
                load_net(name)
        else:
            with pytest.raises(InputError, match=r"unknown net|which this version has not"):
                architecture_of(name)


@pytest.mark.slow
def test_torchvision_lists_what_the_records_say():
    """torchvision's own inputs are normalised; these two nets undo that with `transform_input`."""
    models = pytest.importorskip("torchvision.models", reason="needs the extra oracles")
    checked = [found for found in sources().values() if "torchvision" in found.verified]
    assert len(checked) >= 11
    for found in checked:
        weights = models.get_model_weights(found.architecture)["IMAGENET1K_V1"]
        assert found.address == weights.url
        assert found.size == pytest.approx(weights.meta["_file_size"] * 2**20, abs=600)
        assert found.top1 == weights.meta["_metrics"]["ImageNet-1K"]["acc@1"]
        if found.architecture in ("inception_v3", "googlenet"):
            expected = (0.5, 0.5, 0.5), (0.5, 0.5, 0.5)
        else:
            expected = tuple(weights.transforms().mean), tuple(weights.transforms().std)
        assert (found.preprocess.mean, found.preprocess.std) == expected


def test_alexnet_stands_for_imagenet():
    found = source("alexnet.imagenet")
    assert found.preprocess == IMAGENET
    assert (found.function, found.environment) == ("classification", "ImageNet-1k")


def test_renames_are_applied_in_order_and_what_is_ignored_is_left_out():
    arrays = {"trunk._feature_blocks.a.weight": 1, "heads.0.fc.weight": 2, "trunk.b.weight": 3}
    renames = (("^trunk\\.", ""), ("^_feature_blocks\\.", ""), ("^a\\.", "c."))
    found = renamed(arrays, renames, ("heads\\..*",), source="a file")
    assert found == {"c.weight": 1, "b.weight": 3}
    with pytest.raises(InputError, match=r"a file: two of its arrays stand for b\.weight"):
        renamed(arrays, (("^.*\\.weight", "b.weight"),), (), source="a file")


def test_renames_and_ignored_keys_of_a_record_reach_the_net(monkeypatch, tmp_path):
    record = dataclasses.replace(
        source("alexnet.imagenet"),
        name="alexnet.other",
        renames=(("^trunk\\.", "features."),),
        ignored=("heads\\..*",),
        also=("alexnet.another",),
    )
    known = sources() | {"alexnet.other": record}
    monkeypatch.setattr(records, "sources", lambda: known)
    arrays = planted_arrays(ARCHITECTURES["alexnet"], "features.0.")
    stored = {key.replace("features.", "trunk."): value for key, value in arrays.items()}
    path = tmp_path / "a.safetensors"
    safetensors.numpy.save_file(stored | {"heads.0.weight": np.zeros(3, np.float32)}, path)
    for name in ("alexnet.other", "alexnet.another"):
        kernel = load_net(name, path).variables["params"]["conv1"]["kernel"]
        expected = arrays["features.0.weight"].transpose(2, 3, 1, 0)
        np.testing.assert_array_equal(kernel, expected)
    with pytest.raises(InputError, match="unused"):
        load_net("alexnet.imagenet", path)


def test_unknown_record_names_near_ones():
    with pytest.raises(InputError, match=r"'alexnet\.imagnet', did you mean 'alexnet\.imagenet'"):
        source("alexnet.imagnet")


VISSL = [
    ("resnet50.simclr-in1k", "trunk._feature_blocks."),
    ("resnet50.jigsaw-in1k", "_feature_blocks."),
    ("resnet50.moco_v2-in1k", "module.encoder_q."),
    ("resnet50.swav-in1k", "module."),
    ("resnet50.places365", "module."),
    ("resnet50.barlow_twins-in1k", ""),
]
BESIDE = {
    "resnet50.simclr-in1k": ("heads.0.clf.0.weight",),
    "resnet50.moco_v2-in1k": (
        *("module.encoder_k.conv1.weight", "module.queue", "module.queue_ptr"),
        *("module.encoder_q.fc.0.weight", "module.encoder_q.fc.2.bias"),
    ),
    "resnet50.swav-in1k": ("module.projection_head.0.weight", "module.prototypes.weight"),
    "resnet50.places365": ("module.fc.weight", "module.fc.bias"),
}


@pytest.mark.parametrize(("name", "prefix"), VISSL)
def test_what_projects_keep_beside_a_trunk_is_known(name, prefix, tmp_path):
    """Keys as those projects write them; a stem alone stands for the trunk."""
    if "resnet50" not in ARCHITECTURES:
        pytest.skip("needs resnet50")
    arrays = planted_arrays(ARCHITECTURES["resnet50"], "conv1")
    arrays |= planted_arrays(ARCHITECTURES["resnet50"], "layer1.0.")
    stored = {prefix + key: array for key, array in arrays.items()}
    rest = dict.fromkeys(BESIDE.get(name, ()), np.zeros(3, np.float32))
    path = tmp_path / "a.safetensors"
    safetensors.numpy.save_file(stored | rest, path)
    net = load_net(name, path)
    kernel = net.variables["params"]["conv1"]["kernel"].transpose(3, 2, 0, 1)
    np.testing.assert_array_equal(kernel, arrays["conv1.weight"])
    assert sum(map(len, net.variables["params"].values())) == len(arrays) - 2 * 4


def test_alexnet_of_places365_has_wrapped_features(tmp_path):
    alexnet = ARCHITECTURES["alexnet"]
    arrays = planted_arrays(alexnet, "features.0.")
    stored = {key.replace("features.", "features.module."): a for key, a in arrays.items()}
    path = tmp_path / "a.safetensors"
    head = {"classifier.6.weight": np.zeros((365, 4096), np.float32)}
    safetensors.numpy.save_file(stored | head, path)
    found = load_net("alexnet.places365", path).variables["params"]
    assert set(found) == {"conv1"}


@pytest.mark.parametrize("depth", [20, 32, 44, 56])
def test_real_cifar_resnets(shared, depth):
    record = source(f"resnet{depth}.cifar10")
    path = shared / "data/weights/cifar10_resnets" / record.file
    obtain.add(path, record.name)
    net = load_net(record.name)
    assert net.source == f"sha256 {record.sha256}"
    assert path.stat().st_size == record.size
    assert not missing_arrays(net, [node.name for node in net.architecture.nodes])


@pytest.mark.slow
@pytest.mark.parametrize("name", ["inception_v3", "googlenet", "densenet121", "mobilenet_v2"])
def test_what_torchvision_writes_fits_whole(name, tmp_path):
    """With the auxiliary classifiers that the published files hold."""
    torch = pytest.importorskip("torch", reason="needs the extra oracles")
    models = pytest.importorskip("torchvision.models", reason="needs the extra oracles")
    options = {"init_weights": False} if name in ("inception_v3", "googlenet") else {}
    state = models.get_model(name, weights=None, **options).state_dict()
    if name == "densenet121":
        # Files older than torch 0.4 divide these names by a dot.
        state = {
            re.sub(r"(denselayer\d+\.(?:norm|conv))(\d\.)", r"\1.\2", k): v
            for k, v in state.items()
        }
    torch.save(state, tmp_path / "a.pth")
    net = load_net(f"{name}.imagenet", tmp_path / "a.pth")
    assert not missing_arrays(net, [node.name for node in net.architecture.nodes])
