"""Williams' test against a published example, and against chance where its assumptions hold."""

import numpy as np
import pytest
from scipy import stats

from jaxiqa.statistics.williams import two_sided, williams


def test_the_example_of_steiger():
    # Verbal ability with masculinity .5, with femininity .4, these with each other .1, n = 103:
    # t = 0.89, p = 0.37 in the manual of R's psych, `r.test(103, .4, .5, .1)`.
    t, p = williams(0.5, 0.4, 0.1, 103)
    assert t == pytest.approx(0.89, abs=0.005)
    assert p == pytest.approx(0.37, abs=0.006)


def test_p_is_that_of_student():
    t, p = williams(0.9, 0.8, 0.7, 30)
    assert p == pytest.approx(2 * stats.t.sf(abs(t), 27), rel=1e-12)
    assert two_sided(-40.0, 500) == pytest.approx(2 * stats.t.cdf(-40, 500), rel=1e-9)
    assert 0 < two_sided(-40.0, 500) < 1e-100


def test_the_sign_is_that_of_the_difference_with_its_signs():
    forth, back = williams(0.3, 0.6, 0.2, 50), williams(0.6, 0.3, 0.2, 50)
    assert forth[0] == -back[0] < 0
    assert forth[1] == back[1]
    # An inverted metric is not as good as its opposite.
    assert williams(-0.6, 0.3, -0.2, 50)[0] < forth[0]


def test_a_better_correlated_pair_of_distances_tells_more():
    ps = [williams(0.8, 0.7, between, 100)[1] for between in (0.4, 0.7, 0.9)]
    assert ps == sorted(ps, reverse=True)


@pytest.mark.parametrize(
    ("correlations", "expected"),
    [
        ((0.7, 0.7, 1.0), (0, 1)),
        ((0.7, 0.7, 0.3), (0, 1)),
        ((0.7, 0.7 + 1e-15, 1 - 1e-15), (0, 1)),
        ((1.0, 1.0, 1.0), (0, 1)),
        ((0.7, -0.7, -1.0), (np.nan, np.nan)),
        ((np.nan, 0.5, 0.5), (np.nan, np.nan)),
        ((0.5, 0.6, np.nan), (np.nan, np.nan)),
    ],
)
def test_what_is_equal_or_has_no_value(correlations, expected):
    np.testing.assert_array_equal(williams(*correlations, 20), expected)


def test_three_pairs_are_too_few():
    assert np.isnan(williams(0.9, 0.1, 0.2, 3)).all()
    assert np.isfinite(williams(0.9, 0.1, 0.2, 4)).all()


def test_p_is_uniform_where_pairs_are_independent_and_normal():
    generator, found = np.random.default_rng(0), []
    for _ in range(1500):
        y, shared, *noise = generator.normal(size=(4, 40))
        a, b = (y + shared + 0.5 * each for each in noise)
        r = np.corrcoef([a, b, y])
        found.append(williams(r[0, 2], r[1, 2], r[0, 1], 40)[1])
    assert stats.kstest(found, "uniform").pvalue > 0.01
    assert 0.035 < np.mean(np.array(found) < 0.05) < 0.065
