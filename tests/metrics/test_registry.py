"""What every registered metric has to do, by table: formulas, and those with learned weights."""

import functools
import os
import subprocess
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from formulas import QUICK

import jaxiqa
from jaxiqa.metrics import METRICS, to_distance
from jaxiqa.metrics.learned import LEARNED, learned
from jaxiqa.metrics.load import load_metric

# By definition: how much of the reference's information is left; a fused image minus one of both.
ASYMMETRIC = ("vif", "mdsi")
SIZE = 184
DRAW = np.random.default_rng(0)
# Patches of some extent, so that there is something to see at every scale.
COARSE = DRAW.random((1, SIZE // 8, SIZE // 8, 3), np.float32)
REFERENCE = np.repeat(np.kron(COARSE[0], np.ones((8, 8, 1), np.float32))[None], 3, axis=0)
REFERENCE = np.clip(0.8 * REFERENCE + 0.2 * DRAW.random(REFERENCE.shape, np.float32), 0, 1)
# Noise that grows with the index.
NOISE = np.float32([0.02, 0.08, 0.3]).reshape(3, 1, 1, 1)
NOISE = NOISE * DRAW.standard_normal(REFERENCE.shape, np.float32)
DISTORTED = np.clip(REFERENCE + NOISE, 0, 1)
NAMES = (*METRICS, *LEARNED)
# Pairs whose slopes are computed at once.
PAIRS = 8
EACH = pytest.mark.parametrize("name", NAMES)


@functools.cache
def metric(name):
    if name in (*METRICS, "pocket"):
        return load_metric(name)
    architecture = learned(name).architecture.removesuffix("_dists")
    return load_metric(name, net=jaxiqa.load_net(f"{architecture}.random-0"))


def images(name):
    """Nets see a part, which compiles as they would the whole and runs in less time."""
    return tuple(x[:, :72, :64] if name in LEARNED else x for x in (REFERENCE, DISTORTED))


@functools.cache
def values(name):
    return np.asarray(metric(name)(*images(name)))


def summed(metric, x, y):
    found = metric.distance(x, y)
    return found.sum(), found


@functools.cache
def _slopes(name):
    """Weights are an argument: as constants they take as long again to compile.

    Formulas are compiled without optimising, which a net's convolutions would take minutes for.
    """
    shape = jax.ShapeDtypeStruct((PAIRS, *images(name)[0].shape[1:]), np.float32)
    slopes = jax.jit(jax.grad(summed, argnums=(1, 2), has_aux=True))
    return slopes.lower(metric(name), shape, shape).compile(
        compiler_options=QUICK if name in METRICS else {}
    )


def slopes(name, x, y):
    """Gradients of the summed distance to both of ``PAIRS`` images, and the distances."""
    return _slopes(name)(metric(name), x, y)


@pytest.mark.parametrize("name", METRICS)
def test_description_is_one_line(name):
    assert METRICS[name].description
    assert "\n" not in METRICS[name].description


def test_description_says_which_options_are_not_the_usual_ones():
    usual = METRICS["psnr"].description
    assert load_metric("psnr").description == load_metric("psnr", colour="rgb").description == usual
    assert load_metric("psnr", colour="grey").description == f"{usual}, but with colour=grey"


@pytest.mark.slow
@EACH
def test_grows_with_the_distortion_from_0(name):
    distance = metric(name).program.distance(values(name))
    assert distance.shape == (3,)
    assert (np.diff(distance) > 0).all()
    assert (distance > 0).all()
    reference, _ = images(name)
    equal = np.asarray(metric(name).distance(reference, reference))
    np.testing.assert_allclose(equal, 0, atol=1e-6)
    if not metric(name).higher_is_better:
        np.testing.assert_array_equal(equal, 0)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in NAMES if name not in ASYMMETRIC])
def test_is_symmetric(name):
    back = metric(name)(*images(name)[::-1])
    np.testing.assert_allclose(back, values(name), rtol=1e-5, atol=1e-7)


@pytest.mark.slow
@EACH
def test_batch_is_a_loop_and_a_kept_reference(name):
    reference, distorted = images(name)
    pairs = zip(reference, distorted, strict=True)
    looped = [metric(name)(x[None], y[None])[0] for x, y in pairs]
    np.testing.assert_allclose(looped, values(name), rtol=1e-5, atol=1e-7)
    kept = metric(name).reference(reference)
    found = metric(name).against(kept, distorted)
    np.testing.assert_allclose(found, values(name), rtol=1e-5, atol=1e-7)


@pytest.mark.slow
@EACH
def test_jit_is_eager_and_traces_once_for_each_shape(name):
    traces = []

    @jax.jit
    def traced(metric, x, y):
        traces.append(x.shape)
        return metric(x, y)

    reference, distorted = images(name)
    traced(metric(name), reference, reference)
    found = traced(metric(name), reference, distorted)
    np.testing.assert_allclose(found, values(name), rtol=1e-5, atol=1e-7)
    assert traces == [reference.shape]


_ON_FOUR = """
import sys
import jax, numpy as np
from metrics import test_registry as table

spread = jax.NamedSharding(jax.make_mesh((2, 2), ("pairs", "rest")), jax.P("pairs"))
for name in sys.argv[1:]:
    metric = table.metric(name)
    given = [np.concatenate([x[:2, :64, :64]] * 2) for x in table.images(name)]
    expected = np.asarray(metric(*given))
    x, y = (jax.device_put(images, spread) for images in given)
    found = metric.against(metric.reference(x), y)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-7, err_msg=name)
    assert jax.typeof(found).sharding.spec == jax.P("pairs"), name
    np.testing.assert_allclose(metric(x, y), expected, rtol=1e-5, atol=1e-7, err_msg=name)
"""


# With a window that reshapes, with FFTs, with a net.
@pytest.mark.slow
def test_spread_over_four_devices():
    flags = "--xla_force_host_platform_device_count=4"
    folders = os.pathsep.join(path for path in sys.path if path)
    child = subprocess.run(
        [sys.executable, "-c", _ON_FOUR, "gmsd", "vsi", "lpips.alexnet"],
        env=os.environ | {"XLA_FLAGS": flags, "PYTHONPATH": folders},
        capture_output=True,
        text=True,
    )
    assert child.returncode == 0, child.stderr[-2000:]


@pytest.mark.parametrize(
    "name", [n if n == "gmsd" else pytest.param(n, marks=pytest.mark.slow) for n in NAMES]
)
def test_takes_the_explicit_axes_that_a_mesh_has_by_default(name):
    """Types only, nothing is compiled: what jax refuses of such arrays it refuses here."""
    place = jax.NamedSharding(jax.make_mesh((1,), ("pairs",)), jax.P("pairs"))
    images = jax.ShapeDtypeStruct((2, SIZE, SIZE, 3), np.float32, sharding=place)
    calls = [metric(name), jax.grad(lambda x, y: metric(name).distance(x, y).sum())]
    calls += [metric(name).map] * metric(name).has_map
    for call in calls:
        found = jax.eval_shape(call, images, images)
        assert found.sharding.spec[0] == "pairs"


def hard_pairs(reference, distorted):
    """Where a square root, a quotient or a logarithm has no derivative."""
    zero, half, one = (np.full_like(reference, level) for level in (0, 0.5, 1))
    return {
        "random": (reference, distorted),
        "equal": (reference, reference),
        "both black": (zero, zero),
        "both grey": (half, half),
        "both white": (one, one),
        "black and white": (zero, one),
        "grey and not": (half, distorted),
        "black and not": (zero, distorted),
    }


@pytest.mark.slow
@EACH
def test_value_and_gradient_are_finite_where_they_are_hard(name):
    cases = hard_pairs(*(x[:1] for x in images(name)))
    # In one batch, so that what one pair needs is no other's harm.
    pairs = map(jnp.concatenate, zip(*cases.values(), strict=True))
    found, distances = slopes(name, *pairs)
    for place, case in enumerate(cases):
        for leaf in (distances, *found):
            assert jnp.isfinite(leaf[place]).all(), case


# Formulas are compared with differences in double precision, each in tests of its own.
@pytest.mark.slow
@pytest.mark.parametrize("name", LEARNED)
def test_gradient_agrees_with_differences(name):
    """Along the gradient, in steps that float32 can tell apart, away from the ends of [0, 1]."""
    x, y = (
        jnp.asarray(0.25 + 0.5 * image)[np.array(PAIRS // 2 * [1, 2])] for image in images(name)
    )
    (_, slope), _ = slopes(name, x, y)
    lengths = jnp.sqrt(jnp.sum(slope**2, axis=(1, 2, 3)))
    step = np.float32(0.01) * slope / lengths[:, None, None, None]
    further, nearer = (slopes(name, x, y + sign * step)[1] for sign in np.float32([1, -1]))
    measured = (further - nearer) / np.float32(0.02)
    np.testing.assert_allclose(lengths, measured, rtol=3e-2)


@pytest.mark.slow
@EACH
def test_map_is_0_for_equal_images_and_of_their_size(name):
    reference, distorted = images(name)
    if not metric(name).has_map:
        with pytest.raises(jaxiqa.InputError, match="has no map"):
            metric(name).map(reference, distorted)
        return
    found = np.asarray(metric(name).map(reference, distorted))
    assert found.shape == reference.shape[:3]
    assert np.isfinite(found).all()
    assert (np.diff(found.mean(axis=(1, 2))) > 0).all()
    equal = metric(name).map(reference, reference)
    np.testing.assert_allclose(equal, 0, atol=1e-6)


@pytest.mark.parametrize("name", METRICS)
def test_smallest_size_is_the_one_that_is_named(name):
    formula = METRICS[name]
    chosen = {option: choices[0] for option, choices in formula.options.items()}
    least = formula.smallest(**chosen)
    images = jax.ShapeDtypeStruct((1, least, least + 3, 3), np.float32)
    assert jax.eval_shape(load_metric(name), images, images).shape == (1,)
    if least > 1:
        small = np.full((1, least + 3, least - 1, 3), 0.5, np.float32)
        with pytest.raises(jaxiqa.InputError, match=f"at least {least} x {least} pixels"):
            load_metric(name)(small, small)


def test_only_similarities_are_negated():
    found = np.array([1.0, np.inf, -0.5])
    np.testing.assert_array_equal(to_distance(found, True), [-1, -np.inf, 0.5])
    np.testing.assert_array_equal(to_distance(found, False), found)


def test_distance_of_psnr_is_the_root_mean_square_error():
    x, y = (images[:, :20, :20].astype(np.float64) for images in (REFERENCE, DISTORTED))
    error = np.sqrt(np.mean((x - y) ** 2, axis=(1, 2, 3)))
    found = load_metric("psnr").distance(np.float32(x), np.float32(y))
    np.testing.assert_allclose(found, error, rtol=1e-5)
