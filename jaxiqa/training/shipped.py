"""What ships of a run: weights with their head in float16, and the log as a table."""

import csv
import dataclasses
import pathlib
from collections.abc import Mapping, Sequence

import jax
import jax.numpy as jnp
import numpy as np
import safetensors
import safetensors.numpy

from jaxiqa.arch.pocket import POCKET
from jaxiqa.training.run import LogRow
from jaxiqa.training.step import State, finished
from jaxiqa.whole import write_whole

_PATHS = {node.name: node.path for node in POCKET.nodes}


def halved(state: State) -> tuple[dict, dict]:
    """Returns the plain net's and its head's parameters, as float16 holds them, in float32."""
    return jax.tree.map(
        lambda x: jnp.asarray(np.asarray(x, np.float16).astype(np.float32)), finished(state)
    )


def write_weights(path: pathlib.Path, state: State, record: Mapping[str, str]) -> None:
    """Writes a net and its head; kernels OIHW, as checkpoints of such nets have them.

    Args:
      path: a ``.safetensors`` file.
      state: of the run's end.
      record: what they are, in words and numbers.
    """
    params, head = finished(state)
    arrays = {
        f"{_PATHS[node]}.{'weight' if name == 'kernel' else name}": np.ascontiguousarray(
            np.asarray(array, np.float16).transpose((3, 2, 0, 1) if array.ndim == 4 else (0,))
        )
        for node, held in params.items()
        for name, array in held.items()
    }
    arrays |= {
        f"head.{layer}.{name}": np.asarray(array, np.float16)
        for layer, held in head.items()
        for name, array in held.items()
    }
    write_whole(path, lambda to: safetensors.numpy.save_file(arrays, to, dict(record)))


def read_head(path: pathlib.Path) -> dict:
    """Returns the head of shipped weights, as ``Goal.score`` takes it, float32."""
    found: dict = {}
    with safetensors.safe_open(path, "numpy") as file:
        # The file is no mapping.
        for key in file.keys():  # noqa: SIM118
            owner, _, rest = key.partition(".")
            if owner == "head":
                layer, _, name = rest.partition(".")
                array = jnp.asarray(file.get_tensor(key).astype(np.float32))
                found.setdefault(layer, {})[name] = array
    return found


def read_record(path: pathlib.Path) -> dict[str, str]:
    """Returns what shipped weights say of themselves."""
    with safetensors.safe_open(path, "numpy") as file:
        return file.metadata()


def write_log(path: pathlib.Path, log: Sequence[LogRow], run: Mapping[str, str]) -> None:
    """Writes the rows of a log as CSV, numbers with six digits.

    Args:
      path: of the file.
      log: of a run, row by row.
      run: what is told of the whole run, by column: each row carries it.
    """

    def write(to: pathlib.Path) -> None:
        with to.open("w", newline="") as file:
            table = csv.writer(file, lineterminator="\n")
            table.writerow([*(field.name for field in dataclasses.fields(LogRow)), *run])
            for row in log:
                step, *numbers = dataclasses.astuple(row)
                table.writerow([step, *(f"{number:.6g}" for number in numbers), *run.values()])

    write_whole(path, write)
