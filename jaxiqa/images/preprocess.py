"""What the training of a net expects of its input, as a record and as the function that applies it.

value = (images[..., order] * scale - mean) / std        order: RGB as it comes, or BGR
"""

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxiqa.checks import InputError, choose, near


def _number(value: Any, field: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | np.number):
        raise InputError(f"preprocess: {field} must be a number, got {value!r}")
    if not math.isfinite(value):
        raise InputError(f"preprocess: {field} must be finite, got {value!r}")
    return float(value)


def _three_numbers(values: Any, field: str) -> tuple[float, ...]:
    if not isinstance(values, tuple | list) or len(values) != 3:
        raise InputError(f"preprocess: {field} must be three numbers, got {values!r}")
    return tuple(_number(value, field) for value in values)


@dataclasses.dataclass(frozen=True)
class Preprocess:
    """The numbers that turn RGB in [0, 1] into what a net was trained on; hashable.

    Attributes:
      mean: subtracted per channel, in the order and scale of the net.
      std: divided by per channel, likewise.
      scale: multiplied before, 255 for nets that were trained on 0..255.
      channels: the order the net expects, "rgb" or "bgr".

    Examples:
      >>> from jaxiqa import Preprocess
      >>> Preprocess(mean=(104, 117, 123), std=(1, 1, 1), scale=255, channels="bgr").mean
      (104.0, 117.0, 123.0)
    """

    mean: tuple[float, ...]
    std: tuple[float, ...]
    scale: float = 1.0
    channels: str = "rgb"

    def __post_init__(self):
        for field in ("mean", "std"):
            object.__setattr__(self, field, _three_numbers(getattr(self, field), field))
        object.__setattr__(self, "scale", _number(self.scale, "scale"))
        if 0 in (*self.std, self.scale):
            raise InputError(f"preprocess: std {self.std} and scale {self.scale} must not be 0")
        if not isinstance(self.channels, str):
            raise InputError(f"preprocess: channels must be a text, got {self.channels!r}")
        choose(self.channels, ("rgb", "bgr"), kind="order of channels", listing='"rgb" or "bgr"')


IDENTITY = Preprocess(mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0))

IMAGENET = Preprocess(mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225))


def preprocess(images: jax.Array | np.ndarray, choice: Preprocess) -> jax.Array:
    """Returns images as a net expects them, by `(images[..., order] * scale - mean) / std`.

    Args:
      images: (..., H, W, 3) RGB in [0, 1], floating.
      choice: the numbers that the net was trained with.

    Returns:
      An array of the shape and dtype of the images.

    Raises:
      InputError: integers, or not three channels.
    """
    images = jnp.asarray(images)
    if not jnp.issubdtype(images.dtype, jnp.floating) or images.shape[-1:] != (3,):
        raise InputError(
            f"preprocess: expected floating RGB (N, H, W, 3), got {images.dtype} {images.shape}"
        )
    if choice.channels == "bgr":
        images = images[..., ::-1]
    shape = (1,) * (images.ndim - 1) + (3,)
    mean, std = (jnp.array(x, images.dtype).reshape(shape) for x in (choice.mean, choice.std))
    return (images * choice.scale - mean) / std


def to_record(choice: Preprocess) -> dict[str, Any]:
    """Returns the fields as a plain dict that JSON and TOML can hold.

    Args:
      choice: what to record.

    Returns:
      `mean` and `std` as lists, `scale`, `channels`; `from_record` turns it back.
    """
    fields = dataclasses.asdict(choice)
    return {
        key: list(value) if isinstance(value, tuple) else value for key, value in fields.items()
    }


def from_record(record: Mapping[str, Any]) -> Preprocess:
    """Returns the `Preprocess` of a record as `to_record` gives it.

    Args:
      record: `mean` and `std`, three numbers each; `scale` and `channels` may be left out.

    Raises:
      InputError: not a table, a field is missing or unknown, or a value is not as described.
    """
    if not isinstance(record, Mapping):
        raise InputError(f"preprocess: expected a table of fields, got {type(record).__name__}")
    known = [field.name for field in dataclasses.fields(Preprocess)]
    for key in record:
        if key not in known:
            raise InputError(
                f"preprocess: unknown field {key!r}{near(str(key), known) or '.'} "
                f"Fields are {', '.join(known)}"
            )
    if missing := [key for key in ("mean", "std") if key not in record]:
        raise InputError(f"preprocess: missing {' and '.join(missing)}")
    return Preprocess(**record)
