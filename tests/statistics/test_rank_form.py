"""Rank statistics by counts of references against those that go through all pairs."""

import numpy as np
import pytest

from jaxiqa.statistics.bootstrap import STATISTICS, draws
from jaxiqa.statistics.rank_form import rank_sums, tie_sums


def tied(n, references, decimals, seed=0):
    generator = np.random.default_rng(seed)
    reference = np.concatenate([np.arange(references), generator.integers(references, size=n)])[:n]
    x = np.round(generator.normal(size=n) + 0.3 * reference, decimals)
    return x, np.round(x + generator.normal(size=n), decimals), reference


@pytest.mark.parametrize("name", ["srocc", "krocc"])
@pytest.mark.parametrize(("n", "references", "decimals"), [(400, 25, 9), (400, 25, 0), (90, 3, 1)])
def test_both_ways_give_the_same(name, n, references, decimals, monkeypatch):
    x, y, reference = tied(n, references, decimals)
    counts = draws(reference, 200, 0)
    by_reference = STATISTICS[name](x, y, reference, counts)
    monkeypatch.setattr("jaxiqa.statistics.resampled._CUBE", 0)
    by_pair = STATISTICS[name](x, y, reference, counts)
    np.testing.assert_allclose(by_reference, by_pair, atol=1e-13)
    assert np.isfinite(by_pair).any()


def test_pieces_of_the_draws_change_nothing(monkeypatch):
    runs = np.random.default_rng(0).integers(30, size=(2, 200))
    codes = np.arange(200) % 9
    counts = draws(codes, 50, 0)
    whole = rank_sums(*runs, codes, counts)
    monkeypatch.setattr("jaxiqa.statistics.rank_form._ELEMENTS", 500)
    np.testing.assert_array_equal(rank_sums(*runs, codes, counts), whole)


def test_sums_are_exact():
    # Ranks 1..n in one draw of everything: n (n^2 - 1) / 12, far beyond single precision.
    ranks, codes = np.arange(9001), np.arange(9001) % 20
    counts = np.ones((1, 20), np.int64)
    assert (rank_sums(ranks, ranks, codes, counts) == 9001 * (9001**2 - 1) / 12).all()
    assert (rank_sums(ranks, ranks[::-1], codes, counts)[0] == -9001 * (9001**2 - 1) / 12).all()
    assert tie_sums(ranks // 10, codes, counts) == 900 * 100 + 1
