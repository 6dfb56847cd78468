"""Figures as Vega-Lite: what colours tell, what is merged, and that records are all there."""

import pytest
from made_study import row

pytest.importorskip("altair", reason="needs the extra report")

from jaxiqa.report.chart import GREY, UNTRAINED, colours, net_field, shapes
from jaxiqa.report.figure_details import heat_figure
from jaxiqa.report.figure_goals import goals_figure
from jaxiqa.report.figures import depth_figure, factor_figure, ranking_figure
from jaxiqa.study.details import PartRow

GOALS = [
    row(f"pocket.{goal}-{k}:relu1", 0.5, architecture="pocket", function=goal, environment="leaves")
    for goal in ("jigsaw", "rotation")
    for k in (0, 1)
]
NONE = row("pocket.random-0:relu1", 0.3, architecture="pocket", function="none", environment="none")
SSIM = row("ssim", 0.4)


def test_nets_are_coloured_by_what_they_do_where_each_does_another_thing():
    assert net_field([GOALS[0], GOALS[2], NONE, SSIM]) == "function"
    assert net_field([*GOALS, NONE]) == "net"
    assert net_field([NONE]) == "net"


def test_what_was_not_trained_is_grey_and_last():
    scale = colours("function", [UNTRAINED, "jigsaw"]).to_dict()["scale"]
    assert scale["domain"] == ["jigsaw", UNTRAINED]
    assert scale["range"][1] == GREY


def test_colours_and_shapes_share_their_order_and_so_their_legend():
    names = [UNTRAINED, "jigsaw"]
    scales = [made("function", names).to_dict()["scale"] for made in (colours, shapes)]
    assert scales[0]["domain"] == scales[1]["domain"]


def test_concatenations_of_the_same_ends_have_rows_of_their_own():
    taps = ["pool1+pool2+pool5", "pool1+relu3+pool5", "relu1+relu2+relu5"]
    spec = ranking_figure([row(f"alexnet.imagenet:{one}", 0.5) for one in taps], {})
    told = [one["label"] for one in spec["datasets"]["rows"]]
    assert [name.split(" · ")[1] for name in told] == [*taps[:2], "relu1…relu5 (3)"]


def test_parts_of_seeds_are_their_mean():
    parts = [
        PartRow("made", one.net, "euclidean", "relu1", "level", "1", 10, 0, srocc=srocc)
        for one, srocc in zip(GOALS[:2], (0.2, 0.6), strict=True)
    ]
    (found,) = heat_figure(parts, GOALS[:2])["datasets"]["rows"]
    assert found["srocc"] == pytest.approx(0.4)
    assert found["net"] == "pocket.jigsaw x2"
    assert found["srocc_low"] is None


def test_a_factor_of_one_level_is_not_offered():
    spec = factor_figure([GOALS[0], GOALS[2], NONE, SSIM])
    (factor,) = [one for one in spec["params"] if one["name"] == "factor"]
    assert factor["bind"]["options"] == ["function", "environment"]


def test_records_lie_beside_the_chart():
    spec = depth_figure([GOALS[0], NONE, SSIM])
    assert [one["net"] for one in spec["datasets"]["rows"]] == [
        "pocket.jigsaw-0",
        "pocket.random-0",
    ]
    assert [one["net"] for one in spec["datasets"]["metrics"]] == ["SSIM"]


def test_goals_stand_beside_no_training_and_metrics():
    spec = goals_figure([GOALS[0], GOALS[2], NONE, SSIM], [])
    assert len(spec["datasets"]["rows"]) == 4
    assert goals_figure([GOALS[0], SSIM], []) is None
