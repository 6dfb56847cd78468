"""Writes docs/nets.md: every architecture, its known weights, and how far it is from its oracle.

    python scripts/make_nets_table.py

From the registry, from the records in weights/, and from docs/nets_errors.csv, which
`scripts/compare_oracles.py` writes.
"""

import csv
import math
import pathlib
from collections.abc import Iterable, Iterator

from jaxiqa.arch import ARCHITECTURES
from jaxiqa.arch.geometry import node_parameters
from jaxiqa.arch.graph import Architecture, feature_taps
from jaxiqa.checkpoints.known import known
from jaxiqa.checkpoints.sources import sources

DOCS = pathlib.Path(__file__).resolve().parents[1] / "docs"
RESULTS, TABLE = DOCS / "nets_errors.csv", DOCS / "nets.md"

HEAD = """# Nets

Made by `scripts/make_nets_table.py`; change nothing here by hand.

{count} architectures. *Parameters* are learned ones, with the classifier. *Taps* are what `jaxiqa
layers NET` lists of the convolutional part, and in brackets all names that a tap may have. *Error*
is the largest difference of any response to those of the oracle, as a part of the tap's maximum
magnitude: equal planted weights, all module paths that both have, logits included, images of
{sizes} pixels (height x width). *Weights* are the trainings of the records in `weights/`: of
`imagenet` the whole name is `NET.imagenet`.

| architecture | weights | parameters | taps | oracle | error | at tap | of logits |
|---|---|---:|---:|---|---:|---|---:|
"""


def learned(architecture: Architecture) -> int:
    """Returns how many numbers training finds; running statistics and fixed filters are none."""
    needless = known(architecture) if architecture.name.endswith("_keras") else ()
    return sum(
        math.prod(parameter.shape)
        for node in architecture.nodes
        for parameter in node_parameters(architecture)[node.name]
        if parameter.collection == "params" and f"{node.path}.{parameter.key}" not in needless
    )


def _trainings(name: str) -> str:
    found = [record.name for record in sources().values() if record.architecture == name]
    return ", ".join(whole.removeprefix(f"{name}.") for whole in found) or "none known"


def _worst(rows: Iterable[dict[str, str]]) -> Iterator[tuple[str, str, str, str]]:
    """Yields oracle, error, tap and error of the logits, each the largest over image sizes."""
    by_oracle: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        by_oracle.setdefault(row["oracle"], []).append(row)
    for oracle, found in by_oracle.items():
        worst = max(found, key=lambda row: float(row["error"]))
        logits = max((row["logits_error"] for row in found), key=lambda text: float(text or 0))
        yield oracle, worst["error"], f"`{worst['worst_tap']}`", logits or "none"


def lines(name: str, rows: list[dict[str, str]]) -> Iterator[str]:
    """Yields a line for each oracle of a net; what does not depend on it stands in the first."""
    architecture = ARCHITECTURES[name]
    taps = f"{len(feature_taps(architecture))} ({len(architecture.by_tap)})"
    about = (f"`{name}`", _trainings(name), f"{learned(architecture):,}", taps)
    for oracle in tuple(_worst(rows)) or (("not compared", "", "", ""),):
        yield f"| {' | '.join((*about, *oracle))} |\n"
        about = ("", "", "", "")


def table(rows: list[dict[str, str]]) -> str:
    """Returns the page."""
    sizes = " and ".join(dict.fromkeys(row["size"].replace("x", " x ") for row in rows))
    head = HEAD.format(count=len(ARCHITECTURES), sizes=sizes)
    return head + "".join(
        line
        for name in ARCHITECTURES
        for line in lines(name, [row for row in rows if row["architecture"] == name])
    )


def read_rows() -> list[dict[str, str]]:
    """Returns what the comparison found, a row per net, oracle and image size."""
    with RESULTS.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


if __name__ == "__main__":
    TABLE.write_text(table(read_rows()), encoding="utf-8")
