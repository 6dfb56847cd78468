"""Rotation: by which quarter of a turn was the scene turned?

References:
  Gidaris, Singh, Komodakis 2018, arXiv 1803.07728.
"""

import jax
import jax.numpy as jnp

from jaxiqa.training.goal import CROP, Goal, answered, crops
from jaxiqa.training.heads import apply_linear, linear, pooled
from jaxiqa.training.width import CHANNELS

TURNS = 4


def _head(key: jax.Array) -> dict:
    return {"turns": linear(key, CHANNELS, TURNS)}


def _examples(key: jax.Array, scenes: jax.Array, labels: jax.Array) -> dict:
    crop_key, turn_key = jax.random.split(key)
    turns = jax.random.randint(turn_key, labels.shape, 0, TURNS)
    images = crops(crop_key, scenes, CROP)
    turned = jnp.stack([jnp.rot90(images, k, (1, 2)) for k in range(TURNS)])
    return {"images": turned[turns, jnp.arange(len(turns))], "turns": turns}


def _score(responses, head, examples):
    logits = apply_linear(head["turns"], pooled(responses))
    return answered(logits, examples["turns"])


ROTATION = Goal(
    "rotation",
    _head,
    _examples,
    _score,
    "accuracy",
    1 / TURNS,
    note="by which of four quarter turns the scene was turned",
    paper="Gidaris et al., arXiv 1803.07728",
)
