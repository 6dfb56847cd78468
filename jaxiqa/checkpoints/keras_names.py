"""What Keras calls the layers of nets whose canonical definition is another's."""

import re
from collections.abc import Callable, Iterable, Sequence

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


_DENSE = re.compile(r"conv(\d)_block(\d+)_(\d_\w+)")
_TRANSITION = re.compile(r"pool(\d)_(bn|relu|conv|pool)")
_DENSE_ENDS = {
    "conv1_conv": "features.conv0",
    "conv1_bn": "features.norm0",
    "conv1_relu": "features.relu0",
    "pool1": "features.pool0",
    "bn": "features.norm5",
    "predictions": "classifier",
}
# A layer of a dense block: what is normalised and activated first has the number 0 in Keras.
_DENSE_PARTS = {
    "0_bn": "norm1",
    "0_relu": "relu1",
    "1_conv": "conv1",
    "1_bn": "norm2",
    "1_relu": "relu2",
    "2_conv": "conv2",
}


def densenet(key: str) -> str:
    """Returns torchvision's name, of ``conv2_block3_1_bn.weight`` that within denselayer3."""
    name, _, part = key.rpartition(".")
    if found := _DENSE.fullmatch(name):
        inner = _DENSE_PARTS.get(found[3], found[3])
        block = f"features.denseblock{int(found[1]) - 1}"
        return f"{block}.denselayer{found[2]}.{inner}.{part}"
    if found := _TRANSITION.fullmatch(name):
        inner = "norm" if found[2] == "bn" else found[2]
        return f"features.transition{int(found[1]) - 1}.{inner}.{part}"
    return f"{_DENSE_ENDS.get(name, name)}.{part}"


_COUNTED = re.compile(r"(conv2d|batch_normalization)(?:_(\d+))?")


def _numbers(keys: Iterable[str], kind: str) -> list[int]:
    """The numbers of a file's layers of one class, sorted; the first of a session has none."""
    found = (_COUNTED.fullmatch(key.rpartition(".")[0]) for key in keys)
    return sorted({int(match[2] or 0) for match in found if match and match[1] == kind})


def inception(units: Sequence[str], keys: Iterable[str]) -> Callable[[str], str]:
    """Returns what turns numbered names into paths: ``conv2d_7.weight`` is of a certain unit.

    Keras counts the layers of a session, so that the first number differs from file to file. A
    file that does not hold as many as the net has keeps its names, and is refused.

    Args:
      units: paths of convolutions with their normalisation, in the order in which Keras defines
        them.
      keys: all keys of the file.
    """
    keys, places = tuple(keys), {}
    for kind, part in (("conv2d", "conv"), ("batch_normalization", "bn")):
        numbers = _numbers(keys, kind)
        if len(numbers) == len(units):
            pairs = zip(numbers, units, strict=True)
            places |= {(kind, number): f"{unit}.{part}" for number, unit in pairs}

    def rename(key: str) -> str:
        name, _, part = key.rpartition(".")
        found = _COUNTED.fullmatch(name)
        place = found and places.get((found[1], int(found[2] or 0)))
        return f"{place or {'predictions': 'fc'}.get(name, name)}.{part}"

    return rename
