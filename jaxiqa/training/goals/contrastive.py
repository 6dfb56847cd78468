"""Contrastive: which of all other views is of the same scene?

References:
  Chen, Kornblith, Norouzi, Hinton 2020, arXiv 2002.05709 (SimCLR, NT-Xent).
"""

import jax
import jax.numpy as jnp

from jaxiqa.training.goal import Goal, answered, crops
from jaxiqa.training.heads import apply_linear, linear, pooled
from jaxiqa.training.width import CHANNELS

VIEW = 48
TEMPERATURE = 0.2
# Scenes among whose two views the merit is taken.
SCENES = 128


def _head(key: jax.Array) -> dict:
    hidden, last = jax.random.split(key)
    return {"hidden": linear(hidden, CHANNELS, CHANNELS), "project": linear(last, CHANNELS, 32)}


def _jittered(key: jax.Array, images: jax.Array) -> jax.Array:
    """Other gains of the channels, another brightness and contrast; one view in five is grey."""
    gain_key, tint_key, shift_key, grey_key = jax.random.split(key, 4)
    count = len(images)
    gain = jnp.exp(0.3 * jax.random.normal(gain_key, (count, 1, 1, 1)))
    tint = jnp.exp(0.2 * jax.random.normal(tint_key, (count, 1, 1, 3)))
    shift = 0.1 * jax.random.normal(shift_key, (count, 1, 1, 1))
    centre = images.mean((1, 2, 3), keepdims=True)
    changed = jnp.clip((images - centre) * gain * tint + centre + shift, 0, 1)
    grey = changed.mean(-1, keepdims=True)
    return jnp.where(jax.random.bernoulli(grey_key, 0.2, (count, 1, 1, 1)), grey, changed)


def _view(key: jax.Array, scenes: jax.Array) -> jax.Array:
    crop_key, jitter_key = jax.random.split(key)
    return _jittered(jitter_key, crops(crop_key, scenes, VIEW))


def _examples(key: jax.Array, scenes: jax.Array, labels: jax.Array) -> dict:
    first, second = jax.random.split(key)
    return {"images": jnp.concatenate([_view(first, scenes), _view(second, scenes)])}


def _score(responses, head, examples):
    hidden = jax.nn.relu(apply_linear(head["hidden"], pooled(responses)))
    told = apply_linear(head["project"], hidden)
    unit = told * jax.lax.rsqrt((told**2).sum(-1, keepdims=True) + 1e-12)
    count = len(responses)
    # A view is no answer to itself.
    likeness = jnp.where(jnp.eye(count, dtype=bool), -1e9, unit @ unit.T / TEMPERATURE)
    return answered(likeness, (jnp.arange(count) + count // 2) % count)


CONTRASTIVE = Goal(
    "contrastive",
    _head,
    _examples,
    _score,
    "accuracy",
    1 / (2 * SCENES - 1),
    note=f"which of {2 * SCENES - 1} views, cut and recoloured, is of the same scene",
    paper="Chen et al., arXiv 2002.05709",
)
