"""What a net's responses depend on, as a record that tells any two nets apart."""

import hashlib
from collections.abc import Mapping

import jax
import numpy as np

from jaxiqa.arch.net import Net
from jaxiqa.images import to_record


def weights_digest(variables: Mapping) -> str:
    """Returns the sha256 in hex over all arrays of a net, with their names."""
    whole = hashlib.sha256()
    for path, array in jax.tree_util.tree_leaves_with_path(variables):
        array = np.asarray(array)
        whole.update(f"{jax.tree_util.keystr(path)} {array.dtype} {array.shape}".encode())
        whole.update(np.ascontiguousarray(array).data)
    return whole.hexdigest()


def origin_of(net: Net) -> dict:
    """Returns what a net's responses depend on, as a record: its table, weights, preprocessing."""
    return {
        "architecture": net.architecture.name,
        "table": hashlib.sha256(repr(net.architecture).encode()).hexdigest(),
        "weights": weights_digest(net.variables),
        "preprocess": to_record(net.preprocess),
    }
