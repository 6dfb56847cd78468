"""From a name and a file to a net: real weights, partial ones, converted ones, refused ones."""

import hashlib

import jax
import numpy as np
import pytest
import safetensors.numpy
from forged import call, name, text, write
from PIL import Image
from planted import planted_arrays

import jaxiqa
from jaxiqa.arch import ARCHITECTURES
from jaxiqa.arch.net import available_taps, missing_arrays
from jaxiqa.arch.network import Network
from jaxiqa.checkpoints import read, store
from jaxiqa.checkpoints.fit import fit
from jaxiqa.checkpoints.load import architecture_of, convert, is_random, load_net
from jaxiqa.checks import InputError
from jaxiqa.images import IDENTITY, IMAGENET, Preprocess, to_record

BN = ARCHITECTURES["vgg11_bn"]
ARRAYS = planted_arrays(BN, "features.0.") | planted_arrays(BN, "features.1.")
IMAGES = np.random.default_rng(0).random((2, 40, 40, 3), np.float32)


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    path = tmp_path_factory.mktemp("load") / "first layers.safetensors"
    safetensors.numpy.save_file(ARRAYS, path)
    return path


@pytest.fixture(scope="module")
def converted(checkpoint):
    path = checkpoint.with_name("converted")
    return path, convert("vgg11_bn.imagenet", checkpoint, path)


def refusal(*arguments, **options):
    with pytest.raises(InputError) as caught:
        load_net(*arguments, **options)
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


def equal(one, other):
    assert jax.tree.structure(one) == jax.tree.structure(other)
    return jax.tree.all(jax.tree.map(np.array_equal, one, other))


def all_missing(net):
    return missing_arrays(net, [node.name for node in net.architecture.nodes])


def test_a_net_says_what_it_is(checkpoint):
    net = load_net("vgg11_bn", weights=checkpoint)
    assert net.name == "vgg11_bn"
    assert net.architecture is BN
    assert net.preprocess == IMAGENET
    assert net.source == f"sha256 {hashlib.sha256(checkpoint.read_bytes()).hexdigest()}"
    assert load_net("vgg11_bn.imagenet", str(checkpoint)).name == "vgg11_bn.imagenet"


def test_preprocessing_may_be_given(checkpoint, converted):
    other = Preprocess(mean=(1, 2, 3), std=(1, 1, 1), scale=255, channels="bgr")
    for weights in (checkpoint, converted[0]):
        assert load_net("vgg11_bn", weights, preprocess=other).preprocess == other


@pytest.mark.parametrize(
    ("given", "part"),
    [
        ("alexnt", "unknown net 'alexnt', did you mean 'alexnet'"),
        ("alexnt.imagenet", "unknown net 'alexnt', did you mean 'alexnet'"),
        ("alexnt.random-0", "unknown net 'alexnt', did you mean 'alexnet'"),
        ("alexnet.imagnet", "'alexnet.imagnet', did you mean 'alexnet.imagenet'"),
        ("alexnet.random--1", "unknown set of weights 'alexnet.random--1'"),
        ("alexnet.random-9999999999", "unknown set of weights"),
        ("alexnet.", "unknown set of weights 'alexnet.', did you mean 'alexnet."),
        ("", "unknown net ''"),
    ],
)
def test_unknown_names(given, part, checkpoint, converted):
    assert part in refusal(given)
    if not is_random(given):
        assert part in refusal(given, checkpoint)
        assert part in refusal(given, converted[0])
    with pytest.raises(InputError):
        architecture_of(given)


@pytest.mark.parametrize("given", ["alexnet", "alexnet.imagenet", "alexnet.random-3"])
def test_known_names(given):
    assert architecture_of(given) is ARCHITECTURES["alexnet"]
    assert is_random(given) == given.endswith("random-3")


@pytest.mark.parametrize("given", ["alexnet", "alexnet.imagenet"])
def test_a_net_without_weights_says_where_they_are(given):
    message = refusal(given)
    assert "https://download.pytorch.org/models/alexnet-owt-7be5be79.pth" in message
    assert "alexnet.random-0" in message


def test_random_weights_take_no_file(checkpoint):
    assert "leave out" in refusal("vgg11_bn.random-0", checkpoint)


def test_random_weights_differ_by_seed_alone():
    nets = {seed: load_net(f"squeezenet1_1.{seed}") for seed in ("random", "random-0", "random-1")}
    assert equal(nets["random"].variables, nets["random-0"].variables)
    assert not equal(nets["random"].variables, nets["random-1"].variables)
    assert [net.source for net in nets.values()] == ["seed 0", "seed 0", "seed 1"]


def test_a_partial_checkpoint_serves_what_it_covers_and_names_what_it_lacks(checkpoint):
    net = load_net("vgg11_bn", checkpoint)
    assert available_taps(net) == ("conv1_1", "bn1_1", "relu1_1", "pool1")
    found = jaxiqa.responses(net, IMAGES, taps=("features.1", "pool1"))
    assert {tap: response.shape for tap, response in found.items()} == {
        "features.1": (2, 40, 40, 64),
        "pool1": (2, 20, 20, 64),
    }
    with pytest.raises(InputError, match=r"features\.4\.weight.* missing") as caught:
        jaxiqa.responses(net, IMAGES, taps=("relu1_1", "relu2_1"))
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize("form", ["zip", "stream"])
def test_a_malicious_pickle_is_refused_and_not_run(tmp_path, form):
    mark = tmp_path / "mark"
    body = call(name("posix", "system"), text(f"touch {mark}"))
    path = write(form, tmp_path / "alexnet.pth", body, {}, {})
    assert "posix.system" in refusal("alexnet", path)
    with pytest.raises(InputError, match=r"posix\.system"):
        convert("alexnet", path, tmp_path / "out")
    assert sorted(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "is empty"), (b"PK\x03\x04", "damaged or cut short"), (b"hello", "no known format")],
)
def test_a_file_that_is_no_checkpoint(tmp_path, content, reason):
    path = tmp_path / "alexnet.pth"
    path.write_bytes(content)
    assert reason in refusal("alexnet", path)
    assert "does not exist, did you mean 'alexnet.pth'" in refusal(
        "alexnet", tmp_path / "alxnet.pt"
    )


def test_converted_weights_are_the_same_bit_for_bit(checkpoint, converted):
    plain, found = load_net("vgg11_bn", checkpoint), load_net("vgg11_bn", converted[0])
    assert equal(found.variables, plain.variables)
    assert (found.source, found.preprocess) == (plain.source, plain.preprocess)
    ours, theirs = (jaxiqa.responses(net, IMAGES, taps=("bn1_1",)) for net in (found, plain))
    np.testing.assert_array_equal(ours["bn1_1"], theirs["bn1_1"])


def test_the_record_says_what_was_converted(checkpoint, converted):
    path, record = converted
    assert record == store.load_record(path)
    assert record["name"] == "vgg11_bn.imagenet"
    assert record["architecture"] == "vgg11_bn"
    assert record["preprocess"] == to_record(IMAGENET)
    assert record["source"] == {
        "file": "first layers.safetensors",
        "sha256": hashlib.sha256(checkpoint.read_bytes()).hexdigest(),
    }
    assert record["missing"] == list(all_missing(load_net("vgg11_bn", checkpoint)))
    assert record["taps"] == ["conv1_1", "bn1_1", "relu1_1", "pool1"]
    assert record["versions"] == store.versions()


def test_converted_weights_convert_again(converted, tmp_path):
    again = convert("vgg11_bn", converted[0], tmp_path / "again")
    assert again["source"]["sha256"] == converted[1]["source"]["sha256"]


def test_converted_weights_of_another_net(converted):
    assert "holds weights of vgg11_bn, not of vgg11" in refusal("vgg11", converted[0])


LACKING = {
    "architecture": {"architecture": None},
    "source": {"source": None},
    "digest": {"source": {"file": "a.pth"}},
    "source in another form": {"source": "a.pth"},
    "preprocess": {"preprocess": None},
    "preprocess in part": {"preprocess": {"mean": [0, 0, 0]}},
    "preprocess in another form": {"preprocess": [1, 2]},
    "shapes": {"architecture": "vgg11"},
}


@pytest.mark.parametrize("change", LACKING.values(), ids=LACKING)
def test_a_record_that_lacks_what_is_needed(converted, tmp_path, change):
    variables, record = store.load(converted[0])
    record = {key: value for key, value in (record | change).items() if value is not None}
    refusal("vgg11_bn", store.save(tmp_path / "forged", variables, record))


def test_converted_weights_keep_the_preprocessing_of_their_record(converted, tmp_path):
    variables, record = store.load(converted[0])
    other = Preprocess(mean=(103.9, 116.8, 123.7), std=(1, 1, 1), scale=255, channels="bgr")
    path = store.save(tmp_path / "bgr", variables, record | {"preprocess": to_record(other)})
    assert load_net("vgg11_bn", path).preprocess == other


def test_converted_weights_that_no_longer_have_the_shapes_of_the_table(converted, tmp_path):
    variables, record = store.load(converted[0])
    variables["params"]["conv1_1"]["bias"] = np.zeros(63, np.float32)
    path = store.save(tmp_path / "other", variables, record)
    assert "conv1_1 bias is (63,) and should be (64,)" in refusal("vgg11_bn", path)


def test_nothing_is_written_where_nothing_can_be_read(tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        convert("alexnet", tmp_path / "no.pth", tmp_path / "out")
    assert not list(tmp_path.iterdir())


PARTIAL = [
    ("alexnet_torchvision/alexnet-features.pth", "pool5", "classifier.1.weight"),
    ("squeezenet1_1_torchvision/squeezenet1_1-features.pth", "fire9", "classifier.1.weight"),
    ("vgg16_torchvision_block12/vgg16-features0-7.pth", "pool2", "features.10.weight"),
]


@pytest.mark.parametrize(("file", "last", "first_missing"), PARTIAL)
def test_real_partial_checkpoints(shared, file, last, first_missing):
    net = load_net(file.partition("_torchvision")[0], shared / "data/weights" / file)
    assert available_taps(net)[-1] == last
    assert all_missing(net)[0] == first_missing
    nodes = [node.name for node in net.architecture.nodes]
    covered = nodes[: nodes.index(last) + 1]
    assert not missing_arrays(net, covered)


REFUSED = [
    ("resnet18_torchvision_bnfolded/resnet18-bnfolded-partial.pth", 38, "layer1.0.conv1.weight"),
    ("cifar10_resnets/resnet20-12fca82f.th", 97, "layer3.2.bn2.running_var"),
    ("squeezenet1_1_torchvision/squeezenet1_1-features.pth", 48, "features.12.expand3x3.bias"),
]


@pytest.mark.parametrize(("file", "unused", "key"), REFUSED)
def test_real_checkpoints_of_other_nets_are_refused_with_a_full_report(shared, file, unused, key):
    message = refusal("alexnet", shared / "data/weights" / file)
    assert f"{unused} unused: " in message
    assert f"{key} (" in message
    assert " missing: " in message
    assert "classifier.6.bias" in message


@pytest.fixture(scope="module")
def gluon(shared):
    return shared / "data/weights/squeezenet1_1_mxnet_nchw"


def test_gluon_squeezenet_reproduces_its_stored_output(gluon):
    """The stored input is preprocessed already, so the network is called without."""
    net = load_net("squeezenet1_1", gluon / "weights", preprocess=IDENTITY)
    assert not all_missing(net)
    given, expected = (
        np.load(gluon / "test_data_set/0" / f"{end}_0.npy") for end in ("input", "output")
    )
    network = Network(net.architecture, ("avgpool",))
    found = jax.jit(network.apply)(net.variables, given.transpose(0, 2, 3, 1))["avgpool"]
    assert expected.max() > 270
    np.testing.assert_allclose(found[:, 0, 0], expected, rtol=0, atol=2e-4)


# torch 2.13 with the same weights and the same pixels; class number and logit, the largest five.
CAT = {285: 30.1749, 278: 30.0396, 282: 30.0177, 281: 29.3137, 277: 28.9844}


def test_gluon_squeezenet_sees_a_cat(shared, gluon):
    picture = Image.open(shared / "data/weights/sample_cat.jpg").convert("RGB")
    picture = picture.resize((341, 256), Image.Resampling.BICUBIC).crop((58, 16, 282, 240))
    images = np.asarray(picture, np.float32)[None] / 255
    net = load_net("squeezenet1_1", gluon / "weights")
    logits = np.asarray(jaxiqa.responses(net, images, taps=("logits",))["logits"])[0, 0, 0]
    assert set(np.argsort(-logits)[:5].tolist()) == set(CAT)
    np.testing.assert_allclose(logits[list(CAT)], list(CAT.values()), atol=2e-2)
    lines = (shared / "data/weights/imagenet_synset.txt").read_text().splitlines()
    # Whole, at its own size, the photograph is named outright.
    whole = np.asarray(Image.open(shared / "data/weights/sample_cat.jpg").convert("RGB"))
    whole = jaxiqa.responses(net, whole[None].astype(np.float32) / 255, taps=("logits",))
    assert "tiger cat" in lines[int(whole["logits"].argmax())]
    assert ["tabby" in lines[281], "tiger cat" in lines[282]] == [True, True]


def test_files_are_mapped_by_name_whatever_their_order(gluon):
    plain, arrays = load_net("squeezenet1_1", gluon / "weights"), read(gluon / "weights")
    for order in (sorted(arrays), sorted(arrays, reverse=True), sorted(arrays, key=hash)):
        found = fit(plain.architecture, {key: arrays[key] for key in order}, source="")
        assert equal(found.variables, plain.variables)
