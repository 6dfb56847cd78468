"""What a net is trained to do: examples made from scenes, a head on the net, a loss, a merit."""

import dataclasses
from collections.abc import Callable, Mapping

import jax
import jax.numpy as jnp

from jaxiqa.images import IMAGENET, Preprocess

# Scenes are larger than what is cut from them.
SCENE = 72
CROP = 64

# ImageNet's means and deviations, in the mean over channels.
GREY = Preprocess((0.449,) * 3, (0.226,) * 3)

# Of which ``images``, (M, H, W, 3) in [0, 1] or near it, is what the net is shown.
Examples = Mapping[str, jax.Array]
Head = Mapping[str, Mapping[str, jax.Array]]


@dataclasses.dataclass(frozen=True)
class Goal:
    """A goal of training; all its functions are pure and traceable.

    Attributes:
      function: what nets trained for it are said to do, in one word.
      head: from a key to the head's parameters.
      examples: from a key, scenes (N, SCENE, SCENE, 3) in [0, 1] and their classes (N,) to
        ``Examples``.
      score: from responses of the last tap to the images, (M, h, w, c), head and examples to
        (loss, merit): a scalar that descends, and one that rises.
      merit: what the merit is: "accuracy", a share in [0, 1], or "variance explained", 1 for a
        perfect answer and 0 for the best constant of each image or of the world.
      chance: the merit of guessing.
      sees_colour: whether the net is shown colours. Where it is not, its channels are prepared
        alike, and its first kernels stay alike for all three.
      note: what is shown and asked, for the record of the weights.
      paper: where the goal is from, likewise.
    """

    function: str
    head: Callable[[jax.Array], Head]
    examples: Callable[[jax.Array, jax.Array, jax.Array], Examples]
    score: Callable[[jax.Array, Head, Examples], tuple[jax.Array, jax.Array]]
    merit: str
    chance: float
    sees_colour: bool = True
    note: str = ""
    paper: str = ""

    @property
    def preprocess(self) -> Preprocess:
        """What is done to images before the net."""
        return IMAGENET if self.sees_colour else GREY


def crops(key: jax.Array, images: jax.Array, size: int) -> jax.Array:
    """Returns a window of each image, mirrored at random: (N, size, size, 3)."""
    corner_key, mirror_key = jax.random.split(key)
    count, extent = images.shape[0], images.shape[1]
    corners = jax.random.randint(corner_key, (count, 2), 0, extent - size + 1)

    def window(image, corner):
        return jax.lax.dynamic_slice(image, (corner[0], corner[1], 0), (size, size, 3))

    found = jax.vmap(window)(images, corners)
    mirrored = jax.random.bernoulli(mirror_key, 0.5, (count, 1, 1, 1))
    return jnp.where(mirrored, found[:, :, ::-1], found)


def answered(logits: jax.Array, labels: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Returns mean cross entropy in nats, and the share of labels that have the largest logit."""
    each = jax.nn.logsumexp(logits, -1) - jnp.take_along_axis(logits, labels[:, None], -1)[:, 0]
    return each.mean(), (logits.argmax(-1) == labels).mean(dtype=jnp.float32)


def explained(told: jax.Array, true: jax.Array, centre: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Returns the mean squared error, and the part of the variance about ``centre`` it explains."""
    error = ((told - true) ** 2).mean()
    return error, 1 - error / ((true - centre) ** 2).mean()
