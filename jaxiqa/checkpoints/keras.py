"""Nets saved by Keras, whole or their weights alone, under the names of their layers.

A layer's arrays get torch's names and torch's order of axes here: kernel (H, W, in, out) becomes
weight (out, in, H, W). What a fully connected layer reads behind a map is still in Keras' order of
positions, (H, W, channels); a naming in `renames` says so.

References:
  `.h5`: keras/src/legacy/saving/legacy_h5_format.py. `.keras`, `.weights.h5`:
  keras/src/saving/saving_lib.py. Link types and storage: HDF5 user's guide, groups and datasets.
"""

import collections
import io
import json
import pathlib
import re
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO

import numpy as np

from jaxiqa.checkpoints import hdf5
from jaxiqa.checkpoints.hdf5 import DEEPEST, DENSEST, Path
from jaxiqa.checks import InputError

ARCHIVED = "model.weights.h5"
_STARTS = b"\x89HDF\r\n\x1a\n"
# Groups beside the net's own arrays.
_OTHERS = ("optimizer", "optimizer_weights", "seed_generator")
_PARTS = {
    "kernel": "weight",
    "depthwise_kernel": "weight",
    "gamma": "weight",
    "beta": "bias",
    "moving_mean": "running_mean",
    "moving_variance": "running_var",
}
_NORMS = ("gamma", "beta", "moving_mean", "moving_variance")
_DEPTHWISE = re.compile(r"depthwise|dwconv|(^|_)dw(_|\d|$)")
# Arrays of a layer in the order in which the newer formats number them, by the class's name there.
_ORDERS = {
    "batch_normalization": _NORMS,
    "layer_normalization": _NORMS[:2],
    "separable_conv2d": ("depthwise_kernel", "pointwise_kernel", "bias"),
}


def is_h5(head: bytes, names: Sequence[str]) -> bool:
    """Returns whether a file is HDF5."""
    del names
    return head.startswith(_STARTS)


def is_archive(head: bytes, names: Sequence[str]) -> bool:
    """Returns whether a file is a zip archive with weights as Keras 3 packs them."""
    return head.startswith(b"PK") and ARCHIVED in names


def read_h5(path: pathlib.Path) -> dict[str, np.ndarray]:
    """Returns the arrays of a ``.h5`` or ``.weights.h5`` file as ``layer.weight`` ..

    Raises:
      InputError: h5py is not installed; a damaged file; one that refers to other files.
    """
    with open(path, "rb") as file:
        return _arrays(file, None)


def read_archive(path: pathlib.Path) -> dict[str, np.ndarray]:
    """Returns the arrays of a ``.keras`` file as ``layer.weight`` ..; see ``read_h5``."""
    try:
        with zipfile.ZipFile(path) as archive:
            config, raw = _member(archive, "config.json"), _member(archive, ARCHIVED)
    except (
        *(zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError),
        *(EOFError, KeyError, ValueError, OverflowError),
    ) as error:
        if isinstance(error, InputError):
            raise
        raise InputError("is a damaged Keras archive; fetch it again") from error
    return _arrays(io.BytesIO(raw), _json(config))


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    info = archive.getinfo(name)
    if info.file_size > DENSEST * max(info.compress_size, 1):
        raise InputError(f"has a member {name} that is packed too densely; it is forged")
    return archive.read(info)


def _json(raw: bytes | str) -> Any:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return None


def _arrays(file: BinaryIO, config: Any) -> dict[str, np.ndarray]:
    described, rows = hdf5.read(file, "model_config", "model_weights", _OTHERS)
    return _named(rows, _layers(_json(described or "null") if config is None else config))


def _layers(config: Any) -> dict[Path, Mapping[str, Any]]:
    """Layers of a net's description by their place in the newer formats, and by name.

    A layer is called there by its class, in snake case, and a number from the second one on.
    """
    found: dict[Path, Mapping[str, Any]] = {}
    todo = [((), config, 0)]
    while todo:
        above, net, depth = todo.pop()
        inner = net.get("config") if isinstance(net, dict) else None
        rows = inner.get("layers") if isinstance(inner, dict) else None
        seen: collections.Counter[str] = collections.Counter()
        for row in rows if isinstance(rows, list) and depth < DEEPEST else ():
            kind = row.get("class_name") if isinstance(row, dict) else None
            own = row.get("config") if isinstance(row, dict) else None
            if not isinstance(kind, str) or not isinstance(own, dict):
                continue
            word = _snake(kind)
            place = (*above, "layers", f"{word}_{seen[word]}" if seen[word] else word)
            seen[word] += 1
            about = {**own, "class": word}
            found[place] = about
            if isinstance(own.get("name"), str):
                found.setdefault((own["name"],), about)
            todo.append((place, row, depth + 1))
    return found


def _snake(name: str) -> str:
    """``DepthwiseConv2D`` is ``depthwise_conv2d`` and ``ReLU`` is ``re_lu``."""
    words = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", re.sub(r"\W+", "", name))
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", words).lower()


def _named(
    rows: list[tuple[Path, str, np.ndarray]], layers: dict[Path, Mapping[str, Any]]
) -> dict[str, np.ndarray]:
    """Arrays by layer and part; layers of one name in several places get the whole path."""
    places: dict[Path, list[tuple[str, np.ndarray]]] = {}
    names: dict[Path, str] = {}
    for path, label, array in rows:
        place = path[:-2] if path[-2:-1] == ("vars",) else path[:-1]
        places.setdefault(place, []).append((path[-1].partition(":")[0], array))
        names[place] = label or str(layers.get(place, {}).get("name") or "".join(place[-1:]))
    counts = collections.Counter(names.values())
    found: dict[str, np.ndarray] = {}
    for place, held in places.items():
        name = names[place] if counts[names[place]] == 1 else ".".join(place)
        about = layers.get(place) or layers.get((names[place],)) or {}
        kind = str(about.get("class") or re.sub(r"_\d+$", "", "".join(place[-1:])))
        for part, array in _parts(held, kind, about):
            key, form = _turned(part, array, kind, name)
            found[f"{name}.{key}" if name else key] = form
    return found


def _parts(held: list[tuple[str, np.ndarray]], kind: str, about: Mapping[str, Any]):
    """A layer's arrays by Keras' names of them, also where they are only numbered."""
    if not all(part.isdecimal() for part, _ in held):
        return held
    order = _ORDERS.get(kind, ("kernel", "bias"))
    switches = {"gamma": "scale", "beta": "center", "bias": "use_bias"}
    order = [part for part in order if about.get(switches.get(part, "")) is not False]
    if kind == "batch_normalization" and not about and len(held) == 3:
        order = order[1:]
    if len(held) > len(order):
        return held
    numbered = sorted(held, key=lambda row: int(row[0]))
    return [(part, array) for part, (_, array) in zip(order, numbered, strict=False)]


def _turned(part: str, array: np.ndarray, kind: str, name: str) -> tuple[str, np.ndarray]:
    """The part's name in torch and the array in torch's order of axes."""
    if kind == "separable_conv2d":
        inner = {"depthwise_kernel": "depthwise", "pointwise_kernel": "pointwise"}
        name, part = inner.get(part, "pointwise"), "bias" if part == "bias" else "kernel"
        key, form = _turned(part, array, f"{name}_conv2d" if name == "depthwise" else "", name)
        return f"{name}.{key}", form
    key = _PARTS.get(part, part)
    if key != "weight" or array.ndim not in (2, 4):
        return key, array
    if array.ndim == 2:
        return key, np.ascontiguousarray(array.T)
    if part == "depthwise_kernel" or kind == "depthwise_conv2d" or _DEPTHWISE.search(name):
        height, width, channels, each = array.shape
        form = array.transpose(2, 3, 0, 1).reshape(channels * each, 1, height, width)
        return key, np.ascontiguousarray(form)
    return key, np.ascontiguousarray(array.transpose(3, 2, 0, 1))
