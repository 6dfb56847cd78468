"""`Pairs`: what a table must satisfy, and choosing rows of it."""

import dataclasses

import numpy as np
import pytest

from jaxiqa.checks import InputError
from jaxiqa.data import Pairs, subset, table_digest


def make(n=4, **changes):
    columns = {
        "name": "toy",
        "reference": tuple(f"r{i}" for i in range(n)),
        "distorted": tuple(f"d{i}" for i in range(n)),
        "opinion": np.arange(n, dtype=np.float64),
        "higher_is_better": False,
        "read": lambda key: np.zeros((2, 2, 3), np.float32),
        "level": tuple("abcdefgh"[:n]),
        "digest": "0" * 64,
    }
    return Pairs(**{**columns, **changes})


@pytest.mark.parametrize(
    ("rows", "opinion", "level"),
    [
        (np.array([True, False, False, True]), [0, 3], ("a", "d")),
        ([3, 1], [3, 1], ("d", "b")),
        (np.array([-1, 0]), [3, 0], ("d", "a")),
        ([], [], ()),
    ],
)
def test_subset_takes_every_column_in_the_order_asked(rows, opinion, level):
    part = subset(make(), rows)
    assert len(part) == len(opinion)
    assert part.opinion.tolist() == opinion
    assert part.level == level
    assert part.distorted == tuple(f"d{int(o)}" for o in opinion)
    assert part.split is None
    assert part.higher_is_better is False


def test_subset_of_a_table_without_digest_has_none():
    """A digest of its rows would not tell what is in them."""
    assert subset(make(digest=""), [0, 2]).digest == ""


def test_subset_digest_tells_the_rows_and_the_table():
    whole = make()
    mask = np.array([True, True, False, False])
    assert (
        subset(whole, mask).digest == subset(whole, [0, 1]).digest == subset(whole, [0, -3]).digest
    )
    digests = {subset(whole, rows).digest for rows in ([0, 1], [1, 0], [0, 2])} | {whole.digest}
    digests.add(subset(dataclasses.replace(whole, digest="1" * 64), [0, 1]).digest)
    assert len(digests) == 5


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (np.array([True, False]), "mask of 4 rows"),
        ([0.0, 1.0], "float64"),
        ([[0, 1]], "shape"),
        ([4], r"\[-4, 4\)"),
        ([-5], r"\[-4, 4\)"),
        (2, "shape"),
    ],
)
def test_subset_refuses_other_rows(rows, message):
    with pytest.raises(InputError, match=message):
        subset(make(), rows)


@pytest.mark.parametrize("column", ["distorted", "opinion", "opinion_std", "split"])
def test_columns_must_have_one_length(column):
    short = np.zeros(3) if column.startswith("opinion") else ("x",) * 3
    with pytest.raises(InputError, match=f"toy: {column} has 3 rows, expected 4"):
        make(**{column: short})


def test_table_digest_depends_on_content_only():
    table = {"opinion": np.array([1.0, 2.5]), "level": ("a", "b"), "split": None}
    again = {"split": None, "level": ["a", "b"], "opinion": [1.0, 2.5]}
    assert table_digest(table) == table_digest(again)
    assert table_digest(table) != table_digest({**table, "opinion": np.array([1.0, 2.25])})
    assert table_digest(table) != table_digest({**table, "level": ("ab", "")})
