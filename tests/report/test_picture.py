"""The picture: depth, what is drawn for odd results, and a file that is whole or not there."""

import dataclasses
import math

import pytest
from matplotlib.figure import Figure
from PIL import Image

from jaxiqa.arch import ARCHITECTURES
from jaxiqa.arch.graph import feature_taps
from jaxiqa.checks import InputError
from jaxiqa.report.picture import depth, draw
from jaxiqa.study.rows import Row

SIMPLE = [
    Row("tid", "psnr", "psnr", "", 360, 0, srocc=0.9, srocc_low=0.88, srocc_high=0.92),
    Row("tid", "ssim", "ssim", "", 360, 0, srocc=0.8, srocc_low=0.75, srocc_high=0.83),
]


def rows_of(net, taps=None, data="tid", **options):
    architecture = ARCHITECTURES[net.split(".")[0].split("@")[0]]
    taps = feature_taps(architecture) if taps is None else taps
    return [
        Row(
            data,
            net,
            "euclidean",
            tap,
            360,
            0,
            architecture=architecture.name,
            **_values(k, **options),
        )
        for k, tap in enumerate(taps)
    ]


def _values(place, width=0.05):
    value = 0.6 + 0.02 * place
    return {"srocc": value, "srocc_low": value - width, "srocc_high": value + width}


@pytest.fixture
def drawn(tmp_path, monkeypatch):
    """Draws rows, checks the file, and returns the axes of all panels."""

    def drawn(rows):
        figures = []
        save = Figure.savefig
        monkeypatch.setattr(
            Figure, "savefig", lambda self, *a, **k: (figures.append(self), save(self, *a, **k))[1]
        )
        path = tmp_path / "results.png"
        draw(path, rows)
        with Image.open(path) as image:
            image.load()
            assert image.format == "PNG"
        assert list(tmp_path.iterdir()) == [path]
        return [axes for axes in figures[0].axes if axes.axison]

    return drawn


def curves(axes):
    """Lines with more than the two ends of a horizontal one, by label."""
    return {
        line.get_label(): line.get_xydata() for line in axes.lines if line.get_linestyle() == "-"
    }


@pytest.mark.parametrize(
    "net", ["alexnet", "alexnet.random x3", "alexnet@a/b.c", "alexnet.imagenet"]
)
def test_depth_is_the_place_of_the_tap_in_the_whole_net(net):
    def at(tap):
        return depth(
            Row("tid", net, "euclidean", tap, 3, 0, architecture=net.split(".")[0].split("@")[0])
        )

    assert (at("conv1"), at("pool5")) == (0, 1)
    assert at("relu2") == at("features.4") == pytest.approx(4 / 12)
    assert at("fc8") > 1


def test_one_net_has_its_interval_and_its_taps_by_name(drawn):
    (axes,) = drawn([*SIMPLE, *rows_of("alexnet"), *rows_of("alexnet", ["relu1+relu2"])])
    assert [text.get_text() for text in axes.get_xticklabels()] == [
        *feature_taps(ARCHITECTURES["alexnet"])
    ]
    names = [text.get_text() for text in axes.get_legend().get_texts()]
    assert names == ["alexnet", "95 % interval", "PSNR", "SSIM"]
    assert axes.figure.get_suptitle() == "tid, euclidean (n = 360)"
    assert len(axes.collections) == 1


def test_intervals_of_several_nets_do_not_cover_each_other(drawn):
    nets = ["alexnet", "squeezenet1_1", "vgg16", "alexnet.random-0"]
    together, *each = drawn([*SIMPLE, *(row for net in nets for row in rows_of(net, width=0.5))])
    assert list(curves(together)) == nets
    assert not together.collections
    assert [axes.get_title() for axes in each] == nets
    assert all(len(axes.collections) == 1 for axes in each)
    assert len({axes.get_ylim() for axes in each}) == 1


@pytest.mark.slow
def test_many_nets_all_look_different(drawn):
    nets = [f"alexnet@{k}" for k in range(12)]
    together, *each = drawn([row for net in nets for row in rows_of(net, ["relu1", "relu5"])])
    assert len(each) == len(nets)
    assert len({(line.get_color(), line.get_marker()) for line in together.lines}) == len(nets)


def test_partial_weights_stand_at_their_true_depth(drawn):
    (axes,) = drawn([*SIMPLE, *rows_of("vgg16", ["conv1_1", "relu1_2", "pool1"])])
    depths = curves(axes)["vgg16"][:, 0]
    assert depths[0] == 0
    assert depths[-1] < 0.2
    assert axes.get_xlim()[0] <= 0
    assert axes.get_xlim()[1] >= 1


def test_taps_are_in_the_order_of_the_net_whatever_they_are_called(drawn):
    (axes,) = drawn(rows_of("alexnet", ["relu5", "features.0", "relu2"]))
    assert [text.get_text() for text in axes.get_xticklabels()] == ["features.0", "relu2", "relu5"]
    assert (curves(axes)["alexnet"][:, 0] == sorted(curves(axes)["alexnet"][:, 0])).all()


def without_numbers(rows):
    return [dataclasses.replace(row, srocc=math.nan, srocc_low=math.nan) for row in rows]


def test_odd_results_are_drawn_as_far_as_they_go(drawn):
    (axes,) = drawn([*SIMPLE, *rows_of("alexnet", ["relu1+relu2"])])
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["PSNR", "SSIM"]
    (axes,) = drawn([*SIMPLE, *without_numbers(rows_of("alexnet"))])
    assert not curves(axes)
    (axes,) = drawn(without_numbers([*SIMPLE, *rows_of("alexnet")]))
    assert [text.get_text() for text in axes.texts] == ["no correlation"]
    (axes,) = drawn([*without_numbers(SIMPLE), *rows_of("alexnet", ["relu3"])])
    assert len(curves(axes)["alexnet"]) == 1


def test_values_without_intervals_are_drawn_without_bands(drawn):
    rows = [
        dataclasses.replace(row, srocc_low=math.nan, srocc_high=math.nan)
        for row in rows_of("alexnet")
    ]
    (axes,) = drawn(rows)
    assert not axes.collections
    assert len(curves(axes)["alexnet"]) == len(rows)


def test_a_panel_per_data_set_with_the_numbers_it_rests_on(drawn):
    sets = [rows_of("alexnet", data=name) for name in ("tid", "$x^{$", "thresholds", "fourth")]
    sets[1][0] = dataclasses.replace(sets[1][0], n=355, failed=5)
    panels = drawn([row for rows in sets for row in rows])
    titles = [axes.figure.get_suptitle() for axes in panels]
    assert titles == [
        *("tid, euclidean (n = 360)", "$x^{$, euclidean (n = 355 to 360)"),
        *("thresholds, euclidean (n = 360)", "fourth, euclidean (n = 360)"),
    ]


def test_random_seeds_are_one_curve(drawn):
    seeds = [row for k in range(3) for row in rows_of(f"alexnet.random-{k}")]
    (axes,) = drawn(seeds)
    assert list(curves(axes)) == ["alexnet.random x3"]


def test_a_place_that_cannot_be_written_is_one_line(tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(InputError, match="cannot write"):
        draw(tmp_path / "file" / "results.png", SIMPLE)
