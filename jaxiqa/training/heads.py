"""Layers of the heads: what stands on a net while it is trained, and is not part of the metric."""

import math

import jax
import jax.numpy as jnp

from jaxiqa.training.goal import CROP

# What is told of an image stands on a grid of blocks of pixels.
GRID = 8
BLOCK = CROP // GRID


def linear(key: jax.Array, inputs: int, outputs: int) -> dict[str, jax.Array]:
    """Returns a normal kernel (inputs, outputs) of variance 1 / inputs, and a bias of zeros."""
    kernel = jax.random.normal(key, (inputs, outputs)) / math.sqrt(inputs)
    return {"kernel": kernel, "bias": jnp.zeros(outputs)}


def apply_linear(layer: dict, x: jax.Array) -> jax.Array:
    """Returns ``x @ kernel + bias``, over the last axis."""
    return x @ layer["kernel"] + jnp.expand_dims(layer["bias"], range(x.ndim - 1))


def pooled(responses: jax.Array) -> jax.Array:
    """Returns the mean over positions, (N, c)."""
    return responses.mean((1, 2))


def decoder(key: jax.Array, inputs: int, outputs: int) -> dict:
    """Returns the parameters of a map from responses to ``outputs`` numbers a block."""
    first, second, last = jax.random.split(key, 3)
    kernel = jax.random.normal(second, (3, 3, 32, 48)) * math.sqrt(2 / (9 * 32))
    return {
        "widen": linear(first, inputs, 32),
        "join": {"kernel": kernel, "bias": jnp.zeros(48)},
        # Small, so that training begins with answers near 0.
        "tell": jax.tree.map(lambda x: 0.1 * x, linear(last, 48, outputs)),
    }


def decode(head: dict, responses: jax.Array) -> jax.Array:
    """Returns (N, GRID, GRID, outputs)."""
    count = responses.shape[0]
    hidden = jax.nn.relu(apply_linear(head["widen"], responses))
    grid = jax.image.resize(hidden, (count, GRID, GRID, 32), "bilinear")
    joined = jax.lax.conv_general_dilated(
        grid,
        head["join"]["kernel"],
        (1, 1),
        "SAME",
        dimension_numbers=("NHWC", "HWIO", "NHWC"),
    )
    return apply_linear(head["tell"], jax.nn.relu(joined + head["join"]["bias"][None, None, None]))


def unfolded(blocks: jax.Array) -> jax.Array:
    """Returns images (N, CROP, CROP, 3) of blocks (N, GRID, GRID, BLOCK * BLOCK * 3)."""
    count = blocks.shape[0]
    tiles = blocks.reshape(count, GRID, GRID, BLOCK, BLOCK, 3)
    return tiles.transpose(0, 1, 3, 2, 4, 5).reshape(count, CROP, CROP, 3)
