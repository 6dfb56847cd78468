"""A module of parallel branches whose ends are concatenated, as Inception v3 is made of them."""

from jaxiqa.arch.graph import Node
from jaxiqa.arch.layers import BatchNorm, Concat, Conv, Pool, Relu
from jaxiqa.arch.rows import unit

# A branch's name within its module, and what it computes before norm and activation.
Step = tuple[str, Conv]


def conv_unit(source: str, name: str, conv: Conv) -> tuple[Node, ...]:
    """Returns a convolution, its normalisation and activation under torchvision's names."""
    return unit(source, name, name, conv, BatchNorm(1e-3), Relu(), parts=("conv", "bn"))


class Mixed:
    """Collects the rows of one module: branches that read the same map, then concatenated."""

    def __init__(self, source: str, name: str):
        self.source, self.name, self.rows, self.ends = source, name, [], []

    def branch(self, *steps: Step, source: str = "") -> "Mixed":
        """Adds a chain of units, whose last one is an end of the module."""
        source = source or self.source
        for part, conv in steps:
            self.rows += conv_unit(source, f"{self.name}.{part}", conv)
            source = f"{self.name}.{part}"
        self.ends.append(source)
        return self

    def fork(self, *steps: Step, ends: tuple[Step, ...]) -> "Mixed":
        """Adds a chain of units of which not the last one but units behind it are ends."""
        self.branch(*steps)
        source = self.ends.pop()
        for end in ends:
            self.branch(end, source=source)
        return self

    def pool(self, layer: Pool, *steps: Step) -> "Mixed":
        """Adds a pool and the units behind it."""
        self.rows.append(Node(f"{self.name}.pool", layer, (self.source,)))
        return self.branch(*steps, source=f"{self.name}.pool")

    def joined(self) -> tuple[Node, ...]:
        """Returns all rows with the concatenation."""
        return (*self.rows, Node(self.name, Concat(), tuple(self.ends), self.name))
