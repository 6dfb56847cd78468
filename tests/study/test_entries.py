"""The nets of a study: labels, taps and readouts, and what is refused."""

import pathlib

import numpy as np
import pytest
from planted import planted_arrays

from jaxiqa.arch import ARCHITECTURES
from jaxiqa.arch.graph import feature_taps
from jaxiqa.checks import InputError
from jaxiqa.readouts.readout import Readout
from jaxiqa.study.choices import NetChoice
from jaxiqa.study.entries import entries, every_tap, parse_taps, readouts_of


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


def loaded(names, files=(), taps=("relu1",), forms=("euclidean",)):
    """Entries of nets by name, each that is not random with the next of the files."""
    files = iter(files)
    nets = [NetChoice(n, None if ".random" in n else next(files), None, tuple(taps)) for n in names]
    return entries(nets, forms)


def taps_of(entry):
    return tuple(readout.taps for readout in entry.readouts)


def labels(folder, *files, names=None):
    names = names or ["alexnet"] * len(files)
    found = loaded(names, [folder / file for file in files])
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
        loaded(["alexnet.random-0"] * 2)


@pytest.mark.parametrize(
    ("names", "weights", "message"),
    [
        (["alexnt"], ["a"], "unknown net 'alexnt', did you mean 'alexnet'?"),
        (["vgg16.imagent"], ["a"], "imagenet"),
        (["alexnet.random-0", "alexnet"], ["no such file"], "no such file"),
    ],
)
def test_nets_that_cannot_be_had_are_named(names, weights, message):
    with pytest.raises(InputError, match=message) as caught:
        loaded(names, weights)
    assert "\n" not in str(caught.value)


def test_every_tap_that_the_weights_reach_and_the_stages_together(folder):
    asked = {"taps": ("all", "stages")}
    (whole,) = loaded(["alexnet.random-0"], **asked)
    stages = ("relu1", "relu2", "relu3", "relu4", "relu5")
    every = feature_taps(ARCHITECTURES["alexnet"])
    assert taps_of(whole) == (*((tap,) for tap in every), stages)
    assert whole.taps == every
    (one,) = loaded(["alexnet"], [folder / "a/net.npz"], **asked)
    assert taps_of(one) == (("conv1",), ("relu1",), ("pool1",))
    (two,) = loaded(["alexnet"], [folder / "deeper.npz"], **asked)
    assert taps_of(two)[-2:] == (("pool2",), ("relu1", "relu2"))


def test_weights_that_reach_no_tap_are_refused(folder):
    (entry,) = loaded(["alexnet"], [folder / "a/net.npz"])
    bare = type(entry.net)(
        {}, *(getattr(entry.net, f) for f in ("architecture", "preprocess")), *"ab"
    )
    with pytest.raises(InputError, match=r"reach no tap: features.0.weight, features.0.bias"):
        every_tap(bare)


def test_taps_and_concatenations_come_each_once():
    assert parse_taps("relu1") == ("relu1",)
    assert parse_taps(" relu1 + features.4") == ("relu1", "features.4")
    asked = ["relu2", "relu1+features.4", "relu2", "logits"]
    (entry,) = loaded(["squeezenet1_1.random-0"], taps=["fire2"])
    assert taps_of(entry) == (("fire2",),)
    with pytest.raises(InputError, match="logits"):
        loaded(["alexnet.random-0"], taps=asked)
    (entry,) = loaded(["alexnet.random-0"], taps=asked[:3])
    assert taps_of(entry) == (("relu2",), ("relu1", "features.4"))
    assert entry.taps == ("relu2", "relu1", "features.4")


def test_each_form_of_each_tap_but_no_combination_of_a_single_one():
    taps = (("a",), ("a", "b"))
    found = readouts_of(taps, ["euclidean", "euclidean/balanced", "unit/dataset-mean", "gram"])
    assert found == (
        Readout(("a",)),
        Readout(("a", "b")),
        Readout(("a", "b"), combination="balanced"),
        Readout(("a",), "unit", relevance="dataset-mean"),
        Readout(("a", "b"), "unit", relevance="dataset-mean"),
        Readout(("a",), "gram"),
        Readout(("a", "b"), "gram"),
    )


def test_an_entry_needs_the_moments_of_its_readouts_in_their_order():
    (entry,) = loaded(["alexnet.random-0"], forms=["gram", "mean", "euclidean"])
    assert entry.moments == ("energy", "mean_difference", "gram")
    assert entry.factors == ("alexnet", "unknown", "unknown")


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
        loaded(["alexnet.random-0"], taps=[readout])
    assert "\n" not in str(caught.value)


def test_a_tap_beyond_partial_weights_is_refused(folder):
    with pytest.raises(InputError, match=r"do not reach tap 'relu2': features.3.*serve conv1 to"):
        loaded(["alexnet"], [folder / "a/net.npz"], ["relu2"])
