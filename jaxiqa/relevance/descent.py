"""The optimiser: many fits at once, each from its own start on its own pairs.

Weights are squares of free variables, w = b t^2: never negative, and a weight that wants to be 0
gets there at the speed of any other, where a softplus creeps to 0 for ever and a projection has no
use for the curvature that L-BFGS gathers.
"""

import dataclasses
import functools
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
import optax

from jaxiqa.readouts.forms import FORMS
from jaxiqa.relevance.choices import Choices
from jaxiqa.relevance.losses import Problems, distances_of, losses_of
from jaxiqa.relevance.objectives import spread

# Steps between two looks from outside.
_CHUNK = 10
# A relative improvement that counts.
_LEAST = 1e-7
# Values at which a step of L-BFGS is tried at the most.
_SEARCH = 20
# As many of Adam's steps as one of L-BFGS.
_SMALL = 6
# Adam's rate, of variables that start near 1.
_RATE = 0.01
# A share of the whole below which a weight has gone to 0.
_NOTHING = 1e-9


@dataclasses.dataclass(frozen=True, eq=False)
class Solved:
    """What S fits came to.

    Attributes:
      shares: (S, P), 0 or more.
      loss: (S,) of the objective over the training pairs, without penalties.
      watched: (S,) over the pairs that tell when to stop, NaN where none do.
      steps: (S,) taken until the last improvement; 0 where the plain readout is the best.
    """

    shares: np.ndarray
    loss: np.ndarray
    watched: np.ndarray
    steps: np.ndarray


def _optimiser(choices: Choices) -> optax.GradientTransformationExtraArgs:
    if choices.optimiser == "lbfgs":
        # A search of Armijo's condition alone compiles in a third of the time, and gets stuck.
        return optax.lbfgs(linesearch=optax.scale_by_zoom_linesearch(_SEARCH))
    return optax.with_extra_args_support(optax.adam(_RATE))


def _unit(shares, problem: Problems, values, form: str):
    """Shares at which distances have the standard deviation 1 over the training pairs."""
    growth = FORMS[form].growth
    if not growth:
        return shares / jnp.sum(shares)
    unit = spread(distances_of(shares, values, problem.scale, form), problem.train)
    return shares / jnp.where(unit == 0, 1.0, unit) ** (1 / growth)


def _begin(problem: Problems, values, layers, *, choices: Choices, form: str) -> dict:
    """A start with variables near 1, the plain readout being the best so far."""
    start, plain = (_unit(s, problem, values, form) for s in (problem.start, problem.plain))
    base = jnp.mean(start)
    base = jnp.where(base > 0, base, 1.0)
    free, best = jnp.sqrt(start / base), jnp.sqrt(plain / base)
    _, (fitted, watched, now) = losses_of(
        best, base, values, problem, layers, choices=choices, form=form
    )
    begun = {
        "free": free,
        "base": base,
        "optimiser": _optimiser(choices).init(free),
        "best": _candidate(best, fitted, watched, now, jnp.int32(0)),
        "lowest": {"now": jnp.full((), jnp.inf, now.dtype), "step": jnp.int32(0)},
        "step": jnp.int32(0),
        "done": jnp.bool_(False),
    }
    # No weak types, with which the steps would be compiled twice.
    return jax.tree.map(lambda leaf: jax.lax.convert_element_type(leaf, leaf.dtype), begun)


def _candidate(free, loss, watched, now, step) -> dict:
    return {"free": free, "loss": loss, "watched": watched, "now": now, "step": step}


def _patience(choices: Choices) -> int:
    return choices.patience * (_SMALL if choices.optimiser == "adam" else 1)


def _lower(found: dict, before: dict) -> dict:
    """The one of two candidates with the lower loss; the earlier one if they are about equal."""
    better = found["now"] < before["now"] - _LEAST * jnp.abs(found["now"])
    return jax.tree.map(lambda new, old: jnp.where(better, new, old), found, before)


def _step(state: dict, problem: Problems, values, layers, *, choices: Choices, form: str) -> dict:
    """One step of one fit; nothing changes once it is done."""
    optimiser = _optimiser(choices)
    losses = functools.partial(
        losses_of,
        base=state["base"],
        values=values,
        problem=problem,
        layers=layers,
        choices=choices,
        form=form,
    )
    (total, (fitted, watched, now)), slope = jax.value_and_grad(losses, has_aux=True)(state["free"])
    updates, advanced = optimiser.update(
        slope,
        state["optimiser"],
        state["free"],
        value=total,
        grad=slope,
        value_fn=lambda free: losses(free)[0],
    )
    found = _candidate(state["free"], fitted, watched, now, state["step"])
    kept = _lower(found, state["best"])
    # Patience is with the path, which may have to pass above the plain readout.
    lowest = _lower({"now": now, "step": state["step"]}, state["lowest"])
    moved = {
        "free": optax.apply_updates(state["free"], updates),
        "base": state["base"],
        "optimiser": advanced,
        "best": kept,
        "step": state["step"] + 1,
        "lowest": lowest,
        "done": (state["step"] - lowest["step"] >= _patience(choices))
        | (state["step"] >= choices.steps),
    }
    return jax.tree.map(lambda new, old: jnp.where(state["done"], old, new), moved, state)


@functools.partial(jax.jit, static_argnames=("choices", "form", "count"))
def _start(problems, values, layers, *, choices: Choices, form: str, count: int) -> dict:
    def begin(problem):
        return _begin(problem, values, (layers, count), choices=choices, form=form)

    return jax.vmap(begin)(problems)


@functools.partial(jax.jit, static_argnames=("choices", "form", "count"), donate_argnums=0)
def _advance(state, problems, values, layers, *, choices: Choices, form: str, count: int) -> dict:
    """Some steps of all fits."""

    def step(one, problem):
        return _step(one, problem, values, (layers, count), choices=choices, form=form)

    return jax.lax.fori_loop(0, _CHUNK, lambda _, s: jax.vmap(step)(s, problems), state)


def descend(
    problems: Problems,
    values: jax.Array,
    layer: np.ndarray,
    *,
    form: str,
    choices: Choices,
    progress: Callable[[int], None],
) -> Solved:
    """Returns the shares at which each fit's watched loss was least.

    Args:
      problems: S fits that have room in memory together.
      values: (n, P, K) columns of a design.
      layer: (P,) place of the tap of each.
      form: a name of ``FORMS``.
      choices: objective, optimiser, penalties and when to stop.
      progress: called with the number of further fits that have ended.
    """
    count = int(layer.max()) + 1
    layers = jnp.asarray(layer, jnp.int32)
    advance = functools.partial(_advance, choices=choices, form=form, count=count)
    state = _start(problems, values, layers, choices=choices, form=form, count=count)
    ended = 0
    while ended < len(problems.train):
        # Adam of optax takes a float to the power of a counter.
        with jax.numpy_dtype_promotion("standard"):
            state = advance(state, problems, values, layers)
        done = int(state["done"].sum())
        progress(done - ended)
        ended = done
    best = jax.tree.map(np.asarray, state["best"])
    shares = np.asarray(state["base"])[:, None].astype(np.float64) * best["free"] ** 2
    shares[shares <= _NOTHING * shares.sum(axis=1, keepdims=True)] = 0
    any_watched = np.asarray(problems.watch).any(axis=1)
    watched = np.where(any_watched, best["watched"], np.nan)
    return Solved(shares, best["loss"], watched, best["step"])
