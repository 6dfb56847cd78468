"""Which weights a net has, as a digest that tells any two nets apart."""

import hashlib
from collections.abc import Mapping

import jax
import numpy as np


def weights_digest(variables: Mapping) -> str:
    """Returns the sha256 in hex over all arrays of a net, with their names."""
    whole = hashlib.sha256()
    for path, array in jax.tree_util.tree_leaves_with_path(variables):
        array = np.asarray(array)
        whole.update(f"{jax.tree_util.keystr(path)} {array.dtype} {array.shape}".encode())
        whole.update(np.ascontiguousarray(array).data)
    return whole.hexdigest()
