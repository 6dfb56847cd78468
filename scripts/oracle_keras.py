"""The definitions of keras.applications, held against the tables; a backend that is not JAX.

Keys and layouts are those of checkpoints: kernels (features, channels, height, width).
"""

import os
import re

import numpy as np

from jaxiqa.arch import ARCHITECTURES
from jaxiqa.arch.graph import Architecture
from jaxiqa.arch.layers import AdaptiveAveragePool, AveragePool, Concat, MaxPool
from jaxiqa.checkpoints import keras_names
from jaxiqa.checkpoints.renames import unit_paths

os.environ.setdefault("KERAS_BACKEND", "torch")

DEFINITIONS = {
    **{f"resnet{size}_keras": f"ResNet{size}" for size in (50, 101, 152)},
    **{f"resnetv2_{size}_keras": f"ResNet{size}V2" for size in (50, 101, 152)},
    "inception_v3_keras": "InceptionV3",
    "mobilenet_v1_keras": "MobileNet",
    "mobilenet_v2_keras": "MobileNetV2",
    "mobilenet_v3_small_keras": "MobileNetV3Small",
    "mobilenet_v3_large_keras": "MobileNetV3Large",
    **{f"densenet{size}": f"DenseNet{size}" for size in (121, 169, 201)},
}
_PARTS = {
    "kernel": "weight",
    "bias": "bias",
    "gamma": "weight",
    "beta": "bias",
    "moving_mean": "running_mean",
    "moving_variance": "running_var",
}
_POOLS = {
    "MaxPooling2D": MaxPool,
    "AveragePooling2D": AveragePool,
    "GlobalAveragePooling2D": AdaptiveAveragePool,
}
# Axes of a kernel (height, width, channels, features) in Keras, by how many there are in torch.
_TO_KERAS = {4: (2, 3, 1, 0), 2: (1, 0), 1: (0,)}
_FROM_KERAS = {4: (3, 2, 0, 1), 2: (1, 0), 1: (0,)}


def origin() -> str:
    """Returns whose definitions these are, and their version."""
    import keras

    return f"Keras {keras.__version__} ({keras.backend.backend()})"


def build(name: str, size: tuple[int, int]):
    """Returns the model for images of (height, width), its layers numbered from the first on."""
    import keras

    keras.utils.clear_session()
    options = {"include_preprocessing": False} if "mobilenet_v3" in name else {}
    make = getattr(keras.applications, DEFINITIONS[name])
    return make(weights=None, input_shape=(*size, 3), classifier_activation=None, **options)


def _number(layer: str) -> int:
    """Of a layer among those of its class; the first one of a session has none in its name."""
    found = re.search(r"_(\d+)$", layer)
    return int(found[1]) if found else 0


def _pools(layers: list, architecture: Architecture) -> dict[str, str]:
    """Pools of each class in the order in which they are defined, which their numbers tell."""
    found = {}
    for kind, table in _POOLS.items():
        names = [layer.name for layer in layers if type(layer).__name__ == kind]
        taps = [node.name for node in architecture.nodes if isinstance(node.layer, table)]
        found |= dict(zip(sorted(names, key=_number), taps, strict=True))
    return found


def _inception(layers: list) -> dict[str, str]:
    """Layers have numbers, in the order in which they are defined, in place of names."""
    architecture = ARCHITECTURES["inception_v3_keras"]
    names = [layer.name for layer in layers]
    units, keys = unit_paths(architecture), [f"{name}." for name in names]
    rename = keras_names.inception(units, keys)
    found = {name: rename(key).removesuffix(".") for name, key in zip(names, keys, strict=True)}
    for place, path in enumerate(units):
        found[f"activation_{place}" if place else "activation"] = path
    mixed = [node.name for node in architecture.nodes if isinstance(node.layer, Concat)]
    found |= {f"mixed{place}": path for place, path in enumerate(mixed)}
    return found | _pools(layers, architecture)


def paths(name: str, model) -> dict[str, str]:
    """Returns layer -> tap, for the layers that the table has a tap for; all with arrays."""
    layers = [layer.name for layer in model.layers]
    found = {layer: layer for layer in layers}
    if name.startswith("densenet"):
        found = {layer: keras_names.densenet(f"{layer}.").removesuffix(".") for layer in layers}
    elif name.startswith("inception"):
        found |= _inception(model.layers)
    kept = {layer: path for layer, path in found.items() if path in ARCHITECTURES[name].by_tap}
    assert all(layer.name in kept for layer in model.layers if layer.weights)
    return kept


def _is_depthwise(layer) -> bool:
    return type(layer).__name__ == "DepthwiseConv2D"


def plant(name: str, model, arrays: dict[str, np.ndarray]) -> None:
    """Puts arrays by checkpoint key into a model."""
    places = paths(name, model)
    for layer in model.layers:
        for variable in layer.weights:
            array = arrays[f"{places[layer.name]}.{_PARTS[variable.name]}"]
            form = array.transpose(_TO_KERAS[array.ndim])
            if _is_depthwise(layer):
                form = form.transpose(0, 1, 3, 2)
            variable.assign(form.reshape(variable.shape))


def keras_responses(name: str, arrays: dict, images: np.ndarray) -> dict[str, np.ndarray]:
    """Returns tap -> response to (N, H, W, 3) images, in torch's layout; ``logits`` of the net."""
    import keras

    model = build(name, images.shape[1:3])
    plant(name, model, arrays)
    places = paths(name, model)
    wanted = {path: model.get_layer(layer).output for layer, path in places.items()}
    found = keras.Model(model.input, wanted | {"logits": model.output})(images, training=False)
    values = {path: keras.ops.convert_to_numpy(value) for path, value in found.items()}
    return {p: v.transpose(0, 3, 1, 2) if v.ndim == 4 else v for p, v in values.items()}


def keras_shapes(name: str) -> tuple[dict, int]:
    """Returns checkpoint key -> shape, and how many numbers are learned."""
    model = build(name, (96, 96))
    places, shapes = paths(name, model), {}
    for layer in model.layers:
        for variable in layer.weights:
            axes, shape = _FROM_KERAS[len(variable.shape)], tuple(variable.shape)
            axes = (2, 3, 0, 1) if _is_depthwise(layer) else axes
            key = f"{places[layer.name]}.{_PARTS[variable.name]}"
            shapes[key] = tuple(shape[axis] for axis in axes)
    return shapes, sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
