"""The printed table: columns that there is something for, plain where there is no terminal."""

import io
import math

import pytest
from rich.console import Console

from jaxiqa.report.table import PLAIN_WIDTH, console, results_table
from jaxiqa.study.rows import Row

PSNR = Row("tid", "psnr", "psnr", "", 360, 0, *[0.9, 0.8, 0.95] * 3, 0.91)
NET = Row("tid", "alexnet", "euclidean", "relu1+relu2", 360, 0, *[0.5, math.nan, math.nan] * 3)


def printed(rows, width=PLAIN_WIDTH):
    file = io.StringIO()
    Console(file=file, width=width).print(results_table(rows))
    return file.getvalue()


def test_names_numbers_intervals_and_counts():
    head, psnr, net = printed([PSNR, NET]).splitlines()
    assert head.split() == ["net", "tap", "PLCC", "SROCC", "KROCC", "PLCC", "logistic", "n"]
    assert psnr.split() == ["PSNR", "-", *["0.900", "[0.80,", "0.95]"] * 3, "0.910", "360"]
    assert net.split() == ["alexnet", "relu1+relu2", "0.500", "0.500", "0.500", "-", "360"]


def test_decibels_and_failures_have_columns_where_there_are_any():
    rows = [Row("t", "psnr", "psnr", "", 34, 1, rms_db=7.94), Row("t", "ssim", "ssim", "", 35, 0)]
    head, first, second = printed(rows).splitlines()
    assert head.split()[-4:] == ["RMS", "dB", "n", "failed"]
    assert first.split()[-3:] == ["7.9", "34", "1"]
    assert second.split()[-3:] == ["-", "35", "0"]


def test_names_are_not_read_as_markup():
    net = Row("t", "alexnet@[bold]x[/y]", "euclidean", "relu1", 3, 0)
    assert "alexnet@[bold]x[/y]" in printed([net])


@pytest.mark.parametrize("width", [40, 80, 120])
def test_a_narrow_terminal_folds_and_loses_nothing(width):
    text = printed([PSNR, NET], width)
    assert max(map(len, text.splitlines())) <= width
    joined = "".join(text.split())
    for part in ("0.900", "0.95]", "360"):
        assert part in joined or width < 80


def test_a_name_between_colons_stays_one(capsys):
    console().print("net:eye:relu1 :dog:", markup=False)
    assert capsys.readouterr().out == "net:eye:relu1 :dog:\n"


def test_a_pipe_gets_wide_plain_text(capsys):
    found = console()
    found.print(results_table([PSNR, NET]))
    text = capsys.readouterr().out
    assert found.width == PLAIN_WIDTH
    assert "\x1b" not in text
    assert len(text.splitlines()) == 3
