"""The picture of a fit, and what is said of what fitting changes."""

import dataclasses

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from jaxiqa.checks import InputError
from jaxiqa.relevance.held_out import Gain
from jaxiqa.relevance.opinions import Opinions
from jaxiqa.relevance.tables import ChannelRow
from jaxiqa.report.gains import (
    Change,
    Judged,
    changes_of,
    choice_changes,
    conclusion,
    gains_table,
    verdict,
)
from jaxiqa.report.relevance import draw_relevance
from jaxiqa.statistics.compare import compare
from jaxiqa.statistics.correlate import correlate

NAN = float("nan")


def rows_of(tap, shares, plain):
    return [
        ChannelRow(tap, k, "", 1.0, share, before, share, share)
        for k, (share, before) in enumerate(zip(shares, plain, strict=True))
    ]


# Of seven channels five are plain's 95 %, and one is the fit's.
ROWS = [
    *rows_of("$relu1", (0.96, 0.0, 0.01), (0.2, 0.2, 0.2)),
    *rows_of("relu2", (0.02, 0.0, 0.0, 0.01), (0.2, 0.17, 0.02, 0.01)),
]


@pytest.fixture
def drawn(tmp_path, monkeypatch):
    """Draws rows, checks the file, and returns the three panels."""

    def drawn(rows):
        figures = []
        save = Figure.savefig
        monkeypatch.setattr(
            Figure, "savefig", lambda self, *a, **k: (figures.append(self), save(self, *a, **k))[1]
        )
        path = tmp_path / "mine.png"
        draw_relevance(path, rows, title="$mine")
        with Image.open(path) as image:
            image.load()
            assert image.format == "PNG"
        assert list(tmp_path.iterdir()) == [path]
        return figures[0].axes

    return drawn


def test_the_picture_has_shares_of_layers_and_channels(drawn):
    bars, channels, few = drawn(ROWS)
    assert [text.get_text() for text in bars.get_yticklabels()] == ["$relu1", "relu2"]
    fitted, plain = ([bar.get_width() for bar in found] for found in bars.containers)
    np.testing.assert_allclose([fitted, plain], [[0.97, 0.03], [0.6, 0.4]])
    assert [line.get_ydata().tolist() for line in channels.lines] == [[0.96, 0.01], [0.02, 0.01]]
    labels = [text.get_text() for text in channels.get_legend().get_texts()]
    assert labels == ["$relu1: 2 of 3", "relu2: 2 of 4"]
    labels = [text.get_text() for text in few.get_legend().get_texts()]
    assert labels == ["fitted: 1 of 7 carry 95%", "plain: 5 of 7 carry 95%"]
    assert all("$" not in text.get_text() for text in channels.get_yticklabels())


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_a_fit_of_a_single_weight_or_of_nothing(drawn, share):
    (row,) = rows_of("relu1", (share,), (1.0,))
    panels = drawn([dataclasses.replace(row, channel=-1)])
    assert len(panels[2].get_legend().get_texts()) == 1 + bool(share)


def test_a_place_that_cannot_be_written(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="cannot write"):
        draw_relevance(tmp_path / "file" / "mine.png", ROWS)


def change(difference, low, high, p):
    return Change(0.9, NAN, NAN, 0.9 + difference, NAN, NAN, difference, low, high, p)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (change(0.016, 0.006, 0.027, 0.01), "fitting helps"),
        (change(-0.016, -0.027, -0.006, 0.01), "fitting harms"),
        (change(0.016, -0.001, 0.03, 0.01), "fitting makes no difference that can be told"),
        # An interval and a test that disagree settle nothing.
        (change(0.010, 0.001, 0.02, 0.07), "fitting makes no difference that can be told"),
        (change(0.016, 0.006, 0.027, NAN), "fitting helps"),
        (change(0.016, NAN, NAN, NAN), "no interval, so whether fitting helps cannot be told"),
    ],
)
def test_the_sentence_is_what_the_numbers_say(found, said):
    assert verdict(found) == said
    told = conclusion(Judged("held out", 9, 3, {"SROCC": found}))
    assert told.startswith(f"Held out, SROCC changes by {found.difference:+.3f}")
    assert told.endswith(f": {said}.")


def test_changes_are_those_of_the_statistics_and_stand_in_the_table():
    draw = np.random.default_rng(0)
    before, after, opinion = draw.normal(size=(3, 30))
    options = {"higher_is_better": True, "reference_id": np.arange(30) // 5, "resamples": 40}
    parts = [correlate(values, opinion, **options) for values in (before, after)]
    gain = Gain(*parts, compare(after, before, opinion, **options))
    found = changes_of(gain)
    assert list(found) == ["SROCC", "PLCC", "KROCC"]
    assert found["PLCC"].before == parts[0].plcc
    assert found["KROCC"].after_high == parts[1].krocc_high
    assert found["SROCC"].difference_low == gain.difference.srocc_low
    assert found["SROCC"].p == gain.difference.srocc_p
    table = gains_table([Judged("tid", 30, 6, found, shared="the same")])
    first, count, measures = (list(column.cells) for column in table.columns[:3])
    assert [str(cell) for cell in first] == ["tid, NOT held out: the same", "", ""]
    assert [str(cell) for cell in count] == ["30", "", ""]
    assert [str(cell) for cell in measures] == ["SROCC", "PLCC", "KROCC"]


def test_choices_are_scored_with_intervals_over_references():
    share = np.array([0.9, 0.2, 0.5, 0.7])
    reference = np.array(["a", "a", "b", "b"])
    opinion = np.concatenate([1 - share, share])
    sides = np.repeat(["first", "second"], 4)
    opinions = Opinions("it", np.arange(8), np.tile(reference, 2), None, sides, opinion, True, 8)
    before = np.array([1.0, 1, 1, 1, 2, 2, 2, 2])
    after = np.array([2.0, 1, 1, 1, 1, 2, 2, 1])
    (found,) = choice_changes(before, after, opinions, resamples=200, seed=0).values()
    assert found.before == pytest.approx((1 - share).mean())
    assert found.after == pytest.approx((0.9 + 0.8 + 0.5 + 0.5) / 4)  # the last is a draw
    # Draws of two references are a twice, b twice, or the two.
    assert found.after_low == pytest.approx(0.5)
    assert found.after_high == pytest.approx((0.9 + 0.8) / 2)
    assert np.isnan(found.p)
    (found,) = choice_changes(before, after, opinions, resamples=0, seed=0).values()
    assert np.isnan(found.difference_low)
    assert found.difference == pytest.approx(0.25)
