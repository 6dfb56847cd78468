"""One step of training as a pure function of state, key and scenes; and the merit of a state."""

import functools
from typing import NamedTuple

import jax
import jax.numpy as jnp
import optax

from jaxiqa.arch.initial import random_variables
from jaxiqa.arch.net import apply
from jaxiqa.arch.ops import Precision
from jaxiqa.arch.pocket import POCKET
from jaxiqa.training.goal import Goal
from jaxiqa.training.trunk import Statistics, folded, followed, initial_statistics, normalised

BATCH = 128
RATE = 2e-3
WARM_UP = 0.05
DECAY = 1e-4


class State(NamedTuple):
    """All that a run goes on from.

    Attributes:
      params: of the net that is normalised over batches, ``{node: {"kernel", "bias"}}``.
      head: of the goal.
      statistics: running ones, of that normalisation.
      moments: of the optimiser.
    """

    params: dict
    head: dict
    statistics: Statistics
    moments: optax.OptState


def optimiser(steps: int) -> optax.GradientTransformation:
    """Returns AdamW whose rate rises for a twentieth of the steps and falls as a cosine to 0."""
    rate = optax.warmup_cosine_decay_schedule(0.0, RATE, round(WARM_UP * steps), steps)
    return optax.adamw(rate, weight_decay=DECAY)


def initial_params(goal: Goal, seed: int) -> dict:
    """Returns the kernels of ``pocket.random-SEED``, alike for all colours where none is seen."""
    params = random_variables(POCKET, seed)["params"]
    if goal.sees_colour:
        return params
    kernel = params["conv1"]["kernel"]
    # Of grey images this is the same function, and its gradient keeps the channels alike.
    grey = jnp.broadcast_to(kernel.mean(2, keepdims=True), kernel.shape)
    return {**params, "conv1": {**params["conv1"], "kernel": grey}}


def initial_state(goal: Goal, seed: int, steps: int) -> State:
    """Returns where a run of a seed begins."""
    params = jax.tree.map(jnp.asarray, initial_params(goal, seed))
    head = goal.head(jax.random.key(seed))
    return State(params, head, initial_statistics(), optimiser(steps).init((params, head)))


def _loss(trained, goal: Goal, examples):
    params, head = trained
    responses, batch = normalised(params, examples["images"], goal.preprocess)
    loss, merit = goal.score(responses, head, examples)
    return loss, (merit, batch)


def examples_of(goal: Goal, key: jax.Array, scenes: jax.Array, labels: jax.Array):
    """Returns a goal's examples of scenes (N, SCENE, SCENE, 3) uint8."""
    return goal.examples(key, scenes.astype(jnp.float32) / 255, labels)


@functools.partial(jax.jit, static_argnames=("goal", "steps"), donate_argnums=(0,))
def train_step(state: State, key: jax.Array, scenes, labels, *, goal: Goal, steps: int):
    """Returns the next state, and loss and merit of the ``BATCH`` scenes that it learnt from.

    Args:
      state: where it stands; its arrays are given up.
      key: of this step: it chooses the scenes and what is made of them.
      scenes: (N, SCENE, SCENE, 3) uint8, all there are.
      labels: (N,) int32, their classes.
      goal: what is learnt.
      steps: of the whole run, which the schedule of the rate spans.
    """
    pick_key, example_key = jax.random.split(key)
    picked = jax.random.randint(pick_key, (BATCH,), 0, len(scenes))
    examples = examples_of(goal, example_key, scenes[picked], labels[picked])
    trained = (state.params, state.head)
    slope = jax.value_and_grad(_loss, has_aux=True)
    (loss, (merit, batch)), grads = slope(trained, goal, examples)
    # optax mixes dtypes, where a caller is strict about them.
    with jax.numpy_dtype_promotion("standard"):
        updates, moments = optimiser(steps).update(grads, state.moments, trained)
        params, head = optax.apply_updates(trained, updates)
    return State(params, head, followed(state.statistics, batch), moments), loss, merit


def finished(state: State) -> tuple[dict, dict]:
    """Returns the parameters of the plain net and of its head."""
    return folded(state.params, state.statistics), state.head


@functools.partial(jax.jit, static_argnames=("goal",))
def _measured(params, head, key, scenes, labels, *, goal: Goal):
    examples = examples_of(goal, key, scenes, labels)
    found = apply(
        {"params": params},
        examples["images"],
        architecture=POCKET,
        preprocess=goal.preprocess,
        names=(POCKET.features,),
        precision=Precision.HIGHEST,
    )
    return jnp.stack(goal.score(found[POCKET.features], head, examples))


def measured(params: dict, head: dict, scenes, labels, *, goal: Goal) -> tuple[float, float]:
    """Returns loss and merit on held-out scenes, means over batches of ``BATCH``.

    Args:
      params: of the plain net.
      head: of the goal.
      scenes: (N, SCENE, SCENE, 3) uint8; N a multiple of ``BATCH``.
      labels: (N,) int32.
      goal: what is asked.
    """
    key = jax.random.key(0)
    found = [
        _measured(
            params,
            head,
            jax.random.fold_in(key, start),
            scenes[start : start + BATCH],
            labels[start : start + BATCH],
            goal=goal,
        )
        for start in range(0, len(scenes), BATCH)
    ]
    loss, merit = jnp.stack(found).mean(0).tolist()
    return loss, merit
