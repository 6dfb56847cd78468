"""`Metric`: any metric as one value, its weights the leaves of a pytree, everything else static."""

import dataclasses
import functools
from collections.abc import Mapping
from typing import Any, Protocol

import jax
import jax.numpy as jnp
import numpy as np

from jaxiqa import checks
from jaxiqa.images import check_images, check_pair
from jaxiqa.metrics.filters import enlarge
from jaxiqa.metrics.sharded import batch_over_auto_axes

Array = jax.Array | np.ndarray


class Program(Protocol):
    """What a metric computes, without its weights: hashable, its methods traceable."""

    @property
    def higher_is_better(self) -> bool:
        """True for a similarity."""

    @property
    def description(self) -> str:
        """What is computed, in one line."""

    @property
    def has_map(self) -> bool:
        """Whether ``local`` may be called."""

    def check(self, name: str, shape: tuple[int, ...]) -> None:
        """Raises InputError where images of a shape (N, H, W, 3) are too small."""

    def state(self, weights: Mapping, images: jax.Array) -> dict[str, Any]:
        """Returns what of one image serves all its pairs, N first."""

    def compare(self, weights: Mapping, reference: dict, distorted: dict) -> jax.Array:
        """Returns (N,) values from two states."""

    def local(
        self, weights: Mapping, reference: dict, distorted: dict, size: tuple[int, int]
    ) -> jax.Array:
        """Returns local dissimilarity (N, h, w) from two states, maybe coarser than ``size``."""

    def at_equal(self, values: jax.Array, reference: jax.Array, distorted: jax.Array) -> jax.Array:
        """Returns values (N,) without what rounding left where two images are the same."""

    def distance(self, values: Any) -> Any:
        """Returns values as distances, 0 for equal images."""


@jax.tree_util.register_dataclass
@dataclasses.dataclass(frozen=True, eq=False)
class Reference:
    """What a metric keeps of reference images, so that it is computed once; a pytree.

    Attributes:
      state: arrays that have N first.
      images: (N, H, W, 3) that they were made of.
      program: of the metric that made them.
    """

    state: dict[str, Any]
    images: jax.Array
    program: Program = dataclasses.field(metadata={"static": True})

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the images, (N, H, W, 3)."""
        return self.images.shape


def _halves(tree: Any) -> tuple[Any, Any]:
    """The state of a concatenated batch as that of its first and of its second half."""
    return tuple(jax.tree.map(lambda leaf, k=k: jnp.split(leaf, 2)[k], tree) for k in range(2))


@functools.partial(jax.jit, static_argnames="program")
@batch_over_auto_axes
def _both(weights, reference, distorted, *, program: Program) -> jax.Array:
    a, b = _halves(program.state(weights, jnp.concatenate([reference, distorted])))
    return program.at_equal(program.compare(weights, a, b), reference, distorted)


@functools.partial(jax.jit, static_argnames="program")
@batch_over_auto_axes
def _map(weights, reference, distorted, *, program: Program) -> jax.Array:
    a, b = _halves(program.state(weights, jnp.concatenate([reference, distorted])))
    size = reference.shape[1:3]
    found = program.local(weights, a, b, size)
    return found if found.shape[1:] == size else enlarge(found, *size)


@functools.partial(jax.jit, static_argnames="program")
@batch_over_auto_axes
def state_of(weights, images, *, program: Program) -> dict[str, Any]:
    """Returns the state of images, compiled on its own."""
    return program.state(weights, images)


@functools.partial(jax.jit, static_argnames="program")
@batch_over_auto_axes
def values_of(weights, reference, distorted, *, program: Program) -> jax.Array:
    """Returns (N,) values from two states, compiled on its own."""
    return program.compare(weights, reference, distorted)


@jax.tree_util.register_dataclass
@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Metric:
    """A metric as a value: call it, differentiate it, map it, shard it, train it.

    A pytree whose leaves are the weights (none for a formula); ``jax.jit``, ``grad``, ``vmap``,
    ``lax.map``, ``shard_map`` and shardings over a mesh, of Auto or Explicit axes, take it
    unchanged, as an argument or as a function.

    Attributes:
      weights: for a readout of a net ``{"net": variables, "relevance": {tap: weights}}``.
      program: what is computed with them.
      name: as given to ``load_metric``.

    Examples:
      >>> import jax, numpy as np
      >>> from jaxiqa import load_metric
      >>> reference = np.linspace(0, 1, 64 * 64 * 3, dtype=np.float32).reshape(1, 64, 64, 3)
      >>> distorted = reference / 2
      >>> metric = load_metric("psnr")
      >>> metric(reference, distorted).round(2), metric.higher_is_better
      (Array([10.79], dtype=float32), True)
      >>> metric.distance(reference, reference)  # a loss is 0 for equal images
      Array([0.], dtype=float32)
      >>> slope = jax.grad(lambda x: metric.distance(reference, x).sum())(distorted)
      >>> bool((slope <= 0).all())  # brighter would be better
      True
      >>> kept = metric.reference(reference)  # computed once
      >>> metric.against(kept, distorted).round(2)
      Array([10.79], dtype=float32)
    """

    weights: Mapping[str, Any]
    program: Program = dataclasses.field(metadata={"static": True})
    name: str = dataclasses.field(metadata={"static": True})

    def __repr__(self) -> str:
        count = sum(np.size(leaf) for leaf in jax.tree.leaves(self.weights))
        return f"<Metric {self.name}: {self.description}; {count:,} weights>"

    @property
    def higher_is_better(self) -> bool:
        """True for a similarity, False for a distance."""
        return self.program.higher_is_better

    @property
    def description(self) -> str:
        """What is computed, in one line."""
        return self.program.description

    @property
    def has_map(self) -> bool:
        """Whether ``map`` gives one."""
        return self.program.has_map

    def __call__(self, reference: Array, distorted: Array) -> jax.Array:
        """Returns the values of the metric as published.

        Args:
          reference: (N, H, W, 3) RGB in [0, 1].
          distorted: (N, H, W, 3) RGB in [0, 1].

        Returns:
          (N,) float32; ``higher_is_better`` tells the sign.

        Raises:
          InputError: not two batches of images of one shape in [0, 1], or images too small.
        """
        reference, distorted = check_pair(reference, distorted)
        self.program.check(self.name, reference.shape)
        return _both(self.weights, reference, distorted, program=self.program)

    def distance(self, reference: Array, distorted: Array) -> jax.Array:
        """Returns (N,) values that are 0 for equal images and larger the less alike, as a loss.

        A metric that is a distance is unchanged; of SSIM and its like it is 1 - similarity, with
        the digits that float32 has near 1; of VIF, which exceeds 1 for more contrast, |1 - VIF|;
        of the PSNR the root of the mean squared error.

        Args:
          reference: (N, H, W, 3) RGB in [0, 1].
          distorted: (N, H, W, 3) RGB in [0, 1].

        Raises:
          InputError: as when called.
        """
        return self.program.distance(self(reference, distorted))

    def reference(self, images: Array) -> Reference:
        """Returns what is kept of reference images for ``against``, computed once.

        Args:
          images: (N, H, W, 3) RGB in [0, 1].

        Raises:
          InputError: no batch of images in [0, 1], or images too small.
        """
        images = check_images(images, name="reference")
        self.program.check(self.name, images.shape)
        state = state_of(self.weights, images, program=self.program)
        return Reference(state, jnp.asarray(images), self.program)

    def against(self, reference: Reference, distorted: Array) -> jax.Array:
        """Returns the values of the metric, of references that ``reference`` has seen.

        Args:
          reference: of N images, from ``reference`` of this metric, with these weights.
          distorted: (N, H, W, 3) RGB in [0, 1].

        Returns:
          (N,) float32, as when called with both.

        Raises:
          InputError: no such reference, that of another metric, or images of another shape or out
            of [0, 1].
        """
        if not isinstance(reference, Reference):
            raise checks.InputError(
                f"{self.name}: expected what metric.reference(images) gave, got "
                f"{type(reference).__name__}"
            )
        if reference.program != self.program:
            raise checks.InputError(
                f"{self.name}: this reference is of another metric, {reference.program.description}"
            )
        distorted = check_images(distorted, name="distorted")
        if distorted.shape != reference.shape:
            raise checks.InputError(
                f"reference is {reference.shape} but distorted is {distorted.shape}: "
                "a pair needs one shape"
            )
        state = state_of(self.weights, distorted, program=self.program)
        values = values_of(self.weights, reference.state, state, program=self.program)
        return self.program.at_equal(values, reference.images, jnp.asarray(distorted))

    def map(self, reference: Array, distorted: Array) -> jax.Array:
        """Returns where the images differ, as the metric sees it.

        Args:
          reference: (N, H, W, 3) RGB in [0, 1].
          distorted: (N, H, W, 3) RGB in [0, 1].

        Returns:
          (N, H, W) local dissimilarity: 0 where the images agree, larger where they do less.

        Raises:
          InputError: as when called, or a metric that has no map.
        """
        reference, distorted = check_pair(reference, distorted)
        self.program.check(self.name, reference.shape)
        if not self.has_map:
            raise checks.InputError(f"{self.name} has no map: it compares images as a whole")
        return _map(self.weights, reference, distorted, program=self.program)
