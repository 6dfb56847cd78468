"""What a net's responses depend on, as a record that tells any two nets apart."""

import hashlib

from jaxiqa.arch.digest import weights_digest
from jaxiqa.arch.net import Net
from jaxiqa.images import to_record


def origin_of(net: Net) -> dict:
    """Returns what a net's responses depend on, as a record: its table, weights, preprocessing."""
    return {
        "architecture": net.architecture.name,
        "table": hashlib.sha256(repr(net.architecture).encode()).hexdigest(),
        "weights": weights_digest(net.variables),
        "preprocess": to_record(net.preprocess),
    }
