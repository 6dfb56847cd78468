"""Which of two distances agrees better with people, and how sure that is."""

import dataclasses
import functools
from collections.abc import Hashable, Iterator, Mapping, Sequence

import numpy as np

from jaxiqa import checks
from jaxiqa.statistics.difference import NAN, Difference, Sample, difference, sample, statistics
from jaxiqa.statistics.holm import holm
from jaxiqa.statistics.paired import badness, numbered, numbers, paired


def compare(
    distance_a,
    distance_b,
    opinion,
    *,
    higher_is_better: bool,
    reference_id: Sequence[Hashable] | None = None,
    resamples: int = 1000,
    seed: int = 0,
    level: float = 0.95,
) -> Difference:
    """Returns how much better distance a agrees with opinion than distance b does.

    Both are resampled on the same draws of reference images: the interval holds the middle of the
    differences, and p is that of difference / standard error on Student's t with references - 1
    degrees of freedom. A share of draws would not do, since it cannot get below 1 / resamples and p
    must before it is adjusted for many tests. Signs are kept, so an inverted metric is the worse.

    Args:
      distance_a, distance_b: (n,) larger = less alike, n >= 3; an infinity leaves plcc NaN.
      opinion: (n,) finite scores.
      higher_is_better: the sign of opinion: True for MOS, False for DMOS that rises with damage.
      reference_id: (n,) the reference image of each pair; None draws pairs, see `correlate`.
      resamples: draws of the bootstrap; below 2 there is no p.
      seed: of the draws.
      level: part of the resampled differences inside the interval, in (0, 1).

    Returns:
      `Difference`: exactly 0 and p = 1 where both rank alike (plcc: where one is linear in the
      other). With a single reference there are no intervals and no p but Williams'.

    Raises:
      InputError: what `correlate` refuses, of either distance.

    Examples:
      >>> from jaxiqa import compare
      >>> one, other = [0.1, 0.4, 0.3, 0.9, 0.8, 1.2], [0.2, 0.1, 0.4, 0.5, 0.3, 0.9]
      >>> mos, scene = [6, 5, 4, 3, 2, 1], ["a", "a", "b", "b", "c", "c"]
      >>> found = compare(one, other, mos, higher_is_better=True, reference_id=scene)
      >>> round(found.srocc, 3), found.references
      (0.114, 3)

    References:
      B. Efron, R. Tibshirani, "An Introduction to the Bootstrap", 1993, chapters 6 and 12.
    """
    (a, opinion), (b, _) = paired(distance_a, opinion), paired(distance_b, opinion)
    groups = range(len(a)) if reference_id is None else reference_id
    worse = badness(opinion, higher_is_better)
    pairs = sample(worse, numbered(groups, len(a)), resamples, seed)
    return difference(a, b, statistics(a, pairs), statistics(b, pairs), pairs, level)


@dataclasses.dataclass(frozen=True)
class _Labels:
    """Fields of the last base come first, and a table starts with its labels."""

    label: str
    against: str


@dataclasses.dataclass(frozen=True)
class Comparison(Difference, _Labels):
    """The `Difference` of ``label`` less ``against``, one of several that were tested together.

    Attributes:
      label, against: names of the two distances.
      p_holm: ``srocc_p`` after Holm's adjustment for all that were tested together.
    """

    p_holm: float = NAN


def compare_all(
    distances: Mapping[str, Sequence[float]],
    opinion,
    *,
    against: Sequence[str],
    higher_is_better: bool,
    reference_id: Sequence[Hashable] | None = None,
    resamples: int = 1000,
    seed: int = 0,
    level: float = 0.95,
) -> list[Comparison]:
    """Returns each distance compared with each of ``against``, over the pairs that both have.

    Args:
      distances: label -> (n,) larger = less alike, NaN where a pair failed.
      opinion: (n,) finite scores.
      against: labels to compare with. No distance is compared with itself, and two that are both
        among these are compared once.
      higher_is_better, reference_id, resamples, seed, level: as in `compare`.

    Returns:
      One `Comparison` each, label by label, adjusted together. Without numbers where fewer than 3
      pairs are left, or where a distance or opinion is constant over them.

    Raises:
      InputError: an unknown label, not one number or NaN per opinion, opinion that is not finite,
        or an option out of range.
    """
    opinion = numbers("opinion", opinion)
    if not np.isfinite(opinion).all():
        raise checks.InputError("opinion is not finite for some pairs: leave those out")
    columns = {name: _column(name, values, len(opinion)) for name, values in distances.items()}
    worse = badness(opinion, higher_is_better)
    groups = numbered(range(len(opinion)) if reference_id is None else reference_id, len(opinion))

    @functools.cache
    def pairs_of(mask: bytes) -> Sample:
        kept = np.frombuffer(mask, bool)
        return sample(worse[kept], groups[kept], resamples, seed)

    @functools.cache
    def found(label: str, mask: bytes) -> dict[str, np.ndarray]:
        return statistics(columns[label][np.frombuffer(mask, bool)], pairs_of(mask))

    def compared(label: str, other: str) -> Comparison:
        kept = ~np.isnan(columns[label]) & ~np.isnan(columns[other])
        a, b, few = columns[label][kept], columns[other][kept], groups[kept]
        if len(a) < 3 or any((v == v[0]).all() for v in (a, b, worse[kept])):
            return Comparison(label, other, len(a), len(np.unique(few)))
        both = [found(name, kept.tobytes()) for name in (label, other)]
        values = difference(a, b, *both, pairs_of(kept.tobytes()), level)
        return Comparison(label, other, **dataclasses.asdict(values))

    made = [compared(*labels) for labels in _tests(tuple(columns), against)]
    adjusted = holm([comparison.srocc_p for comparison in made])
    return [
        dataclasses.replace(comparison, p_holm=float(p))
        for comparison, p in zip(made, adjusted, strict=True)
    ]


def _tests(labels: Sequence[str], against: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Label by label what it is compared with, each two of them once."""
    for name in against:
        checks.choose(name, labels, kind="distance", listing="it has to be among the labels")
    seen = set()
    for label in labels:
        for other in dict.fromkeys(against):
            if label != other and frozenset((label, other)) not in seen:
                seen.add(frozenset((label, other)))
                yield label, other


def _column(label: str, values, length: int) -> np.ndarray:
    array = numbers(f"distance {label!r}", values)
    if len(array) != length:
        raise checks.InputError(
            f"distance {label!r}: expected one per opinion, {length}, got {len(array)}"
        )
    return array
