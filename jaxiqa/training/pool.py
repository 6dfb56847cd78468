"""The scenes that all nets of one world are trained on, and those that are held out."""

from collections.abc import Callable

import jax
import numpy as np

from jaxiqa.training.goal import SCENE
from jaxiqa.world.paint import scenes

# Painted at once.
BATCH = 256
# Worlds of two purposes share no key.
TRAINING, HELD_OUT = 0, 1


def painted(
    purpose: int, count: int, *, world: int = 0, advance: Callable[[int], None] = lambda done: None
) -> tuple[np.ndarray, np.ndarray]:
    """Returns the first scenes of a world.

    Args:
      purpose: ``TRAINING`` or ``HELD_OUT``.
      count: N.
      world: its seed. The same seed gives the same scenes on the same device, however many are
        asked for.
      advance: told how many more are done.

    Returns:
      (N, SCENE, SCENE, 3) uint8, RGB, and (N,) int32, places in ``jaxiqa.world.leaves.CLASSES``.
    """
    key = jax.random.fold_in(jax.random.key(world), purpose)
    images = np.empty((count, SCENE, SCENE, 3), np.uint8)
    labels = np.empty(count, np.int32)
    for start in range(0, count, BATCH):
        found, kinds = scenes(jax.random.fold_in(key, start), count=BATCH, size=SCENE)
        here = min(BATCH, count - start)
        images[start : start + here] = np.rint(np.asarray(found[:here]) * 255)
        labels[start : start + here] = kinds[:here]
        advance(here)
    return images, labels
