"""A metric's contrast sensitivity beside the human one, on metrics whose answer is known."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from jaxiqa.checks import InputError
from jaxiqa.data import (
    as_pairs,
    background,
    contrast_thresholds,
    fit_criterion,
    metric_sensitivity,
    render,
)

T = contrast_thresholds()
M, K = T.contrasts.shape
HUMAN = T.log_human_sensitivity


def decibels(log_sensitivity):
    return 20 * np.sqrt(np.nanmean((log_sensitivity - HUMAN) ** 2))


def uneven_metric(seed=0):
    """Other sensitivities and slopes for every stimulus, and some saturation."""
    rng = np.random.default_rng(seed)
    drive = T.contrasts * (10 ** (HUMAN + rng.normal(0, 0.3, M)))[:, None]
    drive = drive ** rng.uniform(0.8, 1.2, (M, 1))
    return drive / (1 + drive / 4)


def test_the_stimuli_that_ship():
    counts = {name: int(np.sum(T.stimulus_set == name)) for name in np.unique(T.stimulus_set)}
    assert counts == {"modelfest": 14, "colorfest": 38, "rovamo1993": 20}
    assert T.left_out == ("colorfest-39", "colorfest-40")
    assert T.contrasts.shape == (72, 3)
    np.testing.assert_allclose(np.log10(T.contrasts[:, 0]) + HUMAN, np.log10(T.ladder[0]))
    assert np.ptp(np.diff(np.log(T.ladder))) < 1e-12
    assert all(word in T.citation for word in ("Watson", "Wuerger", "Rovamo"))


def test_choice_of_sets_and_ladder():
    few = contrast_thresholds(("modelfest", "modelfest"), ladder=(1, 3.5))
    assert set(few.stimulus_set) == {"modelfest"}
    assert few.left_out == ("modelfest-14",)
    assert contrast_thresholds("rovamo1993").citation.startswith("Rovamo")


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((("modelfst",),), {}, "did you mean 'modelfest'"),
        (((),), {}, "at least one stimulus set"),
        ((), {"ladder": (1.0,)}, "ladder of 2 or more"),
        ((), {"ladder": (2.0, 1.0)}, "ladder of 2 or more"),
        ((), {"ladder": (0.0, 1.0)}, "ladder of 2 or more"),
        ((), {"ladder": (1.0, float("inf"))}, "ladder of 2 or more"),
        ((), {"ladder": (1.0, 1e4)}, "no stimulus can be shown at 10000 times threshold"),
    ],
)
def test_choices_that_are_refused(arguments, options, message):
    with pytest.raises(InputError, match=message):
        contrast_thresholds(*arguments, **options)


def test_pairs_are_in_the_order_of_the_table():
    pairs = as_pairs(T)
    assert len(pairs) == M * K == len(set(pairs.distorted))
    assert set(pairs.reference) == {"background"}
    np.testing.assert_array_equal(np.reshape(pairs.distortion, (M, K))[:, 0], T.stimulus_set)
    expected = -np.log10(T.contrasts) - HUMAN[:, None]
    np.testing.assert_allclose(pairs.opinion.reshape(M, K), expected, atol=1e-12)
    assert pairs.higher_is_better is True
    i, j = 17, 2
    image = pairs.read(pairs.distorted[i * K + j])
    np.testing.assert_array_equal(image, render(T.stimuli[i], T.contrasts[i, j]))
    np.testing.assert_array_equal(pairs.read("background"), background())


def test_pairs_digest_and_reading_from_threads():
    few = contrast_thresholds(("modelfest",))
    pairs = as_pairs(few)
    assert len(pairs.digest) == 64
    assert pairs.digest == as_pairs(contrast_thresholds(("modelfest",))).digest
    wider = contrast_thresholds(("modelfest",), ladder=(0.25, 0.71, 2.0))
    assert pairs.digest != as_pairs(wider).digest
    keys = pairs.distorted[:12]
    with ThreadPoolExecutor(4) as pool:
        images = list(pool.map(pairs.read, keys))
    for key, image in zip(keys, images, strict=True):
        np.testing.assert_array_equal(image, pairs.read(key))


@pytest.mark.parametrize("power", [1.0, 2.0, 0.5])
def test_a_metric_that_sees_like_people(power):
    fit = fit_criterion(3.0 * (T.contrasts * 10 ** HUMAN[:, None]) ** power, T)
    assert fit.rms_db == pytest.approx(0, abs=1e-9)
    assert fit.criterion == pytest.approx(3.0)
    assert np.corrcoef(fit.log_metric_sensitivity, HUMAN)[0, 1] == pytest.approx(1)
    assert (fit.extrapolated, fit.unseen) == (0, 0)


@pytest.mark.parametrize("ladder", [(0.001, 0.002), (5.0, 5.5)])
def test_a_ladder_that_does_not_hold_the_threshold(ladder):
    few = contrast_thresholds(("modelfest",), ladder=ladder)
    human = few.log_human_sensitivity
    fit = fit_criterion((few.contrasts * 10 ** human[:, None]) ** 3, few)
    assert fit.criterion == pytest.approx(1)
    assert fit.rms_db == pytest.approx(0, abs=1e-9)
    assert fit.extrapolated == len(human)


def test_known_errors_leave_their_standard_deviation():
    # the best common criterion takes away the mean of the log errors and nothing else
    errors = np.random.default_rng(1).normal(0.2, 0.4, M)
    fit = fit_criterion(T.contrasts * (10 ** (HUMAN + errors))[:, None], T)
    np.testing.assert_allclose(
        fit.log_metric_sensitivity - HUMAN, errors - errors.mean(), atol=1e-9
    )
    assert fit.rms_db == pytest.approx(20 * errors.std())
    outside = np.log10(np.array(T.ladder)[[0, -1]])
    inside = (-(errors - errors.mean()) > outside[0]) & (-(errors - errors.mean()) < outside[1])
    assert fit.extrapolated == M - inside.sum() > 5


@pytest.mark.slow
def test_the_criterion_is_the_best_of_a_fine_grid():
    distance = uneven_metric()
    fit = fit_criterion(distance, T)
    grid = np.geomspace(distance.min() / 10, distance.max() * 10, 251)
    errors = [decibels(metric_sensitivity(distance, T.contrasts, c)) for c in grid]
    assert fit.rms_db == pytest.approx(min(errors), abs=0.02)
    assert fit.rms_db <= min(errors)
    at = metric_sensitivity(distance, T.contrasts, fit.criterion)
    np.testing.assert_allclose(at, fit.log_metric_sensitivity, atol=1e-9)


@pytest.mark.parametrize("scale", [1e-4, 1.0, 250.0])
@pytest.mark.parametrize("power", [0.5, 1.0, 2.0, 3.0])
def test_scale_and_power_do_not_matter(scale, power):
    distance = uneven_metric(3)
    distance[5] = 0
    distance[6] = distance[6, ::-1]
    distance[7, :2] = 0
    distance[8, 1] = np.nan
    plain, other = fit_criterion(distance, T), fit_criterion(scale * distance**power, T)
    np.testing.assert_allclose(
        other.log_metric_sensitivity, plain.log_metric_sensitivity, atol=1e-6
    )
    assert other.rms_db == pytest.approx(plain.rms_db, abs=1e-6)
    assert other.criterion == pytest.approx(scale * plain.criterion**power, rel=1e-6)
    assert (other.extrapolated, other.unseen) == (plain.extrapolated, plain.unseen)
    assert plain.unseen == 3


def test_unseen_stimuli_are_nan_counted_and_left_out_of_the_error():
    distance = T.contrasts * 10 ** HUMAN[:, None]
    distance[3], distance[4], distance[9] = 0, np.nan, -1e-9
    fit = fit_criterion(distance.ravel(), T)
    assert fit.unseen == 3
    assert np.flatnonzero(np.isnan(fit.log_metric_sensitivity)).tolist() == [3, 4, 9]
    assert fit.rms_db == pytest.approx(0, abs=1e-9)
    blind = fit_criterion(np.zeros((M, K)), T)
    assert (blind.unseen, blind.extrapolated) == (M, 0)
    assert np.isnan(blind.criterion)
    assert np.isnan(blind.rms_db)


CONTRASTS = np.array([[0.01, 0.1, 1.0]])


@pytest.mark.parametrize(
    ("distance", "criterion", "log_sensitivity"),
    [
        ([1, 10, 100], 10, 1),
        ([1, 10, 100], 0.1, 3),
        ([1, 10, 100], 1e4, -2),
        ([1, 100, 1e4], 10, 1.5),
        ([1, 10, 1e4], 1e7, -1),
        ([0, 10, 100], 0.1, 3),
        ([np.inf, 10, 100], 1, 2),
        # one point, or hardly a slope: not seen
        ([0, 10, 0], 100, np.nan),
        ([1, 10, 2], 10, np.nan),
        # flat, then a tenth of the typical slope: 10 ** 0.1 higher is one decade on
        ([1, 10, 10], 10**1.1, 0),
        ([1, 10, 10], 10**1.2, -1),
    ],
)
def test_interpolation_and_its_edges(distance, criterion, log_sensitivity):
    distances = np.array([distance] + [[1, 10, 100]] * 4, np.float64)
    found = metric_sensitivity(distances, np.repeat(CONTRASTS, 5, axis=0), criterion)
    assert found[0] == pytest.approx(log_sensitivity, abs=1e-9, nan_ok=True)


NOISE = np.random.default_rng(0)


@pytest.mark.parametrize(
    "distance",
    [
        np.ones((M, K)),
        1 / T.contrasts,
        NOISE.random((M, K)),
        np.exp(NOISE.standard_normal((M, K))),
        np.repeat(NOISE.random((M, 1)), K, axis=1),
        np.hypot(T.contrasts, 0.03),
        np.hypot(T.contrasts, 0.1),
    ],
    ids=["constant", "backwards", "noise", "log noise", "flat", "floor", "high floor"],
)
def test_what_is_no_function_of_contrast_has_no_thresholds(distance):
    # The ladder hangs on the human threshold: read off these, it would come out again.
    fit = fit_criterion(distance, T)
    assert fit.unseen == M
    assert np.isnan(fit.rms_db)


@pytest.mark.parametrize(
    ("distance", "contrasts", "criterion", "message"),
    [
        (np.ones((1, 2)), CONTRASTS, 1, r"got \(1, 2\) and \(1, 3\)"),
        (np.ones(3), np.ones(3), 1, r"got \(3,\)"),
        (np.ones((1, 3)), CONTRASTS[:, ::-1], 1, "rise"),
        (np.ones((1, 3)), 0 * CONTRASTS, 1, "positive contrasts"),
        (np.ones((1, 3)), CONTRASTS, 0, "criterion above 0"),
        (np.ones((1, 3)), CONTRASTS, np.nan, "criterion above 0"),
    ],
)
def test_what_is_refused(distance, contrasts, criterion, message):
    with pytest.raises(InputError, match=message):
        metric_sensitivity(distance, contrasts, criterion)


def test_distances_of_another_shape_are_refused():
    with pytest.raises(InputError, match=r"expected distances of shape \(72, 3\)"):
        fit_criterion(np.ones((K, M)), T)


def test_pixel_distance_does_not_know_frequency():
    # the root mean square of Gabors of one size depends on contrast alone
    few = contrast_thresholds(("modelfest",))
    pairs = as_pairs(few)
    grey = pairs.read("background").astype(np.float64)
    distance = [np.sqrt(np.mean((pairs.read(key) - grey) ** 2)) for key in pairs.distorted]
    fit = fit_criterion(np.array(distance), few)
    assert np.ptp(fit.log_metric_sensitivity[2:9]) < 0.03
    assert fit.unseen == 0
    assert 8 < fit.rms_db < 20
