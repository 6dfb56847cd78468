"""A part of a database: what it keeps the shares of, and what it does not look at."""

import dataclasses
import itertools
from collections import Counter

import numpy as np
import pytest

from jaxiqa.checks import InputError
from jaxiqa.data import Pairs, balanced, subset

COLUMNS = ("reference", "distortion", "level")


def table(rows, **changes):
    reference, distortion, level = zip(*rows, strict=True)
    n = len(rows)
    columns = {
        "name": "toy",
        "reference": reference,
        "distorted": tuple(f"d{k}" for k in range(n)),
        "opinion": np.arange(n, dtype=np.float64),
        "higher_is_better": True,
        "read": lambda key: np.zeros((2, 2, 3), np.float32),
        "distortion": distortion,
        "level": level,
        "digest": "0" * 64,
    }
    return Pairs(**{**columns, **changes})


# 24 references, 6 distortions at 5 levels, as in the part of TID2013 that can be rebuilt.
CROSSED = table(list(itertools.product([f"r{k}" for k in range(24)], "abcdef", "12345")))


def counts(pairs, *names):
    return Counter(zip(*(getattr(pairs, name) for name in names), strict=True))


@pytest.mark.parametrize("count", [30, 96, 120, 240, 700])
def test_everything_keeps_its_share(count):
    part = balanced(CROSSED, count)
    assert len(part) == len(set(part.distorted)) == count
    for size in (1, 2):
        for names in itertools.combinations(COLUMNS, size):
            whole, found = counts(CROSSED, *names), counts(part, *names)
            # As near as whole numbers come, give or take one.
            off = [abs(found[group] - count * n / len(CROSSED)) for group, n in whole.items()]
            assert max(off) < 2, names


def test_of_each_reference_as_many_where_that_is_possible():
    part = balanced(CROSSED, 120)
    assert set(counts(part, "reference").values()) == {5}
    assert set(counts(part, "level").values()) == {24}
    assert set(counts(part, "reference", "distortion").values()) == {1}
    assert set(counts(part, "reference", "level").values()) == {1}


def test_the_same_pairs_every_time_in_the_order_of_the_table_whatever_the_opinion():
    part = balanced(CROSSED, 50)
    assert part.name == "toy (50 of 720)"
    assert (np.diff(part.opinion) > 0).all()
    assert part.digest not in ("", CROSSED.digest)
    other = dataclasses.replace(CROSSED, opinion=np.random.default_rng(1).random(len(CROSSED)))
    assert balanced(CROSSED, 50).distorted == balanced(other, 50).distorted == part.distorted
    turned = subset(CROSSED, np.random.default_rng(2).permutation(len(CROSSED)))
    assert set(balanced(turned, 50).distorted) == set(part.distorted)


def test_uneven_tables_stay_uneven():
    rows = [(f"r{k % 10}", kind, "1") for kind, n in (("a", 60), ("b", 30)) for k in range(n)]
    assert counts(balanced(table(rows), 45), "distortion") == {("a",): 30, ("b",): 15}


def test_without_columns_references_are_balanced_and_no_row_is_preferred():
    rows = [(f"r{k // 9}", "", "") for k in range(90)]
    plain = table(rows, distortion=None, level=None)
    part = balanced(plain, 30)
    assert set(counts(part, "reference").values()) == {3}
    scenes = table(rows, distortion=None, level=None, reference_id=("one",) * 45 + ("two",) * 45)
    few = balanced(scenes, 10)
    assert Counter(few.reference_id) == {"one": 5, "two": 5}
    assert set(few.distorted) != {f"d{k}" for k in (*range(5), *range(45, 50))}


def test_all_pairs_are_the_table_itself():
    assert balanced(CROSSED, 720) is CROSSED


def test_columns_may_be_arrays_with_gaps():
    level = np.array([None, *CROSSED.level[1:]], dtype=object)
    scenes = np.array(CROSSED.reference)
    assert len(balanced(dataclasses.replace(CROSSED, level=level, reference_id=scenes), 9)) == 9


@pytest.mark.parametrize("count", ["3", 3.0, None, True])
def test_what_is_no_number_is_refused(count):
    with pytest.raises(InputError, match="expected a whole number of pairs, got"):
        balanced(CROSSED, count)


@pytest.mark.parametrize("count", [-1, 0, 2, 721])
def test_a_number_out_of_range_is_refused(count):
    with pytest.raises(InputError, match=rf"toy has 720 pairs, and {count} of them .* 3 to 720"):
        balanced(CROSSED, count)
