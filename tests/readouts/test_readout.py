"""Readouts as values: their names, what is refused, and how taps and channels are weighed."""

import dataclasses

import jax.numpy as jnp
import numpy as np
import pytest

from jaxiqa.checks import InputError
from jaxiqa.readouts.forms import FORMS
from jaxiqa.readouts.moments import MOMENTS
from jaxiqa.readouts.readout import (
    COMBINATIONS,
    RELEVANCES,
    Readout,
    combine,
    dataset_mean,
    parse_form,
    tap_scale,
    tap_totals,
)

DRAW = np.random.default_rng(0)
PAIRS, CHANNELS, POSITIONS = 5, (4, 6), (100, 25)


def planted_moments(channels):
    """Moments of one tap over a data set, as a bank holds them; the third pair failed."""
    moments = {}
    for name in MOMENTS:
        width = 1 if name == "gram" else channels
        moments[name] = DRAW.uniform(0.5, 2, (PAIRS, width)).astype(np.float32)
        moments[name][2] = np.nan
    return moments


TAPS = [planted_moments(channels) for channels in CHANNELS]


def combined(form, combination="raw", *, scales=None, taps=TAPS):
    readout = Readout(("near", "far"), form, combination)
    totals = [tap_totals(moments, form) for moments in taps]
    return combine(totals, readout, positions=POSITIONS, channels=CHANNELS, scales=scales)


@pytest.mark.parametrize("combination", COMBINATIONS)
@pytest.mark.parametrize("relevance", RELEVANCES)
@pytest.mark.parametrize("form", FORMS)
def test_name_says_what_differs_from_the_default_and_is_read_back(form, combination, relevance):
    if relevance != "uniform" and form == "gram":
        with pytest.raises(InputError, match="'gram' takes no relevance"):
            Readout(("relu1",), form, combination, relevance)
        with pytest.raises(InputError, match="'gram' takes no relevance"):
            parse_form("gram/dataset-mean")
        return
    readout = Readout(("relu1",), form, combination, relevance)
    assert parse_form(readout.name) == (form, combination, relevance)
    assert parse_form(f"{form}/{relevance}/{combination}") == (form, combination, relevance)
    assert ("raw" in readout.name, "uniform" in readout.name) == (False, False)
    assert set(readout.moments) <= set(MOMENTS)


def test_names():
    assert Readout(("a",)).name == "euclidean"
    assert Readout(("a",), "unit", relevance="dataset-mean").name == "unit/dataset-mean"
    full = Readout(("a",), "euclidean", "balanced", "dataset-mean")
    assert full.name == "euclidean/balanced/dataset-mean"
    assert Readout(["a", "b"]) == Readout(("a", "b"))
    assert hash(Readout(["a"])) == hash(Readout(("a",)))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Readout("relu1"), "non-empty sequence of names, got 'relu1'"),
        (lambda: Readout(()), "non-empty sequence"),
        (lambda: Readout((3,)), "non-empty sequence"),
        (lambda: Readout(None), "non-empty sequence"),
        (lambda: Readout(("relu1", "relu1")), r"relu1\+relu1 holds tap 'relu1' twice"),
        (lambda: Readout(("a",), "euclidian"), "'euclidian', did you mean 'euclidean'"),
        (lambda: Readout(("a",), None), "unknown form of a readout 'None'"),
        (lambda: Readout(("a",), "unit", "balance"), "'balance', did you mean 'balanced'"),
        (lambda: Readout(("a",), "unit", "raw", "uniformly"), "did you mean 'uniform'"),
        (lambda: parse_form("unti"), "'unti', did you mean 'unit'.* choose from euclidean"),
        (lambda: parse_form("unit/balancd"), "'unit/balancd': 'balancd', did you mean 'balanced'"),
        (lambda: parse_form("unit/"), "unknown word in readout 'unit/': ''"),
        (lambda: parse_form("unit/raw/balanced"), "two of a kind: 'raw' and 'balanced'"),
        (lambda: combined("unit", "balanced"), "'unit/balanced' needs scales"),
        (lambda: combined("unit", scales=[1, 1]), "'unit' takes no scales"),
        (lambda: tap_totals(TAPS[0], "gram", relevance=np.ones(1)), "'gram' takes no relevance"),
        (lambda: dataset_mean(TAPS[0], "gram"), "'gram' takes no relevance"),
    ],
)
def test_mistakes_are_told_in_one_line(make, message):
    with pytest.raises(InputError, match=message) as caught:
        make()
    assert "\n" not in str(caught.value)


def test_a_readout_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Readout(("a",)).form = "unit"


def test_raw_weighs_taps_by_their_positions_where_a_concatenation_does():
    near, far = (moments["energy"].astype(np.float64).sum(1) for moments in TAPS)
    np.testing.assert_allclose(combined("euclidean"), np.sqrt(near + far / 4), rtol=1e-12)
    near, far = (moments["unit_energy"].astype(np.float64).sum(1) for moments in TAPS)
    np.testing.assert_allclose(combined("unit"), near + far, rtol=1e-12)
    near, far = (moments["gram"][:, 0].astype(np.float64) for moments in TAPS)
    np.testing.assert_allclose(combined("gram"), np.sqrt(near + far), rtol=1e-12)


def test_averaged_takes_the_mean_over_the_responses_of_each_tap():
    near, far = (moments["energy"].astype(np.float64).mean(1) for moments in TAPS)
    expected = np.sqrt(near + far)
    np.testing.assert_allclose(combined("euclidean", "averaged"), expected, rtol=1e-12)
    near, far = (moments["gram"][:, 0].astype(np.float64) for moments in TAPS)
    expected = np.sqrt(near / 4**2 + far / 6**2)
    np.testing.assert_allclose(combined("gram", "averaged"), expected, rtol=1e-12)


# DISTS is blind to scale by itself, up to its constants.
@pytest.mark.parametrize("form", [form for form in FORMS if form != "dists"])
def test_balanced_gives_each_tap_the_same_say_whatever_its_scale(form):
    louder = [TAPS[0], {name: np.float32(64) * values for name, values in TAPS[1].items()}]
    if form in ("mean", "mean-std", "cosine"):
        # These hold squares of means: scale what stands for a response by 8.
        linear = {"mean_reference", "mean_distorted", "mean_difference"}
        louder[1] = {k: v * np.float32(8 if k in linear else 64) for k, v in TAPS[1].items()}
    scaled = []
    for taps in (TAPS, louder):
        scales = [tap_scale(tap_totals(moments, form), form) for moments in taps]
        scaled.append(combined(form, "balanced", scales=scales, taps=taps))
    np.testing.assert_allclose(*scaled, rtol=1e-10)


def test_balanced_totals_have_the_mean_one_and_a_dead_tap_says_nothing():
    totals = [tap_totals(moments, "unit") for moments in TAPS]
    scales = [tap_scale(total, "unit") for total in totals]
    balanced = combined("unit", "balanced", scales=scales)
    np.testing.assert_allclose(np.nanmean(balanced), 2, rtol=1e-12)
    dead = {**TAPS[1], "unit_energy": 0 * TAPS[1]["unit_energy"]}
    scales = [scales[0], tap_scale(tap_totals(dead, "unit"), "unit")]
    assert scales[1] == 0
    alone = combined("unit", "balanced", scales=scales, taps=[TAPS[0], dead])
    np.testing.assert_allclose(alone, totals[0][:, 0] / scales[0], rtol=1e-12)


def test_relevance_weighs_the_contributions_of_channels():
    weights = np.array([0, 1, 2, 0.5])
    ours = tap_totals(TAPS[0], "euclidean", relevance=weights)
    np.testing.assert_allclose(ours[:, 0], TAPS[0]["energy"].astype(np.float64) @ weights)
    traced = {name: jnp.asarray(values) for name, values in TAPS[0].items()}
    there = tap_totals(traced, "euclidean", relevance=weights)
    np.testing.assert_allclose(there, ours, rtol=1e-6)


@pytest.mark.parametrize("form", [form for form in FORMS if FORMS[form].channelwise])
def test_relevance_of_the_data_set_gives_each_channel_the_same_say(form):
    dead = {name: values * np.array([0, 1, 1, 1], np.float32) for name, values in TAPS[0].items()}
    weights = dataset_mean(dead, form)
    assert weights.shape == (4,)
    assert weights[0] == 0
    passed = {name: values[[0, 1, 3, 4]].astype(np.float64) for name, values in dead.items()}
    means = FORMS[form].size(FORMS[form].contributions(passed)).mean(0)
    np.testing.assert_allclose((weights * means)[1:], 1, rtol=1e-12)


def test_where_every_pair_failed_there_is_no_mean():
    failed = {name: np.full_like(values, np.nan) for name, values in TAPS[0].items()}
    assert np.isnan(dataset_mean(failed, "unit")).all()
    assert np.isnan(tap_scale(tap_totals(failed, "unit"), "unit"))
    assert np.isnan(combined("unit", "balanced", scales=[np.nan, np.nan])).all()
