"""A `Metric` as a value: what jax, optax and orbax do with it, for formulas and nets alike."""

import copy
import functools
import pickle

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from planted import planted_images

import jaxiqa
from jaxiqa.checks import InputError
from jaxiqa.metrics.load import load_metric

NET = jaxiqa.load_net("alexnet.random-0")
SIZE = (64, 72)
REFERENCE = np.clip(planted_images(SIZE), 0, 1)
DISTORTED = np.clip(REFERENCE + 0.1 * planted_images(SIZE[::-1]).swapaxes(1, 2), 0, 1)
NETS = ("lpips.alexnet", "alexnet:relu1", "alexnet:relu1+conv3/unit/averaged")
QUICK, LONG = ("psnr", NETS[1]), ("ssim", NETS[0], NETS[2])
EACH = pytest.mark.parametrize(
    "name", [*QUICK, *(pytest.param(name, marks=pytest.mark.slow) for name in LONG)]
)


@functools.cache
def metric(name, **options):
    return load_metric(name, net=NET if name in NETS else None, **options)


@functools.cache
def plain(name):
    return np.asarray(metric(name)(REFERENCE, DISTORTED))


@EACH
def test_as_an_argument_and_as_a_function_of_jit(name):
    as_argument = jax.jit(lambda m, x, y: m(x, y))
    np.testing.assert_allclose(
        as_argument(metric(name), REFERENCE, DISTORTED), plain(name), rtol=1e-6
    )
    np.testing.assert_allclose(jax.jit(metric(name))(REFERENCE, DISTORTED), plain(name), rtol=1e-6)


@EACH
def test_batch_is_a_loop_is_a_vmap_is_a_map(name):
    one = lambda x, y: metric(name)(x[None], y[None])[0]  # noqa: E731
    looped = [one(x, y) for x, y in zip(REFERENCE, DISTORTED, strict=True)]
    np.testing.assert_allclose(looped, plain(name), rtol=1e-5)
    np.testing.assert_allclose(jax.vmap(one)(REFERENCE, DISTORTED), plain(name), rtol=1e-5)
    mapped = jax.lax.map(lambda pair: one(*pair), (jnp.asarray(REFERENCE), jnp.asarray(DISTORTED)))
    np.testing.assert_allclose(mapped, plain(name), rtol=1e-5)


@EACH
def test_references_are_computed_once(name):
    kept = metric(name).reference(REFERENCE)
    assert kept.shape == REFERENCE.shape
    np.testing.assert_allclose(metric(name).against(kept, DISTORTED), plain(name), rtol=1e-6)
    equal = metric(name).program.distance(metric(name).against(kept, REFERENCE))
    np.testing.assert_array_equal(equal, 0)
    with pytest.raises(InputError, match="a pair needs one shape"):
        metric(name).against(kept, DISTORTED[:1])
    with pytest.raises(InputError, match=r"expected what metric.reference\(images\) gave"):
        metric(name).against(REFERENCE, DISTORTED)


@EACH
def test_a_reference_goes_through_jit_and_vmap(name):
    kept = jax.jit(metric(name).reference)(REFERENCE)
    values = jax.jit(metric(name).against)(kept, DISTORTED)
    np.testing.assert_allclose(values, plain(name), rtol=1e-6)
    one = metric(name).reference(REFERENCE[:1])
    several = jax.vmap(metric(name).against, in_axes=(None, 0))(one, DISTORTED[:, None])
    looped = [metric(name)(REFERENCE[:1], y[None]) for y in DISTORTED]
    np.testing.assert_allclose(several, looped, rtol=1e-5)


def test_a_reference_of_another_metric_is_refused():
    kept = metric("alexnet:relu1").reference(REFERENCE)
    with pytest.raises(InputError, match="this reference is of another metric, alexnet at relu1"):
        metric("lpips.alexnet").against(kept, DISTORTED)


@pytest.mark.slow
def test_copies_are_the_same_metric():
    for name in QUICK:
        for found in (copy.deepcopy(metric(name)), pickle.loads(pickle.dumps(metric(name)))):
            assert jax.tree.structure(found) == jax.tree.structure(metric(name))
            np.testing.assert_array_equal(found(REFERENCE, DISTORTED), plain(name))


@pytest.mark.slow
def test_curvature_at_equal_images_is_there():
    """A squared distance is flat there, but curved: the perceptual metric tensor."""
    slope = jax.grad(lambda x: metric(NETS[2])(REFERENCE, x).sum())
    value, along = jax.jvp(slope, (jnp.asarray(REFERENCE),), (jnp.asarray(DISTORTED - REFERENCE),))
    np.testing.assert_allclose(value, 0, atol=1e-6)
    assert jnp.linalg.norm(along) > 1e-5


def test_weights_are_leaves_with_names_and_formulas_have_none():
    assert not jax.tree.leaves(metric("ssim"))
    paths, _ = jax.tree_util.tree_flatten_with_path(metric("lpips.alexnet"))
    names = {jax.tree_util.keystr(path, simple=True, separator="/") for path, _ in paths}
    assert "weights/relevance/relu3" in names
    assert "weights/net/params/conv1/kernel" in names
    assert len(names) == 5 + 2 * 5
    assert repr(metric("lpips.alexnet")).startswith("<Metric lpips.alexnet: alexnet at relu1+")


@pytest.mark.slow
def test_optax_trains_the_heads_and_leaves_the_trunk():
    start = metric("lpips.alexnet")
    heads = jax.tree_util.tree_map_with_path(
        lambda path, _: jax.tree_util.DictKey("relevance") in path, start
    )
    trunk = jax.tree.map(lambda trained: not trained, heads)
    optimiser = optax.chain(
        optax.masked(optax.sgd(1e-3), heads), optax.masked(optax.set_to_zero(), trunk)
    )

    @jax.jit
    def step(metric, state):
        slopes = jax.grad(lambda m: m(REFERENCE, DISTORTED).sum())(metric)
        changes, state = optimiser.update(slopes, state, metric)
        return optax.apply_updates(metric, changes), state

    trained, _ = step(start, optimiser.init(start))
    changed = jax.tree.map(lambda a, b: bool((a != b).any()), start.weights, trained.weights)
    assert all(jax.tree.leaves(changed["relevance"]))
    assert not any(jax.tree.leaves(changed["net"]))
    assert (trained(REFERENCE, DISTORTED) < start(REFERENCE, DISTORTED)).all()


@pytest.mark.slow
def test_seeds_are_one_batch_of_metrics():
    nets = [jaxiqa.load_net(f"alexnet.random-{seed}") for seed in (0, 1)]
    metrics = [load_metric("alexnet:relu1", net=net) for net in nets]
    stacked = jax.tree.map(lambda *leaves: jnp.stack(leaves), *metrics)
    found = jax.vmap(lambda m: m(REFERENCE, DISTORTED))(stacked)
    expected = [m(REFERENCE, DISTORTED) for m in metrics]
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_orbax_keeps_it(tmp_path):
    import orbax.checkpoint as ocp

    start = jax.tree.map(np.asarray, metric("alexnet:relu1"))
    with ocp.StandardCheckpointer() as checkpointer:
        checkpointer.save(tmp_path / "metric", start)
        checkpointer.wait_until_finished()
        empty = jax.tree.map(np.zeros_like, start)
        found = checkpointer.restore(tmp_path / "metric", empty)
    np.testing.assert_array_equal(found(REFERENCE, DISTORTED), plain("alexnet:relu1"))


def test_donated_images():
    step = jax.jit(lambda m, x, y: y - jax.grad(lambda z: m(x, z).sum())(y), donate_argnums=2)
    given = jnp.array(DISTORTED)
    assert jnp.isfinite(step(metric("psnr"), REFERENCE, given)).all()
    assert given.is_deleted()


@pytest.mark.slow
def test_over_the_devices_of_a_mesh():
    """On however many devices there are, by sharding and by shard_map."""
    count = len(jax.devices())
    mesh = jax.make_mesh((count,), ("pairs",), axis_types=(jax.sharding.AxisType.Auto,))
    place = jax.sharding.PartitionSpec("pairs")
    many = [np.concatenate([images] * count) for images in (REFERENCE, DISTORTED)]
    spread = [jax.device_put(x, jax.sharding.NamedSharding(mesh, place)) for x in many]
    for name in QUICK:
        expected = np.concatenate([plain(name)] * count)
        np.testing.assert_allclose(metric(name)(*spread), expected, rtol=1e-6)
        mapped = jax.shard_map(metric(name), mesh=mesh, in_specs=(place, place), out_specs=place)
        np.testing.assert_allclose(jax.jit(mapped)(*spread), expected, rtol=1e-6)


@pytest.mark.slow
@EACH
def test_compiles_once_for_each_shape(name, caplog):
    shapes = [(1, 67, 65, 3), (1, 67, 65, 3), (2, 67, 65, 3)]
    counts = []
    with jax.log_compiles():
        for shape in shapes:
            caplog.clear()
            images = np.full(shape, 0.25, np.float32)
            metric(name)(images, images)
            counts.append(
                sum(
                    "Finished tracing" in r.message and "_both" in r.message for r in caplog.records
                )
            )
    assert counts == [1, 0, 1]


@pytest.mark.parametrize(
    "name", [NETS[1], *(pytest.param(name, marks=pytest.mark.slow) for name in LONG)]
)
def test_map_is_local_and_of_the_images_size(name):
    changed = REFERENCE.copy()
    changed[:, 8:16, 8:16] = 1 - changed[:, 8:16, 8:16]
    found = np.asarray(metric(name).map(REFERENCE, changed))
    assert found.shape == REFERENCE.shape[:3]
    assert (found >= 0).all()
    assert found[:, :24, :24].mean() > 10 * found[:, 48:, 48:].mean()
    np.testing.assert_array_equal(metric(name).map(REFERENCE, REFERENCE), 0)


def test_metrics_of_whole_images_have_no_map():
    with pytest.raises(InputError, match="has no map: it compares images as a whole"):
        load_metric("alexnet:relu1/gram", net=NET).map(REFERENCE, DISTORTED)


@pytest.mark.parametrize(
    ("reference", "distorted", "message"),
    [
        (REFERENCE, (255 * DISTORTED).astype(np.uint8), "distorted: uint8, expected float32"),
        (REFERENCE, DISTORTED * 1.5, r"values from .* to 1\..*, expected \[0, 1\]"),
        (REFERENCE, DISTORTED - 0.5, r"values from -0\..*, expected \[0, 1\]"),
        (REFERENCE.transpose(0, 3, 1, 2), DISTORTED, r"the channels come first \(NCHW\), use"),
        (REFERENCE, DISTORTED[:, 1:], "a pair needs one shape, crop or resize"),
    ],
)
def test_images_that_are_none(reference, distorted, message):
    for name in QUICK:
        with pytest.raises(InputError, match=message):
            metric(name)(reference, distorted)


def test_smallest_images_are_named():
    with pytest.raises(InputError, match="too small for relu3 of alexnet: it needs at least 31"):
        metric("lpips.alexnet")(REFERENCE[:, :30], DISTORTED[:, :30])
    with pytest.raises(InputError, match="ssim: needs images of at least 11 x 11 pixels, got 72"):
        metric("ssim")(REFERENCE[:, :10], DISTORTED[:, :10])
