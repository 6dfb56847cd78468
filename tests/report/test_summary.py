"""Seeds merged without inventing numbers, and sentences that say what the numbers say."""

import math

import pytest

from jaxiqa.report.summary import (
    conclusions,
    merge_seeds,
    net_name,
    shortfalls,
    verdicts,
    with_interval,
)
from jaxiqa.study.details import ComparedRow
from jaxiqa.study.rows import Row

NAN = math.nan


def row(net="alexnet", taps="relu1", srocc=0.5, low=0.4, high=0.6, data="tid", **options):
    simple = net.startswith(("psnr", "ssim"))
    values = {"n": 10, "failed": 0, "srocc": srocc, "srocc_low": low, "srocc_high": high} | options
    return Row(data, net, net if simple else "euclidean", "" if simple else taps, **values)


PSNR, SSIM = row("psnr", srocc=0.3, low=0.2, high=0.4), row("ssim_unrounded", srocc=0.45)


def test_seeds_become_their_mean_with_the_least_of_their_counts():
    seeds = [
        row("alexnet.random-0", srocc=0.2, low=0.1, high=0.3, plcc=0.5, rms_db=3.0),
        row(
            "alexnet.random-11", srocc=0.4, low=-0.1, high=0.7, plcc=0.1, rms_db=5.0, n=8, failed=2
        ),
    ]
    others = [PSNR, row("alexnet"), row("vgg16.random-0"), row("alexnet.random-0", data="csiq")]
    merged = merge_seeds([*seeds, *others])
    assert merged[1:] == others
    found = merged[0]
    assert (found.net, found.taps, found.data) == ("alexnet.random x2", "relu1", "tid")
    assert found.srocc == pytest.approx(0.3)
    assert found.srocc_low < 0.1
    assert found.srocc_high > 0.5
    assert (found.plcc, found.rms_db) == pytest.approx((0.3, 4.0))
    assert (found.n, found.failed) == (8, 2)


@pytest.mark.parametrize("order", [1, -1])
def test_what_one_seed_lacks_the_mean_lacks(order):
    seeds = [row("alexnet.random-0"), row("alexnet.random-1", srocc=NAN, low=NAN, high=NAN)]
    (found,) = merge_seeds(seeds[::order])
    assert all(map(math.isnan, (found.srocc, found.srocc_low, found.srocc_high)))


def test_readouts_and_data_sets_are_not_merged():
    seeds = [
        row(f"alexnet.random-{k}", taps, data=d) for k in (0, 1) for taps in "ab" for d in "xy"
    ]
    assert [(r.data, r.taps) for r in merge_seeds(seeds)] == [
        *(("x", "a"), ("y", "a"), ("x", "b"), ("y", "b"))
    ]


def test_numbers_with_and_without_intervals():
    assert with_interval(0.92549, 0.894, 0.951) == "0.925 [0.89, 0.95]"
    assert with_interval(-0.25, NAN, NAN) == "-0.250"
    assert with_interval(NAN, NAN, NAN) == "-"


def test_metrics_have_the_names_that_people_know():
    assert net_name(PSNR) == "PSNR"
    assert net_name(SSIM) == "SSIM (unrounded grey)"
    assert net_name(row("alexnet@psnr")) == "alexnet@psnr"


def test_goals_of_the_small_nets_are_merged_over_their_seeds():
    seeds = [row(f"pocket.rotation-{k}", function="rotation") for k in range(3)]
    other = row("pocket.jigsaw-0", function="jigsaw")
    assert [one.net for one in merge_seeds([*seeds, other])] == [
        "pocket.rotation x3",
        "pocket.jigsaw-0",
    ]


def test_the_best_net_stands_beside_the_metrics():
    (line,) = conclusions([PSNR, SSIM, row(), row(taps="relu2", srocc=0.7)])
    assert line == (
        "tid: alexnet relu2 agrees best with people, SROCC 0.700 [0.40, 0.60], the highest of 4; "
        "beside it PSNR 0.300 [0.20, 0.40], SSIM (unrounded grey) 0.450 [0.40, 0.60]."
    )


def test_a_metric_that_beats_all_nets_is_named_with_the_best_of_them():
    (line,) = conclusions([row("psnr", srocc=0.9), SSIM, row(), row(taps="relu2", srocc=0.7)])
    assert line.startswith("tid: PSNR agrees best with people, SROCC 0.900")
    assert "beside it alexnet relu2 0.700 [0.40, 0.60], SSIM" in line


def test_equal_ones_share_the_first_place():
    (line,) = conclusions([PSNR, row(srocc=0.7), row(taps="relu2", srocc=0.7)])
    assert line.startswith("tid: alexnet relu1 and alexnet relu2 agree best with people, SROCC 0.7")
    assert "; beside them PSNR" in line
    (line,) = conclusions([row("psnr", srocc=0.7), row(srocc=0.7)])
    assert line.startswith("tid: PSNR and alexnet relu1 agree best")
    assert "beside" not in line
    (line,) = conclusions([row(taps=f"relu{k}") for k in range(9)])
    assert line.startswith("tid: alexnet relu0, alexnet relu1, alexnet relu2 and 6 more agree best")


def test_what_cannot_be_told_from_nothing_is_said_so():
    (line,) = conclusions([PSNR, row(srocc=0.3, low=-0.1, high=0.6)])
    assert "PSNR and alexnet relu1" in line
    (line,) = conclusions([PSNR, row(srocc=0.4, low=-0.1, high=0.6)])
    assert "SROCC 0.400 [-0.10, 0.60], an interval that holds 0; beside it PSNR" in line
    (line,) = conclusions([row(srocc=-0.4, low=-0.5, high=-0.1), row("psnr", srocc=-0.6)])
    assert line.startswith("tid: nothing agrees with people, at the most alexnet relu1, SROCC -0.4")


def test_what_has_no_number_is_never_the_best():
    empty = row(taps="relu5", srocc=NAN, low=NAN, high=NAN)
    for rows in ([empty, PSNR, row()], [PSNR, row(), empty]):
        assert conclusions(rows)[0].startswith("tid: alexnet relu1 agrees best")
    assert conclusions([empty]) == []
    assert conclusions([]) == []
    (line,) = conclusions([row(srocc=0.5, low=NAN, high=NAN)])
    assert line == "tid: alexnet relu1 agrees best with people, SROCC 0.500."


def test_a_sentence_for_each_data_set():
    lines = conclusions([row(data="tid"), row(data="csiq", taps="relu3")])
    assert [line.split(" agrees")[0] for line in lines] == [
        "tid: alexnet relu1",
        "csiq: alexnet relu3",
    ]


def test_pairs_that_were_left_out_are_counted():
    assert shortfalls([PSNR, row()]) == []
    few = {"n": 357, "failed": 3}
    assert shortfalls([row(**few), row("psnr", **few)]) == ["tid: 357 of 360 pairs computed."]
    assert shortfalls([row("psnr", **few), row("ssim", **few), row(n=350, failed=10)]) == [
        "tid: PSNR, SSIM: 357 of 360 pairs computed.",
        "tid: alexnet: 350 of 360 pairs computed.",
    ]
    assert shortfalls([row(n=34, failed=1, rms_db=3.0)]) == ["tid: 34 of 35 stimuli seen."]


def test_rows_without_a_correlation_are_named():
    (line,) = shortfalls([PSNR, *(row(taps=f"relu{k}", srocc=NAN) for k in range(5))])
    assert line.startswith(
        "tid: no correlation for alexnet relu0, alexnet relu1, alexnet relu2 and"
    )
    assert "2 more" in line


def test_verdicts_count_what_is_sure_whichever_side_it_stands_on():
    def compared(label, against, srocc, p):
        return ComparedRow("tid", label, against, 9, 3, srocc=srocc, p_holm=p)

    rows = [
        compared("psnr", "ssim", 0.1, 0.001),
        compared("ssim", "net unit relu3", -0.2, 0.01),
        compared("net unit relu1", "ssim", -0.3, 0.01),
        compared("net unit relu2", "ssim", 0.1, 0.2),
        compared("net unit relu4", "ssim", 0.0, math.nan),
        compared("net unit relu1", "net unit relu3", -0.3, 0.01),
    ]
    assert verdicts(rows) == [
        "tid: beside SSIM, of 3 readouts of nets 1 agree better with people and 1 worse (SROCC, "
        "bootstrap, Holm-adjusted p < 0.05); 1 cannot be told from it."
    ]
