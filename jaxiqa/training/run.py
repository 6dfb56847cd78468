"""A run of training: step after step, measured now and then, kept by orbax, resumed exactly."""

import dataclasses
import logging
import pathlib
from collections.abc import Iterator

import jax
import jax.numpy as jnp
import numpy as np

from jaxiqa import checks
from jaxiqa.training.goals import GOALS
from jaxiqa.training.step import State, finished, initial_state, measured, train_step

# Steps between two rows of the log; a run is kept as often.
INTERVAL = 100


@dataclasses.dataclass(frozen=True)
class Run:
    """What a run is, which says all that it computes.

    Attributes:
      goal: one of ``GOALS``.
      seed: of the first kernels and of what is learnt from in which order.
      steps: of ``jaxiqa.training.step.BATCH`` scenes each.
    """

    goal: str
    seed: int
    steps: int

    def __post_init__(self):
        listing = f"they are {', '.join(GOALS)}."
        checks.choose(self.goal, GOALS, kind="goal", listing=listing)
        if self.seed < 0 or self.steps < 1:
            raise checks.InputError(
                f"a run needs a seed of 0 or more and a step at least, got {self.seed} and "
                f"{self.steps}"
            )


@dataclasses.dataclass(frozen=True)
class LogRow:
    """Where a run stands.

    Attributes:
      step: how many were done.
      loss: mean over the steps since the last row.
      merit: likewise, of the goal.
      held_out_loss: of scenes that no run learns from.
      held_out_merit: likewise.
    """

    step: int
    loss: float
    merit: float
    held_out_loss: float
    held_out_merit: float


def _manager(folder: pathlib.Path):
    import orbax.checkpoint as ocp

    logging.getLogger("absl").setLevel(logging.CRITICAL)
    options = ocp.CheckpointManagerOptions(max_to_keep=2, create=True)
    return ocp, ocp.CheckpointManager(folder.absolute(), options=options)


def _restored(ocp, manager, run: Run) -> tuple[int, State, list[LogRow]]:
    """Where a folder's run stands, or where it begins."""
    begun = initial_state(GOALS[run.goal], run.seed, run.steps)
    last = manager.latest_step()
    if last is None:
        return 0, begun, []
    template = jax.tree.map(np.asarray, begun)
    kept = manager.restore(
        last,
        args=ocp.args.Composite(
            state=ocp.args.StandardRestore(template), record=ocp.args.JsonRestore()
        ),
    )
    if kept.record["run"] != dataclasses.asdict(run):
        raise checks.InputError(
            f"{manager.directory} holds another run, {kept.record['run']}; name another folder"
        )
    return (
        last,
        jax.tree.map(jnp.asarray, kept.state),
        [LogRow(**row) for row in kept.record["log"]],
    )


def _keep(ocp, manager, run: Run, step: int, state: State, log: list[LogRow]) -> None:
    record = {"run": dataclasses.asdict(run), "log": [dataclasses.asdict(row) for row in log]}
    manager.save(
        step,
        args=ocp.args.Composite(
            state=ocp.args.StandardSave(jax.tree.map(np.asarray, state)),
            record=ocp.args.JsonSave(record),
        ),
    )
    manager.wait_until_finished()


def train(run: Run, folder: pathlib.Path, scenes, labels, held_out) -> Iterator[tuple]:
    """Yields a run's log and state whenever a row was added, the kept ones first.

    Interrupted at any moment, the same call goes on from the last row, and ends with what it would
    have ended with: the key of a step is made of the seed and the step's number alone.

    Args:
      run: what to do.
      folder: where it is kept.
      scenes: (N, SCENE, SCENE, 3) uint8, to learn from.
      labels: (N,) int32.
      held_out: the same two of other scenes; a multiple of ``BATCH``.

    Yields:
      (rows of the log so far, ``State``).

    Raises:
      InputError: the folder holds another run.
    """
    goal, key = GOALS[run.goal], jax.random.key(run.seed)
    placed, kinds = jnp.asarray(scenes), jnp.asarray(labels)
    ocp, manager = _manager(folder)
    with manager:
        done, state, log = _restored(ocp, manager, run)
        yield list(log), state
        for start in range(done, run.steps, INTERVAL):
            stop = min(start + INTERVAL, run.steps)
            told = []
            for step in range(start, stop):
                state, *found = train_step(
                    state,
                    jax.random.fold_in(key, step),
                    placed,
                    kinds,
                    goal=goal,
                    steps=run.steps,
                )
                told.append(found)
            loss, merit = np.mean(np.array(jax.device_get(told)), 0).tolist()
            log.append(LogRow(stop, loss, merit, *measured(*finished(state), *held_out, goal=goal)))
            _keep(ocp, manager, run, stop, state, log)
            yield list(log), state
