"""The trunk of DISTS as its authors' program has it, under torchvision's names.

Its own stages, its own pools and its own forward pass; what that keeps to itself is passed on.
"""

import importlib.metadata
from collections import OrderedDict
from unittest import mock

import torchvision
from torch import nn


def origin() -> str:
    """Returns whose definition it is, and its version."""
    return f"DISTS-pytorch {importlib.metadata.version('DISTS-pytorch')}"


def _program() -> nn.Module:
    """The authors' module; it asks for published weights, and gets torchvision's as drawn."""
    from DISTS_pytorch import DISTS_pt

    vgg = torchvision.models.vgg16(weights=None, init_weights=False)
    with mock.patch.object(DISTS_pt.models, "vgg16", return_value=vgg):
        return DISTS_pt.DISTS(load_weights=False)


class DistsTrunk(nn.Module):
    """Holds the authors' layers as ``features``, and runs them as they do."""

    def __init__(self):
        super().__init__()
        program = _program()
        stages = [getattr(program, f"stage{k}") for k in range(1, 6)]
        self.rgb, self.normalised = nn.Identity(), nn.Identity()
        layers = OrderedDict(row for stage in stages for row in stage.named_children())
        self.features = nn.Sequential(layers)
        stages[0].insert(0, self.normalised)
        for layer in layers.values():
            # A fixed filter is no array of a checkpoint.
            if hasattr(layer, "filter"):
                layer.register_buffer("filter", layer.filter, persistent=False)
        self.run = program.forward_once

    def forward(self, x):
        first, *_, last = self.run(x)
        self.rgb(first)
        return last
