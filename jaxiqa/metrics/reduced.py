"""A readout of a net in a narrow dtype that answers with float32 where the narrow one cannot.

Half a precision halves memory and time on accelerators, and it overflows, or cannot tell two
images apart that differ. A value that is not finite, or 0 for images that differ, is computed again
in float32, and so is a gradient of such a value, or one that is not finite or nothing but zeros.

Measured with ``scripts/benchmark_precision.py``: AlexNet at relu3, three photographs of 512 x 384
with noise of so many grey levels, mean error against float32 (CPU, jax 0.10.2):

    noise                0.25     0.5      1        2        8
    unit, bfloat16       +57 %    +14 %    +3 %     +0.6 %   -0.05 %
    unit, float16        +1.5 %   +0.5 %   +0.2 %   +0.1 %   +0.02 %
    euclidean, bfloat16  +30 %    +9 %     +2 %     +0.5 %   +0.04 %
    euclidean, float16   +0.8 %   +0.2 %   +0.1 %   +0.05 %  +0.01 %

The error near threshold is one-sided: rounding noise adds to the distance.
"""

import dataclasses
import functools
from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp

from jaxiqa.metrics.net_program import NetProgram

DTYPES = ("float32", "bfloat16", "float16")
# What the slope of a value is scaled to inside the narrow program: means divide it by positions.
_SCALE = 1024.0


@dataclasses.dataclass(frozen=True)
class _Narrow(NetProgram):
    """The program with its maps in a dtype, whatever comes out."""

    dtype: str = "bfloat16"


def _pair(program: NetProgram, weights: Mapping, images: tuple) -> jax.Array:
    a, b = (program.state(weights, x) for x in images)
    return program.compare(weights, a, b)


def _forward(programs: tuple[NetProgram, NetProgram], weights: Mapping, images: tuple):
    narrow, wide = programs
    values = _pair(narrow, weights, images)
    differ = jnp.any(images[0] != images[1], axis=(1, 2, 3))
    unusable = ~jnp.isfinite(values) | ((values == 0) & differ)
    again = jax.lax.cond(
        jnp.any(unusable), lambda: _pair(wide, weights, images), lambda: jnp.zeros_like(values)
    )
    return jnp.where(unusable, again, values), (weights, images, unusable)


@functools.partial(jax.custom_vjp, nondiff_argnums=(0,))
def _guarded(programs: tuple[NetProgram, NetProgram], weights: Mapping, images: tuple):
    """(N,) values in the first program's precision, in the second's where those are unusable."""
    return _forward(programs, weights, images)[0]


def _backward(programs, kept, cotangent):
    """Slopes of the narrow program, for a cotangent of a size that it can hold, where sound."""
    *given, unusable = kept

    def slopes(program, scaled):
        return jax.vjp(functools.partial(_pair, program), *given)[1](scaled)

    largest = jnp.max(jnp.abs(cotangent))
    size = jnp.where(largest > 0, largest, 1) / _SCALE
    found = jax.tree.map(lambda leaf: leaf * size, slopes(programs[0], cotangent / size))
    leaves = jax.tree.leaves(found)
    finite = jnp.all(jnp.array([jnp.all(jnp.isfinite(leaf)) for leaf in leaves]))
    some = jnp.any(jnp.array([jnp.any(leaf != 0) for leaf in leaves])) | (largest == 0)
    sound = finite & some & ~jnp.any(unusable)
    return jax.lax.cond(sound, lambda: found, lambda: slopes(programs[1], cotangent))


_guarded.defvjp(_forward, _backward)


@dataclasses.dataclass(frozen=True)
class ReducedProgram:
    """A readout of a net in a narrow dtype; its gradient is a reverse-mode one.

    Attributes:
      wide: the same in float32.
      dtype: a name of ``DTYPES`` but the first.
    """

    wide: NetProgram
    dtype: str

    higher_is_better = False

    @property
    def description(self) -> str:
        return f"{self.wide.description}, in {self.dtype}"

    @property
    def has_map(self) -> bool:
        return self.wide.has_map

    def check(self, name: str, shape: tuple[int, ...]) -> None:
        self.wide.check(name, shape)

    def state(self, weights: Mapping, images: jax.Array) -> dict[str, Any]:
        """Returns the images alone, since float32 may be asked of them."""
        return {"images": images}

    def compare(self, weights: Mapping, reference: dict, distorted: dict) -> jax.Array:
        fields = {f.name: getattr(self.wide, f.name) for f in dataclasses.fields(NetProgram)}
        programs = _Narrow(**fields, dtype=self.dtype), self.wide
        return _guarded(programs, weights, (reference["images"], distorted["images"]))

    def local(
        self, weights: Mapping, reference: dict, distorted: dict, size: tuple[int, int]
    ) -> jax.Array:
        """The map in float32: it is looked at, not trained on."""
        a, b = (self.wide.state(weights, x["images"]) for x in (reference, distorted))
        return self.wide.local(weights, a, b, size)

    def at_equal(self, values: jax.Array, reference: jax.Array, distorted: jax.Array) -> jax.Array:
        return self.wide.at_equal(values, reference, distorted)

    def distance(self, values: Any) -> Any:
        return values
