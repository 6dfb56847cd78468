"""Fitted weights against planted ones and against solvers of others."""

import dataclasses

import numpy as np
import pytest
import scipy.optimize

from jaxiqa.checks import InputError
from jaxiqa.readouts.readout import Readout
from jaxiqa.relevance.choices import Choices
from jaxiqa.relevance.design import Design
from jaxiqa.relevance.opinions import Opinions
from jaxiqa.relevance.together import fits, untold

N, COUNTS = 240, {"a": 7, "b": 5}
DRAW = np.random.default_rng(0)
# Contributions of channels of very different size that rise and fall on their own.
VALUES = DRAW.gamma(0.7, size=(N, 12)) * 10.0 ** DRAW.uniform(-3, 3, 12)
PLANTED = np.where(DRAW.random(12) < 0.6, DRAW.random(12), 0) / VALUES.mean(axis=0)
REFERENCE = np.repeat([f"scene {k}" for k in range(12)], N // 12)


def design(values=VALUES, form="unit", counts=COUNTS):
    """Of channels in two taps; values are (n, P) or (n, P, K)."""
    values = values if values.ndim == 3 else values[..., None]
    mean, parameter, start = np.abs(values).sum(axis=-1).mean(axis=0), {}, 0
    for tap, count in counts.items():
        parameter[tap] = np.arange(start, start + count)
        start += count
    scaled = values / np.where(mean == 0, 1, mean)[None, :, None]
    factor = {tap: np.ones(count) for tap, count in counts.items()}
    readout = Readout(tuple(counts), form)
    return Design(scaled.astype(np.float32), mean, readout, readout, parameter, factor)


def opinions(opinion, reference=REFERENCE):
    rows = np.arange(len(opinion))
    return Opinions("planted", rows, reference, None, None, opinion, True, len(rows))


def fitted(table, opinion, *, train=None, **choices):
    chosen = Choices(**({"validation": 0.0, "steps": 2000, "patience": 60} | choices))
    train = np.ones(N, bool) if train is None else train
    return fits(table, opinions(opinion), [train], chosen, untold)[0]


def alike(found, planted):
    """Correlation of shares: weights of channels that differ a millionfold in size."""
    mean = VALUES.mean(axis=0)
    return np.corrcoef(found * mean, planted * mean)[0, 1]


@pytest.mark.parametrize(
    ("objective", "optimiser"),
    [
        ("pearson", "adam"),
        pytest.param("pearson", "lbfgs", marks=pytest.mark.slow),
        pytest.param("mse", "adam", marks=pytest.mark.slow),
    ],
)
def test_planted_weights_are_recovered(objective, optimiser):
    found = fitted(design(), 3 - VALUES @ PLANTED, objective=objective, optimiser=optimiser)
    assert alike(found.weights, PLANTED) > 0.999
    assert (found.weights >= 0).all()
    assert (found.shares[PLANTED == 0] < 0.003).all()


@pytest.mark.slow
@pytest.mark.parametrize("objective", ["spearman-soft", "ranking"])
def test_planted_weights_are_recovered_from_ranks(objective):
    """Ranks alone tell them, through any monotone scale of opinion."""
    found = fitted(design(), np.exp(-VALUES @ PLANTED), objective=objective, optimiser="lbfgs")
    assert alike(found.weights, PLANTED) > 0.99


@pytest.mark.slow
def test_planted_weights_are_recovered_under_a_root():
    found = fitted(design(form="euclidean"), -np.sqrt(VALUES @ PLANTED))
    assert alike(found.weights, PLANTED) > 0.999


@pytest.mark.slow
def test_of_channels_that_rise_together_only_the_sum_is_told():
    twice = VALUES.copy()
    twice[:, 11] = 5 * twice[:, 0]
    weights = np.full(12, 1.0) / twice.mean(axis=0)
    found = fitted(design(twice), -twice @ weights).weights
    both = found[0] + 5 * found[11]
    ratio = both / (weights[0] + 5 * weights[11])
    np.testing.assert_allclose(found[1:11] / weights[1:11], ratio, rtol=0.01)


@pytest.mark.slow
def test_a_channel_without_contribution_gets_no_weight_and_equal_images_no_nan():
    dead = VALUES.copy()
    dead[:, 3] = 0
    dead[:10] = 0
    for form in ("unit", "euclidean"):
        found = fitted(design(dead, form), -(dead @ PLANTED), steps=200)
        assert found.weights[3] == 0
        assert np.isfinite(found.weights).all()
        np.testing.assert_array_equal(found.distances[:10], 0)


def noisy():
    """Opinion that no weights explain: some of the best ones are 0."""
    return -(VALUES @ PLANTED) - 0.7 * np.random.default_rng(1).standard_normal(N)


@pytest.mark.slow
def test_least_squares_are_those_of_nnls():
    opinion = noisy()
    found = fitted(design(), opinion, objective="mse", steps=4000)
    scale = VALUES.mean(axis=0)
    centred = VALUES / scale - (VALUES / scale).mean(axis=0)
    expected, _ = scipy.optimize.nnls(centred, opinion.mean() - opinion)
    np.testing.assert_allclose(found.weights * scale, expected, atol=1e-4 * expected.sum(), rtol=0)
    assert (expected == 0).any()


@pytest.mark.slow
def test_pearson_is_that_of_nnls():
    """Over a cone the largest correlation is that of the least squares."""
    opinion = noisy()
    found = fitted(design(), opinion)
    centred = (VALUES - VALUES.mean(axis=0)) / VALUES.mean(axis=0)
    expected, _ = scipy.optimize.nnls(centred, opinion.mean() - opinion)
    best = np.corrcoef(centred @ expected, -opinion)[0, 1]
    assert 1 - found.loss[0] == pytest.approx(best, abs=1e-6)
    np.testing.assert_allclose(found.shares, expected / expected.sum(), atol=1e-4, rtol=0)


@pytest.mark.slow
@pytest.mark.parametrize("penalty", ["l1", "l2", "group"])
def test_penalties_are_those_of_slsqp(penalty):
    opinion, strength = noisy(), 0.05
    found = fitted(design(), opinion, objective="mse", steps=4000, **{penalty: strength})
    scaled, target = VALUES / VALUES.mean(axis=0), -(opinion - opinion.mean()) / opinion.std()
    taps = (slice(0, 7), slice(7, 12))

    def loss(shares):
        residual = target - scaled @ shares
        terms = {
            "l1": shares.sum(),
            "l2": 12 * (shares**2).sum(),
            "group": sum(np.sqrt(shares[t].size * (shares[t] ** 2).sum()) for t in taps),
        }
        return residual.var() + strength * terms[penalty]

    start = np.full(12, 0.1)
    best = scipy.optimize.minimize(
        loss,
        start,
        method="SLSQP",
        bounds=[(0, None)] * 12,
        options={"maxiter": 500, "ftol": 1e-12},
    )
    shares = found.weights * VALUES.mean(axis=0) / opinion.std()
    assert loss(shares) == pytest.approx(best.fun, rel=1e-4)
    np.testing.assert_allclose(shares, best.x, atol=2e-3 * best.x.max())


@pytest.mark.slow
def test_pairs_that_are_held_out_do_not_matter():
    opinion, train = noisy(), np.isin(REFERENCE, [f"scene {k}" for k in range(8)])
    found = fitted(design(), opinion, train=train, validation=0.25)
    other = np.where(train, opinion, 1e6 * DRAW.standard_normal(N))
    np.testing.assert_array_equal(
        fitted(design(), other, train=train, validation=0.25).weights, found.weights
    )
    values = np.where(train[:, None], VALUES, 30 * VALUES[::-1])
    again = fitted(design(values), opinion, train=train, validation=0.25)
    np.testing.assert_allclose(again.weights, found.weights, rtol=0.02, atol=1e-4)


@pytest.mark.slow
def test_one_fit_among_many_is_the_fit_alone():
    opinion = noisy()
    trains = [np.ones(N, bool), *(f"scene {k}" != REFERENCE for k in range(3))]
    chosen = Choices(seeds=2, steps=200)
    found = fits(design(), opinions(opinion), trains, chosen, untold)
    alone = fits(design(), opinions(opinion), trains[2:3], chosen, untold)[0]
    np.testing.assert_allclose(found[2].weights, alone.weights, rtol=1e-3, atol=1e-6)


@pytest.mark.slow
def test_all_starts_lead_to_the_same_weights():
    found = fitted(design(), noisy(), objective="mse", seeds=4)
    shares = found.seed_shares
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    assert np.ptp(shares, axis=0).max() < 1e-3
    np.testing.assert_allclose(found.shares, shares.mean(axis=0), atol=1e-4)


@pytest.mark.slow
def test_distances_have_the_mean_of_the_plain_readout():
    for form in ("unit", "euclidean"):
        found = fitted(design(form=form), noisy(), steps=50)
        plain = found.design.distances(np.ones(12))
        assert found.distances.mean() == pytest.approx(plain.mean())


@pytest.mark.slow
def test_with_mse_a_distance_is_in_units_of_opinion():
    opinion = 40 - 8 * (VALUES @ PLANTED)
    found = fitted(design(), opinion, objective="mse")
    np.testing.assert_allclose(found.distances, 40 - opinion, atol=1e-2 * np.ptp(opinion))


@pytest.mark.slow
def test_pairs_set_aside_tell_when_to_stop():
    """With more channels than pairs a fit to the end explains noise."""
    values = DRAW.gamma(0.7, size=(N, 300))
    opinion = -values.sum(axis=1) - 15 * DRAW.standard_normal(N)
    wide = design(values, counts={"a": 200, "b": 100})
    stopped, ended = (fitted(wide, opinion, validation=part) for part in (0.25, 0.0))
    assert stopped.steps[0] < ended.steps[0]
    assert np.isnan(ended.watched).all()
    assert np.isfinite(stopped.watched).all()
    assert alike_all(stopped.weights) > alike_all(ended.weights)


def alike_all(weights):
    """How even weights are: the planted ones are all 1."""
    return weights.sum() ** 2 / (weights**2).sum() / len(weights)


def choices_between(values, weights, odds):
    """First images in the first half; shares of judges by a logistic of the difference."""
    first, second = np.split(values @ weights, 2)
    second_nearer = 1 / (1 + np.exp(-odds * (first - second)))
    return np.concatenate([1 - second_nearer, second_nearer])


@pytest.mark.slow
def test_choices_between_two_images():
    """Heads as LPIPS has them: the odds tell the factor too."""
    share = choices_between(VALUES, PLANTED, 3)
    told = dataclasses.replace(
        opinions(share, np.tile(REFERENCE[::2], 2)),
        level=np.repeat(["first", "second"], N // 2),
    )
    chosen = Choices("2afc", validation=0.0, steps=3000, patience=100)
    found = fits(design(), told, [np.ones(N, bool)], chosen, untold)[0]
    assert alike(found.weights, PLANTED) > 0.99
    np.testing.assert_allclose(found.distances, 3 * VALUES @ PLANTED, rtol=0.05, atol=0.1)


REFUSED = {
    "unknown objective 'pearsn', did you mean 'pearson'": {"objective": "pearsn"},
    "unknown optimiser": {"optimiser": "sgd"},
    "l1 must be a number of 0 or more, got -1": {"l1": -1},
    "validation must be a part of the references": {"validation": 1.0},
    "seeds must be a whole number above 0, got 0": {"seeds": 0},
}


@pytest.mark.parametrize(("message", "choices"), REFUSED.items())
def test_choices_that_cannot_be(message, choices):
    with pytest.raises(InputError, match=message):
        Choices(**choices)


@pytest.mark.slow
def test_no_more_steps_than_asked_for():
    found = fitted(design(), noisy(), steps=3, optimiser="adam")
    assert found.steps[0] == 3


@pytest.mark.slow
def test_fits_beyond_the_memory_are_made_one_after_another(monkeypatch):
    trains = [np.ones(N, bool), *(f"scene {k}" != REFERENCE for k in range(4))]
    chosen, ended = Choices(steps=100), []
    together = fits(design(), opinions(noisy()), trains, chosen, ended.append)
    assert sum(ended) == 5
    monkeypatch.setattr("jaxiqa.relevance.solve._ROOM", 4 * design().values.nbytes)
    apart = fits(design(), opinions(noisy()), trains, chosen, ended.append)
    assert sum(ended) == 10
    for one, other in zip(together, apart, strict=True):
        np.testing.assert_allclose(one.shares, other.shares, atol=2e-3)


@pytest.mark.slow
def test_contributions_of_any_size():
    opinion = noisy()
    expected = fitted(design(), opinion).shares
    for factor in (1e-30, 1e30):
        found = fitted(design(VALUES * factor), opinion).shares
        np.testing.assert_allclose(found, expected, atol=1e-3)


@pytest.mark.slow
def test_penalties_that_leave_nothing_are_refused():
    with pytest.raises(InputError, match="the penalties leave nothing of the distance"):
        fitted(design(), noisy(), objective="mse", l1=1000.0)


def test_too_few_pairs_or_references():
    with pytest.raises(InputError, match="a fit needs 3 pairs or more"):
        fitted(design(), noisy(), train=np.arange(N) < 2)
    with pytest.raises(InputError, match="a fit needs 3 pairs or more, not all rated alike"):
        fitted(design(), np.ones(N))
    with pytest.raises(InputError, match="1 training references are too few"):
        fitted(design(), noisy(), train=REFERENCE == "scene 0", validation=0.2)
