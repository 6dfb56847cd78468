"""From values to rows: thresholds and rated pairs, signs, failures, constant distances."""

import dataclasses
import math

import numpy as np
import pytest
from rated import pairs_of
from scipy import stats

from jaxiqa.checks import InputError
from jaxiqa.data import short_contrast_thresholds
from jaxiqa.study.judge import Judged, Statistics, check_enough, judge

NAMES = ("plcc", "srocc", "krocc")
QUICK = Statistics(resamples=50)
N = 24


def rated(**options):
    rows = [(f"r{k // 4}", f"d{k}") for k in range(N)]
    opinion = 5 - np.arange(N) / 4 + np.random.default_rng(0).normal(size=N)
    return pairs_of(rows, {}, opinion=opinion, **options)


def judged(distance):
    return Judged("alexnet", "euclidean", "relu1+relu2", np.asarray(distance, np.float64))


def empty(row):
    return {
        field.name
        for field in dataclasses.fields(row)
        if isinstance(value := getattr(row, field.name), float) and math.isnan(value)
    }


CORRELATIONS = {f"{name}{end}" for name in NAMES for end in ("", "_low", "_high")}
CORRELATIONS |= {"plcc_logistic"}
# Of thresholds only.
THRESHOLDS = {"rms_db", "extrapolated"}


@pytest.mark.parametrize("higher_is_better", [True, False])
def test_pairs_are_correlated_with_the_sign_that_they_declare(higher_is_better):
    pairs = rated(higher_is_better=higher_is_better)
    distance = np.arange(N) ** 2.0
    row = judge(pairs, judged(distance), QUICK)
    sign = -1 if higher_is_better else 1
    expected = (stats.pearsonr, stats.spearmanr, stats.kendalltau)
    for name, statistic in zip(NAMES, expected, strict=True):
        value = sign * statistic(distance, pairs.opinion).statistic
        assert getattr(row, name) == pytest.approx(value, abs=1e-12)
        assert getattr(row, f"{name}_low") < value < getattr(row, f"{name}_high")
    assert (row.data, row.net, row.readout, row.taps) == (
        *("held", "alexnet"),
        *("euclidean", "relu1+relu2"),
    )
    assert (row.n, row.failed) == (N, 0)
    assert empty(row) == THRESHOLDS


def test_failed_pairs_are_left_out_and_counted():
    distance = np.arange(N) ** 2.0
    distance[[0, 7, N - 1]] = np.nan
    row, kept = judge(rated(), judged(distance), QUICK), ~np.isnan(distance)
    assert (row.n, row.failed) == (N - 3, 3)
    expected = -stats.spearmanr(distance[kept], rated().opinion[kept]).statistic
    assert row.srocc == pytest.approx(expected, abs=1e-12)


def test_references_are_drawn_together_by_name_where_there_is_one_else_by_image():
    """With the references named so that all pairs share one, no interval can be formed."""
    by_image = judge(rated(), judged(np.arange(N)), QUICK)
    one_name = judge(rated(reference_id=("scene",) * N), judged(np.arange(N)), QUICK)
    own_name = judge(rated(reference_id=tuple(map(str, range(N)))), judged(np.arange(N)), QUICK)
    assert empty(by_image) == THRESHOLDS
    assert empty(one_name) == THRESHOLDS | {
        *(c for c in CORRELATIONS if c.endswith(("low", "high")))
    }
    assert own_name.srocc == by_image.srocc
    assert own_name.srocc_low != by_image.srocc_low


@pytest.mark.parametrize("value", [0.0, 3.0, np.inf, -np.inf])
def test_the_same_distance_for_all_pairs_has_no_correlation(value):
    row = judge(rated(), judged(np.full(N, value)), QUICK)
    assert (row.n, row.failed) == (N, 0)
    assert empty(row) == CORRELATIONS | THRESHOLDS


@pytest.mark.parametrize("numbers", [0, 2])
def test_distances_that_are_no_numbers_have_no_correlation(numbers):
    distance = np.full(N, np.nan)
    distance[:numbers] = np.arange(numbers)
    row = judge(rated(), judged(distance), QUICK)
    assert (row.n, row.failed) == (numbers, N - numbers)
    assert empty(row) == CORRELATIONS | THRESHOLDS


def test_an_infinite_psnr_leaves_pearson_empty_and_the_ranks_there():
    distance = -40 + np.arange(N, dtype=np.float64)
    distance[5] = -np.inf
    row = judge(rated(), judged(distance), QUICK)
    assert empty(row) == {"plcc", "plcc_low", "plcc_high"} | THRESHOLDS
    assert row.srocc == pytest.approx(-stats.spearmanr(distance, rated().opinion).statistic)
    assert row.n == N


@pytest.fixture(scope="module")
def thresholds():
    return short_contrast_thresholds()


@pytest.mark.parametrize("power", [1, 2, 0.5])
def test_a_metric_that_sees_as_people_do_has_no_error(thresholds, power):
    multiples = thresholds.contrasts / 10 ** -thresholds.log_human_sensitivity[:, None]
    row = judge(thresholds, judged(7 * multiples.ravel() ** power), QUICK)
    assert row.rms_db == pytest.approx(0, abs=1e-6)
    assert empty(row) == {"plcc_logistic"}
    for name in NAMES:
        # Sensitivities are correlated in steps of 0.2 dB, within which there are ties.
        assert getattr(row, name) == pytest.approx(1, abs=0.01)
    assert row.extrapolated == 0
    assert (row.data, row.n, row.failed) == ("contrast-thresholds", len(thresholds.stimuli), 0)


def test_a_metric_that_is_sensitive_where_people_are_not_is_negative(thresholds):
    human = 10 ** -thresholds.log_human_sensitivity[:, None]
    row = judge(thresholds, judged((thresholds.contrasts * human).ravel()), QUICK)
    assert max(row.plcc, row.srocc, row.krocc) < -0.5
    assert row.rms_db > 10


def test_a_uniform_metric_has_the_spread_of_people_as_its_error(thresholds):
    row = judge(thresholds, judged(thresholds.contrasts.ravel()), QUICK)
    spread = 20 * np.std(thresholds.log_human_sensitivity)
    assert row.rms_db == pytest.approx(spread, rel=1e-6)
    # Equal sensitivities have no order, whatever their rounding errors say.
    assert empty(row) == CORRELATIONS
    assert row.extrapolated > 0


@pytest.mark.parametrize(("total", "seen"), [(35, 35), (35, 30), (35, 0), (2, 2)])
def test_stimuli_that_a_metric_does_not_see_are_counted(thresholds, total, seen):
    shown = dataclasses.replace(thresholds, stimuli=thresholds.stimuli[:total])
    distance = shown.contrasts * np.linspace(1, 2, total)[:, None]
    distance[seen:] = 0
    row = judge(shown, judged(distance.ravel()), QUICK)
    assert (row.n, row.failed) == (seen, total - seen)
    assert math.isnan(row.srocc) == (seen < 3)
    assert math.isnan(row.rms_db) == (seen == 0)


def failures(failed):
    return {k: f"image {k} is bad" for k in failed}


def test_three_pairs_are_enough_and_two_are_not():
    check_enough(rated(), N, failures(range(N - 3)))
    with pytest.raises(InputError, match=f"held: only 2 of {N} pairs .* image 4 is bad") as caught:
        check_enough(
            rated(), N, failures([4, *(k for k in range(N - 2) if k != 4), N - 1][: N - 2])
        )
    assert "\n" not in str(caught.value)


def test_pairs_that_are_left_with_one_opinion_are_refused():
    opinion = [1.0, 2.0] + [3.0] * (N - 2)
    pairs = dataclasses.replace(rated(), opinion=np.array(opinion))
    check_enough(pairs, N, failures([0, 5]))
    with pytest.raises(InputError, match=f"the 22 of {N} pairs .* same opinion.*image 0 is bad"):
        check_enough(pairs, N, failures([0, 1]))
    with pytest.raises(InputError, match=r"same opinion, nothing to correlate with$"):
        check_enough(dataclasses.replace(pairs, opinion=np.ones(N)), N, failures([]))


def test_a_row_carries_the_factors_of_its_net():
    judged = Judged("alexnet", "unit", "relu3", np.arange(float(N)), ("alexnet", "rotation", "x"))
    row = judge(rated(), judged, Statistics(0))
    assert (row.architecture, row.function, row.environment) == ("alexnet", "rotation", "x")
    assert row.is_net
    assert not judge(rated(), Judged("psnr", "psnr", "", np.arange(float(N))), Statistics(0)).is_net
