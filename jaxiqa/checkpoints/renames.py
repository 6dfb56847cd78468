"""Other names under which the same arrays are published, translated to the canonical ones.

Keys are mapped by name, never by their order in a file.
"""

import re
from collections.abc import Iterable, Mapping

# Gluon numbers SqueezeNet's convolutions as it defines them; torchvision's modules in that order:
_FIRES_1_1 = (3, 4, 6, 7, 9, 10, 11, 12)
_GLUON_SQUEEZENET1_1 = dict(
    enumerate(
        [
            "features.0",
            *(
                f"features.{fire}.{part}"
                for fire in _FIRES_1_1
                for part in ("squeeze", "expand1x1", "expand3x3")
            ),
            "classifier.1",
        ]
    )
)
_GLUON_KEY = re.compile(r"squeezenet\d+_conv(\d+)_(weight|bias)")


def _gluon_squeezenet1_1(key: str) -> str:
    """``squeezenet0_conv2_weight`` is ``features.3.expand1x1.weight``."""
    found = _GLUON_KEY.fullmatch(key)
    if not found or int(found[1]) not in _GLUON_SQUEEZENET1_1:
        return key
    return f"{_GLUON_SQUEEZENET1_1[int(found[1])]}.{found[2]}"


RENAMES = {"squeezenet1_1": (_gluon_squeezenet1_1,)}


def canonical(name: str, keys: Iterable[str], expected: Iterable[str]) -> Mapping[str, str]:
    """Returns checkpoint key -> canonical key, by the naming that matches most expected keys.

    Args:
      name: of the architecture.
      keys: as they stand in the checkpoint.
      expected: the canonical keys of the architecture.
    """
    keys, expected = tuple(keys), set(expected)
    namings = [{key: rename(key) for key in keys} for rename in (str, *RENAMES.get(name, ()))]
    return max(namings, key=lambda naming: len(expected & set(naming.values())))
