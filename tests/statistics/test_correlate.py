"""Point values against SciPy and published numbers; errors; signs."""

import csv
import dataclasses
import json

import numpy as np
import pytest
from scipy import stats

from jaxiqa.checks import InputError
from jaxiqa.statistics.correlate import Correlations, correlate

POINTS = {"plcc": stats.pearsonr, "srocc": stats.spearmanr, "krocc": stats.kendalltau}


def rated(n=200, seed=0, decimals=1):
    """Distances and MOS that fall with them, with ties in both where decimals is small."""
    generator = np.random.default_rng(seed)
    distance = np.round(generator.gamma(2, size=n), decimals)
    return distance, np.round(5 - distance + generator.normal(size=n), decimals)


def column(table, name):
    return np.array([float(row[name]) for row in table])


@pytest.fixture(scope="module")
def published(shared):
    """(file, metric, distance, opinion, reference, known) for every published score."""
    folder, found = shared / "data" / "metrics", []
    for file, metrics in json.loads((folder / "scores_known.json").read_text()).items():
        table = list(csv.DictReader((folder / file).read_text().splitlines()))
        reference = [row["distorted"][:3].lower() for row in table]
        for metric, known in metrics.items():
            values = column(table, metric), column(table, "opinion")
            found.append((file, metric, *values, reference, known))
    return found


@pytest.mark.parametrize("decimals", [0, 1, 12])
@pytest.mark.parametrize("higher_is_better", [True, False])
def test_point_values_are_those_of_scipy_with_the_declared_sign(decimals, higher_is_better):
    distance, opinion = rated(decimals=decimals)
    found = correlate(distance, opinion, higher_is_better=higher_is_better, resamples=0)
    for name, statistic in POINTS.items():
        expected = statistic(distance, opinion).statistic * (-1 if higher_is_better else 1)
        assert getattr(found, name) == pytest.approx(expected, abs=1e-12)
    assert (found.srocc > 0) == higher_is_better


@pytest.mark.parametrize(("scale", "offset"), [(1e-8, 0), (1e6, 0), (1e-200, 0), (1.0, 1e5)])
def test_units_of_distance_do_not_matter(scale, offset):
    distance, opinion = rated(decimals=3)
    plain = correlate(distance, opinion, higher_is_better=True, resamples=50)
    other = correlate(distance * scale + offset, opinion, higher_is_better=True, resamples=50)
    for name, value in dataclasses.asdict(plain).items():
        assert getattr(other, name) == pytest.approx(value, abs=1e-8)


@pytest.mark.slow
def test_published_correlations(published):
    for file, metric, distance, opinion, _, known in published:
        found = correlate(distance, opinion, higher_is_better=True, resamples=0)
        assert found.n == known["n"]
        for ours, theirs in (("plcc", "pearson"), ("srocc", "spearman"), ("krocc", "kendall")):
            assert getattr(found, ours) == pytest.approx(-known[theirs], abs=1e-6), (file, metric)
        assert found.plcc_logistic > found.plcc


def test_intervals_of_a_published_metric_hold_its_value(published):
    _, _, distance, opinion, reference, _ = published[0]
    found = correlate(distance, opinion, higher_is_better=True, reference_id=reference)
    for name in POINTS:
        low, value, high = (getattr(found, f"{name}{end}") for end in ("_low", "", "_high"))
        assert value - 0.04 < low < value < high < value + 0.04


def test_an_infinite_distance_ranks_as_the_extreme_and_leaves_only_pearson_undefined():
    distance, opinion = rated()
    distance[:3] = -np.inf
    found = correlate(distance, opinion, higher_is_better=True, resamples=50)
    assert found.srocc == pytest.approx(-stats.spearmanr(distance, opinion).statistic, abs=1e-12)
    assert found.krocc == pytest.approx(-stats.kendalltau(distance, opinion).statistic, abs=1e-12)
    assert np.isnan([found.plcc, found.plcc_low, found.plcc_high]).all()
    assert np.isfinite([found.srocc_low, found.krocc_high]).all()
    assert 0.5 < found.plcc_logistic < 1


def test_one_reference_gives_values_without_intervals():
    distance, opinion = rated()
    found = correlate(distance, opinion, higher_is_better=True, reference_id=["I01"] * 200)
    nan = {name for name, value in dataclasses.asdict(found).items() if np.isnan(value)}
    assert nan == {f"{name}_{end}" for name in POINTS for end in ("low", "high")}


def test_pairs_are_their_own_references_where_none_are_given():
    distance, opinion = rated()
    one = correlate(distance, opinion, higher_is_better=True, resamples=50)
    two = correlate(
        distance, opinion, higher_is_better=True, resamples=50, reference_id=np.arange(200) * 3
    )
    assert one == two


def test_a_metric_with_its_sign_wrong_is_negative_and_its_logistic_is_zero():
    distance, opinion = rated(decimals=6)
    found = correlate(-distance, opinion, higher_is_better=True, resamples=50)
    assert max(found.plcc_high, found.srocc_high, found.krocc_high) < 0
    assert found.plcc_logistic == 0.0


def test_perfect_agreement_is_one_everywhere():
    found = correlate(np.arange(20), -np.arange(20.0), higher_is_better=True, resamples=20)
    values = dataclasses.astuple(found)
    assert isinstance(found, Correlations)
    assert values[0] == 20
    np.testing.assert_allclose(values[1:], 1, atol=1e-6)


NAN, INF = float("nan"), float("inf")
MISTAKES = [
    ([1, 2, 3, 4], [1, 2, 3], {}, "4 distances and 3 opinions"),
    ([1, 2], [1, 2], {}, "at least 3 pairs, got 2"),
    ([], [], {}, "at least 3 pairs, got 0"),
    ([1, 2, 3, 4], [1, NAN, 3, INF], {}, "opinion is not finite for 2 of 4 pairs.* index 1"),
    ([1, 2, NAN, 4], [1, 2, 3, 4], {}, "distance is NaN for 1 of 4 pairs.* index 2"),
    ([1, 2, 3, 4], [7, 7, 7, 7], {}, "opinion is 7 for all 4 pairs"),
    ([0, 0, 0, 0], [1, 2, 3, 4], {}, "distance is 0 for all 4 pairs"),
    ([-INF] * 4, [1, 2, 3, 4], {}, "distance is -inf for all 4 pairs"),
    ([[1, 2, 3]], [1, 2, 3], {}, r"distance: expected one number per pair.*\(1, 3\)"),
    (["a", "b", "c"], [1, 2, 3], {}, "distance: expected .n,. numbers, got list"),
    ([1, 2, 3], [1, 2, 4], {"reference_id": ["a", "b"]}, "one per pair, 3, got 2"),
    ([1, 2, 3], [1, 2, 4], {"reference_id": ["a", "b", NAN]}, "reference_id is NaN"),
    ([1, 2, 3], [1, 2, 4], {"reference_id": [["a"], ["b"], ["c"]]}, "expected .n,. names"),
    ([1, 2, 3], [1, 2, 4], {"reference_id": 5}, "expected .n,. names"),
    ([1, 2, 3], [1, 2, 4], {"resamples": -1}, "resamples: expected an integer from 0 up, got -1"),
    ([1, 2, 3], [1, 2, 4], {"resamples": 1e3}, "resamples: expected an integer"),
    ([1, 2, 3], [1, 2, 4], {"seed": -1}, "seed: expected an integer"),
    ([1, 2, 3], [1, 2, 4], {"level": 95}, "level: expected a number between 0 and 1"),
]


@pytest.mark.parametrize(("distance", "opinion", "options", "message"), MISTAKES)
def test_mistakes_are_named_in_one_line(distance, opinion, options, message):
    with pytest.raises(InputError, match=message) as caught:
        correlate(distance, opinion, higher_is_better=True, **options)
    assert "\n" not in str(caught.value)


def test_the_sign_is_told_by_a_truth_value():
    with pytest.raises(InputError, match="higher_is_better must be True or False, got 'no'"):
        correlate([1, 2, 3], [3, 2, 1], higher_is_better="no")
