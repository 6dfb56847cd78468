"""Ceilings against simulated ratings of which the truth is known, and on TID2013."""

import csv
import dataclasses

import numpy as np
import pytest
from scipy import stats

from jaxiqa.checks import InputError
from jaxiqa.statistics.ceiling import noise_ceiling

ORACLES = {"plcc": stats.pearsonr, "srocc": stats.spearmanr, "krocc": stats.kendalltau}

TRUTHS = {
    "normal": lambda generator, n: generator.normal(size=n),
    "flat": lambda generator, n: generator.uniform(-1.7, 1.7, size=n),
}


def simulated(kind, error, n=400, seed=0):
    """Measured opinion, standard errors, and what the truth correlates with measured opinion."""
    generator = np.random.default_rng(seed)
    true = TRUTHS[kind](generator, n)
    errors = error * generator.uniform(0.5, 1.5, size=n)
    measured = 3 + true + errors * generator.normal(size=n)
    return measured, errors, {k: f(true, measured).statistic for k, f in ORACLES.items()}


@pytest.mark.parametrize("kind", TRUTHS)
@pytest.mark.parametrize(("error", "within"), [(0.13, 0.003), (0.5, 0.012)])
def test_ceilings_are_those_of_the_truth(kind, error, within):
    gaps = []
    for seed in range(12):
        measured, errors, true = simulated(kind, error, seed=seed)
        found = noise_ceiling(measured, errors, resamples=20)
        gaps.append([getattr(found, name) - true[name] for name in ORACLES])
    assert np.abs(np.mean(gaps, axis=0)).max() < within


def test_errors_on_top_of_measured_opinion_would_be_too_small():
    # What the model is for: of errors as large as the truth, adding them once more sees too little.
    measured, errors, true = simulated("normal", 1.0, n=4000)
    again = measured + errors * np.random.default_rng(9).normal(size=4000)
    naive = stats.pearsonr(measured, again).statistic
    found = noise_ceiling(measured, errors, resamples=20)
    assert naive - true["plcc"] > 0.08
    assert found.plcc == pytest.approx(true["plcc"], abs=0.02)
    assert found.srocc == pytest.approx(true["srocc"], abs=0.02)


def test_pearson_is_the_root_of_the_reliability():
    measured, errors, _ = simulated("flat", 0.4, n=3000)
    found = noise_ceiling(measured, errors, resamples=50)
    expected = 1 - np.mean(errors**2) / measured.var(ddof=1)
    assert found.reliability == pytest.approx(expected, rel=1e-12)
    assert found.plcc == pytest.approx(np.sqrt(expected), abs=1e-3)
    assert found.plcc_low < found.plcc < found.plcc_high


@pytest.mark.slow
def test_intervals_hold_what_the_truth_correlates_with():
    hits = np.zeros(3)
    for seed in range(60):
        measured, errors, true = simulated("normal", 0.3, n=200, seed=seed)
        found = noise_ceiling(measured, errors, resamples=100)
        bounds = [(getattr(found, f"{k}_low"), getattr(found, f"{k}_high")) for k in ORACLES]
        hits += [low < true[k] < high for k, (low, high) in zip(ORACLES, bounds, strict=True)]
    assert (hits / 60 > 0.82).all()


def test_opinion_without_error_can_be_reached():
    found = noise_ceiling(np.arange(50.0), np.zeros(50), resamples=3)
    assert found.n == 50
    np.testing.assert_allclose(dataclasses.astuple(found)[1:], 1, atol=1e-12)


def test_the_sign_of_opinion_does_not_matter_nor_its_units():
    measured, errors, _ = simulated("normal", 0.4)
    plain = noise_ceiling(measured, errors, resamples=30)
    turned = noise_ceiling(100 - 20 * measured, 20 * errors, resamples=30)
    for name in ORACLES:
        assert getattr(turned, name) == pytest.approx(getattr(plain, name), abs=0.005)


def test_pairs_without_a_standard_error_are_left_out():
    measured, errors, _ = simulated("normal", 0.4)
    errors[::4] = np.nan
    known = ~np.isnan(errors)
    found = noise_ceiling(measured, errors, resamples=5)
    assert found == noise_ceiling(measured[known], errors[known], resamples=5)
    assert found.n == 300


MISTAKES = [
    ([1, 2, 3], [0.1, 0.1], {}, "one standard error per opinion, 3, got 2"),
    ([1, 2, np.nan], [0.1] * 3, {}, "opinion is not finite"),
    ([1, 2, 3], [0.1, 0.1, -0.1], {}, "standard_error: expected numbers from 0 up"),
    ([1, 2, 3], [0.1, np.nan, 0.1], {}, "3 pairs with a standard error, got 2"),
    ([1, 2, 3], [2.0] * 3, {}, "no smaller than the spread of opinion.*not the spread of its"),
    ([5, 5, 5], [0.0] * 3, {}, "no smaller than the spread of opinion"),
    ([1, 2, 3], [0.1] * 3, {"resamples": 0}, "resamples: expected an integer from 1 up, got 0"),
    ([1, 2, 3], ["a"] * 3, {}, r"standard_error: expected \(n,\) numbers"),
    ([1, 2, 3], [0.1] * 3, {"seed": -1}, "seed: expected an integer from 0 up, got -1"),
    ([1, 2, 3], [0.1] * 3, {"level": 2}, "level: expected a number between"),
]


@pytest.mark.parametrize(("opinion", "error", "options", "message"), MISTAKES)
def test_mistakes_are_named_in_one_line(opinion, error, options, message):
    with pytest.raises(InputError, match=message) as caught:
        noise_ceiling(opinion, error, **options)
    assert "\n" not in str(caught.value)


@pytest.fixture(scope="module")
def tid2013(shared):
    path = shared / "data" / "iqa" / "tables" / "tid2013_mos_std.csv"
    rows = list(csv.DictReader(path.read_text().splitlines()))
    return (np.array([float(row[name]) for row in rows]) for name in ("mos", "std"))


def explained(mean, error):
    """Whether integer ratings of some number can have this mean and this standard error of it.

    error = population standard deviation / sqrt(N) makes (N error)^2 + N mean^2 the sum of the
    squared ratings, an integer; both numbers are rounded to 5 decimals.
    """
    for n in range(8, 80):
        total = round(mean * n)
        if abs(total / n - mean) < 6e-6:
            squares = (n * error) ** 2 + total**2 / n
            if abs(squares - round(squares)) < 1.1e-5 * n * n * error + 2e-6:
                return True
    return False


def test_what_tid2013_publishes_is_the_standard_error_of_the_mean(tid2013):
    mos, published = tid2013
    # Ratings are whole (games won of nine), so those around a mean m spread by sqrt(f (1 - f)) at
    # least, f its fraction: what is published cannot be their spread.
    fraction = mos % 1
    assert np.mean(published < np.sqrt(fraction * (1 - fraction)) - 1e-4) > 0.95
    pairs = list(zip(mos.tolist(), published.tolist(), strict=True))
    assert np.mean([explained(*pair) for pair in pairs[::10]]) > 0.98
    assert np.mean([explained(m, 1.05 * s) for m, s in pairs[::10]]) < 0.15
    found = noise_ceiling(mos, published, resamples=5)
    assert found.reliability == pytest.approx(0.988, abs=0.001)
    assert found.srocc == pytest.approx(0.992, abs=0.002)
    assert found.krocc == pytest.approx(0.927, abs=0.004)
