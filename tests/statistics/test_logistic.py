"""The fitted logistic: planted curves, direction, units, and an independent optimiser."""

import numpy as np
import pytest
from scipy import optimize

from jaxiqa.checks import InputError
from jaxiqa.statistics.correlate import correlate
from jaxiqa.statistics.logistic import Logistic, fit_logistic, predict

PLANTED = Logistic(near=4.5, far=1.2, middle=2.0, width=0.4)


def planted(n=400, noise=0.0, seed=0):
    generator = np.random.default_rng(seed)
    distance = generator.uniform(0, 5, n)
    return distance, predict(PLANTED, distance) + noise * generator.normal(size=n)


def loss(logistic, distance, opinion):
    return np.mean((predict(logistic, distance) - opinion) ** 2)


def test_the_curve_is_the_published_one():
    distance, p = np.array([-1.0, 2.0, 3.1]), PLANTED
    expected = p.far + (p.near - p.far) / (1 + np.exp((distance - p.middle) / abs(p.width)))
    np.testing.assert_allclose(predict(p, distance), expected, rtol=1e-14)
    np.testing.assert_allclose(predict(p, [-np.inf, p.middle, np.inf]), [4.5, 2.85, 1.2])


@pytest.mark.parametrize("scale", [1e-8, 1.0, 1e6])
@pytest.mark.parametrize("higher_is_better", [True, False])
def test_planted_parameters_come_back_in_any_unit(scale, higher_is_better):
    distance, opinion = planted()
    sign = 1 if higher_is_better else -1
    found = fit_logistic(distance * scale, sign * opinion, higher_is_better=higher_is_better)
    assert (found.near, found.far) == pytest.approx((sign * 4.5, sign * 1.2), abs=1e-3)
    assert (found.middle, found.width) == pytest.approx((2.0 * scale, 0.4 * scale), rel=1e-3)


def test_no_other_optimiser_finds_a_better_curve():
    for seed in range(3):
        distance, opinion = planted(noise=0.5, seed=seed)
        found = fit_logistic(distance, opinion, higher_is_better=True)

        def curve(x, near, far, middle, width):
            return near + (far - near) / (1 + np.exp(-(x - middle) / abs(width)))

        best, _ = optimize.curve_fit(curve, distance, opinion, (5, 1, 2.5, 1))
        expected = np.mean((curve(distance, *best) - opinion) ** 2)
        assert loss(found, distance, opinion) == pytest.approx(expected, rel=1e-6)


def test_a_saturating_relation_gains_and_a_straight_one_loses_nothing():
    generator = np.random.default_rng(1)
    distance = generator.gamma(2, size=500)
    for opinion, gain in ((np.exp(-2 * distance), 0.1), (-distance, -1e-6)):
        noisy = opinion + 0.1 * opinion.std() * generator.normal(size=500)
        found = correlate(distance, noisy, higher_is_better=True, resamples=0)
        assert found.plcc_logistic > found.plcc + gain


def test_outliers_do_not_hide_the_relation():
    # Log-normal distances over five decades: raw Pearson sees a few points only.
    distance = np.exp(2.5 * np.random.default_rng(2).normal(size=1000))
    found = correlate(distance, -distance / (1 + distance), higher_is_better=True, resamples=0)
    assert found.plcc < 0.5
    assert found.plcc_logistic > 0.95


def test_a_disagreeing_metric_gets_a_flat_curve_and_noise_gets_little():
    distance, opinion = planted(noise=0.3)
    wrong = fit_logistic(distance, opinion, higher_is_better=False)
    assert wrong.near == wrong.far == pytest.approx(opinion.mean())
    assert correlate(distance, opinion, higher_is_better=False, resamples=0).plcc_logistic == 0
    noise = np.random.default_rng(3).normal(size=400)
    assert 0 <= correlate(distance, noise, higher_is_better=True, resamples=0).plcc_logistic < 0.2


def test_far_is_never_better_than_near():
    for seed in range(20):
        x, y = np.random.default_rng(seed).normal(size=(2, 30))
        found = fit_logistic(x, y, higher_is_better=seed % 2 == 0)
        assert (found.far <= found.near) if seed % 2 == 0 else (found.far >= found.near)
        assert found.width > 0
        assert loss(found, x, y) <= y.var() * (1 + 1e-12)


def test_infinite_distances_pull_the_end_they_stand_at():
    distance, opinion = planted()
    distance[:40], opinion[:40] = -np.inf, 4.5
    found = fit_logistic(distance, opinion, higher_is_better=True)
    assert (found.near, found.middle) == pytest.approx((4.5, 2.0), abs=1e-3)
    assert predict(found, -np.inf) == found.near


@pytest.mark.parametrize(
    "distance", [[-np.inf, np.inf, -np.inf, np.inf], [1, 1, 1, np.inf], [0, 0, 0, 1e-300]]
)
def test_degenerate_distances_still_give_a_curve(distance):
    found = fit_logistic(distance, [5, 1, 4, 2], higher_is_better=True)
    assert np.isfinite(predict(found, distance)).all()


def test_the_same_input_gives_the_same_curve():
    distance, opinion = planted(noise=0.5)
    one, two = (fit_logistic(distance, opinion, higher_is_better=True) for _ in range(2))
    assert one == two


def test_pairs_that_cannot_be_fitted_are_refused():
    with pytest.raises(InputError, match="opinion is 2 for all 3 pairs"):
        fit_logistic([1, 2, 3], [2, 2, 2], higher_is_better=True)
