"""What Keras calls the layers of nets whose canonical definition is another's."""

import re

_VGG = re.compile(r"block(\d)_conv(\d)")
_HEADS = {"fc1": "fc6", "fc2": "fc7", "predictions": "fc8"}


def vgg(key: str) -> str:
    """Returns the field's name: of ``block1_conv2.weight`` it is ``conv1_2.weight``."""
    name, _, part = key.rpartition(".")
    name = _HEADS.get(name, _VGG.sub(r"conv\1_\2", name))
    return f"{name}.{part}"


_BLOCK = re.compile(r"block(\d)([a-z])_(\w+)")
_ENDS = {
    "stem_conv": "conv_stem",
    "stem_bn": "bn1",
    "top_conv": "conv_head",
    "top_bn": "bn2",
    "predictions": "classifier",
}
_GATES = {
    "dwconv": "conv_dw",
    "se_reduce": "se.conv_reduce",
    "se_expand": "se.conv_expand",
}
# The blocks of the first stage do not expand, so that timm counts theirs from another one on.
_FIRST = {"bn": "bn1", "project_conv": "conv_pw", "project_bn": "bn2", **_GATES}
_LATER = {
    "expand_conv": "conv_pw",
    "expand_bn": "bn1",
    "bn": "bn2",
    "project_conv": "conv_pwl",
    "project_bn": "bn3",
    **_GATES,
}


def efficientnet(key: str) -> str:
    """Returns timm's name: of ``block2b_expand_bn.weight`` it is ``blocks.1.1.bn1.weight``."""
    name, _, part = key.rpartition(".")
    found = _BLOCK.fullmatch(name)
    if not found:
        return f"{_ENDS.get(name, name)}.{part}"
    stage, block = int(found[1]) - 1, ord(found[2]) - ord("a")
    layer = (_LATER if stage else _FIRST).get(found[3], found[3])
    return f"blocks.{stage}.{block}.{layer}.{part}"
