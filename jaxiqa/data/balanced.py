"""A part of a database for a quick look, in which references and distortions keep their shares."""

import dataclasses
import itertools
from collections.abc import Sequence

import numpy as np

from jaxiqa.checks import InputError
from jaxiqa.data.pairs import Pairs, subset

FEWEST = 3


def _groups(columns: Sequence[np.ndarray]) -> np.ndarray:
    """(n,) the number of the group to which each row's values, taken together, belong."""
    codes = [np.unique(column, return_inverse=True)[1] for column in columns]
    return np.unique(np.stack(codes), axis=1, return_inverse=True)[1].reshape(-1)


def _chosen(groupings: Sequence[np.ndarray], count: int) -> np.ndarray:
    """Rows, each of which lowers most the chi-square of groups against their shares.

    Of a group with share t that has h rows already, one more changes (h - t)^2 / t by
    (2 (h - t) + 1) / t.
    """
    total = len(groupings[0])
    share = [np.bincount(groups) * (count / total) for groups in groupings]
    have = [np.zeros_like(each) for each in share]
    found = np.zeros(total, bool)
    for _ in range(count):
        change = np.where(found, np.inf, 0.0)
        for groups, t, h in zip(groupings, share, have, strict=True):
            change += ((2 * (h - t) + 1) / t)[groups]
        row = np.argmin(change)
        found[row] = True
        for groups, h in zip(groupings, have, strict=True):
            h[groups[row]] += 1
    return found


def balanced(pairs: Pairs, count: int) -> Pairs:
    """Returns a part of a database in which everything has about its share.

    Pairs are taken one by one, so that references, distortions and levels, each on its own and two
    at a time, stay nearest to their shares in the whole. Opinion and the order of the rows have no
    say in it, and it is the same part every time.

    Args:
      pairs: n rated pairs.
      count: how many of them, from 3 to n.

    Returns:
      ``count`` rows in the order of the table, named "NAME (COUNT of N)"; all n as they are where
      ``count`` is n.

    Raises:
      InputError: a count out of range, or no whole number.
    """
    total = len(pairs)
    if isinstance(count, bool) or not isinstance(count, int | np.integer):
        raise InputError(f"expected a whole number of pairs, got {count!r}")
    if not FEWEST <= count <= total:
        raise InputError(
            f"{pairs.name} has {total} pairs, and {count} of them were asked for; give a number "
            f"from {FEWEST} to {total}"
        )
    if count == total:
        return pairs
    scenes = pairs.reference if pairs.reference_id is None else pairs.reference_id
    told = (scenes, pairs.distortion, pairs.level)
    columns = [np.array(list(map(str, column))) for column in told if column is not None]
    # Shuffled, so that where nothing tells rows apart it is not the first ones that are taken; from
    # an order of their own, so that a table written in another order has the same part.
    sorted_rows = np.lexsort([np.array(pairs.distorted), np.array(pairs.reference), *columns])
    order = sorted_rows[np.random.default_rng(0).permutation(total)]
    groupings = [
        _groups(few)[order] for size in (1, 2) for few in itertools.combinations(columns, size)
    ]
    rows = np.sort(order[_chosen(groupings, count)])
    return dataclasses.replace(subset(pairs, rows), name=f"{pairs.name} ({count} of {total})")
