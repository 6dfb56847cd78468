"""Kendall's tau-b in O(n log n) against SciPy and against counting all pairs."""

import numpy as np
import pytest
from scipy import stats

from jaxiqa.statistics.kendall import exchanges, kendall


@pytest.mark.parametrize("n", [2, 3, 17, 64, 65, 2000])
@pytest.mark.parametrize("decimals", [0, 1, 9])
def test_tau_is_that_of_scipy(n, decimals):
    generator = np.random.default_rng(n)
    x = np.round(generator.normal(size=n), decimals)
    y = np.round(x + generator.normal(size=n), decimals)
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        assert np.isnan(kendall(x, y))
    else:
        assert kendall(x, y) == pytest.approx(stats.kendalltau(x, y).statistic, abs=1e-12)


def test_infinities_rank_as_the_extremes():
    x, y = [-np.inf, 1, 2, np.inf], [0.5, 1, 3, 2]
    assert kendall(x, y) == pytest.approx(stats.kendalltau([0, 1, 2, 3], y).statistic)


def test_a_constant_has_no_tau():
    assert np.isnan(kendall([1, 1, 1], [1, 2, 3]))


@pytest.mark.parametrize("high", [1, 2, 7, 8, 300])
def test_exchanges_are_the_pairs_out_of_order(high):
    ranks = np.random.default_rng(high).integers(high, size=200)
    assert exchanges(ranks) == int(np.triu(ranks[:, None] > ranks, 1).sum())
    assert exchanges(np.sort(ranks)) == 0
    assert exchanges(np.arange(50)[::-1]) == 50 * 49 // 2
