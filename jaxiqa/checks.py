"""Errors that say what was expected, what came, and what to do."""

import difflib
from collections.abc import Iterable


class InputError(ValueError):
    """A mistake in what the user gave, told in one line that can be shown without a traceback.

    Examples:
      >>> import jaxiqa
      >>> try:
      ...     jaxiqa.Readout("relu3")
      ... except jaxiqa.InputError as error:
      ...     print(error)
      taps must be a non-empty sequence of names, got 'relu3'
    """


def near(name: str, choices: Iterable[str], *, most: int = 4) -> str:
    """Returns ``", did you mean 'a' or 'b'?"``, or an empty string where nothing is near.

    Args:
      name: what was given.
      choices: what would have been accepted.
      most: how many matches are named at the most.

    Returns:
      Text to append to a message.

    Examples:
      >>> near("relu33", ("relu1", "relu3", "pool5"))
      ", did you mean 'relu3' or 'relu1'?"
    """
    lowered = {choice.lower(): choice for choice in choices}
    found = [lowered[m] for m in difflib.get_close_matches(name.lower(), lowered, most, 0.6)]
    return f", did you mean {' or '.join(map(repr, found))}?" if found else ""


def choose(name: str, choices: Iterable[str], *, kind: str, listing: str) -> str:
    """Returns ``name`` if it is one of ``choices``.

    Args:
      name: what was given.
      choices: what is accepted.
      kind: what the name stands for, as in "unknown net".
      listing: how to see all choices, as in "`jaxiqa nets` lists them".

    Raises:
      InputError: the name is not among the choices; the near matches are named.

    Examples:
      >>> choose("unit", ("euclidean", "unit"), kind="form", listing="see FORMS")
      'unit'
    """
    choices = tuple(choices)
    if name in choices:
        return name
    raise InputError(f"unknown {kind} {name!r}{near(name, choices) or '.'} {listing}")
