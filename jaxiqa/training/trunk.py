"""The pocket net as it is trained, normalised over batches, and as it ships, with that folded in.

Batch normalisation, of scale 1 and with the convolution's bias after it, is what makes a few
hundred steps enough. With running statistics it is part of the convolution:

    (W x - mean) / sqrt(var + eps) + b  =  (W / sqrt(var + eps)) x + (b - mean / sqrt(var + eps))

References:
  Ioffe, Szegedy 2015, arXiv 1502.03167.
"""

import jax
import jax.numpy as jnp

from jaxiqa.arch.convolution import convolve
from jaxiqa.arch.layers import Conv, MaxPool
from jaxiqa.arch.ops import Precision
from jaxiqa.arch.pocket import POCKET
from jaxiqa.arch.pooling import max_pool
from jaxiqa.images import Preprocess, preprocess

EPSILON = 1e-5
# Of the running statistics, a step.
KEPT = 0.97

Statistics = dict[str, dict[str, jax.Array]]


def initial_statistics() -> Statistics:
    """Returns means of 0 and variances of 1, by convolution."""
    widths = {n.name: n.layer.features for n in POCKET.nodes if isinstance(n.layer, Conv)}
    return {name: {"mean": jnp.zeros(c), "var": jnp.ones(c)} for name, c in widths.items()}


def normalised(params: dict, images: jax.Array, choice: Preprocess) -> tuple[jax.Array, Statistics]:
    """Returns the last responses to (N, H, W, 3) images in [0, 1], and the batch's statistics."""
    values, found = preprocess(images, choice), {}
    for node in POCKET.nodes:
        if isinstance(node.layer, Conv):
            held = params[node.name]
            values = convolve(values, held["kernel"], node.layer, Precision.DEFAULT)
            mean, var = values.mean((0, 1, 2)), values.var((0, 1, 2))
            found[node.name] = {"mean": mean, "var": var}
            values = (values - mean[None, None, None]) * _by(var)[None, None, None]
            values = values + held["bias"][None, None, None]
        elif isinstance(node.layer, MaxPool):
            values = max_pool(values, node.layer)
        else:
            values = jax.nn.relu(values)
    return values, found


def _by(var: jax.Array) -> jax.Array:
    return jax.lax.rsqrt(var + EPSILON)


def followed(running: Statistics, batch: Statistics) -> Statistics:
    """Returns running statistics a step later."""
    return jax.tree.map(lambda old, new: KEPT * old + (1 - KEPT) * new, running, batch)


def folded(params: dict, running: Statistics) -> dict:
    """Returns the parameters of the plain net that computes the same with running statistics."""
    return {
        name: {
            "kernel": held["kernel"] * _by(running[name]["var"])[None, None, None],
            "bias": held["bias"] - running[name]["mean"] * _by(running[name]["var"]),
        }
        for name, held in params.items()
    }
