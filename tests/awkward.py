"""Pairs of images at which a metric's value or gradient may break down, and what must hold there.

All checks of one formula share one compilation.
"""

import functools

import jax
import jax.numpy as jnp
import numpy as np

COUNT = 15


def seeded(height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns noise and the same with more noise, (COUNT, H, W, 3) each, always the same."""
    rng = np.random.default_rng(0)
    first = rng.random((COUNT, height, width, 3)).astype(np.float32)
    second = np.clip(first + rng.normal(0, 0.2, first.shape), 0, 1).astype(np.float32)
    return first, second


def pairs(height: int, width: int) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Returns COUNT pairs of reference and distorted image (H, W, 3) by what is awkward there."""
    rng = np.random.default_rng(5)
    shape = (height, width, 3)
    noise, other = (rng.random(shape).astype(np.float32) for _ in range(2))
    flat = {level: np.full(shape, level, np.float32) for level in (0.0, 0.25, 0.5, 1.0)}
    faint = (0.7 + 1e-4 * noise).astype(np.float32)
    half = noise.copy()
    half[:, width // 2 :] = 0.6
    return {
        "random": (noise, other),
        "equal": (noise, noise),
        "equal, partly flat": (half, half),
        "equal and faint": (faint, faint),
        "grey": (flat[0.5], flat[0.5]),
        "black": (flat[0.0], flat[0.0]),
        "white": (flat[1.0], flat[1.0]),
        "grey and darker grey": (flat[0.5], flat[0.25]),
        "white and black": (flat[1.0], flat[0.0]),
        "flat reference": (flat[0.25], noise),
        "flat distorted": (noise, flat[0.5]),
        "black distorted": (noise, flat[0.0]),
        "white reference": (flat[1.0], noise),
        "partly flat": (noise, half),
        "faint and flat": (faint, flat[0.5]),
    }


@functools.cache
def compiled(formula, options: tuple[tuple[str, str], ...]):
    """Returns a compiled function that gives values, their slopes by both images, and the map."""
    chosen = dict(options)

    def value(reference, distorted):
        found = formula.features(jnp.concatenate([reference, distorted]), **chosen)
        halves = [{name: jnp.split(v, 2)[k] for name, v in found.items()} for k in (0, 1)]
        return formula.compare(*halves, **chosen), formula.local(*halves, **chosen)

    # Little optimised: of small images, that is to say of compiling, all the time is taken.
    @functools.partial(jax.jit, compiler_options={"xla_backend_optimization_level": 0})
    def all_of(reference, distorted):
        values, back, local = jax.vjp(value, reference, distorted, has_aux=True)
        return values, back(jnp.ones_like(values)), local

    return all_of


def values_of(formula, options: dict[str, str], reference, distorted) -> jax.Array:
    """Returns the values of COUNT pairs by the function that the other checks have compiled."""
    return compiled(formula, tuple(options.items()))(reference, distorted)[0]


def check(formula, options: dict[str, str], size: tuple[int, int], *, equal: float) -> dict:
    """Asserts finite values, gradients and maps, and those of equal images; returns the values."""
    table = pairs(*size)
    first, second = (np.stack([pair[k] for pair in table.values()]) for k in (0, 1))
    values, slopes, local = compiled(formula, tuple(options.items()))(first, second)
    assert local.shape[0] == COUNT
    assert (local > -1e-6).all()
    for k, (name, pair) in enumerate(table.items()):
        assert np.isfinite(values[k]), name
        assert np.isfinite(local[k]).all(), name
        assert all(np.isfinite(slope[k]).all() for slope in slopes), name
        if (pair[0] == pair[1]).all():
            np.testing.assert_allclose(values[k], equal, rtol=0, atol=3e-7, err_msg=name)
            np.testing.assert_allclose(local[k], 0, atol=5e-7, err_msg=name)
    assert local[0].max() > 0
    assert all(np.abs(slope[0]).max() > 0 for slope in slopes)
    return dict(zip(table, np.asarray(values).tolist(), strict=True))


def check_slope(formula, options: dict[str, str], size: tuple[int, int]) -> None:
    """Asserts that the float32 gradients are the slopes of the formula's values in float64."""
    images = seeded(*size)
    _, slopes, _ = compiled(formula, tuple(options.items()))(*images)
    images = [batch[:1].astype(np.float64) for batch in images]
    rng = np.random.default_rng(6)

    def value(reference, distorted):
        found = formula.features(jnp.concatenate([reference, distorted]), **options)
        halves = ({name: jnp.split(v, 2)[k] for name, v in found.items()} for k in (0, 1))
        return formula.compare(*halves, **options)[0]

    with jax.enable_x64(True):
        exact = jax.jit(value)
        for k in (0, 1):
            direction = rng.normal(size=images[k].shape)
            ends = []
            for step in (1e-6, -1e-6):
                moved = [image + (j == k) * step * direction for j, image in enumerate(images)]
                ends.append(float(exact(*moved)))
            got = np.sum(np.asarray(slopes[k][:1], np.float64) * direction)
            np.testing.assert_allclose(got, (ends[0] - ends[1]) / 2e-6, rtol=2e-3)
