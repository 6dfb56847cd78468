"""The plan of the paper's analysis: what is known of its nets, what is found, what is run."""

import csv
import hashlib
import pathlib
import re
import subprocess
import sys

import numpy as np
import pytest
from planted import planted_arrays
from rated import noisy, picture, save, write_table

from jaxiqa.arch import ARCHITECTURES
from jaxiqa.checkpoints.load import is_random
from jaxiqa.checkpoints.sources import sources
from jaxiqa.readouts.readout import parse_form
from jaxiqa.study.study_file import read_study

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "scripts"))

import paper_survey
import reproduce_paper
from paper_factors import COMPARISONS, READOUTS
from paper_nets import published

NAMES = sorted({name for comparison in COMPARISONS for name in comparison.nets})
CONTROLS = {name for name in NAMES if is_random(name) and name.partition(".")[0] in ARCHITECTURES}


@pytest.fixture
def told(monkeypatch, capsys):
    """Runs the script, the study itself left out; returns code, stdout, stderr, and its words."""

    def told(*words):
        asked = []
        monkeypatch.setattr(reproduce_paper, "jaxiqa", lambda words: asked.append(words) or 0)
        code = reproduce_paper.main([str(word) for word in words])
        return (code, *capsys.readouterr(), asked)

    return told


def section(out, title):
    """The names of the nets in a section of the plan."""
    lines = out.splitlines()
    (start,) = (k for k, line in enumerate(lines) if line.startswith(f"{title} ("))
    count = int(re.search(r"\((\d+)\)$", lines[start])[1])
    return [line.split()[0] for line in lines[start + 1 : start + 1 + count]]


def test_every_net_of_a_comparison_has_a_record():
    assert {name for name in NAMES if not is_random(name)} <= set(sources())
    assert {is_random(name) for name in NAMES if published(name).function == "none"} == {True}


@pytest.mark.parametrize("name", [name for name in NAMES if not is_random(name)])
def test_a_published_net_says_all_that_is_needed_to_get_it(name):
    net = published(name)
    assert net.address.endswith(f"/{net.file}")
    assert all((net.function, net.environment, net.licence, net.paper))
    same = [other for other in NAMES if published(other).file == net.file]
    assert same == [name]
    assert net.sha256 or "download.pytorch.org" not in net.address


@pytest.mark.parametrize("comparison", COMPARISONS, ids=lambda c: f"{c.factor}, {c.title}")
def test_what_a_comparison_does_not_vary_is_the_same_for_all_its_nets(comparison):
    nets = [published(name) for name in comparison.nets if not is_random(name)]
    fixed = {"function", "environment"} - {comparison.factor}
    for factor in fixed:
        assert len({getattr(net, factor) for net in nets}) == 1
    varied = [getattr(published(name), comparison.factor) for name in comparison.nets]
    assert len(set(varied)) > 1


def test_the_levels_that_the_paper_compares_are_there():
    levels = {factor: set() for factor in reproduce_paper.FACTORS}
    for comparison in COMPARISONS:
        for name in comparison.nets:
            levels[comparison.factor].add(getattr(published(name), comparison.factor))
    classes = {"classification", "jigsaw", "rotation", "colorization", "clustering", "none"}
    assert classes <= levels["function"]
    environments = {"ImageNet-1k", "ImageNet-22k", "Places365", "YFCC100M", "CIFAR-10"}
    assert levels["environment"] == environments
    families = ("alexnet", "vgg", "squeezenet", "resnet", "densenet", "inception", "mobilenet")
    for family in (*families, *(f"efficientnet_b{scale}" for scale in range(8))):
        assert any(name.startswith(family) for name in levels["architecture"])
    assert {"mean", "std", "gram", "euclidean"} < {parse_form(text)[0] for text in READOUTS}


@pytest.mark.slow
def test_torchvision_publishes_its_nets_where_the_table_says():
    models = pytest.importorskip("torchvision.models", reason="needs the extra oracles")
    for net in map(published, NAMES):
        if "download.pytorch.org" in net.address:
            weights = models.get_model_weights(net.architecture)["IMAGENET1K_V1"]
            assert weights.url == net.address


def test_digits_in_a_file_name_begin_its_digest(shared):
    folder = shared / "data" / "weights" / "cifar10_resnets"
    for net in map(published, NAMES):
        if net.environment == "CIFAR-10":
            digest = hashlib.sha256((folder / net.file).read_bytes()).hexdigest()
            assert digest.startswith(net.sha256)


def test_without_weights_all_but_random_nets_are_missing_or_beyond_this_version(told, tmp_path):
    code, out, err, asked = told("--plan", "--weights", tmp_path)
    assert (code, err, asked) == (0, "", [])
    assert set(section(out, "available")) == CONTROLS
    missing, beyond = section(out, "missing"), section(out, "not in this version")
    assert sorted((*CONTROLS, *missing, *beyond)) == NAMES
    assert {name for name in missing if paper_survey.lacking(published(name))} == set()
    assert all(paper_survey.lacking(published(name)) for name in beyond)
    (line,) = (line for line in out.splitlines() if line.startswith("  vgg16.imagenet "))
    assert "get https://download.pytorch.org/models/vgg16-397923af.pth (BSD-3-Clause" in line
    (line,) = (line for line in out.splitlines() if line.startswith("  alexnet_deepcluster.in1k "))
    assert "https://dl.fbaipublicfiles.com/vissl/" in line
    assert line.endswith("sees grey only, through Sobel filters")
    assert list(tmp_path.iterdir()) == []


def test_weights_are_found_by_published_name_by_digits_and_by_their_own_name(
    told, tmp_path, monkeypatch
):
    files = {
        "alexnet.imagenet": "deep/er/alexnet-owt-7be5be79.pth",
        "vgg16.imagenet": "my-vgg16_397923af.safetensors",
        "squeezenet1_1.imagenet": "squeezenet1_1.imagenet.npz",
        "vgg13_bn.imagenet": "vgg13_bn.imagenet/SHA256SUMS",
    }
    for name in (*files.values(), "vgg11.pth", "alexnet-features.pth"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    for words in (("--weights", tmp_path), ("--weights", tmp_path / "deep", "--weights", ".")):
        monkeypatch.chdir(tmp_path)
        out = told("--plan", *words)[1]
        assert set(section(out, "available")) == CONTROLS | set(files)
        assert f"classification, ImageNet-1k: {words[1]}" in out
    assert "vgg13_bn.imagenet\n" in out
    assert "function: VGG16 on ImageNet-1k: 2 of 2, classification, none" in out
    assert "architecture: classification, ImageNet-1k: 4 of 29, alexnet, vgg13_bn, vgg16" in out


def test_one_factor_alone_can_be_asked_for(told):
    out = told("--plan", "--factor", "architecture")[1]
    assert section(out, "available") == []
    assert "architecture: " in out
    assert "function: " not in out
    assert "alexnet_jigsaw" not in out


def test_the_study_of_what_is_available_is_written_and_run(told, tmp_path, monkeypatch):
    (tmp_path / "alexnet-owt-7be5be79.pth").touch()
    (tmp_path / "dmos.csv").touch()
    monkeypatch.chdir(tmp_path)
    words = ("--weights", ".", "--data", "dmos.csv", "--lower-is-better", "--out", "paper/results")
    code, out, _, asked = told(*words)
    assert (code, asked) == (0, [["study", "paper/results/paper.toml"]])
    assert out.splitlines()[-1] == "jaxiqa study paper/results/paper.toml"
    study = read_study("paper/results/paper.toml")
    assert study.out == tmp_path / "paper" / "results"
    assert [(data.csv, data.higher_is_better) for data in study.data] == [
        (tmp_path / "dmos.csv", False)
    ]
    assert {(net.name, net.weights, net.function) for net in study.nets} == {
        ("alexnet.imagenet", tmp_path / "alexnet-owt-7be5be79.pth", "classification"),
        *((name, None, "none") for name in CONTROLS),
    }
    assert (study.readouts, study.moments, study.taps) == (READOUTS, "all", ("all", "stages"))


def test_a_new_architecture_is_taken_up_without_a_word_here(monkeypatch):
    known = {name: table for name, table in ARCHITECTURES.items() if name != "resnet18"}
    monkeypatch.setattr(paper_survey, "ARCHITECTURES", known)
    assert paper_survey.lacking(published("resnet18.imagenet")) == "no architecture resnet18"
    known["resnet18"] = ARCHITECTURES["alexnet"]
    assert paper_survey.lacking(published("resnet18.imagenet")) == ""


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "give --data, a CSV file of rated pairs such as TID2013's, or --plan"),
        (("--data", "none.csv"), "--data: no such file: none.csv"),
        (("--plan", "--weights", "nowhere"), "--weights: no such folder: nowhere"),
        (("--data", "a.csv", "--out", "a.csv"), "cannot write a.csv/paper.toml"),
    ],
)
def test_mistakes_are_one_line(told, tmp_path, monkeypatch, words, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.csv").touch()
    code, _, err, asked = told(*words)
    assert (code, asked) == (2, [])
    assert err.startswith(f"reproduce_paper: {message}")
    assert len(err.splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]


@pytest.mark.slow
def test_a_reader_that_leaves_is_no_error():
    script = reproduce_paper.__file__
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; '{sys.executable}' '{script}' --plan | head -1"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, f"available ({len(CONTROLS)})\n", "")


@pytest.mark.slow
def test_the_study_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(
        reproduce_paper,
        "COMPARISONS",
        [c for c in COMPARISONS if c.title.startswith("SqueezeNet")],
    )
    arrays = planted_arrays(ARCHITECTURES["squeezenet1_1"], "features.0.")
    np.savez(tmp_path / "squeezenet1_1.imagenet.npz", **arrays)
    rows = []
    for r in range(4):
        reference = picture(r, (72, 80))
        save(tmp_path / f"r{r}.png", reference)
        for level in range(3):
            name = f"r{r}_{level}.png"
            save(tmp_path / name, noisy(reference, 6 * (level + 1), 10 * r + level))
            rows.append((f"r{r}.png", name, 5 - level - r / 10))
    data = write_table(tmp_path / "pairs.csv", rows)
    words = ["--weights", str(tmp_path), "--data", data, "--out", str(tmp_path / "out")]
    assert reproduce_paper.main(words) == 0, capsys.readouterr().err
    found = list(csv.DictReader((tmp_path / "out" / "results.csv").read_text().splitlines()))
    nets = {row["net"] for row in found}
    assert nets >= {"squeezenet1_1.imagenet", *(f"squeezenet1_1.random-{k}" for k in range(3))}
    assert {row["readout"] for row in found} >= set(READOUTS)
    assert {row["n"] for row in found} == {"12"}
