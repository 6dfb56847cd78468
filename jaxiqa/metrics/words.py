"""A metric with its options as people type it: NAME,OPTION=VALUE,OPTION=VALUE."""

from collections.abc import Sequence

from jaxiqa import checks

# Arguments of `load_metric` that no text can stand for.
_TAKEN = {"name", "net"}


def parse_options(words: Sequence[str], metric: str) -> dict[str, str]:
    """Returns options of ``load_metric`` by name.

    Args:
      words: ``OPTION=VALUE`` each.
      metric: what a message calls it.

    Raises:
      InputError: a word of another form, or an option given twice.
    """
    pairs = [word.partition("=") for word in words]
    if not all(name.strip() and equals and value.strip() for name, equals, value in pairs):
        raise checks.InputError(f"metric {metric}: expected NAME,OPTION=VALUE,..")
    found = {name.strip(): value.strip() for name, _, value in pairs}
    if len(found) < len(pairs) or _TAKEN & set(found):
        raise checks.InputError(f"metric {metric}: each OPTION of the metric once")
    return found


def parse_metric(text: str) -> tuple[str, dict[str, str]]:
    """Returns the name of a metric and its options, as ``load_metric`` takes them.

    Raises:
      InputError: as ``parse_options``.
    """
    name, *words = text.split(",")
    return name, parse_options(words, text)
