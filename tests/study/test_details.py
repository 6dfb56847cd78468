"""What stands beside the rows: signs, seeds, data sets apart, and what is compared with what."""

import dataclasses

import numpy as np
import pytest
from rated import pairs_of

from jaxiqa.statistics.breakdown import breakdown
from jaxiqa.statistics.compare import compare
from jaxiqa.study.details import comparisons, parts
from jaxiqa.study.judge import Judged, Statistics, judge
from jaxiqa.study.run import Finished

N = 40
GENERATOR = np.random.default_rng(0)
OPINION = GENERATOR.normal(size=N)
DISTANCES = {
    "psnr": -OPINION + GENERATOR.normal(0, 0.5, N),
    "good": -OPINION + GENERATOR.normal(0, 0.2, N),
    "poor": -OPINION + GENERATOR.normal(0, 1.5, N),
}
STATISTICS = Statistics(resamples=60, seed=3)
COLUMNS = {"distortion": tuple("ab"[k % 2] for k in range(N)), "level": ("1",) * N}


def rated(sign, name="held"):
    rows = [(f"r{k % 8}", f"d{k}") for k in range(N)]
    pairs = pairs_of(rows, {}, opinion=sign * OPINION, higher_is_better=sign > 0, **COLUMNS)
    return dataclasses.replace(pairs, name=name)


def done(data):
    """The simple metric in one pass, two readouts of a net in another."""
    psnr = (Judged("psnr", "psnr", "", DISTANCES["psnr"]),)
    net = tuple(Judged("net", "unit", name, DISTANCES[name]) for name in ("good", "poor"))
    return [
        Finished(data, None, judged, tuple(judge(data, one, STATISTICS) for one in judged))
        for judged in (psnr, net)
    ]


@pytest.mark.parametrize("sign", [1, -1], ids=["MOS", "DMOS"])
def test_each_readout_is_compared_with_each_metric_and_the_best(sign):
    found = {(row.label, row.against): row for row in comparisons(done(rated(sign)), STATISTICS)}
    assert set(found) == {
        ("psnr", "net unit good"),
        ("net unit poor", "psnr"),
        ("net unit poor", "net unit good"),
    }
    for (label, against), row in found.items():
        direct = compare(
            *(DISTANCES[name.rpartition(" ")[2]] for name in (label, against)),
            sign * OPINION,
            higher_is_better=sign > 0,
            reference_id=[f"r{k % 8}" for k in range(N)],
            resamples=60,
            seed=3,
        )
        assert row.data == "held"
        assert dataclasses.asdict(row).items() >= dataclasses.asdict(direct).items()
        assert row.srocc < 0
        assert row.p_holm >= row.srocc_p


@pytest.mark.parametrize("sign", [1, -1], ids=["MOS", "DMOS"])
def test_each_part_is_that_of_the_distance_alone(sign):
    found = parts(done(rated(sign)), STATISTICS)
    assert [(row.net, row.taps, row.by, row.value) for row in found] == [
        (net, taps, by, value)
        for net, taps in (("psnr", ""), ("net", "good"), ("net", "poor"))
        for by, value in (("distortion", "a"), ("distortion", "b"), ("level", "1"))
    ]
    for name in ("psnr", "good", "poor"):
        expected = breakdown(
            DISTANCES[name],
            sign * OPINION,
            COLUMNS,
            higher_is_better=sign > 0,
            reference_id=[f"r{k % 8}" for k in range(N)],
            resamples=60,
            seed=3,
        )
        ours = [row for row in found if name in (row.taps, row.net)]
        for row, part in zip(ours, expected, strict=True):
            assert dataclasses.asdict(row).items() >= dataclasses.asdict(part).items()
            assert row.srocc > 0.2


def test_data_sets_are_compared_apart():
    both = [*done(rated(1, "one")), *done(rated(-1, "two"))]
    found = comparisons(both, STATISTICS)
    assert [row.data for row in found] == ["one"] * 3 + ["two"] * 3
    first, second = ([dataclasses.replace(r, data="") for r in found[k : k + 3]] for k in (0, 3))
    assert first == second
