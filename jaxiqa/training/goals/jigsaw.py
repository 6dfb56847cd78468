"""Jigsaw: in which of 24 orders do the four tiles of the scene lie?

Tiles are cut at random places within their quarters, so that no edge goes on in the next one, and
each goes through the net on its own.

References:
  Noroozi, Favaro 2016, arXiv 1603.09246 (nine tiles, 1000 orders).
"""

import itertools

import jax
import jax.numpy as jnp

from jaxiqa.training.goal import SCENE, Goal, answered
from jaxiqa.training.heads import apply_linear, linear, pooled
from jaxiqa.training.width import CHANNELS

TILE = 32
HIDDEN = 128
ORDERS = tuple(itertools.permutations(range(4)))


def _head(key: jax.Array) -> dict:
    hidden, orders = jax.random.split(key)
    return {
        "join": linear(hidden, 4 * CHANNELS, HIDDEN),
        "orders": linear(orders, HIDDEN, len(ORDERS)),
    }


def _tiles(key: jax.Array, scenes: jax.Array) -> jax.Array:
    """(N, 4, TILE, TILE, 3), one from each quarter, row by row."""
    half = SCENE // 2
    quarters = jnp.array([[0, 0], [0, half], [half, 0], [half, half]])
    shifts = jax.random.randint(key, (len(scenes), 4, 2), 0, half - TILE + 1)

    def window(scene, corner):
        return jax.lax.dynamic_slice(scene, (corner[0], corner[1], 0), (TILE, TILE, 3))

    return jax.vmap(jax.vmap(window, (None, 0)))(scenes, quarters[None] + shifts)


def _examples(key: jax.Array, scenes: jax.Array, labels: jax.Array) -> dict:
    tile_key, order_key = jax.random.split(key)
    orders = jax.random.randint(order_key, labels.shape, 0, len(ORDERS))
    places = jnp.array(ORDERS)[orders]
    tiles = jnp.take_along_axis(_tiles(tile_key, scenes), places[:, :, None, None, None], 1)
    return {"images": tiles.reshape(-1, TILE, TILE, 3), "orders": orders}


def _score(responses, head, examples):
    orders = examples["orders"]
    each = pooled(responses).reshape(len(orders), -1)
    joined = jax.nn.relu(apply_linear(head["join"], each))
    return answered(apply_linear(head["orders"], joined), orders)


JIGSAW = Goal(
    "jigsaw",
    _head,
    _examples,
    _score,
    "accuracy",
    1 / len(ORDERS),
    note="in which of 24 orders four tiles of the scene lie",
    paper="Noroozi and Favaro, arXiv 1603.09246",
)
