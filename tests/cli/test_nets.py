"""`jaxiqa nets` and `jaxiqa layers`: the same numbers as the field knows, as table and as JSON."""

import json
import re

import pytest

from jaxiqa.arch import ARCHITECTURES
from jaxiqa.checkpoints.sources import sources

# torchvision's documentation, "num_params" of each set of weights.
PARAMETERS = {
    "alexnet": 61_100_840,
    "vgg11": 132_863_336,
    "vgg13": 133_047_848,
    "vgg16": 138_357_544,
    "vgg19": 143_667_240,
    "squeezenet1_0": 1_248_424,
    "squeezenet1_1": 1_235_496,
}


def records(run, *words):
    code, out, err = run(*words, "--json")
    assert (code, err) == (0, "")
    return json.loads(out)


def table(run, *words):
    """The cells of every line; two blanks divide columns."""
    code, out, err = run(*words)
    assert (code, err) == (0, "")
    return [
        [cell.strip() for cell in line.split("  ") if cell.strip()] for line in out.splitlines()
    ]


def test_nets_lists_every_architecture(run):
    found = records(run, "nets")
    assert [record["net"] for record in found] == list(ARCHITECTURES)
    for record in found:
        known = [s.name for s in sources().values() if s.architecture == record["net"]]
        trainings = [name.partition(".")[2] for name in known]
        assert sorted(record["trainings"]) == sorted([*trainings, "random-SEED"])
        assert record["trainings"][-1] == "random-SEED"
        assert "imagenet" in (record["trainings"][0], *{"imagenet"} - {*trainings})
        assert record["parameters"] == PARAMETERS.get(record["net"], record["parameters"])
        assert "arXiv" in record["reference"]


def test_table_of_nets(run):
    header, *rows = table(run, "nets")
    assert header[:4] == ["net", "training", "taps", "parameters"]
    assert [row[0] for row in rows] == list(ARCHITECTURES)
    trainings = "imagenet, places365, random-SEED"
    assert rows[0][:5] == ["alexnet", trainings, "13", "61,100,840", "63 x 63"]
    (many,) = (row[1] for row in rows if row[0] == "resnet50")
    assert re.fullmatch(r"imagenet, \d+ more in `jaxiqa weights list`, random-SEED", many)


# Channels, stride, parameters (weights and biases) and the least image, counted by hand.
ALEXNET = [
    ("conv1", "features.0", 64, 4, 64 * 3 * 11 * 11 + 64, 7),
    ("pool1", "features.2", 64, 8, 0, 15),
    ("relu3", "features.7", 384, 16, 0, 31),
    ("conv5", "features.10", 256, 16, 256 * 256 * 9 + 256, 31),
    ("fc6", "classifier.1", 4096, None, 4096 * 9216 + 4096, 63),
    ("fc8", "classifier.6", 1000, None, 1000 * 4096 + 1000, 63),
]


@pytest.mark.parametrize("row", ALEXNET)
def test_layers_of_alexnet(run, row):
    keys = ("tap", "module", "channels", "stride", "parameters", "smallest_image")
    expected = dict(zip(keys, row, strict=True))
    found = {record["tap"]: record for record in records(run, "layers", "alexnet")}
    assert found[row[0]] | expected == found[row[0]]


def test_table_of_layers(run):
    header, *rows = table(run, "layers", "alexnet")
    assert header == [
        *("tap", "module path", "layer", "channels", "stride", "parameters", "smallest image")
    ]
    assert rows[0] == ["conv1", "features.0", "Conv", "64", "4", "23,296", "7 x 7"]
    assert rows[1] == ["relu1", "features.1", "Relu", "64", "4", "-", "7 x 7"]
    assert len(rows) == 19


def test_layers_of_every_net_agree_with_the_list_of_nets(run):
    for net in records(run, "nets"):
        name, found = net["net"], records(run, "layers", net["net"])
        assert sum(record["parameters"] for record in found) == net["parameters"]
        assert [record["tap"] for record in found] == [n.name for n in ARCHITECTURES[name].nodes]
        if name in PARAMETERS:
            assert len(table(run, "layers", name)) == len(found) + 1


@pytest.mark.parametrize("name", ["alexnet.imagenet", "alexnet.random-3"])
def test_layers_of_a_training(run, name):
    assert run("layers", name) == run("layers", "alexnet")


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("alexnt", "unknown net 'alexnt', did you mean 'alexnet'"),
        ("VGG16", "unknown net 'VGG16', did you mean 'vgg16' or"),
        ("lenet", "unknown net 'lenet'"),
        ("alexnet.imagnet", "unknown set of weights 'alexnet.imagnet', did you mean"),
        ("alexnet:relu1", "unknown net 'alexnet:relu1', did you mean 'alexnet'"),
    ],
)
def test_unknown_nets(refused, name, part):
    assert part in refused("layers", name)
