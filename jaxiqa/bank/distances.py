"""Distances read off a bank: any readout of the taps it holds, without touching a net again."""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from jaxiqa import checks
from jaxiqa.arch import ARCHITECTURES
from jaxiqa.arch.geometry import channels, extents
from jaxiqa.arch.graph import Architecture, resolve
from jaxiqa.bank import store
from jaxiqa.bank.store import Bank
from jaxiqa.readouts.distance import Relevance, check_relevance
from jaxiqa.readouts.moments import GRAM
from jaxiqa.readouts.readout import (
    FORMS,
    Readout,
    combine,
    dataset_mean,
    tap_scale,
    tap_totals,
)


@dataclasses.dataclass(frozen=True)
class _Term:
    """What one tap contributes to readouts of a form with one kind of relevance."""

    tap: str
    form: str
    relevance: str


def architecture_of(bank: Bank) -> Architecture:
    """Returns the table of the net that a bank holds.

    Raises:
      InputError: the bank holds simple metrics, or a net that this version does not know.
    """
    looked = bank.record["identity"]["looked at"]
    if not isinstance(looked, Mapping):
        raise checks.InputError(f"{bank.path} holds simple metrics and no responses of a net")
    listing = f"{bank.path} was made by jaxiqa {bank.record['identity']['jaxiqa']}"
    checks.choose(looked["architecture"], ARCHITECTURES, kind="net", listing=listing)
    return ARCHITECTURES[looked["architecture"]]


def taps_of(bank: Bank) -> tuple[str, ...]:
    """Returns the names of the taps that a bank of a net holds, from the first layer on."""
    held = {name.rpartition("/")[0] for name in bank.arrays}
    return tuple(node.name for node in architecture_of(bank).nodes if node.name in held)


def moments(bank: Bank, tap: str, names: Sequence[str]) -> dict[str, np.ndarray]:
    """Returns pair moments of one tap over a whole data set.

    Args:
      bank: a finished bank of a net.
      tap: as for ``responses``.
      names: of ``MOMENTS``.

    Returns:
      (n, C) float32 per channel moment and (n, 1) for ``gram``, in the order of the pairs; NaN in
      the rows of pairs that failed.

    Raises:
      InputError: a tap or moment that the bank does not hold.
    """
    node = resolve(architecture_of(bank), tap)
    if node not in taps_of(bank):
        raise checks.InputError(
            f"the bank {bank.path} holds {', '.join(taps_of(bank))}, not {tap!r}; extract it with "
            "that tap"
        )
    held = bank.record["moments"]
    listing = f"the bank {bank.path} holds {', '.join(held)}; extract it with that moment"
    stacked = [name for name in held if name != GRAM]
    found = {}
    for name in names:
        checks.choose(name, held, kind="moment", listing=listing)
        if name == GRAM:
            found[name] = store.read(bank, f"{node}/{GRAM}")[:, None]
        else:
            found[name] = store.read(bank, f"{node}/moments", stacked.index(name))
    return found


def _terms(readouts: Iterable[Readout]) -> dict[str, list[_Term]]:
    """What has to be summed, each once, by tap."""
    found: dict[str, dict[_Term, None]] = {}
    for readout in readouts:
        for tap in readout.taps:
            term = _Term(tap, readout.form, readout.relevance)
            found.setdefault(tap, {})[term] = None
    return {tap: list(terms) for tap, terms in found.items()}


def _given(bank: Bank, readouts: Iterable[Readout], relevance: Relevance | None) -> Relevance:
    """The weights by tap, checked for every readout; an empty dict for none."""
    architecture, checked = architecture_of(bank), {}
    width = channels(architecture)
    for readout in readouts:
        if relevance is not None and readout.relevance != "uniform":
            raise checks.InputError(
                f"readout {readout.name!r} has a relevance of its own; give it no other"
            )
        few = relevance and {t: w for t, w in relevance.items() if t in readout.taps}
        counts = {tap: width[resolve(architecture, tap)] for tap in readout.taps}
        checked |= check_relevance(few, readout, counts)
    return {tap: np.asarray(weights, np.float64) for tap, weights in checked.items()}


def _totals(
    bank: Bank, readouts: Iterable[Readout], relevance: Relevance
) -> dict[_Term, np.ndarray]:
    """Sums over channels (n, K); the moments of one tap at a time are in memory."""
    found = {}
    for tap, terms in _terms(readouts).items():
        needed = dict.fromkeys(name for term in terms for name in FORMS[term.form].moments)
        held = moments(bank, tap, tuple(needed))
        for term in terms:
            weights = relevance.get(tap)
            if term.relevance == "dataset-mean":
                weights = dataset_mean(held, term.form)
            found[term] = tap_totals(held, term.form, relevance=weights)
    return found


def _combined(bank: Bank, readout: Readout, totals: Sequence[np.ndarray]) -> np.ndarray:
    """Distances from the totals of the taps, image size by image size."""
    architecture = architecture_of(bank)
    nodes = [resolve(architecture, tap) for tap in readout.taps]
    width = channels(architecture)
    balanced = readout.combination == "balanced"
    scales = [tap_scale(total, readout.form) for total in totals] if balanced else None
    sizes = store.sizes(bank)
    distance = np.full(len(sizes), np.nan)
    for height, across in np.unique(sizes, axis=0).tolist():
        if height:
            rows = np.all(sizes == np.array([[height, across]]), axis=1)
            along = [extents(architecture, extent) for extent in (height, across)]
            distance[rows] = combine(
                [total[rows] for total in totals],
                readout,
                positions=[along[0][node] * along[1][node] for node in nodes],
                channels=[width[node] for node in nodes],
                scales=scales,
            )
    return distance


def distances(
    bank: Bank, readouts: Sequence[Readout], *, relevance: Relevance | None = None
) -> list[np.ndarray]:
    """Returns the distances that readouts give to the pairs of a data set.

    Args:
      bank: a finished bank of a net.
      readouts: of taps that it holds. ``dataset-mean`` and ``balanced`` take their means over the
        pairs of this bank.
      relevance: by tap, as named in the readouts, (C,) non-negative weights of the channels'
        contributions, as for ``distance``; None for 1.

    Returns:
      (n,) float64 per readout, in the order of the pairs: 0 for equal images, larger = less alike,
      NaN where a pair failed.

    Raises:
      InputError: a tap or moment that the bank does not hold, or relevance that does not fit.

    Examples:
      >>> from jaxiqa import Readout, correlate, distances
      >>> readouts = [Readout(("relu1",), "mean"), Readout(("relu1", "fire2"), "unit", "balanced")]
      >>> mean, both = distances(bank, readouts)  # ``bank`` and ``pairs`` as for ``extract_bank``
      >>> both.shape, bool((both > 0).all())
      ((18,), True)
      >>> correlate(both, pairs.opinion, higher_is_better=True, reference_id=reference).srocc > 0.9
      True
    """
    totals = _totals(bank, readouts, _given(bank, readouts, relevance))
    return [
        _combined(bank, r, [totals[_Term(tap, r.form, r.relevance)] for tap in r.taps])
        for r in readouts
    ]
