"""Compares every tap of every net with other programs' definitions, run here with equal weights.

    python scripts/compare_oracles.py [NET ..]        # extras test and oracles; keras for its forms

Writes into docs/nets_errors.csv, for each net named (all by default), each program that defines it
and each image size, the largest error of a tap as a part of the tap's maximum magnitude, at which
tap it is, and the error of the logits. `scripts/make_nets_table.py` makes the table of it.
"""

import csv
import dataclasses
import importlib.util
import pathlib
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[1]
RESULTS = ROOT / "docs" / "nets_errors.csv"
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "scripts")]

from planted import SIZES, planted_arrays, planted_images, planted_preprocess  # noqa: E402

from jaxiqa.arch import ARCHITECTURES  # noqa: E402
from jaxiqa.arch.graph import Architecture, Node  # noqa: E402
from jaxiqa.arch.layers import Conv, Linear, Normalise  # noqa: E402
from jaxiqa.arch.net import Net, responses  # noqa: E402
from jaxiqa.checkpoints.fit import fit  # noqa: E402
from jaxiqa.checkpoints.known import known  # noqa: E402
from jaxiqa.images import IDENTITY, Preprocess  # noqa: E402

# By how much a net is narrowed whose classifier is too large to be planted in a quick test.
NARROWED = 16


def _narrow(node: Node) -> Node:
    if not isinstance(node.layer, Conv | Linear):
        return node
    fewer = dataclasses.replace(node.layer, features=node.layer.features // NARROWED)
    return dataclasses.replace(node, layer=fewer)


def narrow(name: str) -> Architecture:
    """Returns an architecture with a part of its channels only."""
    table = ARCHITECTURES[name]
    return dataclasses.replace(table, name=f"{name}_narrow", nodes=tuple(map(_narrow, table.nodes)))


TABLES = {**ARCHITECTURES, "vgg11_narrow": narrow("vgg11")}
FIELDS = ("architecture", "oracle", "size", "taps", "error", "worst_tap", "logits_error")


class Oracle(NamedTuple):
    """A program's definition: whose it is, what it responds, and what its arrays are called."""

    origin: str
    responses: Callable[[str, dict, np.ndarray], dict[str, np.ndarray]]
    shapes: Callable[[str], tuple[dict, int]]


def oracles(name: str) -> list[Oracle]:
    """Returns the programs at hand that define a net, first the one that its table follows."""
    keras = importlib.import_module("oracle_keras")
    found = []
    if not name.endswith("_keras"):
        nets = importlib.import_module("oracle_nets")
        found.append(Oracle(nets.origin(name), nets.torch_responses, nets.torch_shapes))
    if name in keras.DEFINITIONS and importlib.util.find_spec("keras"):
        found.append(Oracle(keras.origin(), keras.keras_responses, keras.keras_shapes))
    return found


def held(name: str, start: str | tuple[str, ...] = "") -> dict[str, np.ndarray]:
    """Returns planted arrays by checkpoint key, of those that the net's definition has."""
    architecture = TABLES[name]
    needless = known(architecture) if name.endswith("_keras") else ()
    arrays = planted_arrays(architecture, start)
    return {key: array for key, array in arrays.items() if key not in needless}


def expected(architecture: Architecture) -> Preprocess:
    """Returns what is done to images before a net, nothing where its table begins with that."""
    itself = any(isinstance(node.layer, Normalise) for node in architecture.nodes)
    return IDENTITY if itself else planted_preprocess(architecture)


def planted_net(name: str, start: str | tuple[str, ...] = "") -> Net:
    """Returns the net with these arrays, which have to reach all of it if they begin anyhow."""
    architecture = TABLES[name]
    fitted = fit(architecture, held(name, start), source="planted")
    assert bool(fitted.missing) == bool(start)
    return Net(fitted.variables, architecture, expected(architecture), name, "planted")


def their_responses(name: str, oracle: Oracle, size: tuple[int, int]) -> dict[str, np.ndarray]:
    """Returns tap -> response of a program's definition, in torch's layout."""
    before = expected(TABLES[name])
    mean, std = (np.asarray(values, np.float32) for values in (before.mean, before.std))
    found = oracle.responses(name, held(name), (planted_images(size) - mean) / std)
    if "logits" not in TABLES[name].by_tap:
        found.pop("logits")
    return found


def errors(ours: Mapping, theirs: dict[str, np.ndarray]) -> dict[str, float]:
    """Returns tap -> largest difference as a part of the tap's maximum magnitude."""
    found = {}
    for tap, response in theirs.items():
        values = np.asarray(ours[tap]).transpose(0, 3, 1, 2).reshape(response.shape)
        found[tap] = float(np.abs(values - response).max() / np.abs(response).max())
    return found


def _row(name: str, oracle: Oracle, size: tuple[int, int], found: dict) -> dict[str, str]:
    worst = max(found, key=found.get)
    logits = f"{found['logits']:.1e}" if "logits" in found else ""
    values = (name, oracle.origin, "x".join(map(str, size)), str(len(found)))
    return dict(zip(FIELDS, (*values, f"{found[worst]:.1e}", worst, logits), strict=True))


def compared(name: str) -> list[dict[str, str]]:
    """Returns a row of the results for each program that defines a net and each image size."""
    net, rows = planted_net(name), []
    for size in SIZES:
        theirs = {oracle: their_responses(name, oracle, size) for oracle in oracles(name)}
        taps = dict.fromkeys(tap for by_tap in theirs.values() for tap in by_tap)
        ours = responses(net, planted_images(size), taps=tuple(taps))
        rows += [
            _row(name, oracle, size, errors(ours, by_tap)) for oracle, by_tap in theirs.items()
        ]
    return sorted(rows, key=lambda row: row["oracle"], reverse=True)


def read_results() -> list[dict[str, str]]:
    """Returns the rows that are kept, none where there is no file."""
    if not RESULTS.exists():
        return []
    with RESULTS.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def write_results(rows: Iterable[dict[str, str]]) -> None:
    """Writes rows in the registry's order, in place of those of the same nets."""
    rows = list(rows)
    new = {row["architecture"] for row in rows}
    kept = [row for row in read_results() if row["architecture"] not in new]
    places = {name: place for place, name in enumerate(ARCHITECTURES)}
    known_rows = [row for row in (*kept, *rows) if row["architecture"] in places]
    with RESULTS.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, FIELDS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(sorted(known_rows, key=lambda row: places[row["architecture"]]))


def main(names: list[str]) -> None:
    """Compares some architectures of the registry, all by default."""
    RESULTS.parent.mkdir(exist_ok=True)
    for name in names or ARCHITECTURES:
        rows = compared(name)
        write_results(rows)
        for row in rows:
            print("  ".join(row.values()), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
