"""Colorization: which colours has the scene of which only the grey is shown?

References:
  Zhang, Isola, Efros 2016, arXiv 1603.08511 (there as a choice among quantised colours).
"""

import jax
import jax.numpy as jnp

from jaxiqa.training.goal import CROP, Goal, crops, explained
from jaxiqa.training.heads import BLOCK, GRID, decode, decoder
from jaxiqa.training.width import CHANNELS

# Rec. 601, as of grey in image files.
_LUMA = (0.299, 0.587, 0.114)


def _head(key: jax.Array) -> dict:
    return decoder(key, CHANNELS, 2)


def _examples(key: jax.Array, scenes: jax.Array, labels: jax.Array) -> dict:
    images = crops(key, scenes, CROP)
    grey = (images * jnp.array(_LUMA)[None, None, None]).sum(-1, keepdims=True)
    # Red and blue without the grey, means of blocks.
    chroma = (images - grey)[..., ::2]
    blocks = chroma.reshape(len(images), GRID, BLOCK, GRID, BLOCK, 2).mean((2, 4))
    return {"images": jnp.repeat(grey, 3, -1), "chroma": blocks}


def _score(responses, head, examples):
    chroma = examples["chroma"]
    told = decode(head, responses)
    return explained(told, chroma, chroma.mean((0, 1, 2), keepdims=True))


COLORIZATION = Goal(
    "colorization",
    _head,
    _examples,
    _score,
    "variance explained",
    0.0,
    sees_colour=False,
    note="the red and blue chroma of 8 x 8 blocks, from the grey image; it cannot see colour",
    paper="Zhang et al., arXiv 1603.08511",
)
