"""The size of what heads stand on: the last tap of the pocket net."""

from jaxiqa.arch.pocket import POCKET

CHANNELS = next(node.layer.features for node in reversed(POCKET.nodes) if node.name == "conv5")
