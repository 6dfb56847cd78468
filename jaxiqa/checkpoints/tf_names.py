"""Variables of TensorFlow and Flax under torch's names and in torch's order of axes.

``block/conv/kernel:0`` (Keras), ``Conv2d_0/weights`` (Slim), ``params/conv/kernel`` (Flax) become
``block.conv.weight``, ``Conv2d_0.weight``, ``conv.weight``; what a fully connected layer reads
behind a map stays in their order of positions, (H, W, channels).
"""

import pathlib
import re

import numpy as np

from jaxiqa.checkpoints import arrays
from jaxiqa.checkpoints.torch_tensor import shown
from jaxiqa.checks import InputError

_PARTS = {
    **dict.fromkeys(("kernel", "weights", "gamma", "scale"), "weight"),
    **dict.fromkeys(("depthwise_kernel", "depthwise_weights"), "weight"),
    **dict.fromkeys(("bias", "biases", "beta"), "bias"),
    **dict.fromkeys(("moving_mean", "mean"), "running_mean"),
    **dict.fromkeys(("moving_variance", "var"), "running_var"),
}
_VARIABLE = re.compile(rf"(?:(?:params|batch_stats)[/.])?(.+)[/.]({'|'.join(_PARTS)})(?::0)?")
_DEPTHWISE = re.compile(r"depthwise|dwconv|(^|[/_])dw(_|\d|$)")


def _turned(name: str, part: str, array: np.ndarray) -> np.ndarray:
    """(H, W, channels, features) or (channels, features) in torch's order of axes."""
    if _PARTS[part] != "weight" or array.ndim not in (2, 4):
        return array
    if array.ndim == 2:
        return np.ascontiguousarray(array.T)
    if part.startswith("depthwise") or (part == "kernel" and _DEPTHWISE.search(name)):
        height, width, channels, each = array.shape
        array = array.transpose(2, 3, 0, 1).reshape(channels * each, 1, height, width)
        return np.ascontiguousarray(array)
    return np.ascontiguousarray(array.transpose(3, 2, 0, 1))


def renamed(found: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Returns arrays by torch's names and axes where most have a variable's; else as they are.

    Raises:
      InputError: two variables get one name.
    """
    matches = {name: _VARIABLE.fullmatch(name) for name in found}
    variables = [match[2] for match in matches.values() if match]
    if 2 * len(variables) < len(found) or not {"kernel", "weights"} & set(variables):
        return found
    made: dict[str, np.ndarray] = {}
    for name, match in matches.items():
        key = f"{match[1].replace('/', '.')}.{_PARTS[match[2]]}" if match else name
        if key in made:
            raise InputError(f"has two variables for {shown(key)}, one is {shown(name)}")
        made[key] = _turned(match[1], match[2], found[name]) if match else found[name]
    return made


def read_npz(path: pathlib.Path) -> dict[str, np.ndarray]:
    """Returns the arrays of a ``.npz`` file, variables of TensorFlow or Flax as torch has them."""
    return renamed(arrays.read_npz(path))
