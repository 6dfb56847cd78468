"""Writes what torchvision's definitions respond, with planted weights, for the test suite.

    python scripts/make_oracle_arrays.py        # needs the extras test and oracles

One small npz per architecture under tests/arch/oracles: for two image sizes and every module path
that is a tap, a few sampled values and the maximum magnitude.
"""

import pathlib
import sys

import numpy as np
import torch
import torchvision

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from planted import SIZES, planted_arrays, planted_images, samples  # noqa: E402

from jaxiqa.arch import ARCHITECTURES  # noqa: E402
from jaxiqa.images import IMAGENET  # noqa: E402


def torch_responses(name: str, arrays: dict, images: np.ndarray) -> dict[str, np.ndarray]:
    """Module path -> response of torchvision's definition, not overwritten by in-place ReLUs."""
    model = torchvision.models.get_model(name, weights=None).eval()
    missing, unused = model.load_state_dict(
        {key: torch.from_numpy(array) for key, array in arrays.items()}, strict=False
    )
    assert not unused
    assert all(key.endswith("num_batches_tracked") for key in missing)
    found = {}
    for path, module in model.named_modules():
        if isinstance(module, torch.nn.ReLU):
            module.inplace = False
        module.register_forward_hook(
            lambda module, inputs, output, path=path: found.update({path: output.numpy()})
        )
    mean, std = (np.asarray(values, np.float32) for values in (IMAGENET.mean, IMAGENET.std))
    with torch.no_grad():
        model(torch.from_numpy(((images - mean) / std).transpose(0, 3, 1, 2).copy()))
    found["logits"] = found.pop("")
    return found


def main() -> None:
    """Writes the arrays of every architecture in the registry."""
    folder = ROOT / "tests" / "arch" / "oracles"
    folder.mkdir(exist_ok=True)
    for name, architecture in ARCHITECTURES.items():
        arrays, kept = planted_arrays(architecture), {"torchvision": torchvision.__version__}
        for size in SIZES:
            found = torch_responses(name, arrays, planted_images(size))
            for path, response in found.items():
                label = f"{size[0]}x{size[1]}/{path}"
                kept[label] = samples(path, response)
                kept[f"{label}/max"] = np.abs(response).max()
        np.savez_compressed(folder / f"{name}.npz", **kept)
        print(f"{name}: {len(found)} module paths at {len(SIZES)} image sizes")


if __name__ == "__main__":
    main()
