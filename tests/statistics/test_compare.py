"""Differences of correlations against SciPy on rebuilt sets, against chance, and many at once."""

import dataclasses

import numpy as np
import pytest
from scipy import stats

from jaxiqa.checks import InputError
from jaxiqa.statistics import compare as module
from jaxiqa.statistics.bootstrap import draws
from jaxiqa.statistics.compare import Comparison, Difference, compare, compare_all
from jaxiqa.statistics.correlate import correlate
from jaxiqa.statistics.holm import holm
from jaxiqa.statistics.williams import williams

ORACLES = {"plcc": stats.pearsonr, "srocc": stats.spearmanr, "krocc": stats.kendalltau}
NAMES = [field.name for field in dataclasses.fields(Difference)]


def rated(references=12, each=10, seed=0, noise=(0.5, 0.9), shared=0.4):
    """Two distances, MOS and references; a reference shifts all its pairs in each distance."""
    generator = np.random.default_rng(seed)
    reference = np.repeat(np.arange(references), each)
    opinion = generator.normal(size=len(reference))
    distances = [
        scale * generator.normal(size=len(reference))
        + shared * generator.normal(size=references)[reference]
        - opinion
        for scale in noise
    ]
    return *distances, opinion, reference


def naive(a, b, opinion, reference, resamples, seed):
    """Differences of the set itself and of each rebuilt resample, by SciPy."""
    found = {name: [] for name in ORACLES}
    rows = [np.flatnonzero(reference == name) for name in dict.fromkeys(reference.tolist())]
    for count in [np.ones(len(rows), int), *draws(reference, resamples, seed)]:
        kept = np.concatenate([rows[i] for i in np.repeat(np.arange(len(rows)), count)])
        for name, oracle in ORACLES.items():
            one, two = (-oracle(v[kept], opinion[kept]).statistic for v in (a, b))
            found[name].append(one - two)
    return {name: np.array(values) for name, values in found.items()}


def test_each_number_is_that_of_rebuilt_sets():
    a, b, opinion, reference = rated()
    found = compare(
        a, b, opinion, higher_is_better=True, reference_id=reference, resamples=60, seed=3
    )
    assert (found.n, found.references) == (120, 12)
    for name, (value, *drawn) in naive(a, b, opinion, reference, 60, 3).items():
        low, high = np.quantile(drawn, [0.025, 0.975])
        error = np.std(drawn, ddof=1) * np.sqrt(12 / 11)
        p = 2 * stats.t.sf(abs(value / error), 11)
        numbers = [getattr(found, f"{name}{end}") for end in ("", "_low", "_high", "_p")]
        np.testing.assert_allclose(numbers, [value, low, high, p], rtol=1e-7, atol=1e-10)


def test_williams_is_of_the_same_correlations():
    a, b, opinion, reference = rated()
    found = compare(a, b, opinion, higher_is_better=True, reference_id=reference, resamples=0)
    for name in ("plcc", "srocc"):
        r = [-ORACLES[name](v, opinion).statistic for v in (a, b)]
        expected = williams(*r, ORACLES[name](a, b).statistic, 120)[1]
        assert getattr(found, f"{name}_williams") == pytest.approx(expected, rel=1e-9)


def test_the_first_being_better_is_positive_whatever_the_sign_of_opinion():
    a, b, opinion, reference = rated(noise=(0.2, 1.5))
    options = {"reference_id": reference, "resamples": 100}
    forth = compare(a, b, opinion, higher_is_better=True, **options)
    back = compare(b, a, opinion, higher_is_better=True, **options)
    dmos = compare(a, b, -opinion, higher_is_better=False, **options)
    assert min(forth.plcc_low, forth.srocc_low, forth.krocc_low) > 0
    assert forth == dmos
    for name in ORACLES:
        assert getattr(forth, name) == -getattr(back, name)
        assert getattr(forth, f"{name}_high") == pytest.approx(-getattr(back, f"{name}_low"))
        assert getattr(forth, f"{name}_p") == getattr(back, f"{name}_p") < 0.01


def test_an_inverted_metric_is_the_worse_one():
    a, _, opinion, reference = rated()
    found = compare(a, -a, opinion, higher_is_better=True, reference_id=reference, resamples=50)
    plain = correlate(a, opinion, higher_is_better=True, resamples=0)
    assert found.srocc == pytest.approx(2 * plain.srocc)
    assert np.isnan([found.plcc_williams, found.srocc_williams]).all()


def test_distances_that_rank_alike_differ_by_nothing_at_all():
    a, _, opinion, reference = rated()
    options = {"higher_is_better": True, "reference_id": reference, "resamples": 50}
    linear = dataclasses.asdict(compare(a, 0.1 * a - 7, opinion, **options))
    for name in ORACLES:
        assert [linear[f"{name}{end}"] for end in ("", "_low", "_high", "_p")] == [0, 0, 0, 1]
    assert linear["plcc_williams"] == linear["srocc_williams"] == 1
    bent = compare(a, np.exp(a), opinion, **options)
    assert (bent.srocc, bent.srocc_p, bent.krocc_p, bent.srocc_williams) == (0, 1, 1, 1)
    assert bent.plcc > 0.01


def test_p_goes_below_one_over_the_number_of_draws():
    a, b, opinion, reference = rated(references=25, noise=(0.1, 3))
    found = compare(a, b, opinion, higher_is_better=True, reference_id=reference, resamples=100)
    assert 0 < found.srocc_p < 1e-6


def test_infinite_distances_leave_only_pearson_undefined():
    a, b, opinion, reference = rated()
    a[:2] = -np.inf
    found = compare(a, b, opinion, higher_is_better=True, reference_id=reference, resamples=50)
    missing = {name for name in NAMES if np.isnan(getattr(found, name))}
    assert missing == {name for name in NAMES if name.startswith("plcc")}


@pytest.mark.parametrize(("references", "resamples"), [(1, 50), (12, 0)])
def test_without_draws_there_are_values_and_williams_alone(references, resamples):
    a, b, opinion, reference = rated(references=references, each=120 // references)
    found = compare(
        a, b, opinion, higher_is_better=True, reference_id=reference, resamples=resamples
    )
    there = {name for name in NAMES if not np.isnan(getattr(found, name))}
    assert there == {"n", "references", *ORACLES, "plcc_williams", "srocc_williams"}
    assert found.references == references


def test_pairs_are_drawn_where_no_references_are_given():
    a, b, opinion, _ = rated()
    options = {"higher_is_better": True, "resamples": 40}
    plain = compare(a, b, opinion, **options)
    assert plain == compare(a, b, opinion, reference_id=[f"i{i}" for i in range(120)], **options)
    assert plain.references == 120


MISTAKES = [
    (([1, 2, 3], [1, 2], [1, 2, 3]), {}, "2 distances and 3 opinions"),
    (([1, 2, 3], [1, 2, float("nan")], [1, 2, 3]), {}, "distance is NaN for 1 of 3 pairs"),
    (([1, 2, 3], [4, 4, 4], [1, 2, 3]), {}, "distance is 4 for all 3 pairs"),
    (([1, 2, 3], [1, 3, 2], [1, 2, 3]), {"higher_is_better": 1}, "True or False, got 1"),
    (([1, 2, 3], [1, 3, 2], [1, 2, 3]), {"reference_id": [1, 2]}, "one per pair, 3, got 2"),
    (([1, 2, 3], [1, 3, 2], [1, 2, 3]), {"resamples": -1}, "resamples: expected an integer"),
    (([1, 2, 3], [1, 3, 2], [1, 2, 3]), {"level": 0}, "level: expected a number between"),
]


@pytest.mark.parametrize(("arrays", "options", "message"), MISTAKES)
def test_mistakes_are_named(arrays, options, message):
    with pytest.raises(InputError, match=message):
        compare(*arrays, **{"higher_is_better": True, **options})


def many(labels=5):
    """Distances by label, of which some have failed pairs, with MOS and references."""
    _, _, opinion, reference = rated()
    generator = np.random.default_rng(1)
    found = {f"net{i}": (1 + i / 4) * generator.normal(size=120) - opinion for i in range(labels)}
    found["net1"][[3, 50]] = np.nan
    found["net2"][[3, 50]] = np.nan
    found["net3"][7] = np.nan
    return found, opinion, reference


def test_all_are_compared_over_the_pairs_that_both_have():
    distances, opinion, reference = many()
    options = {"higher_is_better": True, "resamples": 50, "seed": 2, "level": 0.9}
    found = compare_all(
        distances, opinion, against=["net3", "net0"], reference_id=reference, **options
    )
    assert [(c.label, c.against) for c in found] == [
        ("net0", "net3"),
        *((f"net{i}", other) for i in (1, 2) for other in ("net3", "net0")),
        *(("net4", other) for other in ("net3", "net0")),
    ]
    for comparison in found:
        a, b = distances[comparison.label], distances[comparison.against]
        kept = ~np.isnan(a + b)
        alone = compare(a[kept], b[kept], opinion[kept], reference_id=reference[kept], **options)
        for name in NAMES:
            assert getattr(comparison, name) == getattr(alone, name)
    np.testing.assert_array_equal([c.p_holm for c in found], holm([c.srocc_p for c in found]))


def test_a_comparison_starts_with_its_labels():
    names = [field.name for field in dataclasses.fields(Comparison)]
    assert names == ["label", "against", *NAMES, "p_holm"]


def test_each_distance_is_resampled_once_for_each_set_of_pairs(monkeypatch):
    calls = []

    def counted(distance, pairs):
        calls.append(len(distance))
        return original(distance, pairs)

    original = module.statistics
    monkeypatch.setattr(module, "statistics", counted)
    distances, opinion, reference = many(labels=20)
    options = {"higher_is_better": True, "reference_id": reference, "resamples": 10}
    compare_all(distances, opinion, against=["net0", "net4", "net5"], **options)
    # 17 complete ones, net1 and net2 share their gaps, net3 has its own; each set has the others.
    assert sorted(calls) == [118] * 5 + [119] * 4 + [120] * 17


def test_what_cannot_be_compared_is_named_without_numbers():
    net, fine, opinion, reference = rated()
    few = np.full(120, np.nan)
    few[:2] = 1, 2
    distances = {"fine": fine, "few": few, "constant": np.full(120, 2.0), "net": net}
    options = {"higher_is_better": True, "reference_id": reference, "resamples": 20}
    found = compare_all(distances, opinion, against=["fine"], **options)
    rows = {comparison.label: comparison for comparison in found}
    assert list(rows) == ["few", "constant", "net"]
    for label, n, references in (("few", 2, 1), ("constant", 120, 12)):
        values = dataclasses.astuple(rows[label])
        assert values[:4] == (label, "fine", n, references)
        assert np.isnan(values[4:]).all()
    # The only test that could be made is adjusted for itself alone.
    assert 0 < rows["net"].p_holm == rows["net"].srocc_p < 1


ALL_MISTAKES = [
    ({"alexnet": [1, 2, 3]}, ["alexent"], "unknown distance 'alexent', did you mean 'alexnet'"),
    ({"a": [1, 2, 3], "b": [1, 2]}, ["a"], "distance 'b': expected one per opinion, 3, got 2"),
    ({"a": [1, 2, 3], "b": ["x"] * 3}, ["a"], r"distance 'b': expected \(n,\) numbers"),
]


@pytest.mark.parametrize(("distances", "against", "message"), ALL_MISTAKES)
def test_mistakes_among_many_are_named(distances, against, message):
    with pytest.raises(InputError, match=message):
        compare_all(distances, [1, 2, 4], against=against, higher_is_better=True)


def test_opinion_has_to_be_finite():
    with pytest.raises(InputError, match="opinion is not finite"):
        compare_all({"a": [1, 2, 3]}, [1, 2, np.nan], against=[], higher_is_better=True)


def chances(references, each, runs, shared):
    """p by bootstrap and by Williams of two distances that are equally good, run after run."""
    found = []
    for seed in range(runs):
        a, b, opinion, reference = rated(references, each, seed, (0.7, 0.7), shared)
        options = {"higher_is_better": True, "reference_id": reference, "resamples": 100}
        values = compare(a, b, opinion, **options)
        found.append([values.plcc_p, values.srocc_p, values.krocc_p, values.srocc_williams])
    return np.array(found).T


def test_p_is_about_uniform_where_there_is_no_difference():
    *bootstrapped, _ = chances(20, 6, 120, 0.5)
    for p in bootstrapped:
        assert 0.4 < p.mean() < 0.6
        assert np.mean(p < 0.1) < 0.18


@pytest.mark.slow
def test_p_keeps_its_word_where_pairs_share_references_and_williams_does_not():
    *bootstrapped, independent = chances(24, 40, 300, 0.5)
    for p in bootstrapped:
        assert 0.02 < np.mean(p < 0.05) < 0.09
        assert np.mean(p < 0.01) < 0.03
    assert np.mean(independent < 0.05) > 0.15
