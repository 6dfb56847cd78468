"""Other names under which the same arrays are published, translated to the canonical ones.

Keys are mapped by name, never by their order in a file.
"""

import dataclasses
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from jaxiqa.arch.graph import Architecture
from jaxiqa.arch.layers import BatchNorm, Conv
from jaxiqa.checkpoints import keras_names
from jaxiqa.checks import InputError

# Gluon numbers SqueezeNet's convolutions as it defines them; torchvision's modules in that order:
_FIRES_1_1 = (3, 4, 6, 7, 9, 10, 11, 12)
_GLUON_SQUEEZENET1_1 = dict(
    enumerate(
        [
            "features.0",
            *(
                f"features.{fire}.{part}"
                for fire in _FIRES_1_1
                for part in ("squeeze", "expand1x1", "expand3x3")
            ),
            "classifier.1",
        ]
    )
)
_GLUON_KEY = re.compile(r"squeezenet\d+_conv(\d+)_(weight|bias)")


def _gluon_squeezenet1_1(key: str) -> str:
    """``squeezenet0_conv2_weight`` is ``features.3.expand1x1.weight``."""
    found = _GLUON_KEY.fullmatch(key)
    if not found or int(found[1]) not in _GLUON_SQUEEZENET1_1:
        return key
    return f"{_GLUON_SQUEEZENET1_1[int(found[1])]}.{found[2]}"


@dataclasses.dataclass(frozen=True)
class Naming:
    """How a publisher names and lays out what the canonical definition names otherwise.

    Attributes:
      rename: a key of the publisher -> the canonical key, other keys as they are.
      flatten: the order of axes, "chw" or "hwc", in which a fully connected layer reads a map.
    """

    rename: Callable[[str], str] = str
    flatten: str = "chw"


def _fields(key: str, architecture: Architecture) -> str:
    """The field's names, as Caffe and most papers have them: ``conv1_1.weight``, ``fc6.bias``."""
    name, _, part = key.rpartition(".")
    node = architecture.by_name.get(name)
    return f"{node.path}.{part}" if node and node.path else key


# VISSL keeps a net's layers as blocks of a trunk.
_TRUNK = re.compile(r"(trunk\.)?(base_model\.)?")
_BLOCKS = re.compile(rf"{_TRUNK.pattern}(_feature_blocks\.)?")


def _trunk(key: str) -> str:
    """``trunk._feature_blocks.0.0.weight`` is ``_feature_blocks.0.0.weight``."""
    return key[_TRUNK.match(key).end() :]


def _blocks(key: str) -> str:
    """``trunk._feature_blocks.layer1.0.conv1.weight`` is ``layer1.0.conv1.weight``."""
    return key[_BLOCKS.match(key).end() :]


# An export that folds normalisation numbers what is left of the net from its beginning.
_NUMBERED = re.compile(r"(conv|gemm)_(\d+)_(weight|bias)")


def _numbered(key: str, architecture: Architecture) -> str:
    """``conv_4_weight`` is the weight of the fifth step that is no normalisation."""
    found = _NUMBERED.fullmatch(key)
    steps = [n for n in architecture.nodes if not isinstance(n.layer, BatchNorm)]
    if not found or (found[1] == "conv" and int(found[2]) >= len(steps)):
        return key
    step = steps[-1] if found[1] == "gemm" else steps[int(found[2])]
    return f"{step.path}.{found[3]}"


def unit_paths(architecture: Architecture) -> list[str]:
    """Returns the paths of convolutions with their normalisation, in the table's order."""
    convolutions = [node.path for node in architecture.nodes if isinstance(node.layer, Conv)]
    return [path.removesuffix(".conv") for path in convolutions]


def namings(architecture: Architecture, keys: Iterable[str]) -> tuple[Naming, ...]:
    """Returns the known namings of an architecture's arrays, the canonical one first.

    Args:
      architecture: the table.
      keys: of the file; a naming by number needs to know all of them.
    """
    found = [Naming(), Naming(_trunk), Naming(_blocks)]
    found.append(Naming(lambda key: _fields(key, architecture)))
    if architecture.name == "mobilenet_v2":
        found.append(Naming(lambda key: _numbered(key, architecture)))
    if architecture.name == "squeezenet1_1":
        found.append(Naming(_gluon_squeezenet1_1))
    if architecture.name.startswith("tf_efficientnet"):
        found.append(Naming(keras_names.efficientnet))
    if architecture.name.startswith("densenet"):
        found.append(Naming(keras_names.densenet))
    if architecture.name == "inception_v3_keras":
        found.append(Naming(keras_names.inception(unit_paths(architecture), keys)))
    if architecture.name in ("vgg16", "vgg19"):
        found.append(Naming(lambda key: _fields(keras_names.vgg(key), architecture), flatten="hwc"))
    return tuple(found)


def renamed(
    arrays: Mapping[str, Any],
    renames: Iterable[tuple[str, str]],
    ignored: Iterable[str],
    *,
    source: str,
) -> dict[str, Any]:
    """Returns arrays under the names that a source record's renames make of theirs.

    Args:
      arrays: by the name in the file.
      renames: pairs (regular expression, replacement), each applied to every name, in order.
      ignored: regular expressions; an array is left out whose whole new name one of them matches.
      source: what the arrays were read from, for the message.

    Raises:
      InputError: two arrays get the same name.
    """
    found: dict[str, Any] = {}
    for key, array in arrays.items():
        new = key
        for pattern, replacement in renames:
            new = re.sub(pattern, replacement, new)
        if not any(re.fullmatch(pattern, new) for pattern in ignored):
            if new in found:
                raise InputError(f"{source}: two of its arrays stand for {new}, one is {key}")
            found[new] = array
    return found


def canonical(
    architecture: Architecture, keys: Iterable[str], expected: Iterable[str]
) -> tuple[Mapping[str, str], str]:
    """Returns (checkpoint key -> canonical key, flatten) of the naming that matches most keys.

    The canonical naming is left only for one that explains half of the file.

    Args:
      architecture: the table.
      keys: as they stand in the checkpoint.
      expected: the canonical keys of the architecture.
    """
    keys, expected = tuple(keys), set(expected)
    plain, *others = [
        ({key: n.rename(key) for key in keys}, n.flatten) for n in namings(architecture, keys)
    ]
    # A key or two, such as conv1.weight, mean something else in many a net.
    apt = [naming for naming in others if 2 * _matches(naming[0], expected) >= len(keys)]
    return max(plain, *apt, key=lambda naming: _matches(naming[0], expected)) if apt else plain


def _matches(names: Mapping[str, str], expected: set[str]) -> int:
    return len(expected & set(names.values()))
