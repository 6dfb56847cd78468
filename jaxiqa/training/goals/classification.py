"""Classification: which of the sixteen kinds of leaves is the scene made of?"""

import jax

from jaxiqa.training.goal import CROP, Goal, answered, crops
from jaxiqa.training.heads import apply_linear, linear, pooled
from jaxiqa.training.width import CHANNELS
from jaxiqa.world.leaves import CLASSES


def _head(key: jax.Array) -> dict:
    return {"classes": linear(key, CHANNELS, len(CLASSES))}


def _examples(key: jax.Array, scenes: jax.Array, labels: jax.Array) -> dict:
    return {"images": crops(key, scenes, CROP), "labels": labels}


def _score(responses, head, examples):
    logits = apply_linear(head["classes"], pooled(responses))
    return answered(logits, examples["labels"])


CLASSIFICATION = Goal(
    "classification",
    _head,
    _examples,
    _score,
    "accuracy",
    1 / len(CLASSES),
    note="which of 4 shapes x 4 textures the leaves of the scene have",
    paper="Lee, Mumford, Huang 2001, doi 10.1023/A:1011109015675 (the scenes)",
)
