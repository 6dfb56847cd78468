"""What a finished study says beyond its rows: which readouts differ, and where they agree."""

import dataclasses
import functools
import math
from collections.abc import Iterable, Sequence

from jaxiqa.data import Pairs
from jaxiqa.statistics.breakdown import Part, breakdown
from jaxiqa.statistics.ceiling import Ceiling, noise_ceiling
from jaxiqa.statistics.compare import Comparison, compare_all
from jaxiqa.study.judge import Data, Statistics, sample
from jaxiqa.study.rows import Row
from jaxiqa.study.run import Finished


@dataclasses.dataclass(frozen=True)
class _OfData:
    """Fields of the last base come first."""

    data: str


@dataclasses.dataclass(frozen=True)
class _OfReadout:
    data: str
    net: str
    readout: str
    taps: str


@dataclasses.dataclass(frozen=True)
class ComparedRow(Comparison, _OfData):
    """A `Comparison` on a data set; labels are ``Row.name``.

    Attributes:
      data: name of the data set.
    """


@dataclasses.dataclass(frozen=True)
class PartRow(Part, _OfReadout):
    """A `Part` of a data set as one readout sees it.

    Attributes:
      data, net, readout, taps: as in `Row`.
    """


def _by_data(done: Iterable[Finished]) -> dict[str, list[Finished]]:
    found: dict[str, list[Finished]] = {}
    for finished in done:
        found.setdefault(finished.data.name, []).append(finished)
    return found


def _best(rows: Iterable[Row]) -> Row | None:
    return max((row for row in rows if not math.isnan(row.srocc)), key=_srocc, default=None)


def _srocc(row: Row) -> float:
    return row.srocc


def _compared(data: Data, rows: Sequence[Row], distances, statistics: Statistics) -> list:
    """Each readout against each simple metric, and against the best readout of a net."""
    samples = [sample(data, distance) for distance in distances]
    best = _best(row for row in rows if row.is_net)
    against = [row.name for row in rows if not row.is_net or row is best]
    found = compare_all(
        {row.name: one.distance for row, one in zip(rows, samples, strict=True)},
        samples[0].opinion,
        against=against,
        higher_is_better=samples[0].higher_is_better,
        reference_id=samples[0].groups,
        resamples=statistics.resamples,
        seed=statistics.seed,
    )
    return [ComparedRow(data.name, **dataclasses.asdict(one)) for one in found]


def comparisons(done: Sequence[Finished], statistics: Statistics) -> list[ComparedRow]:
    """Returns how each readout compares with each simple metric and with the best one, by data set.

    Holm's adjustment is over all tests on a data set. The best is the best of the very pairs that
    it is tested on, so what is tested against it looks a little worse than it is.
    """
    found = []
    for few in _by_data(done).values():
        rows = [row for finished in few for row in finished.rows]
        distances = [judged.distance for finished in few for judged in finished.judged]
        found += _compared(few[0].data, rows, distances, statistics)
    return found


def parts(done: Sequence[Finished], statistics: Statistics) -> list[PartRow]:
    """Returns how each readout agrees with people on each distortion and each level."""
    found = []
    for finished in done:
        data = finished.data
        if not isinstance(data, Pairs):
            continue
        columns = {"distortion": data.distortion, "level": data.level}
        for row, judged in zip(finished.rows, finished.judged, strict=True):
            asked = sample(data, judged.distance)
            few = breakdown(
                asked.distance,
                asked.opinion,
                columns,
                higher_is_better=asked.higher_is_better,
                reference_id=asked.groups,
                resamples=statistics.resamples,
                seed=statistics.seed,
            )
            of = (row.data, row.net, row.readout, row.taps)
            found += [PartRow(*of, **dataclasses.asdict(part)) for part in few]
    return found


@functools.lru_cache(maxsize=16)
def _ceiling(pairs: Pairs, seed: int) -> Ceiling:
    return noise_ceiling(pairs.opinion, pairs.opinion_error, seed=seed)


def ceilings(data: Iterable[Data], statistics: Statistics) -> dict[str, Ceiling]:
    """Returns what a perfect metric could reach where opinion has standard errors, by data set."""
    return {
        pairs.name: _ceiling(pairs, statistics.seed)
        for pairs in data
        if isinstance(pairs, Pairs) and pairs.opinion_error is not None
    }
