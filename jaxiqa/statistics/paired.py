"""What can be correlated: checked distances, opinion and the references that group them."""

from collections.abc import Hashable, Sequence

import numpy as np

from jaxiqa.checks import InputError


def paired(distance, opinion) -> tuple[np.ndarray, np.ndarray]:
    """Returns distance and opinion as float64 arrays that can be correlated.

    Args:
      distance: (n,) numbers, n >= 3; infinities are allowed, as minus PSNR of equal images.
      opinion: (n,) finite numbers.

    Returns:
      Two arrays of shape (n,), values unchanged.

    Raises:
      InputError: not numbers in one dimension, different lengths, fewer than 3 pairs, NaN
        distances, opinion that is not finite, or one of the two the same for all pairs.
    """
    distance, opinion = numbers("distance", distance), numbers("opinion", opinion)
    if len(distance) != len(opinion):
        got = f"{len(distance)} distances and {len(opinion)} opinions"
        raise InputError(f"expected one opinion per distance, got {got}")
    if len(distance) < 3:
        raise InputError(f"a correlation needs at least 3 pairs, got {len(distance)}")
    _refuse("distance", np.isnan(distance), "NaN", "look for the cause or leave those pairs out")
    _refuse("opinion", ~np.isfinite(opinion), "not finite", "leave pairs without opinion out")
    _refuse_constant("distance", distance, "were images compared with themselves?")
    _refuse_constant("opinion", opinion, "was the wrong column read?")
    return distance, opinion


def badness(opinion: np.ndarray, higher_is_better: bool) -> np.ndarray:
    """Returns opinion with the sign at which larger = worse, as a distance has it.

    Raises:
      InputError: ``higher_is_better`` is not a truth value.
    """
    if not isinstance(higher_is_better, bool | np.bool_):
        raise InputError(f"higher_is_better must be True or False, got {higher_is_better!r}")
    return -opinion if higher_is_better else opinion


def numbers(name: str, values) -> np.ndarray:
    """Returns one number per pair, (n,) float64.

    Raises:
      InputError: not numbers in one dimension; ``name`` says what they are.
    """
    try:
        array = np.asarray(values, np.float64)
    except (TypeError, ValueError):
        raise InputError(f"{name}: expected (n,) numbers, got {type(values).__name__}") from None
    if array.ndim != 1:
        raise InputError(f"{name}: expected one number per pair, shape (n,), got {array.shape}")
    return array


def _refuse(name: str, bad: np.ndarray, what: str, remedy: str) -> None:
    if bad.any():
        where = f"{bad.sum()} of {len(bad)} pairs, the first at index {bad.argmax()}"
        raise InputError(f"{name} is {what} for {where}: {remedy}")


def _refuse_constant(name: str, values: np.ndarray, question: str) -> None:
    if (values == values[0]).all():
        raise InputError(
            f"{name} is {values[0]:g} for all {len(values)} pairs, and a constant correlates with "
            f"nothing: {question}"
        )


def numbered(groups: Sequence[Hashable], length: int) -> np.ndarray:
    """Returns each pair's group as an integer from 0, in order of first appearance.

    Args:
      groups: (n,) hashables, such as the names of the reference images.
      length: n, the number of pairs.

    Returns:
      (n,) integers below the number of distinct groups.

    Raises:
      InputError: not one group per pair, or a group that is not hashable or is NaN (no name).
    """
    try:
        labels = groups.tolist() if hasattr(groups, "tolist") else list(groups)
        seen = dict.fromkeys(labels)
    except TypeError:
        raise InputError("reference_id: expected (n,) names or numbers, one per pair") from None
    if len(labels) != length:
        raise InputError(f"reference_id: expected one per pair, {length}, got {len(labels)}")
    if any(label != label for label in seen):
        raise InputError("reference_id is NaN for some pairs: give the reference of each")
    number = {label: i for i, label in enumerate(seen)}
    return np.array([number[label] for label in labels], np.intp)
