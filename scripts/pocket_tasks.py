"""Prints how well the nets that ship do at their tasks, as a Markdown table.

    python scripts/pocket_tasks.py

From the records within weights/pocket: merits on held-out scenes, of each seed.
"""

from jaxiqa.checkpoints.sources import shipped, sources
from jaxiqa.training.goals import GOALS
from jaxiqa.training.shipped import read_record


def _row(goal: str) -> str:
    names = sorted(name for name in sources() if name.startswith(f"pocket.{goal}-"))
    held = [read_record(shipped() / sources()[name].address) for name in names]
    merits = ", ".join(f"{float(one['held_out_merit']):.3f}" for one in held)
    seconds = ", ".join(one["seconds"] for one in held)
    chance = GOALS[goal].chance
    return f"| `{goal}` | {GOALS[goal].merit} | {merits} | {chance:.3g} | {seconds} |"


def main() -> None:
    """Prints the table."""
    print("| goal | merit | of seeds 0, 1, 2 | chance | seconds |\n|---|---|---|---:|---|")
    for goal in GOALS:
        print(_row(goal))


if __name__ == "__main__":
    main()
