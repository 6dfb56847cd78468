"""Relevance fitted off a small bank: what is fitted, held out, tabled and written of it."""

import dataclasses

import numpy as np
import pytest
from rated import noisy, pairs_of, picture

import jaxiqa
from jaxiqa import Readout, distances, extract_bank, load_net
from jaxiqa.checks import InputError
from jaxiqa.data.triplets import Triplets, choices_as_pairs
from jaxiqa.metrics.metric_file import load_metric_file, save_metric
from jaxiqa.readouts.readout import parse_form
from jaxiqa.relevance import (
    ablation_rows,
    channel_rows,
    channels_for,
    choice_scores,
    fit_relevance,
    gain_of,
    hold_out,
    layer_rows,
    metric_file,
    path_rows,
    shared_scenes,
    transfer,
)
from jaxiqa.relevance.design import design_of
from jaxiqa.relevance.held_out import pooled
from jaxiqa.relevance.opinions import opinions_of
from jaxiqa.relevance.splits import folds_of, set_aside

NET = load_net("squeezenet1_1.random-0")
TAPS = ("conv1", "fire2")
SCENES = {f"s{k}": picture(k, (40, 48) if k % 2 else (44, 40)) for k in range(6)}
LEVELS = (0, 2, 5, 12, 30)
IMAGES = dict(SCENES)
IMAGES |= {f"{s}-{v}": noisy(i, v, k) for k, (s, i) in enumerate(SCENES.items()) for v in LEVELS}
ROWS = [(scene, f"{scene}-{level}") for scene in SCENES for level in LEVELS]
# One pair of the bank has no image.
ROWS = [*ROWS[:7], ("s1", "gone"), *ROWS[7:]]
OPINION = np.array([-float(row[1].partition("-")[2] or 0) for row in ROWS])
KINDS = tuple("even" if k % 2 else "odd" for k in range(len(ROWS)))
QUICK = {"steps": 20, "validation": 0.0}


@pytest.fixture(scope="module")
def bank(tmp_path_factory):
    pairs = pairs_of(ROWS, IMAGES, opinion=OPINION, distortion=KINDS)
    return extract_bank(NET, pairs, tmp_path_factory.mktemp("banks"), taps=TAPS)


FORMS = ("unit", "euclidean", "cosine", "dists", "std", "unit/dataset-mean", "euclidean/balanced")
FORMS = (*FORMS, "mean-std/averaged", "dists/balanced/dataset-mean")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("per", ["channel", "layer"])
def test_all_weights_1_are_the_plain_readout_and_others_its_relevance(bank, form, per):
    readout, rows = Readout(TAPS, *parse_form(form)), opinions_of(bank).rows
    design = design_of(bank, readout, rows, per=per)
    count = len(design.mean)
    assert 7 not in rows
    plain = design.distances(np.ones(count))
    np.testing.assert_allclose(plain, distances(bank, [readout])[0][rows], rtol=2e-6)
    weights = np.random.default_rng(0).random(count)
    relevance = design.relevance(weights)
    (expected,) = distances(bank, [design.readout], relevance=relevance)
    np.testing.assert_allclose(design.distances(weights), expected[rows], rtol=2e-6)
    parts = 2 if form.startswith("dists") else 1
    widths = [relevance[tap].size for tap in TAPS]
    assert widths == [64 * parts, 128 * parts]
    assert count == (2 if per == "layer" else sum(widths))


def test_folds_hold_out_whole_references_and_each_pair_once(bank):
    opinions = opinions_of(bank)
    for by, count in (("reference", 4), ("leave-one-out", 6), ("distortion", 2)):
        folds = folds_of(opinions, by=by, folds=4)
        assert len(folds) == count
        np.testing.assert_array_equal(sum(fold.test.astype(int) for fold in folds), 1)
        column = opinions.distortion if by == "distortion" else opinions.reference
        for fold in folds:
            assert not set(column[fold.test]) & set(column[~fold.test])
    assert folds_of(opinions, by="distortion")[0].name == "even"


def test_references_set_aside_are_whole(bank):
    reference = opinions_of(bank).reference
    train = reference != "s0"
    aside = set_aside(reference, train, 0.4, 0)
    assert set(reference[aside]) < set(reference[train])
    assert len(set(reference[aside])) == 2
    assert not set(reference[aside]) & set(reference[train & ~aside])
    assert not set_aside(reference, train, 0.0, 0).any()


@pytest.fixture(scope="module")
def held(bank):
    return hold_out(bank, Readout(TAPS, "unit"), folds=3, seeds=2, steps=30, validation=0.34)


@pytest.mark.slow
def test_held_out_distances_are_of_weights_that_have_not_seen_the_pair(bank, held):
    assert len(held.fits) == 3
    for fold, fit in zip(held.folds, held.fits, strict=True):
        np.testing.assert_array_equal(fit.train, ~fold.test)
        np.testing.assert_array_equal(held.after[fold.test], fit.distances[fold.test])
        plain = fit.design.distances(np.ones(192))[fit.train].mean()
        assert fit.distances[fit.train].mean() == pytest.approx(plain)
    assert held.seeds.shape == (2, len(held.opinions))
    gain = gain_of(held.before, held.after, held.opinions, resamples=50)
    assert gain.difference.srocc == pytest.approx(gain.after.srocc - gain.before.srocc)


@pytest.mark.slow
def test_tables(held):
    fit = held.fits[0]
    channels = channel_rows(fit)
    assert [(r.tap, r.channel) for r in channels[62:66]] == [
        ("conv1", 62),
        ("conv1", 63),
        ("fire2", 0),
        ("fire2", 1),
    ]
    assert sum(row.share for row in channels) == pytest.approx(1)
    assert sum(row.share_plain for row in channels) == pytest.approx(1)
    assert all(row.share_low <= row.share <= row.share_high for row in channels)
    layers = layer_rows(held)
    assert sum(row.share for row in layers) == pytest.approx(1)
    assert layers[0].srocc_without == layers[1].srocc_alone
    without = ablation_rows(held)
    assert [(row.tap, row.channel) for row in without] == [(r.tap, r.channel) for r in channels]
    for place in (0, 63, 70, 191):
        kept = np.arange(192) != place
        rest = pooled(held, [fit.scaled(np.where(kept, fit.weights, 0)) for fit in held.fits])
        expected = gain_of(held.before, rest, held.opinions, resamples=0).after.srocc
        assert without[place].srocc_without == pytest.approx(expected, abs=1e-6)
    path = path_rows(held)
    assert [row.channels for row in path[:4]] == [1, 2, 3, 5]
    assert path[-1].share == pytest.approx(1)
    whole = gain_of(held.before, held.after, held.opinions, resamples=0).after.srocc
    assert path[-1].srocc == pytest.approx(whole)
    assert without[5].change == pytest.approx(without[5].srocc_without - whole)


def test_how_many_channels_make_up_a_part():
    assert channels_for(np.array([0.05, 0.6, 0.35]), 0.95) == 2
    assert channels_for(np.array([0.05, 0.6, 0.35]), 0.96) == 3
    assert channels_for(np.array([0.0, 1.0, 0.0])) == 1


@pytest.mark.slow
@pytest.mark.parametrize("form", ["unit", "dists", "euclidean/balanced"])
def test_the_file_is_a_metric_that_gives_the_fitted_distances(bank, form, tmp_path):
    fit = fit_relevance(bank, Readout(TAPS, *parse_form(form)), **QUICK)
    made = metric_file(fit, bank, "mine", held_out={"srocc": 0.5})
    save_metric(tmp_path / "mine.safetensors", made)
    found = load_metric_file(tmp_path / "mine.safetensors")
    assert found.net == "squeezenet1_1.random-0"
    assert found.provenance["pairs"] == len(ROWS) - 1
    assert found.provenance["choices"]["objective"] == "pearson"
    metric = jaxiqa.load_metric(tmp_path / "mine.safetensors")
    places = np.flatnonzero(fit.opinions.reference == "s2")
    keys = [ROWS[row][1] for row in fit.opinions.rows[places]]
    reference = np.stack([IMAGES["s2"]] * len(keys))
    got = metric(reference, np.stack([IMAGES[key] for key in keys]))
    np.testing.assert_allclose(got, fit.distances[places], rtol=1e-4, atol=1e-6)


@pytest.mark.slow
def test_from_one_database_to_another(bank, tmp_path):
    fit = fit_relevance(bank, Readout(TAPS, "unit"), **QUICK)
    rows = [row for row in ROWS if row[0] in ("s4", "s5")]
    opinion = np.arange(len(rows), dtype=float)
    other = dataclasses.replace(pairs_of(rows, IMAGES, opinion=opinion), name="tid2008")
    others = extract_bank(NET, other, tmp_path, taps=TAPS)
    found = transfer(fit, bank, others, resamples=0)
    assert found.data == "tid2008"
    (expected,) = distances(others, [fit.readout], relevance=fit.relevance)
    again = gain_of(expected, expected, opinions_of(others), resamples=0)
    assert found.gain.after.srocc == pytest.approx(again.after.srocc)
    stranger = extract_bank(load_net("squeezenet1_1.random-1"), other, tmp_path, taps=TAPS)
    with pytest.raises(InputError, match="with other weights, preprocessing or precision"):
        transfer(fit, bank, stranger)


class Named:
    """As much of a bank as tells which scenes it shows."""

    def __init__(self, name, reference):
        self.record = {"table": {"name": name, "reference": reference}}


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        (("tid2008", ["a"]), ("tid2013", ["b"]), "the same photographs and many of the pairs"),
        (("tid2013", ["a"]), ("live", ["b"]), "show the same photographs"),
        (("mine", ["/d/a", "/d/b"]), ("other", ["/d/b", "/d/c"]), "shares 1 of 2 reference images"),
        (("mine", ["a"]), ("mine", ["a"]), None),
        (("TID 2008", ["a"]), ("tid2013_rebuilt", ["b"]), "show the same photographs"),
        (("tid2013", ["I01"]), ("kadid10k", ["I01"]), None),
    ],
)
def test_databases_with_the_same_scenes_are_not_held_out(first, second, told):
    found = shared_scenes(Named(*first), Named(*second))
    assert found == told if told is None else told in found


def test_the_same_image_under_another_name_is_found(tmp_path):
    for name, content in (("a.png", b"one"), ("b.png", b"one"), ("c.png", b"two")):
        (tmp_path / name).write_bytes(content)
    a, b, c = (str(tmp_path / f"{name}.png") for name in "abc")
    found = shared_scenes(Named("mine", [a]), Named("other", [b, c]))
    assert found == "other shares 1 of 2 reference images with mine"
    assert shared_scenes(Named("mine", [a]), Named("other", [c])) is None


@pytest.mark.slow
def test_heads_are_fitted_to_choices(tmp_path):
    """Triplets of which people see what the plain readout of one channel sees."""
    scenes = [s for s in SCENES for _ in range(4)]
    first = [f"{s}-{LEVELS[k % 4]}" for k, s in enumerate(scenes)]
    second = [f"{s}-{LEVELS[k % 4 + 1]}" for k, s in enumerate(scenes)]
    share = np.full(len(scenes), 0.1)
    read = pairs_of([("s0", "s0")], IMAGES).read
    triplets = Triplets(
        "choices",
        tuple(scenes),
        (*first[:-1], "gone"),
        tuple(second),
        share,
        read,
        ("noise",) * len(scenes),
        ("train",) * len(scenes),
    )
    pairs = choices_as_pairs(triplets)
    assert len(pairs) == 2 * len(scenes)
    bank = extract_bank(NET, pairs, tmp_path, taps=TAPS)
    held = hold_out(bank, Readout(TAPS, "unit"), objective="2afc", folds=3, **QUICK)
    assert len(held.opinions) == 2 * (len(scenes) - 1)
    scores = choice_scores(held.after, held.opinions)
    np.testing.assert_allclose(scores, 0.9)
    rated = pairs_of(ROWS, IMAGES, opinion=OPINION)
    plain = extract_bank(NET, rated, tmp_path, taps=TAPS)
    with pytest.raises(InputError, match="holds no choices between two images"):
        fit_relevance(plain, Readout(TAPS, "unit"), objective="2afc")


def refusals(bank):
    unit = Readout(TAPS, "unit")
    return {
        "takes no relevance of channels": lambda: fit_relevance(bank, Readout(TAPS, "gram")),
        "not 'fire3'": lambda: fit_relevance(bank, Readout(("fire3",))),
        "unknown choice of a fit: 'objectiv', did you mean 'objective'": lambda: fit_relevance(
            bank, unit, objectiv="mse"
        ),
        "train must be 31 truth values": lambda: fit_relevance(bank, unit, train=np.ones(3)),
        "has 6 reference images; folds must be": lambda: hold_out(bank, unit, folds=7),
        "unknown split 'type'": lambda: hold_out(bank, unit, by="type"),
    }


@pytest.mark.parametrize("message", list(refusals(None)))
def test_what_cannot_be(bank, message):
    with pytest.raises(InputError, match=message):
        refusals(bank)[message]()
