"""Holm's adjustment against its definition as a sequence of rejections."""

import numpy as np
import pytest

from jaxiqa.checks import InputError
from jaxiqa.statistics.holm import holm


def rejected(p, alpha):
    """Step down through the sorted p as long as each is below alpha / (tests that are left)."""
    found, order = np.zeros(len(p), bool), np.argsort(p)
    for step, place in enumerate(order):
        if p[place] > alpha / (len(p) - step):
            break
        found[place] = True
    return found


def test_what_p_adjust_of_r_gives():
    np.testing.assert_allclose(
        holm([0.01, 0.02, 0.03, 0.04, 0.05]), [0.05, 0.08, 0.09, 0.09, 0.09], rtol=1e-12
    )


@pytest.mark.parametrize("seed", range(5))
def test_adjusted_p_is_where_the_sequence_begins_to_reject(seed):
    p = np.random.default_rng(seed).random(12) ** 3
    adjusted = holm(p)
    for alpha in (0.01, 0.05, 0.2, 0.7):
        np.testing.assert_array_equal(adjusted <= alpha, rejected(p, alpha))


def test_nan_is_left_out_and_counts_as_no_test():
    p = np.array([0.03, np.nan, 0.01, np.nan])
    np.testing.assert_allclose(holm(p), [0.03, np.nan, 0.02, np.nan])
    assert np.isnan(holm([np.nan, np.nan])).all()
    assert holm([]).shape == (0,)


def test_it_stays_at_one_at_the_most_and_tiny_p_stay_apart():
    np.testing.assert_array_equal(holm([0.6, 0.7, 1.0]), [1, 1, 1])
    np.testing.assert_allclose(holm([1e-30, 1e-20, 1.0]), [3e-30, 2e-20, 1.0], rtol=1e-12)
    assert holm([0.04]) == [0.04]


@pytest.mark.parametrize("p", [[0.5, 1.5], [-0.1], [[0.1, 0.2]]])
def test_what_is_no_p_is_refused(p):
    with pytest.raises(InputError, match=r"expected \(m,\) numbers in \[0, 1\]"):
        holm(p)
