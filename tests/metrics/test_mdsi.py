"""MDSI against published values, the formula in float64 with complex powers, and piq."""

import functools

import jax.numpy as jnp
import numpy as np
import pytest
from formulas import Case, conv2_same, pair, prewitt_magnitude, seeded

from jaxiqa.checks import InputError
from jaxiqa.metrics.formula import formula_metric
from jaxiqa.metrics.mdsi import MDSI, _log_size, mdsi

LHM = np.array([[0.2989, 0.587, 0.114], [0.3, 0.04, -0.35], [0.34, -0.6, 0.17]])


def similarities(reference, distorted):
    """gs and cs as the program has them."""
    factor = max(1, int(np.floor(min(reference.shape[:2]) / 256 + 0.5)))
    window = np.full((factor, factor), 1 / factor**2)
    x, y = (
        [conv2_same(image * 255 @ row, window)[::factor, ::factor] for row in LHM]
        for image in (reference, distorted)
    )
    r, d, f = (prewitt_magnitude(light) for light in (x[0], y[0], (x[0] + y[0]) / 2))

    def similar(a, b, c):
        return (2 * a * b + c) / (a**2 + b**2 + c)

    squares = sum(plane**2 for plane in (*x[1:], *y[1:]))
    chroma = (2 * (x[1] * y[1] + x[2] * y[2]) + 550) / (squares + 550)
    return similar(r, d, 140) + similar(d, f, 55) - similar(r, f, 55), chroma


def oracle(reference, distorted, combination="sum"):
    gradient, chroma = (part.astype(complex) for part in similarities(reference, distorted))
    both = 0.6 * gradient + 0.4 * chroma if combination == "sum" else gradient**0.2 * chroma**0.1
    roots = (both**0.5) ** 0.5
    return np.mean(np.abs(roots - roots.mean())) ** 0.25


CASE = Case(mdsi, oracle, (33, 38))


@pytest.mark.slow
def test_values():
    CASE.check_values(0, rtol=1e-4, atol=1e-6)


@pytest.mark.slow
def test_slopes():
    CASE.check_slopes()


@pytest.mark.slow
def test_eager():
    CASE.check_eager()


def test_powers_below_zero_are_complex():
    reference, distorted = (x.astype(np.float64) for x in seeded(33, 38))
    # Both of the pairs of which the values are compared have some.
    pairs = zip(reference, distorted, strict=True)
    assert all((similarities(*images)[0] < 0).any() for images in pairs)
    gone = np.exp(0.25 * np.asarray(_log_size(jnp.array([0, 0.75, 1, 1.25, 2], jnp.float32))))
    np.testing.assert_allclose(gone, np.array([1, 0.25, 0, 0.25, 1]) ** 0.25, rtol=1e-6)


@pytest.mark.slow
def test_map():
    CASE.check_map(formula_metric(MDSI, "mdsi", {}).map)


# photosynthesis-team/piq, tests/test_mdsi.py: values of the authors' MDSI.m.
COLOUR, GREY = ("I01.BMP", "i01_01_5.bmp"), ("goldhill.gif", "goldhill_jpeg.gif")


@pytest.mark.parametrize(
    ("names", "combination", "published"),
    [
        (COLOUR, "sum", 0.338972600511665),
        pytest.param(COLOUR, "mult", 0.258002917257516, marks=pytest.mark.slow),
        pytest.param(GREY, "sum", 0.395910876130775, marks=pytest.mark.slow),
        pytest.param(GREY, "mult", 0.328692181289061, marks=pytest.mark.slow),
    ],
)
def test_published(shared, names, combination, published):
    value = mdsi(*pair(shared, *names), combination=combination)[0]
    np.testing.assert_allclose(value, published, atol=1e-7)


@pytest.mark.slow
def test_product():
    metric = functools.partial(mdsi, combination="mult")
    case = Case(metric, functools.partial(oracle, combination="mult"), (33, 38))
    case.check_values(0, rtol=1e-4, atol=1e-6)
    case.check_slopes()


# What piq 0.8.0 gives for these arrays with the sum, in float64; it takes the distorted image
# first. Its product differs where a similarity is below 0: it adds imaginary parts of powers that
# it should multiply.
PIQ = [0.358969374, 0.584207552]


@pytest.mark.slow
def test_piq_numbers():
    images = seeded(33, 38)
    found = [oracle(*(x.astype(np.float64) for x in one)) for one in zip(*images, strict=True)]
    np.testing.assert_allclose(found, PIQ, rtol=1e-6)
    np.testing.assert_allclose(CASE.found[0][0], PIQ[0], rtol=1e-5)


@pytest.mark.slow
def test_beside_piq():
    piq, torch = pytest.importorskip("piq"), pytest.importorskip("torch")
    x, y = (torch.tensor(np.moveaxis(z, -1, 1).astype(np.float64)) for z in seeded(33, 38))
    np.testing.assert_allclose(piq.mdsi(y, x, reduction="none").numpy(), PIQ, rtol=1e-6)


def test_errors():
    with pytest.raises(InputError, match="needs images of at least 3 x 3 pixels, got 2 x 3"):
        mdsi(*seeded(3, 2))
    with pytest.raises(InputError, match="did you mean 'mult'"):
        mdsi(*seeded(3, 3), combination="mul")
