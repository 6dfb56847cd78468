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
import torch

ROOT = pathlib.Path(__file__).resolve().parents[1]
FOLDER = ROOT / "tests" / "arch" / "oracles"
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "scripts")]

from oracle_nets import channels_last, definition, origin  # noqa: E402
from planted import (  # noqa: E402
    SIZES,
    key_digest,
    planted_arrays,
    planted_images,
    planted_preprocess,
    samples,
)

from jaxiqa.arch import ARCHITECTURES  # noqa: E402

# Larger siblings of nets whose arrays are kept; their numbers are compared live, their keys always.
SIBLINGS = (
    *("resnet34", "resnet101", "resnet152", "wide_resnet101_2"),
    *("resnet32", "resnet44", "resnet56", "resnet110"),
    *("densenet161", "densenet169", "densenet201"),
    *(f"efficientnet_b{k}" for k in (1, 2, 3, 4, 6, 7)),
    *(f"tf_efficientnet_b{k}" for k in range(1, 8)),
    "resnetv2_101",
)


def _load(model: torch.nn.Module, arrays: dict) -> None:
    state = model.state_dict()
    missing, unused = model.load_state_dict(
        {key: torch.from_numpy(array).reshape(state[key].shape) for key, array in arrays.items()},
        strict=False,
    )
    assert not unused
    assert all(key.endswith("num_batches_tracked") for key in missing)


def torch_responses(name: str, arrays: dict, images: np.ndarray) -> dict[str, np.ndarray]:
    """Module path -> response of the definition, not overwritten by what follows in place."""
    model = definition(name).eval()
    _load(model, arrays)
    found = {}
    for path, module in model.named_modules():
        turned = channels_last(name, path)
        module.register_forward_hook(
            lambda module, inputs, output, path=path, turned=turned: found.update(
                {path: (output.permute(0, 3, 1, 2) if turned else output).clone().numpy()}
            )
        )
    expected = planted_preprocess(ARCHITECTURES[name])
    mean, std = (np.asarray(values, np.float32) for values in (expected.mean, expected.std))
    with torch.no_grad():
        model(torch.from_numpy(((images - mean) / std).transpose(0, 3, 1, 2).copy()))
    whole = found.pop("")
    return found | {"logits": whole} if "logits" in ARCHITECTURES[name].by_tap else found


def torch_keys(name: str) -> dict:
    """What the definition calls its arrays, condensed, and how many numbers are learned."""
    model = definition(name)
    shapes = {key: tuple(array.shape) for key, array in model.state_dict().items()}
    return {
        "definition": origin(name),
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "digest": key_digest(shapes),
    }


def sampled(name: str) -> dict[str, np.ndarray]:
    """The arrays of an npz: paths (P,), values (sizes, P, samples) and maxima (sizes, P)."""
    arrays = planted_arrays(ARCHITECTURES[name])
    found = [torch_responses(name, arrays, planted_images(size)) for size in SIZES]
    paths = list(found[0])
    return {
        "definition": np.asarray(origin(name)),
        "paths": np.asarray(paths),
        "values": np.stack([[samples(p, by_path[p]) for p in paths] for by_path in found]),
        "maxima": np.stack([[np.abs(by_path[p]).max() for p in paths] for by_path in found]),
    }


def main(names: list[str]) -> None:
    """Writes the arrays and keys of some architectures of the registry, all by default."""
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / "keys.json"
    keys = json.loads(path.read_text()) if path.exists() else {}
    for name in names or ARCHITECTURES:
        keys[name] = torch_keys(name)
        if name not in SIBLINGS:
            found = sampled(name)
            np.savez_compressed(FOLDER / f"{name}.npz", **found)
            print(f"{name}: {len(found['paths'])} module paths at {len(SIZES)} image sizes")
    path.write_text(json.dumps(keys, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
