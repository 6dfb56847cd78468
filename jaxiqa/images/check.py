"""What is wrong with an array that should hold images, said before a metric gives a number for it.

Shapes and dtypes are always checked. Values are checked where they are at hand: not under a JAX
trace (jit, grad, vmap), and not for arrays of which other processes hold a part.
"""

import jax
import jax.numpy as jnp
import numpy as np

from jaxiqa.checks import InputError

_FLOATS = ("float32", "float64", "float16", "bfloat16")
_TOLERANCE = 1e-6

Array = jax.Array | np.ndarray


def check_images(images: Array, *, name: str = "images") -> Array:
    """Returns a batch of images as float32, the very array that was given if it is float32.

    Args:
      images: (N, H, W, 3) RGB in [0, 1], a NumPy or JAX array of a floating dtype, or traced.
      name: what the array is called in a message.

    Returns:
      The images, (N, H, W, 3) float32. Values up to 1e-6 outside of [0, 1] are let through.

    Raises:
      InputError: not an array, not a batch in the order NHWC, not three channels, empty, integers,
        or values that are not finite or outside of [0, 1].
    """
    if not isinstance(images, jax.Array | np.ndarray):
        raise InputError(
            f"{name}: expected a NumPy or JAX array (N, H, W, 3), got {type(images).__name__}; "
            "numpy.asarray may convert it, jaxiqa.images.read_image reads a file"
        )
    _check_shape(images.shape, name)
    _check_dtype(images.dtype, name)
    _check_values(images, name)
    return images if images.dtype == np.float32 else images.astype(np.float32)


def check_pair(reference: Array, distorted: Array) -> tuple[Array, Array]:
    """Returns two batches of images of the same shape, each as by `check_images`.

    Args:
      reference: (N, H, W, 3) RGB in [0, 1].
      distorted: (N, H, W, 3) RGB in [0, 1]; one image is not broadcast against N.

    Returns:
      Both batches as float32.

    Raises:
      InputError: one of them is not a batch of images, or the shapes differ.
    """
    reference = check_images(reference, name="reference")
    distorted = check_images(distorted, name="distorted")
    if reference.shape != distorted.shape:
        same_size = reference.shape[1:] == distorted.shape[1:]
        advice = "repeat the smaller batch" if same_size else "crop or resize one of them"
        raise InputError(
            f"reference is {reference.shape} but distorted is {distorted.shape}: "
            f"a pair needs one shape, {advice}"
        )
    return reference, distorted


def _check_shape(shape: tuple[int, ...], name: str) -> None:
    if len(shape) != 4 or shape[-1] != 3:
        raise InputError(f"{name}: expected the shape (N, H, W, 3), got {shape}{_advice(shape)}")
    if 0 in shape:
        raise InputError(f"{name}: no pixels in the shape {shape}")


def _advice(shape: tuple[int, ...]) -> str:
    """Returns what to do about a shape, guessed from where the channels seem to be."""
    match shape:
        case (_, _, 3):
            return ": a single image, add [None]"
        case (3, _, _):
            return ": a single image with its channels first, use .transpose(1, 2, 0)[None]"
        case (_, 3, _, _):
            return ": the channels come first (NCHW), use .transpose(0, 2, 3, 1)"
        case (_, _, _, 1):
            return ": grey, repeat it over three channels with .repeat(3, axis=-1)"
        case (_, _, _, 4):
            return ": drop alpha with [..., :3]"
        case (_, _):
            return ": a single grey image, use [None, ..., None].repeat(3, axis=-1)"
        case _:
            return ": a batch of images in rows, columns, channels"


def _check_dtype(dtype: np.dtype, name: str) -> None:
    if dtype.name in _FLOATS:
        return
    if dtype == np.uint8:
        raise InputError(
            f"{name}: uint8, expected float32 in [0, 1]; use .astype(numpy.float32) / 255"
        )
    raise InputError(f"{name}: dtype {dtype}, expected float32 in [0, 1]")


def _check_values(images: Array, name: str) -> None:
    if isinstance(images, jax.core.Tracer) or not getattr(images, "is_fully_addressable", True):
        return
    # A constant of a traced function is concrete too, and is looked at while tracing.
    with jax.ensure_compile_time_eval(), np.errstate(invalid="ignore"):
        numbers = jnp if isinstance(images, jax.Array) else np
        low, high = float(numbers.min(images)), float(numbers.max(images))
    if not np.isfinite([low, high]).all():
        raise InputError(f"{name}: holds values that are not finite (NaN or infinite)")
    if low < -_TOLERANCE or high > 1 + _TOLERANCE:
        hint = "; divide by 255" if low >= 0 and 2 < high <= 255 else ""
        raise InputError(f"{name}: values from {low:.7g} to {high:.7g}, expected [0, 1]{hint}")
