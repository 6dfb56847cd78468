"""The source record of a pocket net, as TOML, from what its weights say of themselves."""

import pathlib

from jaxiqa.checkpoints.read import digest
from jaxiqa.training.goals import GOALS
from jaxiqa.training.shipped import read_record
from jaxiqa.whole import write_whole

ENVIRONMENT = "dead leaves"

_TOML = """\
name = "pocket.{goal}-{seed}"
architecture = "pocket"
training = "{function}, {environment} (scenes made by program), seed {seed}, by jaxiqa"
function = "{function}"
environment = "{environment}"
address = "pocket/{file}"
sha256 = "{sha256}"
size = {size}
verified = "ships"
licence = "Apache-2.0"
paper = "{paper}"
ignored = ["head\\\\..*"]
note = "{note}"

[preprocess]
mean = {mean}
std = {std}
"""


def _note(held: dict[str, str]) -> str:
    return (
        f"{held['task']}; {held['merit']} {float(held['held_out_merit']):.3f} on "
        f"{held['held_out_scenes']} held-out scenes, chance {float(held['chance']):.3f}, after "
        f"{held['steps']} steps"
    )


def write_record(folder: pathlib.Path, weights: pathlib.Path) -> pathlib.Path:
    """Returns the source record that was written to ``folder`` for shipped weights."""
    held = read_record(weights)
    goal = GOALS[held["goal"]]
    text = _TOML.format(
        goal=held["goal"],
        seed=held["seed"],
        function=goal.function,
        environment=ENVIRONMENT,
        file=weights.name,
        sha256=digest(weights),
        size=weights.stat().st_size,
        paper=goal.paper,
        note=_note(held),
        mean=list(goal.preprocess.mean),
        std=list(goal.preprocess.std),
    )
    path = folder / f"pocket.{held['goal']}-{held['seed']}.toml"
    write_whole(path, lambda to: to.write_text(text, encoding="utf-8"))
    return path
