"""Nets with each kind of layer, and of each the part that has all of its kinds."""

from jaxiqa.arch.graph import Architecture, feature_taps, upstream

# Pre-activation, batch normalisation, SiLU, hard swish, GELU and layer normalisation, LRN.
KINDS = ("resnetv2_50", "densenet121", "efficientnet_b0", "mobilenet_v3_small", "convnext_tiny")
KINDS = ("alexnet_bvlc", *KINDS)


def taps_of_every_kind(architecture: Architecture) -> tuple[str, ...]:
    """Feature taps up to the first that has each kind of layer of the net on its way."""

    def kinds(tap):
        return {type(node.layer) for node in upstream(architecture, (tap,))}

    taps = feature_taps(architecture)
    whole = kinds(taps[-1])
    return taps[: 1 + next(k for k, tap in enumerate(taps) if kinds(tap) == whole)]
