"""An architecture's table run as a Flax module, no further than the taps that were asked for."""

import flax.linen as nn

from jaxiqa.arch.geometry import node_parameters
from jaxiqa.arch.graph import INPUT, Architecture, upstream
from jaxiqa.arch.ops import Op, Precision


class Network(nn.Module):
    """Maps preprocessed images to the responses at some nodes.

    Attributes:
      architecture: the table.
      names: the nodes wanted; whatever they do not need is not computed and needs no weights.
      precision: of products.
    """

    architecture: Architecture
    names: tuple[str, ...]
    precision: Precision = Precision.HIGHEST

    @nn.compact
    def __call__(self, images):
        """Returns a dict of NHWC responses by node name, for (N, H, W, 3) preprocessed images."""
        held = node_parameters(self.architecture)
        values = {INPUT: images}
        for node in upstream(self.architecture, self.names):
            op = Op(node.layer, held[node.name], self.precision, name=node.name)
            values[node.name] = op(*(values[source] for source in node.inputs))
        return {name: values[name] for name in self.names}
