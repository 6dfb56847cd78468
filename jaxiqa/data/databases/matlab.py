"""Variables of a MATLAB file."""

import pathlib
from typing import Any

import numpy as np

from jaxiqa.checks import InputError


def variables(path: pathlib.Path, *names: str) -> list[Any]:
    """Returns the named variables of a MATLAB file.

    Raises:
      InputError: the file cannot be read, or one of them is not in it.
    """
    from scipy.io import loadmat

    try:
        held = loadmat(path, simplify_cells=True)
    except Exception as error:
        raise InputError(f"{path}: not a MATLAB file, or damaged ({error})") from error
    if absent := [name for name in names if name not in held]:
        raise InputError(f"{path} holds no variable {absent[0]}")
    return [held[name] for name in names]


def numbers(path: pathlib.Path, *names: str) -> list[np.ndarray]:
    """Returns the named variables as arrays of float64.

    Raises:
      InputError: as ``variables``, or one of them holds something else than numbers.
    """
    found = []
    for name, value in zip(names, variables(path, *names), strict=True):
        try:
            found.append(np.asarray(value, np.float64))
        except (ValueError, TypeError):
            raise InputError(f"{path}: {name} holds something else than numbers") from None
    return found


def texts(value: Any) -> list[str]:
    """Returns the texts in a cell array, however deep they are nested."""
    if isinstance(value, str):
        return [value.strip()]
    if not isinstance(value, list | tuple | np.ndarray):
        return []
    return [text for part in np.ravel(np.asarray(value, object)) for text in texts(part)]
