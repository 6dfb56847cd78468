"""The columns of the result and its file."""

import csv
import dataclasses
import math

import pytest

from jaxiqa.checks import InputError
from jaxiqa.study.rows import COLUMNS, Row, check_folder, write_rows, write_table

ROWS = [
    Row("tid", "psnr", "psnr", "", 10, 2, plcc=0.5, srocc=-0.25),
    Row("a, b", "alexnet", "euclidean", "relu1+relu2", 12, 0, *(k / 7 for k in range(11))),
]


def test_the_first_columns_are_those_that_others_read():
    assert ",".join(COLUMNS[:15]) == (
        "data,net,readout,taps,n,failed,plcc,plcc_low,plcc_high,srocc,srocc_low,srocc_high,"
        "krocc,krocc_low,krocc_high"
    )


def test_rows_come_back_from_the_file(tmp_path):
    path = tmp_path / "new" / "folder" / "results.csv"
    write_rows(path, ROWS)
    text = path.read_text(encoding="utf-8")
    assert "\r" not in text
    table = list(csv.DictReader(text.splitlines()))
    assert len(table) == len(ROWS)
    for found, row in zip(table, ROWS, strict=True):
        for name, value in dataclasses.asdict(row).items():
            if isinstance(value, float):
                number = float(found[name]) if found[name] else math.nan
                assert number == pytest.approx(value, abs=1e-6, nan_ok=True)
            else:
                assert found[name] == str(value)


def test_no_rows_are_a_header(tmp_path):
    write_rows(tmp_path / "results.csv", [])
    assert (tmp_path / "results.csv").read_text() == ",".join(COLUMNS) + "\n"


def test_a_folder_is_made_and_left_empty(tmp_path):
    check_folder(tmp_path / "a" / "b")
    check_folder(tmp_path / "a" / "b")
    assert list((tmp_path / "a" / "b").iterdir()) == []


def test_a_place_that_is_no_folder_is_refused(tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(InputError, match="file is a file, expected a folder"):
        check_folder(tmp_path / "file")
    with pytest.raises(InputError, match=r"cannot write to .*below"):
        check_folder(tmp_path / "file" / "below")
    assert (tmp_path / "file").read_text() == "mine"
    with pytest.raises(InputError, match="cannot write to /proc"):
        check_folder(tmp_path.__class__("/proc/self/nowhere"))


@dataclasses.dataclass(frozen=True)
class Found:
    label: str
    n: int
    p: float


def test_a_table_has_the_columns_of_its_rows_and_keeps_the_digits_of_small_numbers(tmp_path):
    values = [0.25, 1.23456789e-9, -3.5e-5, 0.0, math.nan, 1.0]
    write_table(tmp_path / "new" / "tests.csv", [Found("a, b", 3, p) for p in values])
    table = list(csv.DictReader((tmp_path / "new" / "tests.csv").read_text().splitlines()))
    assert list(table[0]) == ["label", "n", "p"]
    assert [row["p"] for row in table] == [
        "0.250000",
        "1.23457e-09",
        "-3.50000e-05",
        "0.000000",
        "",
        "1.000000",
    ]
    assert table[0]["label"] == "a, b"


def test_a_table_without_rows_needs_to_be_told_its_columns(tmp_path):
    write_table(tmp_path / "tests.csv", [], of=Found)
    assert (tmp_path / "tests.csv").read_text() == "label,n,p\n"
    with pytest.raises(InputError, match=r"tests.csv: expected at least one row, got none"):
        write_table(tmp_path / "tests.csv", [])
