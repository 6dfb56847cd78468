"""An architecture as data: a frozen table of nodes, and the questions that the table alone answers.

Forward pass, taps, shapes, converter, listing and tests are all derived from this one table.
"""

import dataclasses
import functools
import types
from collections.abc import Iterable, Mapping

from jaxiqa import checks
from jaxiqa.arch.layers import Layer

INPUT = "images"


@dataclasses.dataclass(frozen=True)
class Node:
    """One layer of a net.

    Attributes:
      name: the field's name of this response, as in ``relu3`` or ``conv1_1``.
      layer: what it computes.
      inputs: names of the nodes that it reads; ``images`` is the net's input.
      path: its module path in the canonical definition, which is also where its arrays stand in
        a checkpoint; empty where the definition has no module for it. Where a later row has the
        same path among its own, the module goes on to that row and a tap means its response.
      aliases: further module paths with the same output (containers, dropout at inference).
    """

    name: str
    layer: Layer
    inputs: tuple[str, ...]
    path: str = ""
    aliases: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Architecture:
    """A net without its weights.

    Attributes:
      name: as in ``alexnet``.
      nodes: in an order in which each node's inputs come before it.
      features: name of the last node of the convolutional part.
      stages: its activated responses from shallow to deep, one per stage of the net; for AlexNet,
        VGG16 and SqueezeNet 1.1 those that LPIPS (arXiv 1801.03924) reads.
      reference: the definition followed, and the paper.
    """

    name: str
    nodes: tuple[Node, ...]
    features: str
    stages: tuple[str, ...]
    reference: str

    def __hash__(self):
        # jit hashes its static arguments at every call; equality still compares the whole table.
        return hash(self.name)

    def __reduce__(self):
        # What was looked up stays behind: mapping proxies cannot be pickled.
        values = (getattr(self, field.name) for field in dataclasses.fields(self))
        return Architecture, tuple(values)

    @functools.cached_property
    def by_name(self) -> Mapping[str, Node]:
        """Nodes by the field's name."""
        return types.MappingProxyType({node.name: node for node in self.nodes})

    @functools.cached_property
    def by_tap(self) -> Mapping[str, Node]:
        """Nodes by every name that a tap may have: the field's, module paths and ``logits``.

        A net that ends with its convolutional part has no logits.
        """
        found = {}
        for node in self.nodes:
            for tap in filter(None, (node.path, *node.aliases)):
                found[tap] = node
        if self.nodes[-1].name != self.features:
            found["logits"] = self.nodes[-1]
        return types.MappingProxyType(found | dict(self.by_name))


def chain(source: str, *rows: Node) -> tuple[Node, ...]:
    """Returns the rows wired one behind the other, the first one reading ``source``."""
    sources = (source, *(row.name for row in rows))
    return tuple(
        dataclasses.replace(row, inputs=(before,))
        for before, row in zip(sources, rows, strict=False)
    )


def resolve(architecture: Architecture, tap: str) -> str:
    """Returns the name of the node that a tap stands for.

    Args:
      architecture: the net's table.
      tap: a name of the field (``relu3``) or a module path of the canonical definition.

    Raises:
      InputError: no node has that name; the near matches are named.
    """
    listing = f"`jaxiqa layers {architecture.name}` lists them."
    kind = f"tap of {architecture.name}"
    return architecture.by_tap[
        checks.choose(tap, architecture.by_tap, kind=kind, listing=listing)
    ].name


def upstream(architecture: Architecture, names: Iterable[str]) -> tuple[Node, ...]:
    """Returns the nodes that must be computed for ``names``, in order, and no others."""
    needed = set(names)
    for node in reversed(architecture.nodes):
        if node.name in needed:
            needed.update(node.inputs)
    return tuple(node for node in architecture.nodes if node.name in needed)


def feature_taps(architecture: Architecture) -> tuple[str, ...]:
    """Returns the field's names in the convolutional part, without a module's inner layers."""
    inside = upstream(architecture, (architecture.features,))
    return tuple(node.name for node in inside if "." not in node.name)
