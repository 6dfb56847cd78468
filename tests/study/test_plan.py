"""What a study is made of: nets and labels, readouts, data sets, and what is refused."""

import pathlib

import numpy as np
import pytest
from planted import planted_arrays
from rated import write_table

from jaxiqa.arch import ARCHITECTURES
from jaxiqa.arch.graph import feature_taps
from jaxiqa.checkpoints.load import is_random
from jaxiqa.checks import InputError
from jaxiqa.data import ContrastThresholds
from jaxiqa.study.plan import (
    CONTROLS,
    SHIPPED,
    Plan,
    data_sets,
    default_readouts,
    entries,
    pair_weights,
    parse_readout,
)

ROWS = [(f"r{k}.png", f"d{k}.png", k) for k in range(4)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> pathlib.Path:
    """Checkpoints of AlexNet that reach relu2 at the most, under names that collide."""
    folder = tmp_path_factory.mktemp("weights")
    arrays = planted_arrays(ARCHITECTURES["alexnet"], "features.0.")
    for place in ("a/net.npz", "b/net.npz", "b/other.npz", "b/net.v2.npz"):
        path = folder / place
        path.parent.mkdir(exist_ok=True)
        np.savez(path, **arrays)
    np.savez(
        folder / "deeper.npz", **arrays, **planted_arrays(ARCHITECTURES["alexnet"], "features.3.")
    )
    return folder


def labels(folder, *files, names=None):
    names = names or ["alexnet"] * len(files)
    found = entries(names, [str(folder / file) for file in files], ["relu1"])
    return [entry.label for entry in found]


def test_a_net_named_once_keeps_its_name(folder):
    assert labels(folder, "a/net.npz") == ["alexnet"]
    names = ["alexnet.random-1", "alexnet", "alexnet.imagenet"]
    assert labels(folder, "a/net.npz", "b/net.npz", names=names) == names


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (("a/net.npz", "b/other.npz"), ("net", "other")),
        (("a/net.npz", "b/net.npz"), ("a/net.npz", "b/net.npz")),
        (("b/net.npz", "b/net.v2.npz"), ("net", "net.v2")),
        (("a/net.npz", "b/other.npz", "b/net.npz"), ("a/net.npz", "b/other.npz", "b/net.npz")),
    ],
)
def test_a_net_named_twice_is_told_apart_by_its_weights(folder, files, expected):
    assert labels(folder, *files) == [f"alexnet@{tail}" for tail in expected]


def test_a_relative_path_may_need_the_folder_above_it(folder, monkeypatch):
    monkeypatch.chdir(folder / "a")
    assert labels(pathlib.Path(), "net.npz", "../b/net.npz") == [
        "alexnet@a/net.npz",
        "alexnet@b/net.npz",
    ]


def test_the_same_net_twice_is_refused(folder):
    with pytest.raises(InputError, match="alexnet is asked for twice"):
        labels(folder, "a/net.npz", "b/../a/net.npz")
    with pytest.raises(InputError, match=r"alexnet.random-0 is asked for twice"):
        entries(["alexnet.random-0"] * 2, [])


def test_weights_go_to_the_nets_that_need_them_in_order():
    names = ["alexnet", "vgg16.random-3", "vgg16", "alexnet.random"]
    assert pair_weights(names, ["one", "two"]) == ["one", None, "two", None]
    assert pair_weights(CONTROLS, []) == [None] * len(CONTROLS)


@pytest.mark.parametrize(
    ("names", "weights", "message"),
    [
        (["alexnet"], [], r"1 of the nets need weights \(alexnet\) and 0 were given"),
        (["alexnet"], ["a", "b"], "1 of the nets need weights .* and 2 were given"),
        (["alexnet.random-0"], ["a"], r"0 of the nets need weights \(none\) and 1 were given"),
        (["alexnt"], [], "unknown net 'alexnt', did you mean 'alexnet'?"),
        (["vgg16.imagent"], ["a"], "imagenet"),
        (["alexnet.random-0", "alexnet"], ["no such file"], "no such file"),
    ],
)
def test_nets_that_cannot_be_had_are_named(names, weights, message):
    with pytest.raises(InputError, match=message) as caught:
        entries(names, weights)
    assert "\n" not in str(caught.value)


def test_by_default_every_tap_that_the_weights_reach_and_the_stages_together(folder):
    (whole,) = entries(["alexnet.random-0"], [])
    stages = ("relu1", "relu2", "relu3", "relu4", "relu5")
    every = feature_taps(ARCHITECTURES["alexnet"])
    assert whole.readouts == (*((tap,) for tap in every), stages)
    assert whole.taps == every
    (one,) = entries(["alexnet"], [str(folder / "a/net.npz")])
    assert one.readouts == (("conv1",), ("relu1",), ("pool1",))
    (two,) = entries(["alexnet"], [str(folder / "deeper.npz")])
    assert two.readouts[-2:] == (("pool2",), ("relu1", "relu2"))


def test_weights_that_reach_no_tap_are_refused(folder):
    (entry,) = entries(["alexnet"], [str(folder / "a/net.npz")])
    bare = type(entry.net)(
        {}, *(getattr(entry.net, f) for f in ("architecture", "preprocess")), *"ab"
    )
    with pytest.raises(InputError, match=r"reach no tap: features.0.weight, features.0.bias"):
        default_readouts(bare)


def test_readouts_are_taps_and_concatenations_each_once():
    assert parse_readout("relu1") == ("relu1",)
    assert parse_readout(" relu1 + features.4") == ("relu1", "features.4")
    asked = ["relu2", "relu1+features.4", "relu2", "logits"]
    (entry,) = entries(["squeezenet1_1.random-0"], [], ["fire2"])
    assert entry.readouts == (("fire2",),)
    with pytest.raises(InputError, match="logits"):
        entries(["alexnet.random-0"], [], asked)
    (entry,) = entries(["alexnet.random-0"], [], asked[:3])
    assert entry.readouts == (("relu2",), ("relu1", "features.4"))
    assert entry.taps == ("relu2", "relu1", "features.4")


@pytest.mark.parametrize(
    ("readout", "message"),
    [
        ("relu9", "unknown tap of alexnet 'relu9', did you mean"),
        ("", "unknown tap of alexnet ''"),
        ("relu1+", "unknown tap of alexnet ''"),
        ("relu1+rleu2", "'rleu2', did you mean .*'relu2'"),
        ("relu2+relu2", r"relu2\+relu2 holds tap 'relu2' twice"),
        ("relu2+features.4", r"relu2\+features.4 holds tap 'relu2' twice"),
    ],
)
def test_readouts_that_cannot_be_formed_are_named(readout, message):
    with pytest.raises(InputError, match=message) as caught:
        entries(["alexnet.random-0"], [], [readout])
    assert "\n" not in str(caught.value)


def test_a_tap_beyond_partial_weights_is_refused(folder):
    with pytest.raises(InputError, match=r"do not reach tap 'relu2': features.3.*serve conv1 to"):
        entries(["alexnet"], [str(folder / "a/net.npz")], ["relu2"])


def test_data_sets_are_those_that_ship_or_files(tmp_path):
    path = write_table(tmp_path / "mine.csv", ROWS)
    short, full, mine = data_sets([*SHIPPED, path], higher_is_better=False)
    assert [data.name for data in (short, full, mine)] == [*SHIPPED, "mine"]
    assert isinstance(short, ContrastThresholds)
    assert len(short.stimuli) < len(full.stimuli)
    assert mine.higher_is_better is False
    assert data_sets([path])[0].higher_is_better is True


@pytest.mark.parametrize(
    ("asked", "sign", "message"),
    [
        (["contrast-threshold"], None, "no such file: .*did you mean 'contrast-thresholds'"),
        (["none.csv"], None, "no such file: none.csv$"),
        (["mine.csv", "mine.csv"], None, "two data sets are named mine"),
        (["mine.csv", "other/mine.csv"], None, "two data sets are named mine"),
        (["contrast-thresholds"] * 2, None, "two data sets are named contrast-thresholds"),
        (["contrast-thresholds"], False, "the sign of an opinion belongs to a --data file"),
        (["."], None, "is a folder"),
    ],
)
def test_data_sets_that_cannot_be_had_are_named(tmp_path, monkeypatch, asked, sign, message):
    (tmp_path / "other").mkdir()
    for place in ("mine.csv", "other/mine.csv"):
        write_table(tmp_path / place, ROWS)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=message) as caught:
        data_sets(asked, higher_is_better=sign)
    assert "\n" not in str(caught.value)


def test_the_controls_have_random_weights_and_precision_is_the_highest():
    assert all(map(is_random, CONTROLS))
    assert Plan((), entries(CONTROLS[:1], []), None, 1).precision == "highest"
