"""How a distance agrees with people on each part of a data set: by distortion, by level, .."""

import dataclasses
from collections.abc import Hashable, Mapping, Sequence

import numpy as np

from jaxiqa.checks import InputError
from jaxiqa.statistics.bootstrap import estimates
from jaxiqa.statistics.paired import badness, numbered, numbers

# A correlation of fewer pairs than this says next to nothing.
FEWEST = 5


@dataclasses.dataclass(frozen=True)
class Part:
    """Correlations of one part of a data set, positive where distance and opinion agree.

    Attributes:
      by: name of the column that divides the data set, such as ``distortion``.
      value: what this part has in that column.
      n: pairs that the numbers rest on.
      failed: pairs of this part that had to be left out.
      plcc, plcc_low, plcc_high: Pearson's correlation and the ends of its interval; NaN where there
        are fewer than 5 pairs, or a distance or opinion is the same for all of them.
      srocc, srocc_low, srocc_high: Spearman's.
      krocc, krocc_low, krocc_high: Kendall's tau-b.
    """

    by: str
    value: str
    n: int
    failed: int
    plcc: float = float("nan")
    plcc_low: float = float("nan")
    plcc_high: float = float("nan")
    srocc: float = float("nan")
    srocc_low: float = float("nan")
    srocc_high: float = float("nan")
    krocc: float = float("nan")
    krocc_low: float = float("nan")
    krocc_high: float = float("nan")


def breakdown(
    distance,
    opinion,
    columns: Mapping[str, Sequence[Hashable] | None],
    *,
    higher_is_better: bool,
    reference_id: Sequence[Hashable] | None = None,
    resamples: int = 1000,
    seed: int = 0,
    level: float = 0.95,
) -> list[Part]:
    """Returns the correlations of each part of a data set, column by column.

    Opinion spans less within a part than over all of them, so its correlations are lower as a rule:
    compare parts with each other, and distances within a part.

    Args:
      distance: (n,) larger = less alike, NaN where a pair failed.
      opinion: (n,) finite scores.
      columns: name -> (n,) what divides the pairs, as {"distortion": pairs.distortion, "level":
        pairs.level}; None for a column that the data set lacks.
      higher_is_better: the sign of opinion: True for MOS, False for DMOS that rises with damage.
      reference_id: (n,) the reference image of each pair; None draws pairs, see `correlate`.
      resamples: draws of the bootstrap; 0 gives no intervals.
      seed: of the draws.
      level: part of the resampled values inside the interval, in (0, 1).

    Returns:
      A `Part` for each value of each column, in the order in which they first appear; none is left
      out, those that cannot be correlated are there without numbers.

    Raises:
      InputError: lengths differ, opinion is not finite, or an option is out of range.
    """
    distance, opinion = numbers("distance", distance), numbers("opinion", opinion)
    if len(distance) != len(opinion):
        got = f"{len(distance)} distances and {len(opinion)} opinions"
        raise InputError(f"expected one opinion per distance, got {got}")
    if not np.isfinite(opinion).all():
        raise InputError("opinion is not finite for some pairs: leave those out")
    worse, options = badness(opinion, higher_is_better), (resamples, seed, level)
    groups = numbered(range(len(opinion)) if reference_id is None else reference_id, len(opinion))
    parts = []
    for name, column in columns.items():
        for value, members in _members(name, column, len(opinion)):
            kept = members[~np.isnan(distance[members])]
            part = Part(name, value, len(kept), len(members) - len(kept))
            found = _correlated(distance[kept], worse[kept], groups[kept], *options)
            parts.append(dataclasses.replace(part, **found))
    return parts


def _members(name: str, column, length: int) -> list[tuple[str, np.ndarray]]:
    """Each value of a column with the indices of its pairs."""
    if column is None:
        return []
    if len(column) != length:
        raise InputError(f"{name}: expected one value per pair, {length}, got {len(column)}")
    members: dict[str, list[int]] = {}
    for index, value in enumerate(column):
        members.setdefault(str(value), []).append(index)
    return [(value, np.array(indices)) for value, indices in members.items()]


def _correlated(distance, worse, groups, resamples: int, seed: int, level: float) -> dict:
    if len(distance) < FEWEST or any((v == v[0]).all() for v in (distance, worse)):
        return {}
    found = estimates(distance, worse, groups, resamples=resamples, seed=seed, level=level)
    return {
        f"{name}{end}": value
        for name, values in found.items()
        for end, value in zip(("", "_low", "_high"), values, strict=True)
    }
