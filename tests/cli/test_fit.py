"""`jaxiqa fit` in process: what it prints and writes, what it reads back, and what it refuses."""

import csv
import json
import shutil

import numpy as np
import pytest
from rated import picture, write_set, write_table

import jaxiqa
from jaxiqa.bank.distances import distances
from jaxiqa.cli import fit_files, fit_results
from jaxiqa.data.triplets import Triplets, choices_as_pairs
from jaxiqa.metrics.load import load_metric
from jaxiqa.metrics.metric_file import MetricFile, load_metric_file, save_metric
from jaxiqa.readouts.readout import Readout
from jaxiqa.relevance.held_out import gain_of, hold_out
from jaxiqa.statistics.correlate import correlate

NETS = ("pocket.random-0", "pocket.random-1")
READOUT = Readout(("relu1", "relu2"))
# Adam, whose step compiles in half the time.
CHOICES = {"optimiser": "adam", "steps": 100, "seeds": 2, "validation": 0.4}
WORDS = [word for name, value in CHOICES.items() for word in (f"--{name}", value)]
BESIDE = {
    f"mine.{kind}"
    for kind in ("channels.csv", "layers.csv", "path.csv", "held-out.csv", "ablation.csv")
}
FILES = {"mine.safetensors", "mine.png"} | BESIDE
# A dozen draws of three levels with a judge's error, so that no readout ranks them all.
ERROR = np.random.default_rng(0).normal(0, 0.7, 100)


def pairs_in(folder, name, references):
    rows = write_set(folder, references=references, levels=2)
    rated = [(*row[:2], row[2] + error) for row, error in zip(rows, ERROR, strict=False)]
    return jaxiqa.pairs_from_csv(write_table(folder / f"{name}.csv", rated))


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """A study's folder that was moved: two nets on `ok`, one of them on `other` too."""
    folder = tmp_path_factory.mktemp("study")
    wanted = [("ok", 6, NETS[0]), ("ok", 6, NETS[1]), ("other", 4, NETS[0])]
    places = {}
    for name, references, net in wanted:
        images = folder / name
        images.mkdir(exist_ok=True)
        options = {"taps": READOUT.taps, "moments": READOUT.moments}
        data = pairs_in(images, name, references)
        bank = jaxiqa.extract_bank(jaxiqa.load_net(net), data, folder / "banks", **options)
        places[name, net] = bank.path
    named = [f"/moved/since/banks/{path.name}" for path in places.values()]
    (folder / "study.json").write_text(json.dumps({"banks": named}))
    return folder, places


@pytest.fixture
def fit(run, study, tmp_path, monkeypatch):
    """Fits into tmp_path / "out" / "mine"; draws no picture, which takes the longest."""
    monkeypatch.setattr(fit_files, "draw_relevance", lambda path, *_, **__: path.touch())

    def fit(*words, path=study[0]):
        place = () if path != study[0] else ("--net", NETS[0], "--data", "ok")
        out = tmp_path / "out" / "mine.safetensors"
        return run("fit", path, *place, *WORDS, "--resamples", 50, "--out", out, *words)

    return fit


def written(folder):
    return {path.name for path in (folder / "out").iterdir()}


def rows_of(path):
    return list(csv.DictReader(path.read_text().splitlines()))


def test_a_fit_says_and_writes_what_the_functions_compute(fit, study, tmp_path):
    code, out, err = fit("--folds", 3)
    assert (code, err) == (0, "8 fits ..\n")
    assert written(tmp_path) == FILES
    held = hold_out(jaxiqa.open_bank(study[1]["ok", NETS[0]]), READOUT, folds=3, **CHOICES)
    gain = gain_of(held.before, held.after, held.opinions, resamples=50)
    lines = out.splitlines()
    assert lines[0].startswith("pocket.random-0 relu1+relu2, euclidean, fitted to 12 pairs of ok")
    assert "(6 references): 96 weights, one a channel; pearson, adam, " in lines[0]
    (row,) = [line for line in lines if line.startswith("held out (3 folds by reference)  12")]
    for value in (gain.before.srocc, gain.after.srocc):
        assert f"{value:.3f} [" in row
    change = gain.difference
    told = f"{change.srocc:+.3f} [{change.srocc_low:+.3f}, {change.srocc_high:+.3f}]"
    assert told in row
    assert lines[-1].startswith(f"Held out, SROCC changes by {told}, p = ")
    assert any(line.startswith("Held out, SROCC of 2 seeds: ") for line in lines)

    found = rows_of(tmp_path / "out" / "mine.held-out.csv")
    assert [row["distorted"] for row in found[:2]] == [
        str(study[0] / "ok" / f"r0_{level}.png") for level in range(2)
    ]
    assert {row["fold"] for row in found} == {"fold 1", "fold 2", "fold 3"}
    np.testing.assert_allclose([float(row["after"]) for row in found], held.after, rtol=1e-7)
    opinion = [float(row["opinion"]) for row in found]
    after = [float(row["after"]) for row in found]
    again = correlate(after, opinion, higher_is_better=True, resamples=0)
    path = rows_of(tmp_path / "out" / "mine.path.csv")
    assert float(path[-1]["srocc"]) == pytest.approx(again.srocc, abs=1e-6)
    assert again.srocc == pytest.approx(gain.after.srocc)
    channels = rows_of(tmp_path / "out" / "mine.channels.csv")
    assert len(channels) == 96
    assert sum(float(row["share"]) for row in channels) == pytest.approx(1, abs=1e-3)
    layers = rows_of(tmp_path / "out" / "mine.layers.csv")
    assert [(row["tap"], row["channels"]) for row in layers] == [("relu1", "32"), ("relu2", "64")]


def test_the_file_is_a_metric_of_the_fitted_distances(fit, study, tmp_path):
    assert fit("--folds", 0, "--quiet")[::2] == (0, "")
    out, bank = tmp_path / "out" / "mine.safetensors", jaxiqa.open_bank(study[1]["ok", NETS[0]])
    fitted = jaxiqa.fit_relevance(bank, READOUT, **CHOICES).distances
    metric = load_metric(out)
    assert metric.name == "mine"
    table = bank.record["table"]
    for k in (0, 3, 11):
        pair = (jaxiqa.read_image(table[side][k])[None] for side in ("reference", "distorted"))
        np.testing.assert_allclose(metric(*pair)[0], fitted[k], rtol=1e-4)
    assert not np.allclose(fitted, distances(bank, [READOUT])[0], rtol=1e-2)
    with pytest.raises(jaxiqa.InputError, match="mine was fitted to weights"):
        load_metric(out, net=jaxiqa.load_net(NETS[1]))


def test_without_folds_nothing_is_held_out_and_no_older_files_stay(fit, tmp_path):
    (tmp_path / "out").mkdir()
    for name in BESIDE:
        (tmp_path / "out" / name).write_text("of something else")
    code, _, err = fit("--folds", 0)
    assert code == 2
    assert "would overwrite mine.channels.csv, mine.layers.csv" in err
    assert {(tmp_path / "out" / name).read_text() for name in BESIDE} == {"of something else"}
    earlier = MetricFile("mine", NETS[0], "pocket", READOUT, {}, {})
    save_metric(tmp_path / "out" / "mine.safetensors", earlier)
    code, out, err = fit("--folds", 0)
    assert (code, err) == (0, "2 fits ..\n")
    assert written(tmp_path) == {"mine.safetensors", "mine.png", "mine.channels.csv"}
    assert out.splitlines()[-1].startswith("Nothing was held out")


def test_other_data_and_data_that_is_not_held_out(run, fit, study, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(study[1]["ok", NETS[0]], copy)
    tests = ("--test", study[0], "--test", copy)
    code, out, err = fit("--folds", 3, "--json", *tests)
    assert code == 0
    help_ = " ".join(run("fit", "--help")[1].split())
    assert f"JSON document: {', '.join(json.loads(out))}" in help_
    whys = [
        "other shares 4 of 4 reference images with ok",
        "ok shares 6 of 6 reference images with ok",
    ]
    told = [f"jaxiqa: {why.partition(' ')[0]} is NOT held out: {why}" for why in whys]
    assert err.splitlines() == ["8 fits ..", *told]
    found = json.loads(out)
    names = ["fitted pairs", "held out (3 folds by reference)", "other", "ok"]
    assert [(row["name"], row["n"]) for row in found["pairs"]] == list(
        zip(names, (12, 12, 8, 12), strict=True)
    )
    assert [row["shared"] for row in found["pairs"]] == [None, None, *whys]
    fitted, _, other, same = (row["changes"]["SROCC"] for row in found["pairs"])
    # The file holds float32.
    assert same["after"] == pytest.approx(fitted["after"])
    metric = load_metric_file(tmp_path / "out" / "mine.safetensors")
    bank = jaxiqa.open_bank(study[1]["other", NETS[0]])
    distance = distances(bank, [metric.readout], relevance=metric.relevance)[0]
    expected = correlate(
        distance, bank.record["table"]["opinion"], higher_is_better=True, resamples=0
    )
    assert other["after"] == pytest.approx(expected.srocc)
    held_out = metric.provenance["held out"]
    assert held_out["SROCC"]["after"] == found["pairs"][1]["changes"]["SROCC"]["after"]
    assert [test["data"] for test in held_out["tests"]] == ["other", "ok"]
    assert held_out["tests"][1]["not held out"] == whys[1]
    assert found["weights"] == 96
    assert len(found["seeds_held_out"]) == 2


@pytest.fixture(scope="module")
def choices(tmp_path_factory):
    """A bank of choices between two images."""
    images = {f"{kind}{k}": picture(3 * k + i) for k in range(6) for i, kind in enumerate("rab")}
    columns = ([f"{kind}{k}" for k in range(6)] for kind in "rab")
    share = np.linspace(0.1, 0.9, 6)
    triplets = Triplets("chosen", *columns, share, images.__getitem__, ("x",) * 6, ("",) * 6)
    options = {"taps": ("relu1",), "moments": READOUT.moments}
    data = choices_as_pairs(triplets)
    folder = tmp_path_factory.mktemp("choices")
    return jaxiqa.extract_bank(jaxiqa.load_net(NETS[0]), data, folder, **options)


@pytest.mark.slow
def test_choices_between_two_images_are_scored_as_such(fit, choices, tmp_path):
    code, out, _ = fit("--objective", "2afc", "--folds", 3, "--json", path=choices.path)
    assert code == 0
    found = json.loads(out)
    assert [list(row["changes"]) for row in found["pairs"]] == [["2AFC"], ["2AFC"]]
    assert [row["n"] for row in found["pairs"]] == [6, 6]
    first, second = np.split(distances(choices, [Readout(("relu1",))])[0], 2)
    share = np.linspace(0.1, 0.9, 6)
    expected = np.where(second < first, share, 1 - share).mean()
    assert found["pairs"][1]["changes"]["2AFC"]["before"] == pytest.approx(expected)
    assert {row["srocc"] for row in found["path"]} == {None}
    assert "2AFC changes by" in found["conclusion"]


def test_an_interrupted_fit_leaves_nothing(fit, tmp_path, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(fit_results, "fit_relevance", interrupted)
    code, out, err = fit("--folds", 3)
    assert (code, out) == (130, "")
    assert err.splitlines()[-1] == "jaxiqa: interrupted"
    assert written(tmp_path) == set()


OK = ("--net", NETS[0], "--data", "ok")


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ((), "ok: pocket.random-0, ok: pocket.random-1, other: pocket.random-0; choose with"),
        (("--data", "ok"), "holds ok: pocket.random-0, ok: pocket.random-1; choose with --net"),
        (("--net", NETS[0]), "ok: pocket.random-0, other: pocket.random-0; choose with --data"),
        (("--net", "pocket"), "choose with --net and --data"),
        (("--net", "pocket.random-2"), "did you mean 'pocket.random-1' or 'pocket.random-0'?"),
        (("--net", NETS[0], "--data", "okay"), "unknown data set 'okay', did you mean 'ok'?"),
        ((*OK, "--taps", "relu5"), "holds relu1, relu2, not 'relu5'"),
        ((*OK, "--taps", "rellu1"), "unknown tap of pocket 'rellu1', did you mean 'relu1'"),
        ((*OK, "--taps", "relu1+relu1"), "holds tap 'relu1' twice"),
        ((*OK, "--readout", "unit"), "holds energy; extract it with that moment"),
        ((*OK, "--readout", "gram"), "form 'gram' takes no relevance of channels"),
        ((*OK, "--objective", "pearsen"), "unknown objective 'pearsen', did you mean 'pearson'?"),
        ((*OK, "--objective", "2afc"), "ok holds no choices between two images"),
        ((*OK, "--optimiser", "sgd"), "unknown optimiser 'sgd'."),
        ((*OK, "--per", "tap"), "unknown sharing of weights 'tap'"),
        ((*OK, "--l1", "-1"), "l1 must be a number of 0 or more, got -1.0"),
        ((*OK, "--validation", "1"), "validation must be a part of the references"),
        ((*OK, "--seeds", "0"), "seeds must be a whole number above 0, got 0"),
        ((*OK, "--split", "references"), "unknown split 'references', did you mean 'reference'?"),
        ((*OK, "--split", "distortion"), "ok does not tell kinds of distortion"),
        ((*OK, "--split", "leave-one-out", "--folds", "3"), "--folds is about --split reference"),
        ((*OK, "--folds", "7"), "ok has 6 reference images; folds must be a whole number from 2"),
        ((*OK, "--resamples", "1"), "--resamples must be 2 or more, or 0 for no intervals, got 1"),
        ((*OK, "--seed", "-1"), "--seed must be 0 or more, got -1"),
        ((*OK, "--test", "nowhere"), "nowhere is neither a bank (bank.json) nor the folder of a"),
    ],
)
def test_what_is_refused(refused, study, tmp_path, words, part):
    out = tmp_path / "out" / "mine.safetensors"
    assert part in refused("fit", study[0], "--out", out, *words)
    assert not out.parent.exists()


def test_places_that_are_refused(refused, study, choices, tmp_path):
    (tmp_path / "empty").mkdir()
    out = ("--out", tmp_path / "mine.safetensors")
    assert "is neither a bank" in refused("fit", tmp_path / "empty", *out)
    (tmp_path / "empty" / "study.json").write_text("{}")
    assert "is no record of a study: KeyError('banks')" in refused("fit", tmp_path / "empty", *out)
    bank = study[1]["ok", NETS[1]]
    same = refused("fit", bank, *out, "--test", bank)
    assert f"--test {bank} is what is fitted to; give another data set" in same
    other = refused("fit", bank, *out, "--test", study[1]["other", NETS[0]])
    assert f"and not pocket.random-1 as in {bank}" in other
    lacking = refused("fit", study[1]["ok", NETS[0]], *out, "--test", choices.path)
    assert "holds relu1, not 'relu2'" in lacking
    text = tmp_path / "mine.txt"
    assert "a metric's file ends in .safetensors" in refused("fit", bank, "--out", text)
    weights = tmp_path / "weights.safetensors"
    weights.write_bytes(b"of somebody")
    assert "would overwrite something" in refused("fit", bank, "--out", weights)
    assert weights.read_bytes() == b"of somebody"
    below = tmp_path / "mine.txt" / "mine.safetensors"
    text.touch()
    assert "is a file, expected a folder" in refused("fit", bank, "--out", below)
    assert "the following arguments are required: --out" in refused("fit", bank)
