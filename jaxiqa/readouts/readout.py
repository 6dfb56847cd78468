"""A readout as a value: which taps, which form, how taps combine, how channels weigh."""

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np

from jaxiqa import checks
from jaxiqa.readouts.forms import FORMS, Array, safe_divide

COMBINATIONS: dict[str, str] = {
    "raw": "taps concatenated as they are: large early maps dominate",
    "averaged": "each tap by its mean over its responses",
    "balanced": "each tap divided by its mean over the data set",
}
RELEVANCES: dict[str, str] = {
    "uniform": "every channel as it is",
    "dataset-mean": "each channel divided by its mean over the data set",
}


def _listing(choices: Mapping[str, object]) -> str:
    return f"choose from {', '.join(choices)}"


def _checked_taps(taps: Sequence[str]) -> tuple[str, ...]:
    named = isinstance(taps, list | tuple) and all(isinstance(tap, str) for tap in taps)
    if not named or not taps:
        raise checks.InputError(f"taps must be a non-empty sequence of names, got {taps!r}")
    for tap in taps:
        if taps.count(tap) > 1:
            raise checks.InputError(f"{'+'.join(taps)} holds tap {tap!r} twice; give it once")
    return tuple(taps)


@dataclasses.dataclass(frozen=True)
class Readout:
    """How the responses of a net are turned into a distance.

    Attributes:
      taps: one, or several whose contributions are added.
      form: a name of ``FORMS``.
      combination: a name of ``COMBINATIONS``.
      relevance: a name of ``RELEVANCES``.

    Raises:
      InputError: an unknown name, no tap, one that is given twice, or a relevance of channels for a
        form that has none.

    Examples:
      >>> from jaxiqa import Readout
      >>> Readout(("relu1", "relu3"), "euclidean", combination="averaged").name
      'euclidean/averaged'
      >>> Readout(("relu3",), "unit").moments
      ('unit_energy',)
    """

    taps: tuple[str, ...]
    form: str = "euclidean"
    combination: str = "raw"
    relevance: str = "uniform"

    def __post_init__(self):
        object.__setattr__(self, "taps", _checked_taps(self.taps))
        for name, choices, kind in (
            (self.form, FORMS, "form of a readout"),
            (self.combination, COMBINATIONS, "combination of taps"),
            (self.relevance, RELEVANCES, "relevance of channels"),
        ):
            checks.choose(str(name), choices, kind=kind, listing=_listing(choices))
        if self.relevance != "uniform":
            check_channelwise(self.form)

    @property
    def moments(self) -> tuple[str, ...]:
        """The pair moments that it needs."""
        return FORMS[self.form].moments

    @property
    def name(self) -> str:
        """The form and whatever differs from the default, as in ``euclidean/balanced``."""
        words = [self.combination] * (self.combination != "raw")
        words += [self.relevance] * (self.relevance != "uniform")
        return "/".join([self.form, *words])


def check_channelwise(form: str) -> None:
    """Passes if a relevance of channels makes sense for a form.

    Raises:
      InputError: it does not.
    """
    if not FORMS[form].channelwise:
        able = ", ".join(name for name, other in FORMS.items() if other.channelwise)
        raise checks.InputError(f"form {form!r} takes no relevance of channels; {able} do")


def parse_form(text: str) -> tuple[str, str, str]:
    """Returns form, combination and relevance of a text such as ``euclidean/balanced``.

    Args:
      text: a form, then combination and relevance in any order, each of them optional.

    Raises:
      InputError: an unknown word, or two of one kind.
    """
    form, *words = (word.strip() for word in text.split("/"))
    checks.choose(form, FORMS, kind="form of a readout", listing=_listing(FORMS))
    found = {}
    for word in words:
        both = {**COMBINATIONS, **RELEVANCES}
        checks.choose(word, both, kind=f"word in readout {text!r}:", listing=_listing(both))
        kind = "combination" if word in COMBINATIONS else "relevance"
        if kind in found:
            raise checks.InputError(
                f"readout {text!r} has two of a kind: {found[kind]!r} and {word!r}"
            )
        found[kind] = word
    combination, relevance = found.get("combination", "raw"), found.get("relevance", "uniform")
    if relevance != "uniform":
        check_channelwise(form)
    return form, combination, relevance


def contributions(moments: Mapping[str, Array], form: str) -> Array:
    """Returns what each channel adds to the sums of a form, (N, C, K).

    Args:
      moments: of one tap: (N, C) each; those of stored moments come back in double precision.
      form: a name of ``FORMS``.
    """
    needed = {name: moments[name] for name in FORMS[form].moments}
    if all(isinstance(values, np.ndarray) for values in needed.values()):
        needed = {name: values.astype(np.float64) for name, values in needed.items()}
    return FORMS[form].contributions(needed)


def tap_totals(moments: Mapping[str, Array], form: str, *, relevance: Array | None = None) -> Array:
    """Returns what a tap adds to the sums of a form.

    Args:
      moments: of one tap: (N, C) each, ``gram`` (N, 1); NumPy or JAX. More than needed is fine.
      form: a name of ``FORMS``.
      relevance: (C,) non-negative weights of the channels' contributions, or (C, K) of each part
        of a form that has parts; None for 1.

    Returns:
      (N, K) sums over channels: float64 for NumPy, float32 for JAX.
    """
    found = contributions(moments, form)
    if relevance is not None:
        check_channelwise(form)
        xp = found.__array_namespace__()
        weights = xp.asarray(relevance, found.dtype)
        found = found * weights.reshape(1, len(weights), -1)
    return found.sum(axis=1)


def _mean_of_rows(values: np.ndarray) -> np.ndarray:
    """The mean over pairs, those that failed (NaN) left out; NaN where all did."""
    passed = ~np.isnan(values.reshape(len(values), -1)).any(axis=1)
    if not passed.any():
        return np.full(values.shape[1:], np.nan)
    return values[passed].mean(axis=0)


def dataset_mean(moments: Mapping[str, np.ndarray], form: str) -> np.ndarray:
    """Returns the relevance that gives each channel of a tap the same say over a data set.

    Args:
      moments: of one tap over the whole data set, NaN in the rows of pairs that failed.
      form: a name of ``FORMS``.

    Returns:
      (C,) one over each channel's mean contribution, 0 where that mean is 0.
    """
    check_channelwise(form)
    mean = _mean_of_rows(FORMS[form].size(contributions(moments, form)))
    return safe_divide(np.ones_like(mean), mean)


def tap_scale(totals: np.ndarray, form: str) -> float:
    """Returns the mean of a tap's totals (N, K) over a data set, which ``balanced`` divides by."""
    return float(_mean_of_rows(FORMS[form].size(totals)))


def tap_weights(
    readout: Readout,
    positions: Sequence[int],
    channels: Sequence[int],
    scales: Sequence[float] | None = None,
) -> list[float]:
    """Returns by what the totals of each tap are multiplied before they are added.

    Args:
      readout: how taps combine.
      positions: per tap h * w of its map.
      channels: per tap C.
      scales: per tap ``tap_scale`` of its totals over the data set; for ``balanced`` only.
    """
    form = FORMS[readout.form]
    match readout.combination:
        case "balanced":
            return [1 / float(scale) if scale else 0.0 for scale in scales or ()]
        case "averaged":
            return [1 / int(count) ** form.entries for count in channels]
    largest = max(positions)
    return [float(count / largest) if form.by_positions else 1.0 for count in positions]


def combine(
    totals: Sequence[Array],
    readout: Readout,
    *,
    positions: Sequence[int],
    channels: Sequence[int],
    scales: Sequence[float] | None = None,
) -> Array:
    """Returns distances from the totals of taps.

    Args:
      totals: per tap of the readout (N, K), from ``tap_totals``.
      readout: how they combine.
      positions: per tap h * w of its map.
      channels: per tap C.
      scales: per tap ``tap_scale`` of its totals over the data set; for ``balanced`` only.

    Returns:
      (N,) distances, 0 for equal responses, larger = less alike.

    Raises:
      InputError: scales are missing where they are needed, or given where they are not.
    """
    if (scales is not None) != (readout.combination == "balanced"):
        verb = "needs" if scales is None else "takes no"
        raise checks.InputError(
            f"readout {readout.name!r} {verb} scales of its taps over a data set"
        )
    weights = tap_weights(readout, positions, channels, scales)
    weighted = [total * weight for total, weight in zip(totals, weights, strict=True)]
    return FORMS[readout.form].finish(sum(weighted[1:], start=weighted[0]))
