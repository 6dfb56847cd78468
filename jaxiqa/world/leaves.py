"""Leaves of a scene: opaque, textured, lit shapes whose sizes follow the power law of occlusion.

Shapes whose radius has density r^-3, thrown on each other, have much of what photographs have: a
power spectrum near 1/f^2, heavy-tailed filter responses, T-junctions. All leaves of a scene share a
shape and a texture, which make its class.

References:
  Lee, Mumford, Huang 2001, "Occlusion models for natural images", IJCV 41, 35.
  Ruderman 1997, "Origins of scaling in natural images", Vision Research 37, 3385.
"""

import math
from typing import NamedTuple

import jax
import jax.numpy as jnp

SHAPES = ("pebble", "trunk", "triangle", "cross")
# Height by width, for each of SHAPES: ellipses lie, rectangles stand.
ASPECTS = (0.4, 4.0, 1.0, 1.0)
TEXTURES = ("plain", "stripes", "spots", "clouds")
CLASSES = tuple(f"{shape}, {texture}" for shape in SHAPES for texture in TEXTURES)

COUNT = 160
# Radii of the smallest leaves, from far to near scenes, and of the largest.
SMALLEST = (1.6, 4.0)
LARGEST = 64.0

# Mean colour of the world, and per unit of each axis the change of RGB: light, blue against red,
# magenta against green. Close to the principal axes of photographs in sRGB.
MEAN_COLOUR = (0.47, 0.43, 0.36)
AXES = ((0.56, 0.59, 0.58), (-0.77, 0.12, 0.63), (0.30, -0.79, 0.53))
# Along these axes, for each of TEXTURES: what looks alike tends to have a colour of its own, as
# soil, grass and sky have.
HUES = ((0.0, -0.10, 0.01), (0.0, -0.01, -0.05), (0.0, 0.02, 0.05), (0.0, 0.10, -0.01))


class Leaves(NamedTuple):
    """The leaves of one scene, the front one first; lengths in pixels, angles in radians.

    Attributes:
      place: (N, 2), row and column of the centre.
      radius: (N,), of a disc of the same area.
      angle: (N,), of the leaf's own axes.
      aspect: (N,), height by width.
      colour: (N, 3), code values around which texture and light vary.
      light: (N, 2), change of the value by the radius, downwards and to the right.
      frequency: (N,), of the texture in cycles per pixel.
      phase: (N,), of the texture.
      contrast: (N,), of the texture.
    """

    place: jax.Array
    radius: jax.Array
    angle: jax.Array
    aspect: jax.Array
    colour: jax.Array
    light: jax.Array
    frequency: jax.Array
    phase: jax.Array
    contrast: jax.Array


def radii(uniform: jax.Array, smallest: jax.Array | float) -> jax.Array:
    """Returns radii of density r^-3 between ``smallest`` and the largest, from uniform numbers."""
    low, high = smallest**-2, LARGEST**-2
    return (low + uniform * (high - low)) ** -0.5


def colours(key: jax.Array, texture: jax.Array) -> jax.Array:
    """Returns (COUNT, 3) colours: those of a scene vary around its own mean and contrast."""
    scene, contrast, leaf = jax.random.split(key, 3)
    spread = jnp.exp(0.7 * jax.random.normal(contrast))
    common = jax.random.normal(scene, (1, 3)) * jnp.array([[0.23, 0.03, 0.015]])
    own = jax.random.laplace(leaf, (COUNT, 3)) * jnp.array([[0.13, 0.04, 0.02]]) * spread
    weights = jnp.array(HUES)[texture][None] + common + own
    return jnp.array([MEAN_COLOUR]) + weights @ jnp.array(AXES)


def _upright(key: jax.Array) -> jax.Array:
    """Angles near upright, as gravity has it: a normal spread of 20 degrees."""
    return math.radians(20) * jax.random.normal(key, (COUNT,))


def _light(key: jax.Array) -> jax.Array:
    """Light from above, from a direction that the scene's leaves share to within some degrees."""
    sun, strength, own = jax.random.split(key, 3)
    angle = math.radians(30) * jax.random.normal(sun)
    angles = angle + math.radians(10) * jax.random.normal(own, (COUNT,))
    amount = jax.random.uniform(strength, minval=0.05, maxval=0.25)
    return -amount * jnp.stack([jnp.cos(angles), jnp.sin(angles)], -1)


def draw_leaves(key: jax.Array, shape: jax.Array, texture: jax.Array, size: int) -> Leaves:
    """Returns the leaves of one scene of ``size`` x ``size`` pixels.

    Args:
      key: of ``jax.random``.
      shape: int32 scalar, the place in ``SHAPES``.
      texture: likewise in ``TEXTURES``.
      size: in pixels.
    """
    keys = dict(zip(Leaves._fields, jax.random.split(key, len(Leaves._fields)), strict=True))
    radius_key, near_key = jax.random.split(keys["radius"])
    near, far = math.log(SMALLEST[1]), math.log(SMALLEST[0])
    smallest = jnp.exp(jax.random.uniform(near_key, minval=far, maxval=near))
    radius = radii(jax.random.uniform(radius_key, (COUNT,)), smallest)
    uniform = jax.random.uniform
    return Leaves(
        # Beyond the border, so that large leaves reach in from all sides.
        place=size * uniform(keys["place"], (COUNT, 2), minval=-0.1, maxval=1.1),
        radius=radius,
        angle=_upright(keys["angle"]),
        aspect=jnp.array(ASPECTS)[shape]
        * jnp.exp(0.3 * jax.random.normal(keys["aspect"], (COUNT,))),
        colour=colours(keys["colour"], texture),
        light=_light(keys["light"]),
        frequency=jnp.exp(
            uniform(keys["frequency"], (COUNT,), minval=math.log(1 / 20), maxval=math.log(1 / 4))
        ),
        phase=uniform(keys["phase"], (COUNT,), maxval=2 * math.pi),
        contrast=uniform(keys["contrast"], (COUNT,), minval=0.08, maxval=0.35),
    )
