"""Resampling over references against a loop that builds every resampled set for SciPy."""

import numpy as np
import pytest
from scipy import stats

from jaxiqa.statistics.bootstrap import STATISTICS, bootstrap, draws, interval

ORACLES = {"plcc": stats.pearsonr, "srocc": stats.spearmanr, "krocc": stats.kendalltau}


def grouped(n, groups, seed=0, decimals=1):
    """Distances, badness and references of unequal size, in no order, with an effect of each."""
    generator = np.random.default_rng(seed)
    reference = np.concatenate(
        [np.arange(groups), generator.integers(groups, size=n - groups) // 2]
    )
    generator.shuffle(reference)
    x = np.round(generator.gamma(2, size=n) + generator.normal(size=groups)[reference], decimals)
    return x, np.round(x + 1.5 * generator.normal(size=n), decimals), reference


def naive(oracle, x, y, reference, counts):
    names, values = list(dict.fromkeys(reference.tolist())), []
    for count in counts:
        rows = [np.flatnonzero(reference == name) for name in np.repeat(names, count)]
        a, b = (v[np.concatenate(rows)] for v in (x, y))
        constant = (a == a[0]).all() or (b == b[0]).all()
        values.append(np.nan if constant else oracle(a, b).statistic)
    return np.array(values)


CASES = [(300, 25, 1), (300, 25, 9), (120, 7, 0), (60, 60, 0), (60, 2, 1), (12, 6, 0)]


@pytest.mark.parametrize("name", ORACLES)
@pytest.mark.parametrize(("n", "groups", "decimals"), CASES)
def test_each_resample_is_the_statistic_of_the_set_it_stands_for(name, n, groups, decimals):
    x, y, reference = grouped(n, groups, decimals=decimals)
    counts = draws(reference, 60, 1)
    found = STATISTICS[name](x, y, reference, counts)
    np.testing.assert_allclose(found, naive(ORACLES[name], x, y, reference, counts), atol=1e-10)


@pytest.mark.parametrize("name", ["srocc", "krocc"])
def test_ranks_of_infinite_distances_resample_exactly(name):
    x, y, reference = grouped(120, 10)
    x[[0, 7, 50]], x[3] = -np.inf, np.inf
    counts = draws(reference, 40, 0)
    found = STATISTICS[name](x, y, reference, counts)
    np.testing.assert_allclose(found, naive(ORACLES[name], x, y, reference, counts), atol=1e-10)


@pytest.mark.parametrize("name", ORACLES)
def test_chunks_of_rows_and_resamples_change_nothing(name, monkeypatch):
    x, y, reference = grouped(200, 11)
    counts = draws(reference, 30, 0)
    whole = STATISTICS[name](x, y, reference, counts)
    monkeypatch.setattr("jaxiqa.statistics.resampled._SIGNS", 1500)
    monkeypatch.setattr("jaxiqa.statistics.resampled._WEIGHTS", 1500)
    np.testing.assert_allclose(STATISTICS[name](x, y, reference, counts), whole, atol=1e-13)


def test_kendall_stays_exact_where_counts_are_too_large_for_single_precision():
    x, y, reference = grouped(100, 5)
    names, counts = list(dict.fromkeys(reference.tolist())), np.array([[40001, 1, 90007, 3, 12345]])
    weight = counts[0][[names.index(r) for r in reference.tolist()]].astype(object)
    signs_x, signs_y = (np.sign(v[:, None] - v).astype(int) for v in (x, y))
    agreement, *untied = (
        int((weight[:, None] * weight * s).sum())
        for s in (signs_x * signs_y, signs_x**2, signs_y**2)
    )
    expected = agreement / np.sqrt(float(untied[0]) * float(untied[1]))
    found = STATISTICS["krocc"](x, y, reference, counts)
    assert found[0] == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize("name", ORACLES)
def test_a_constant_resample_is_nan_and_left_out_of_the_interval(name):
    # Within a reference the distance is constant: a resample of one reference is degenerate.
    x, reference = np.repeat([0.1, 0.7], 3), np.repeat(["a", "b"], 3)
    y = np.array([1.0, 2, 3, 3, 4, 6])
    found = STATISTICS[name](x, y, reference, np.array([[2, 0], [1, 1], [0, 2]]))
    assert np.isnan(found).tolist() == [True, False, True]
    low, high = bootstrap(x, y, reference, resamples=50)[name]
    assert low == pytest.approx(found[1])
    assert high == pytest.approx(found[1])


def test_pearson_survives_blocks_far_from_each_other():
    generator = np.random.default_rng(0)
    reference = np.repeat(np.arange(4), 30)
    x = generator.normal(size=120) + 1e7 * reference
    y = x - 1e7 * reference + generator.normal(size=120)
    counts = 4 * np.eye(4, dtype=int)
    found = STATISTICS["plcc"](x, y, reference, counts)
    np.testing.assert_allclose(found, naive(stats.pearsonr, x, y, reference, counts), atol=1e-7)


def test_the_interval_is_the_percentiles_of_the_naive_loop():
    x, y, reference = grouped(150, 12)
    found = bootstrap(x, y, reference, resamples=80, seed=3, level=0.8)
    for name, oracle in ORACLES.items():
        values = naive(oracle, x, y, reference, draws(reference, 80, 3))
        assert found[name] == pytest.approx(tuple(np.percentile(values, [10, 90])), abs=1e-10)


def test_names_and_numbers_of_references_draw_alike():
    x, y, reference = grouped(90, 9)
    names = [("folder", f"I{r:02d}.BMP") for r in reference]
    assert bootstrap(x, y, reference, resamples=20) == bootstrap(x, y, names, resamples=20)


def test_draws_depend_on_the_seed_alone():
    reference = ["a", "b", "b", "c", "d"]
    counts = draws(reference, 500, 7)
    assert counts.shape == (500, 4)
    assert (counts.sum(1) == 4).all()
    np.testing.assert_array_equal(draws(reference, 20, 7), counts[:20])
    assert (draws(reference, 500, 8) != counts).any()
    # Each reference is drawn once on average, with the variance 1 - 1/R of the multinomial.
    np.testing.assert_allclose(counts.mean(0), 1, atol=0.15)
    np.testing.assert_allclose(counts.var(0), 0.75, atol=0.15)


def test_the_interval_leaves_nan_out():
    values = np.array([np.nan, *np.arange(101.0), np.nan])
    assert interval(values, level=0.9) == pytest.approx((5, 95))
    assert np.isnan(interval(np.array([np.nan]))).all()


@pytest.mark.slow
def test_intervals_cover_the_truth_as_often_as_they_say():
    # A shared effect per reference: what a bootstrap over single pairs would miss.
    generator, truth, hits = np.random.default_rng(0), 1 / np.sqrt(2), np.zeros(2)
    references = np.repeat(np.arange(40), 10), np.arange(400)
    for seed in range(200):
        effect = np.repeat(generator.normal(size=(40, 2)), 10, axis=0)
        x, noise = (effect + generator.normal(size=(400, 2))).T
        for i, reference in enumerate(references):
            counts = draws(reference, 300, seed)
            low, high = interval(STATISTICS["plcc"](x, x + noise, reference, counts))
            hits[i] += low < truth < high
    by_reference, by_pair = hits / 200
    assert 0.88 < by_reference < 0.99
    assert by_pair < 0.75
