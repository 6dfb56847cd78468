"""Parts of a data set against the correlations of the same pairs alone."""

import dataclasses

import numpy as np
import pytest

from jaxiqa.checks import InputError
from jaxiqa.statistics.breakdown import Part, breakdown
from jaxiqa.statistics.correlate import correlate


def rated():
    """6 references x 3 distortions x 5 levels of which one part has gaps."""
    generator = np.random.default_rng(0)
    reference, distortion, level = (v.ravel() for v in np.indices((6, 3, 5)))
    distance = level + generator.normal(size=90)
    opinion = -distance + generator.normal(size=90) * (1 + distortion)
    distance[[0, 6]] = np.nan
    names = {"distortion": [f"d{d}" for d in distortion], "level": level}
    return distance, opinion, names, reference


def test_each_part_is_what_its_pairs_alone_give():
    distance, opinion, columns, reference = rated()
    options = {"higher_is_better": True, "resamples": 40, "seed": 1, "level": 0.8}
    found = breakdown(distance, opinion, columns, reference_id=reference, **options)
    assert [(part.by, part.value) for part in found] == [
        *(("distortion", f"d{i}") for i in range(3)),
        *(("level", str(i)) for i in range(5)),
    ]
    assert [part.failed for part in found] == [1, 1, 0, 1, 1, 0, 0, 0]
    for part in found:
        members = np.array([str(v) == part.value for v in columns[part.by]])
        kept = members & ~np.isnan(distance)
        alone = correlate(distance[kept], opinion[kept], reference_id=reference[kept], **options)
        assert part.n + part.failed == members.sum()
        for name, value in dataclasses.asdict(part).items():
            if name not in ("by", "value", "failed"):
                assert value == getattr(alone, name), name


def test_a_part_that_cannot_be_correlated_is_there_without_numbers():
    distance = np.array([1, 2, 3, 4, 1, 2, 3, 4, 5, 7, 7, 7, 7, 7, 1, 2, 3, 4, 6.0])
    opinion = np.array([4, 3, 2, 1, 5, 4, 3, 2, 1, 1, 2, 3, 4, 5, 2, 2, 2, 2, 2.0])
    kind = ["four"] * 4 + ["five"] * 5 + ["same distance"] * 5 + ["same opinion"] * 5
    found = breakdown(distance, opinion, {"kind": kind}, higher_is_better=True, resamples=0)
    by_name = {part.value: part for part in found}
    assert list(by_name) == list(dict.fromkeys(kind))
    for name, n in (("four", 4), ("same distance", 5), ("same opinion", 5)):
        values = dataclasses.astuple(by_name[name])
        assert values[:4] == ("kind", name, n, 0)
        assert np.isnan(values[4:]).all()
    assert by_name["five"].srocc == pytest.approx(1)


def test_a_part_of_failed_pairs_alone_is_there():
    distance, opinion = np.array([np.nan] * 5 + [1, 2, 3, 5, 4]), np.arange(10.0)
    first, second = breakdown(
        distance, opinion, {"level": "1111122222"}, higher_is_better=False, resamples=0
    )
    assert (first.value, first.n, first.failed) == ("1", 0, 5)
    assert np.isnan(first.srocc)
    assert second.srocc == pytest.approx(0.9)


def test_a_column_that_the_data_set_lacks_gives_no_rows():
    distance, opinion, columns, _ = rated()
    lacking = {"distortion": None, "level": columns["level"]}
    found = breakdown(distance, opinion, lacking, higher_is_better=True, resamples=0)
    assert {part.by for part in found} == {"level"}
    assert isinstance(found[0], Part)
    assert breakdown(distance, opinion, {}, higher_is_better=True) == []


def test_opinion_where_low_is_good_turns_the_sign():
    distance, opinion, columns, _ = rated()
    mos = breakdown(distance, opinion, columns, higher_is_better=True, resamples=0)
    dmos = breakdown(distance, -opinion, columns, higher_is_better=False, resamples=0)
    assert [part.srocc for part in mos] == [part.srocc for part in dmos]
    assert min(part.srocc for part in mos if part.by == "distortion") > 0


MISTAKES = [
    ([1, 2], [1, 2, 3], {}, {}, "2 distances and 3 opinions"),
    ([1, 2, 3], [1, 2, np.inf], {}, {}, "opinion is not finite"),
    ([1, 2, 3], [1, 2, 3], {"level": [1, 2]}, {}, "level: expected one value per pair, 3, got 2"),
    ([1, 2, 3], [1, 2, 3], {}, {"higher_is_better": "yes"}, "True or False, got 'yes'"),
    ([1, 2, 3], [1, 2, 3], {}, {"reference_id": [1]}, "one per pair, 3, got 1"),
]


@pytest.mark.parametrize(("distance", "opinion", "columns", "options", "message"), MISTAKES)
def test_mistakes_are_named(distance, opinion, columns, options, message):
    with pytest.raises(InputError, match=message):
        breakdown(distance, opinion, columns, **{"higher_is_better": True, **options})
