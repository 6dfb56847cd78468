"""Differences that a study does not test, since they are between means over random seeds.

For a difference of two means three variances add up: that of the seeds of either side, which are
independent, and that of the pairs or stimuli, from a bootstrap on draws that all seeds share.
"""

import dataclasses
import functools
import math
from collections.abc import Iterator, Sequence

import numpy as np

from jaxiqa.report.scatter import Rated
from jaxiqa.report.seeds import spread, t_interval
from jaxiqa.report.summary import merge_group, seeds_of
from jaxiqa.statistics.bootstrap import whole_and_draws
from jaxiqa.statistics.holm import holm
from jaxiqa.statistics.resampled import resampled_spearman
from jaxiqa.study.details import ComparedRow
from jaxiqa.study.rows import Row


@dataclasses.dataclass(frozen=True, eq=False)
class _Side:
    """A row of the report and the places of its seeds among the rated distances."""

    row: Row
    places: tuple[int, ...]

    @property
    def is_mean(self) -> bool:
        return len(self.places) > 1


def _sides(rows: Sequence[Row], rated: Rated) -> list[_Side]:
    """Those of which every seed has distances."""
    at = {row.name: place for place, row in enumerate(rated.rows)}
    here = [row for row in rows if row.data == rated.name and not math.isnan(row.srocc)]
    return [
        _Side(merge_group(group), tuple(at[row.name] for row in group))
        for group in seeds_of(here)
        if all(row.name in at for row in group)
    ]


def _best(sides: Sequence[_Side]) -> _Side | None:
    return max((s for s in sides if s.row.is_net), key=lambda s: s.row.srocc, default=None)


def _untrained(sides: Sequence[_Side], side: _Side) -> _Side | None:
    """The best of the same net without training, read alike."""
    alike = side.row.architecture, side.row.readout
    return _best(
        [
            s
            for s in sides
            if s.row.function == "none" and (s.row.architecture, s.row.readout) == alike
        ]
    )


def _asked(sides: Sequence[_Side]) -> Iterator[tuple[_Side, _Side]]:
    """Each against every metric, the best net, and the best without training, each two once."""
    best, seen = _best(sides), set()
    metrics = [side for side in sides if not side.row.is_net]
    for side in sides:
        others = [*metrics, best, _untrained(sides, side)]
        for other in filter(None, others if side.row.is_net else [best]):
            both = frozenset((side.row.name, other.row.name))
            if len(both) > 1 and both not in seen and (side.is_mean or other.is_mean):
                seen.add(both)
                yield side, other


class _Draws:
    """SROCC of each row on the whole set and on draws of it, computed once each."""

    def __init__(self, rated: Rated, resamples: int, seed: int):
        self.rated, self.resamples, self.seed = rated, resamples, seed
        self.of = functools.cache(self._of)
        self.sample = functools.cache(self._sample)

    def kept(self, places: Sequence[int]) -> bytes:
        """The pairs that all of these rows have."""
        return (~np.isnan(self.rated.distances[list(places)]).any(axis=0)).tobytes()

    def _sample(self, mask: bytes) -> tuple[np.ndarray, np.ndarray]:
        groups = self.rated.groups[np.frombuffer(mask, bool)].tolist()
        return whole_and_draws(groups, len(groups), self.resamples, self.seed)

    def _of(self, place: int, mask: bytes) -> np.ndarray:
        kept = np.frombuffer(mask, bool)
        distance = self.rated.distances[place, kept].astype(np.float64)
        return resampled_spearman(distance, self.rated.worse[kept], *self.sample(mask))


def _compared(a: _Side, b: _Side, draws: _Draws) -> ComparedRow | None:
    mask = draws.kept((*a.places, *b.places))
    n, (groups, counts) = sum(mask), draws.sample(mask)
    if n < 3 or len(counts) < 3:
        return None
    of_a, of_b = (np.stack([draws.of(place, mask) for place in s.places]) for s in (a, b))
    drawn, references = of_a.mean(0) - of_b.mean(0), len(np.unique(groups))
    shared = np.nanvar(drawn[1:], ddof=1) * references / (references - 1)
    parts = [(spread(side[:, 0]), max(len(side) - 1, 1)) for side in (of_a, of_b)]
    low, high, p = t_interval(float(drawn[0]), [*parts, (float(shared), references - 1)])
    numbers = {"srocc": float(drawn[0]), "srocc_low": low, "srocc_high": high, "srocc_p": p}
    return ComparedRow(draws.rated.name, a.row.name, b.row.name, n, references, **numbers)


def seed_comparisons(
    rows: Sequence[Row], rated: Sequence[Rated], *, resamples: int, seed: int
) -> list[ComparedRow]:
    """Returns how means over seeds compare with metrics, the best net, and the same net untrained.

    Args:
      rows: of a study, seeds apart.
      rated: their distances; what is thinned out is left out.
      resamples, seed: of the bootstrap over reference images or stimuli.

    Returns:
      A `ComparedRow` each, SROCC only, labels as in ``merge_seeds``; ``p_holm`` is adjusted for all
      those on one data set.
    """
    found = []
    for one in rated:
        if one.whole:
            draws = _Draws(one, resamples, seed)
            pairs = _asked(_sides(rows, one))
            made = [row for a, b in pairs if (row := _compared(a, b, draws)) is not None]
            adjusted = holm([row.srocc_p for row in made])
            found += [
                dataclasses.replace(row, p_holm=float(p))
                for row, p in zip(made, adjusted, strict=True)
            ]
    return found


def together(
    rows: Sequence[Row], compared: Sequence[ComparedRow], over_seeds: Sequence[ComparedRow]
) -> list[ComparedRow]:
    """Returns a study's comparisons with those of single seeds replaced by those of means."""
    single = {(row.data, row.name) for group in seeds_of(rows) if len(group) > 1 for row in group}
    kept = [
        one
        for one in compared
        if (one.data, one.label) not in single and (one.data, one.against) not in single
    ]
    return [*kept, *over_seeds]
