"""What a fit makes small: the objective over its training pairs, and penalties on its shares."""

import dataclasses
from collections.abc import Mapping

import jax
import jax.numpy as jnp

from jaxiqa.readouts.forms import FORMS
from jaxiqa.relevance.choices import Choices
from jaxiqa.relevance.objectives import OBJECTIVES, spread


@jax.tree_util.register_dataclass
@dataclasses.dataclass(frozen=True, eq=False)
class Problems:
    """S fits of the same pairs, a pytree.

    Attributes:
      start: (S, P) shares to start from.
      plain: (S, P) those of the plain readout, which stay where nothing better is found.
      scale: (S, P) by what a share is multiplied to weigh a column of the design.
      train: (S, n) 1 for pairs that are fitted to, else 0.
      watch: (S, n) 1 for pairs that tell when to stop, else 0; all 0 where none do.
      target: arrays of the objective over the training pairs, S first.
      watched: likewise over the pairs that are watched.
    """

    start: jax.Array
    plain: jax.Array
    scale: jax.Array
    train: jax.Array
    watch: jax.Array
    target: Mapping[str, jax.Array]
    watched: Mapping[str, jax.Array]


def distances_of(shares, values, scale, form: str):
    weights = shares * scale
    totals = jnp.einsum("npk,p->nk", values, weights, precision=jax.lax.Precision.HIGHEST)
    return FORMS[form].finish(totals)


def _penalty(shares, distance, problem: Problems, choices: Choices, form: str, layers):
    """l1 sum s + l2 P sum s^2 + group sum over taps of root(P_t sum s^2)."""
    objective, growth = OBJECTIVES[choices.objective], FORMS[form].growth
    if objective.scale_free and growth:
        # As if distances had the standard deviation 1.
        unit = spread(distance, problem.train)
        shares = shares / jnp.where(unit == 0, 1.0, unit) ** (1 / growth)
    elif objective.scale_free:
        shares = shares / jnp.sum(shares)
    squares = jax.ops.segment_sum(shares**2, layers[0], layers[1])
    counts = jax.ops.segment_sum(jnp.ones_like(shares), layers[0], layers[1])
    none = squares == 0
    roots = jnp.where(none, 0.0, jnp.sqrt(jnp.where(none, 1.0, squares * counts)))
    squared = choices.l2 * shares.size * jnp.sum(shares**2)
    return choices.l1 * jnp.sum(shares) + squared + choices.group * jnp.sum(roots)


def losses_of(free, base, values, problem, layers, *, choices: Choices, form: str):
    """What is minimised; and of the objective alone over the pairs that are fitted to and over
    those that are watched, and of the latter with penalties, by which weights are judged."""
    objective = OBJECTIVES[choices.objective]
    shares = base * free**2
    distance = distances_of(shares, values, problem.scale, form)
    fitted = objective.loss(distance, problem.train, problem.target)
    penalty = _penalty(shares, distance, problem, choices, form, layers)
    any_watched = jnp.sum(problem.watch) > 0
    rows = jnp.where(any_watched, problem.watch, problem.train)
    watched = objective.loss(distance, rows, problem.watched)
    return fitted + penalty, (fitted, watched, watched + penalty)
