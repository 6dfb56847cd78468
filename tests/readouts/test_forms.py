"""Every form: against its definition on the responses themselves, and its gradient."""

import functools

import exact
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxiqa.readouts.forms import FORMS, safe_divide, safe_sqrt
from jaxiqa.readouts.moments import MOMENTS, pair_moments, state
from jaxiqa.readouts.readout import Readout, combine, tap_totals

SHAPE = (3, 5, 6, 7)


def distance(form, a, b):
    """From responses (N, h, w, C) at one tap to (N,) distances."""
    readout = Readout(("tap",), form)
    states = (state(x, moments=readout.moments) for x in (a, b))
    totals = tap_totals(pair_moments(*states, moments=readout.moments), form)
    positions, channels = [a.shape[1] * a.shape[2]], [a.shape[3]]
    return combine([totals], readout, positions=positions, channels=channels)


@functools.cache
def value_and_slopes(form):
    def total(a, b):
        found = distance(form, a, b)
        return found.sum(), found

    return jax.jit(jax.value_and_grad(total, argnums=(0, 1), has_aux=True))


@jax.jit
def all_moments(a, b):
    return pair_moments(*(state(x, moments=MOMENTS) for x in (a, b)), moments=MOMENTS)


@functools.cache
def moments_of(shape, change):
    pair = exact.planted_pair(shape, change=change)
    return pair, jax.device_get(all_moments(*pair))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("change", [1, 1e-2, 1e-4])
def test_of_stored_moments_is_the_distance_of_the_responses(form, change):
    (a, b), moments = moments_of(SHAPE, change)
    totals = tap_totals(moments, form)
    assert totals.dtype == np.float64
    ours = FORMS[form].finish(totals)
    np.testing.assert_allclose(ours, exact.distance(form, a, b), rtol=1e-5)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("change", [1, 1e-4])
def test_of_responses_is_the_distance_of_the_responses(form, change):
    a, b = exact.planted_pair(SHAPE, change=change)
    (_, ours), _ = value_and_slopes(form)(a, b)
    assert ours.shape == (3,)
    assert ours.dtype == jnp.float32
    np.testing.assert_allclose(ours, exact.distance(form, a, b), rtol=1e-5)


@pytest.mark.parametrize("form", ["euclidean", "unit", "mean", "cosine"])
def test_of_a_map_of_one_position(form):
    (a, b), moments = moments_of((2, 1, 1, 12), 0.1)
    ours = FORMS[form].finish(tap_totals(moments, form))
    np.testing.assert_allclose(ours, exact.distance(form, a, b), rtol=1e-5)


@pytest.mark.parametrize("form", FORMS)
def test_is_symmetric(form):
    a, b = exact.planted_pair(SHAPE, change=1)
    (_, there), _ = value_and_slopes(form)(a, b)
    (_, back), _ = value_and_slopes(form)(b, a)
    np.testing.assert_allclose(there, back, rtol=1e-6)


def degenerate():
    """Pairs of responses at which a square root or a quotient has no derivative, by name."""
    zero, flat = np.zeros(SHAPE, np.float32), np.full(SHAPE, 3.3, np.float32)
    some, other = exact.planted_pair(SHAPE, change=1)
    return {
        "equal": (some, some),
        "all zero": (zero, zero),
        "flat": (flat, flat),
        "flat of two levels": (flat, 2 * flat),
        "flat and not": (flat, some),
        "zero and not": (zero, some),
        "opposite": (flat, -flat),
        "squares that underflow": (some * np.float32(1e-22), other * np.float32(1e-22)),
        "squares that nearly underflow": (some * np.float32(1e-18), other * np.float32(1e-18)),
        "one is next to nothing": (some * np.float32(1e-15), other),
        "one underflows": (some * np.float32(1e-30), other),
    }


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("case", degenerate())
def test_value_and_gradient_are_finite_where_they_are_hard(form, case):
    for a, b in (degenerate()[case], degenerate()[case][::-1]):
        (_, found), slopes = value_and_slopes(form)(a, b)
        assert jnp.isfinite(found).all()
        assert all(jnp.isfinite(slope).all() for slope in slopes)
        if case in ("equal", "all zero", "flat"):
            assert not found.any()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("change", [1, 1e-2])
def test_gradient_is_that_of_central_differences_in_double_precision(form, change):
    # Away from 0, where the unit form has a kink; one image.
    a, b = (x[:1] + np.float32(0.1) for x in exact.planted_pair(SHAPE, change=change))
    _, slopes = value_and_slopes(form)(*(np.repeat(x, 3, axis=0) for x in (a, b)))
    step = 1e-6 * change
    for place, slope in enumerate(slopes):
        measured = np.zeros(a.size)
        for entry in range(a.size):
            nudge = np.zeros(a.size)
            nudge[entry] = step
            pairs = [[x.astype(np.float64) for x in (a, b)] for _ in range(2)]
            pairs[0][place] += nudge.reshape(a.shape)
            pairs[1][place] -= nudge.reshape(a.shape)
            up, down = (exact.distance(form, *pair)[0] for pair in pairs)
            measured[entry] = (up - down) / (2 * step)
        ours = np.asarray(slope[0], np.float64).ravel()
        np.testing.assert_allclose(ours, measured, atol=2e-4 * np.abs(measured).max(), rtol=1e-3)


def test_cosine_where_one_response_vanishes_or_both_do():
    a, _ = exact.planted_pair(SHAPE, change=1)
    a[1] = 0
    (_, found), _ = value_and_slopes("cosine")(a, np.zeros_like(a))
    np.testing.assert_array_equal(found, [1, 0, 1])
    (_, found), _ = value_and_slopes("cosine")(a, 3 * a)
    np.testing.assert_allclose(found, 0, atol=1e-6)
    assert (found >= 0).all()
    (_, found), _ = value_and_slopes("cosine")(*(np.float32(1e-8) * x for x in (a, -a)))
    np.testing.assert_allclose(found, [2, 0, 2], atol=1e-6)


def test_failed_pairs_stay_what_they_are():
    _, moments = moments_of(SHAPE, 1)
    failed = {name: np.where(np.arange(3)[:, None] == 1, np.nan, m) for name, m in moments.items()}
    for form in FORMS:
        found = FORMS[form].finish(tap_totals(failed, form))
        np.testing.assert_array_equal(np.isnan(found), [False, True, False])


def test_safe_forms_are_the_plain_ones_wherever_these_have_a_derivative():
    numerator, denominator = np.array([0.0, 2, -3]), np.array([1e-30, 7, -5])
    np.testing.assert_array_equal(safe_divide(numerator, denominator), numerator / denominator)
    np.testing.assert_array_equal(safe_divide(numerator, 0 * denominator), 0)
    values = np.array([0, 1e-300, 2.0])
    np.testing.assert_array_equal(safe_sqrt(values), np.sqrt(values))
    slope = jax.grad(lambda x: safe_divide(x, x - 2).sum())(jnp.array([2.0, 3.0]))
    np.testing.assert_array_equal(slope, [0, -2])
