"""All pairs of two sets of images: each image goes through the net once.

Where a metric is the distance of two vectors (forms ``euclidean`` and ``unit``), most pairs come
from |x - y|^2 = |x|^2 + |y|^2 - 2 x.y of vectors less their mean, one matrix product for all pairs.
Its error is that of float32 on |x|^2 + |y|^2, so pairs whose squared distance is below ``_NEAR`` of
that are computed as usual, from the difference of their responses; equal images give exactly 0.
"""

import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxiqa import checks
from jaxiqa.images import check_images
from jaxiqa.metrics.metric import Array, Metric, Program
from jaxiqa.metrics.net_program import NetProgram
from jaxiqa.metrics.sharded import whole_over_auto_axes

_BATCH = 8
# At this part of |x|^2 + |y|^2 the matrix product is off by at most some 1e-5 of the distance.
_NEAR = 0.02


@whole_over_auto_axes
def _padded(images: jax.Array, *, size: int) -> jax.Array:
    """Blocks (n, size, H, W, 3), the last one filled up with its own first image."""
    filled = jnp.concatenate([images, jnp.repeat(images[:1], -len(images) % size, axis=0)])
    return filled.reshape(-1, size, *images.shape[1:])


@functools.partial(jax.jit, static_argnames=("program", "size"))
@whole_over_auto_axes
def _states(weights, xs, ys, *, program: Program, size: int) -> tuple[Any, Any]:
    """States of both sets by one program, so that equal images have equal ones."""
    x_blocks, y_blocks = (_padded(images, size=size) for images in (xs, ys))
    blocks = jnp.concatenate([x_blocks, y_blocks])
    found = jax.lax.map(lambda block: program.state(weights, block), blocks)
    flat = jax.tree.map(lambda leaf: leaf.reshape(-1, *leaf.shape[2:]), found)
    start = len(x_blocks) * size
    return (
        jax.tree.map(lambda leaf: leaf[: len(xs)], flat),
        jax.tree.map(lambda leaf: leaf[start : start + len(ys)], flat),
    )


@functools.partial(jax.jit, static_argnames="program")
@whole_over_auto_axes
def _chosen(weights, a, b, rows, columns, *, program: Program) -> jax.Array:
    """Values of the pairs (a[row], b[column]) of states with their images."""

    def value(pair):
        (first, x), (second, y) = (
            jax.tree.map(lambda leaf, k=k: leaf[k][None], seen)
            for seen, k in zip((a, b), pair, strict=True)
        )
        return program.at_equal(program.compare(weights, first, second), x, y)[0]

    return jax.lax.map(value, (rows, columns), batch_size=_BATCH)


def _every(n: int, m: int) -> tuple[jax.Array, jax.Array]:
    rows, columns = np.divmod(np.arange(n * m, dtype=np.int32), np.int32(m))
    return jnp.asarray(rows), jnp.asarray(columns)


def _exact(weights, a, b, *, program: Program, shape: tuple[int, int]) -> jax.Array:
    return _chosen(weights, a, b, *_every(*shape), program=program).reshape(shape)


@functools.partial(jax.jit, static_argnames="program")
@whole_over_auto_axes
def _squares(weights, a, b, *, program: NetProgram) -> tuple[jax.Array, jax.Array]:
    """Squared distances (N, M) by one matrix product, and which are too small for it."""
    x, y = (program.embedding(weights, state) for state in (a, b))
    centre = jnp.mean(y, axis=0, keepdims=True)
    x, y = x - centre, y - centre
    lengths = jnp.sum(x * x, axis=1)[:, None] + jnp.sum(y * y, axis=1)[None]
    inner = jnp.einsum("nd,md->nm", x, y, precision=jax.lax.Precision.HIGHEST)
    squares = jnp.maximum(lengths - 2 * inner, 0)
    return squares, squares <= _NEAR * lengths


def _by_products(weights, a, b, *, program: NetProgram) -> np.ndarray:
    states = a[0], b[0]
    squares, near = (np.array(x) for x in _squares(weights, *states, program=program))
    values = np.array(program.from_squares(squares))
    rows, columns = (index.astype(np.int32) for index in np.nonzero(near))
    if len(rows):
        # Powers of two, so that few programs are compiled.
        missing = (1 << (len(rows) - 1).bit_length()) - len(rows)
        index = (jnp.pad(jnp.asarray(i), (0, missing)) for i in (rows, columns))
        values[near] = np.asarray(_chosen(weights, a, b, *index, program=program))[: len(rows)]
    return values


def _traced(*arrays: Any) -> bool:
    return any(isinstance(leaf, jax.core.Tracer) for leaf in jax.tree.leaves(arrays))


def _block(metric: Metric, xs: jax.Array, ys: jax.Array, size: int) -> Array:
    """Values (N, M), all states held at once."""
    program = metric.program
    states = _states(metric.weights, xs, ys, program=program, size=size)
    seen = tuple(zip(states, (xs, ys), strict=True))
    embeds = isinstance(program, NetProgram) and program.is_embedding
    if embeds and not _traced(metric.weights, xs, ys):
        return _by_products(metric.weights, *seen, program=program)
    return _exact(metric.weights, *seen, program=program, shape=(len(xs), len(ys)))


def _blockwise(metric: Metric, xs: jax.Array, ys: jax.Array, chunk: int) -> Array:
    """Values (N, M), the states of at most ``chunk`` images of each set held at once."""
    sizes = [min(chunk, len(images)) for images in (xs, ys)]
    x_blocks, y_blocks = (
        _padded(jnp.asarray(images), size=n) for images, n in zip((xs, ys), sizes, strict=True)
    )
    batch = min(chunk, _BATCH)
    if _traced(metric.weights, xs, ys):
        rows = jax.lax.map(
            lambda x: jax.lax.map(lambda y: _block(metric, x, y, batch), y_blocks), x_blocks
        )
        values = rows.transpose(0, 2, 1, 3)
    else:
        rows = [[np.asarray(_block(metric, x, y, batch)) for y in y_blocks] for x in x_blocks]
        values = np.stack([np.stack(row, axis=1) for row in rows])
    return values.reshape(len(x_blocks) * sizes[0], -1)[: len(xs), : len(ys)]


def pairwise(metric: Metric, xs: Array, ys: Array, *, chunk: int | None = None) -> jax.Array:
    """Returns the values of a metric for every image of one set with every image of another.

    Args:
      metric: from ``load_metric``.
      xs: (N, H, W, 3) RGB in [0, 1], the references.
      ys: (M, H, W, 3) RGB in [0, 1], the distorted images.
      chunk: at most how many images of each set have their responses held at once; each image of
        ``ys`` then goes through the net once for each chunk of ``xs``. None holds all of them.

    Returns:
      (N, M) float32. Outside of a jit, for the forms ``euclidean`` and ``unit``, by matrix products
      where these are exact to some 1e-5 of the value, else from each pair's difference.

    Raises:
      InputError: no metric, images that are not NHWC RGB in [0, 1], differ in size or are too
        small, or a chunk that is no number above 0.

    Examples:
      >>> import numpy as np
      >>> from jaxiqa import load_metric, pairwise
      >>> image = np.linspace(0, 1, 64 * 64 * 3, dtype=np.float32).reshape(1, 64, 64, 3)
      >>> others = np.concatenate([image, image / 2, 1 - image])
      >>> pairwise(load_metric("psnr"), image, others).round(2)
      Array([[  inf, 10.79,  4.77]], dtype=float32)
    """
    if not isinstance(metric, Metric):
        raise checks.InputError(f"expected a metric from load_metric, got {metric!r}")
    xs, ys = check_images(xs, name="xs"), check_images(ys, name="ys")
    if xs.shape[1:] != ys.shape[1:]:
        raise checks.InputError(
            f"xs are {xs.shape[1:3]} but ys are {ys.shape[1:3]} rows and columns: "
            "all pairs need one size, crop or resize some of them"
        )
    whole = isinstance(chunk, int | np.integer) and not isinstance(chunk, bool)
    if chunk is not None and not (whole and chunk > 0):
        raise checks.InputError(f"chunk must be a whole number above 0 or None, got {chunk!r}")
    metric.program.check(metric.name, xs.shape)
    if chunk is None:
        return jnp.asarray(_block(metric, xs, ys, _BATCH))
    return jnp.asarray(_blockwise(metric, xs, ys, int(chunk)))
