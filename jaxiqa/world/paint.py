"""Scenes painted from their leaves, on the device, as a pure function of a key."""

import functools
import math

import jax
import jax.numpy as jnp

from jaxiqa.world.leaves import CLASSES, COUNT, SHAPES, TEXTURES, Leaves, draw_leaves

# Half extents of each shape by the radius of a disc of the same area.
_SQUARE = math.sqrt(math.pi) / 2
_TRIANGLE = math.sqrt(math.pi / (3 * math.sqrt(3)))
_CROSS = math.sqrt(math.pi / 20) * 3


def _inside(shape: jax.Array, across: jax.Array, along: jax.Array) -> jax.Array:
    """Whether points, in radii from the centre, are on a leaf of one of ``SHAPES``."""
    flat, tall = jnp.abs(across), jnp.abs(along)
    bars = jnp.minimum(jnp.maximum(flat, 3 * tall), jnp.maximum(3 * flat, tall))
    # The three sides are as far from the centre; the point is up.
    sides = jnp.maximum(along, math.sqrt(3) / 2 * flat - along / 2)
    reach = jnp.stack(
        [
            jnp.sqrt(across**2 + along**2),
            jnp.maximum(flat, tall) / _SQUARE,
            sides / _TRIANGLE,
            bars / _CROSS,
        ]
    )
    return reach[shape] < 1


def _front(leaves: Leaves, shape: jax.Array, rows: jax.Array, columns: jax.Array) -> jax.Array:
    """The number of the leaf that is seen at each pixel, ``COUNT`` where none is."""
    turned, stretch = (jnp.cos(leaves.angle), jnp.sin(leaves.angle)), jnp.sqrt(leaves.aspect)

    def over(step, seen):
        k = COUNT - 1 - step
        down, right = rows - leaves.place[k, 0], columns - leaves.place[k, 1]
        along = (down * turned[0][k] - right * turned[1][k]) / (leaves.radius[k] * stretch[k])
        across = (down * turned[1][k] + right * turned[0][k]) * (stretch[k] / leaves.radius[k])
        return jnp.where(_inside(shape, across, along), k, seen)

    nothing = jnp.full(jnp.broadcast_shapes(rows.shape, columns.shape), COUNT)
    return jax.lax.fori_loop(0, COUNT, over, nothing)


def _texture(kind: jax.Array, across, along, frequency, phase) -> jax.Array:
    """One of ``TEXTURES``, of mean 0 and range about [-1, 1]."""
    x, y = (2 * math.pi * frequency * coordinate for coordinate in (across, along))
    # Amplitudes fall with frequency as in 1/f noise.
    octaves = (
        jnp.sin(x * 0.5 + y * 0.3 + phase)
        + jnp.sin(y * 1.1 - x * 0.4 + 2 * phase) / 2
        + jnp.sin(x * 1.9 + y * 1.3 + 3 * phase) / 4
        + jnp.sin(y * 2.7 - x * 2.3 + 5 * phase) / 8
    )
    stripes = jnp.sin(y + phase)
    patterns = jnp.stack([jnp.zeros_like(x), stripes, stripes * jnp.sin(x + phase), octaves])
    return patterns[kind]


def _blurred(image: jax.Array) -> jax.Array:
    """The lens: weights of 1, 12 and 1 in both directions, edges repeated."""
    padded = jnp.pad(image, ((1, 1), (1, 1), (0, 0)), "edge")
    down = (padded[:-2] + 12 * padded[1:-1] + padded[2:]) / 14
    return (down[:, :-2] + 12 * down[:, 1:-1] + down[:, 2:]) / 14


def _colour(leaves: Leaves, seen: jax.Array, texture: jax.Array, size: int) -> jax.Array:
    """Code values at each pixel: those of the leaf, textured and lit, or of the last behind all."""
    rows = jnp.arange(size, dtype=jnp.float32)[:, None]
    kept = jnp.minimum(seen, COUNT - 1)
    # One gather of all numbers of a leaf, side by side.
    table = jnp.concatenate(
        [
            leaves.place,
            leaves.light / leaves.radius[:, None],
            leaves.colour,
            jnp.stack([jnp.cos(leaves.angle), jnp.sin(leaves.angle)], -1),
            jnp.stack([leaves.frequency, leaves.phase, leaves.contrast], -1),
        ],
        axis=1,
    )
    at = table[kept]
    down, right = rows - at[..., 0], rows.T - at[..., 1]
    across, along = (
        down * at[..., 8] + right * at[..., 7],
        down * at[..., 7] - right * at[..., 8],
    )
    pattern = at[..., 11] * _texture(texture, across, along, at[..., 9], at[..., 10])
    lit = jnp.clip(down * at[..., 2] + right * at[..., 3], -0.5, 0.5)
    on_leaf = jnp.where(seen < COUNT, 1.0, 0.0)
    return at[..., 4:7] * (1 + on_leaf * (pattern + lit))[..., None]


def paint(key: jax.Array, label: jax.Array, *, size: int) -> jax.Array:
    """Returns one scene of a class.

    Args:
      key: the scene; the same key gives the same scene on the same device.
      label: int32 scalar, the place in ``CLASSES``.
      size: height and width in pixels.

    Returns:
      (size, size, 3) float32, RGB in [0, 1].
    """
    leaves_key, sky_key = jax.random.split(key)
    shape, texture = label // len(TEXTURES), label % len(TEXTURES)
    leaves = draw_leaves(leaves_key, shape, texture, size)
    rows = jnp.arange(size, dtype=jnp.float32)[:, None]
    seen = _front(leaves, shape, rows, rows.T)
    values = _colour(leaves, seen, texture, size)
    # The sky is brighter than the ground.
    sky = jax.random.uniform(sky_key, minval=0.0, maxval=0.5)
    return jnp.clip(_blurred(values * (1 + sky * (0.5 - rows / size))[..., None]), 0, 1)


@functools.partial(jax.jit, static_argnames=("count", "size"))
def scenes(key: jax.Array, *, count: int, size: int) -> tuple[jax.Array, jax.Array]:
    """Returns scenes of random classes, and their classes.

    Args:
      key: of ``jax.random``; the same key gives the same scenes on the same device.
      count: N.
      size: height and width in pixels.

    Returns:
      (N, size, size, 3) float32, RGB in [0, 1], and (N,) int32, places in ``CLASSES``.
    """
    label_key, scene_key = jax.random.split(key)
    labels = jax.random.randint(label_key, (count,), 0, len(CLASSES))
    paint_each = jax.vmap(functools.partial(paint, size=size))
    return paint_each(jax.random.split(scene_key, count), labels), labels


def class_of(shape: str, texture: str) -> int:
    """Returns the place in ``CLASSES`` of a shape and a texture."""
    return SHAPES.index(shape) * len(TEXTURES) + TEXTURES.index(texture)
