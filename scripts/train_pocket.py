"""Trains a pocket net for a goal, on images made by program; interrupted, it goes on.

    python scripts/train_pocket.py rotation --seed 0

The scenes are painted first and kept in DIR, which all runs share. Each run keeps its state there
every hundred steps; the same line goes on from it. At the end it writes the weights, float16, with
the head of the goal, to OUT/GOAL-SEED.safetensors, their source record to
RECORDS/pocket.GOAL-SEED.toml, and the log to LOGS/GOAL-SEED.csv.
"""

import argparse
import hashlib
import pathlib
import time

import jax
import numpy as np
from rich.console import Console
from rich.progress import Progress

from jaxiqa.checkpoints.store import versions
from jaxiqa.cli.main import guarded
from jaxiqa.training import pool, shipped
from jaxiqa.training.goals import GOALS
from jaxiqa.training.record import write_record
from jaxiqa.training.run import Run, train
from jaxiqa.training.step import measured
from jaxiqa.whole import write_whole

HELD_OUT = 2048


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    add = parser.add_argument
    add("goal", choices=GOALS)
    add("--seed", type=int, default=0)
    add("--steps", type=int, default=1000, help="of 128 scenes each (default: 1000)")
    add("--scenes", type=int, default=32768, help="to learn from (default: 32768)")
    add("--world", type=int, default=0, help="seed of the scenes (default: 0)")
    add("--dir", type=pathlib.Path, default=pathlib.Path("pocket-runs"))
    add("--out", type=pathlib.Path, default=pathlib.Path("weights/pocket"))
    add("--records", type=pathlib.Path, default=pathlib.Path("weights"))
    add("--logs", type=pathlib.Path, default=pathlib.Path("docs/pocket"))
    return parser


def _scenes(folder: pathlib.Path, purpose: int, count: int, world: int, console: Console):
    """Painted scenes, from a file where they have been painted before."""
    path = folder / f"scenes-{world}-{purpose}-{count}.npz"
    if not path.exists():
        with Progress(console=console, disable=not console.is_terminal) as bars:
            task = bars.add_task("painting", total=count)
            images, labels = pool.painted(
                purpose, count, world=world, advance=lambda done: bars.advance(task, done)
            )
        write_whole(path, lambda to: np.savez(to, images=images, labels=labels))
    with np.load(path) as held:
        return held["images"], held["labels"]


def _record(run: Run, choices, digest: str, loss: float, merit: float, seconds: float) -> dict:
    goal = GOALS[run.goal]
    said = {
        "goal": run.goal,
        "seed": run.seed,
        "steps": run.steps,
        "scenes": choices.scenes,
        "world": choices.world,
        "scenes_sha256": digest,
        "held_out_scenes": HELD_OUT,
        "held_out_loss": f"{loss:.6g}",
        "held_out_merit": f"{merit:.6g}",
        "merit": goal.merit,
        "chance": f"{goal.chance:.6g}",
        "task": goal.note,
        "device": jax.devices()[0].device_kind,
        "seconds": round(seconds),
        "versions": ", ".join(f"{name} {version}" for name, version in versions().items()),
    }
    return {key: str(value) for key, value in said.items()}


def told_of(record: dict[str, str]) -> dict[str, str]:
    """Returns what a log tells of its run: chance, and by which command, on what, in what time."""
    options = ("seed", "steps", "scenes", "world")
    asked = " ".join(f"--{name} {record[name]}" for name in options)
    command = f"python scripts/train_pocket.py {record['goal']} {asked}"
    kept = {name: record[name] for name in ("chance", "device", "seconds")}
    return {"command": command, **kept}


def main(words=None) -> int:
    """Trains, and says how well the net does on held-out scenes."""
    choices = _parser().parse_args(words)
    run, console = Run(choices.goal, choices.seed, choices.steps), Console(stderr=True)
    started, name = time.monotonic(), f"{choices.goal}-{choices.seed}"
    scenes, labels = _scenes(choices.dir, pool.TRAINING, choices.scenes, choices.world, console)
    held_out = _scenes(choices.dir, pool.HELD_OUT, HELD_OUT, choices.world, console)
    with Progress(console=console, disable=not console.is_terminal) as bars:
        task = bars.add_task(name, total=run.steps)
        for reached in train(run, choices.dir / name, scenes, labels, held_out):
            log, state = reached
            if log:
                last = log[-1]
                bars.update(task, completed=last.step)
                console.print(
                    f"{name} {last.step}/{run.steps}: loss {last.loss:.4f}, held out "
                    f"{last.held_out_loss:.4f}, {GOALS[run.goal].merit} {last.held_out_merit:.4f}",
                    highlight=False,
                )
    loss, merit = measured(*shipped.halved(state), *held_out, goal=GOALS[run.goal])
    digest = hashlib.sha256(scenes.tobytes()).hexdigest()
    record = _record(run, choices, digest, loss, merit, time.monotonic() - started)
    shipped.write_weights(choices.out / f"{name}.safetensors", state, record)
    write_record(choices.records, choices.out / f"{name}.safetensors")
    shipped.write_log(choices.logs / f"{name}.csv", log, told_of(record))
    print(f"{name}: {GOALS[run.goal].merit} {merit:.4f} held out, chance {record['chance']}")
    return 0


if __name__ == "__main__":
    raise SystemExit(guarded(main, None))
