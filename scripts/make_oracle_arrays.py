"""Writes what other programs' definitions respond, with planted weights, for the test suite.

    python scripts/make_oracle_arrays.py [NET ..]        # needs the extras test and oracles

Under tests/arch/oracles, for each net named (all by default): a small npz with a few sampled values
and the maximum magnitude for two image sizes and every module path that is a tap, and in keys.json
how many parameters and which checkpoint keys the definition has.
"""

import json
import pathlib
import sys

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[1]
FOLDER = ROOT / "tests" / "arch" / "oracles"
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "scripts")]

from compare_oracles import TABLES, oracles, their_responses  # noqa: E402
from planted import SIZES, key_digest, samples  # noqa: E402

# Larger siblings of nets whose arrays are kept; their numbers are compared live, their keys always.
SIBLINGS = (
    *("resnet34", "resnet101", "resnet152", "wide_resnet101_2"),
    *("resnet32", "resnet44", "resnet56", "resnet110"),
    *("densenet161", "densenet169", "densenet201"),
    *(f"efficientnet_b{k}" for k in (1, 2, 3, 4, 6, 7)),
    *(f"tf_efficientnet_b{k}" for k in range(1, 8)),
    "resnetv2_101",
    *(f"{net}{size}_keras" for net in ("resnet", "resnetv2_") for size in (101, 152)),
)


def keys_of(name: str) -> dict:
    """What the definition calls its arrays, condensed, and how many numbers are learned."""
    oracle = oracles(name)[0]
    shapes, learned = oracle.shapes(name)
    return {"definition": oracle.origin, "parameters": learned, "digest": key_digest(shapes)}


def sampled(name: str) -> dict[str, np.ndarray]:
    """The arrays of an npz: paths (P,), values (sizes, P, samples) and maxima (sizes, P)."""
    oracle = oracles(name)[0]
    found = [their_responses(name, oracle, size) for size in SIZES]
    paths = list(found[0])
    return {
        "definition": np.asarray(oracle.origin),
        "paths": np.asarray(paths),
        "values": np.stack([[samples(p, by_path[p]) for p in paths] for by_path in found]),
        "maxima": np.stack([[np.abs(by_path[p]).max() for p in paths] for by_path in found]),
    }


def main(names: list[str]) -> None:
    """Writes the arrays and keys of some architectures all by default."""
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / "keys.json"
    keys = json.loads(path.read_text()) if path.exists() else {}
    for name in names or TABLES:
        keys[name] = keys_of(name)
        if name not in SIBLINGS:
            found = sampled(name)
            np.savez_compressed(FOLDER / f"{name}.npz", **found)
            print(f"{name}: {len(found['paths'])} module paths at {len(SIZES)} image sizes")
    path.write_text(json.dumps(keys, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
