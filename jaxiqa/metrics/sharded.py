"""Arrays of a mesh whose axes are Explicit: computed as they would be on one of Auto axes.

Of such arrays jax refuses what it cannot see through by type, as most reshapes. Here it is left to
the compiler what is computed where.
"""

import functools
from collections.abc import Callable
from typing import Any

import jax
from jax.sharding import AxisType, NamedSharding, PartitionSpec


def batch_over_auto_axes(fn: Callable[..., Any]) -> Callable[..., Any]:
    """Returns a traceable function whose results are spread as its last array is over the batch.

    Args:
      fn: arrays -> arrays, all of which have the batch first. What it takes by name is static.
    """
    return _over_auto_axes(fn, lambda sharding: PartitionSpec(*sharding.spec[:1]))


def whole_over_auto_axes(fn: Callable[..., Any]) -> Callable[..., Any]:
    """Returns a traceable function whose results are whole on every device.

    Args:
      fn: arrays -> arrays. What it takes by name is static.
    """
    return _over_auto_axes(fn, lambda sharding: PartitionSpec())


def _over_auto_axes(fn: Callable, spec: Callable[[NamedSharding], PartitionSpec]) -> Callable:
    @functools.wraps(fn)
    def wrapped(*arrays, **static):
        shardings = [jax.typeof(leaf).sharding for leaf in jax.tree.leaves(arrays)]
        meshes = [sharding.mesh for sharding in shardings if _explicit(sharding.mesh)]
        inner = functools.partial(fn, **static)
        if not meshes:
            return inner(*arrays)
        out = spec(shardings[-1])
        with jax.sharding.use_abstract_mesh(meshes[0]):
            auto = jax.sharding.auto_axes(inner, axes=_explicit(meshes[0]), out_sharding=out)
            return auto(*arrays)

    return wrapped


def _explicit(mesh) -> tuple[str, ...]:
    """Names of the Explicit axes of a mesh."""
    types = zip(mesh.axis_names, mesh.axis_types, strict=True)
    return tuple(name for name, kind in types if kind == AxisType.Explicit)
