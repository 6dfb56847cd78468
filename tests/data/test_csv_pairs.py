"""Rated pairs from CSV files as people and spreadsheets write them."""

import os

import numpy as np
import pytest

from jaxiqa.checks import InputError
from jaxiqa.data import pairs_from_csv

PLAIN = """reference,distorted,opinion
ref/a.png,dis/a1.png,1.5
ref/a.png,dis/a2.png,2
ref/b.png,dis/b1.png,-3e0
"""


def write(folder, content, name="set.csv"):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_plain_file(tmp_path):
    pairs = pairs_from_csv(write(tmp_path, PLAIN))
    assert len(pairs) == 3
    assert pairs.name == "set"
    assert pairs.higher_is_better is True
    assert pairs.opinion.dtype == np.float64
    assert pairs.opinion.tolist() == [1.5, 2.0, -3.0]
    assert pairs.reference[2] == str(tmp_path / "ref" / "b.png")
    assert pairs.distorted[0] == str(tmp_path / "dis" / "a1.png")
    assert pairs.reference_id == ("ref/a.png", "ref/a.png", "ref/b.png")
    assert (pairs.opinion_std, pairs.distortion, pairs.level, pairs.split) == (None,) * 4


NOTE = ',"a note, with ""commas"" and\na line end"\n'
SPELLINGS = {
    "byte order mark": b"\xef\xbb\xbf" + PLAIN.encode(),
    "crlf": PLAIN.replace("\n", "\r\n"),
    "cr": PLAIN.replace("\n", "\r"),
    "blank lines": PLAIN.replace("\n", "\n\n  \n,,\n"),
    "no last line end": "\n\n" + PLAIN.rstrip("\n"),
    "spaces": PLAIN.replace(",", " , "),
    "quotes": PLAIN.replace("ref/a.png", '"ref/a.png"'),
    "spaced quotes": PLAIN.replace("ref/a.png,", ' "ref/a.png" , '),
    "dots": PLAIN.replace("ref/a.png", "./ref/../ref/a.png"),
    "capitals": PLAIN.replace("reference,distorted", " Reference,DISTORTED"),
    "extra column": PLAIN.replace("\n", NOTE).replace("a note", "header", 1),
    "empty extra columns": PLAIN.replace("\n", ",,\n"),
}


@pytest.mark.parametrize("content", SPELLINGS.values(), ids=SPELLINGS.keys())
def test_spellings_of_one_table(tmp_path, content):
    plain = pairs_from_csv(write(tmp_path, PLAIN, "plain.csv"))
    other = pairs_from_csv(write(tmp_path, content, "other.csv"))
    assert other.reference == plain.reference
    assert other.distorted == plain.distorted
    assert np.array_equal(other.opinion, plain.opinion)
    assert other.digest == plain.digest


def test_relative_paths_and_digest_do_not_depend_on_the_working_directory(tmp_path, monkeypatch):
    there, elsewhere = tmp_path / "there", tmp_path / "elsewhere"
    for folder in (there, elsewhere):
        folder.mkdir()
        write(folder, PLAIN)
    absolute = pairs_from_csv(there / "set.csv")
    monkeypatch.chdir(elsewhere)
    relative = pairs_from_csv(os.path.join("..", "there", "set.csv"))
    assert relative.reference == absolute.reference == pairs_from_csv(there / "set.csv").reference
    moved = pairs_from_csv("set.csv")
    assert moved.reference[0] == str(elsewhere / "ref" / "a.png")
    assert moved.digest == absolute.digest


def test_absolute_paths_are_kept(tmp_path):
    pairs = pairs_from_csv(write(tmp_path, PLAIN.replace("ref/", "/data/ref/")))
    assert pairs.reference[0] == os.path.abspath("/data/ref/a.png")


def test_optional_columns(tmp_path):
    text = """reference,distorted,opinion,opinion_std,reference_id,distortion,level,split
a.png,a1.png,1,0.5,A,blur,1,train
a.png,a2.png,2,,A,blur,2,test
b.png,b1.png,3,0.25,,,,
"""
    pairs = pairs_from_csv(write(tmp_path, text))
    np.testing.assert_array_equal(pairs.opinion_std, [0.5, np.nan, 0.25])
    assert pairs.reference_id == ("A", "A", "b.png")
    assert pairs.distortion == ("blur", "blur", "")
    assert pairs.level == ("1", "2", "")
    assert pairs.split == ("train", "test", "")


def signed(*words):
    head, *rows = PLAIN.splitlines()
    return "\n".join([head + ",higher_is_better", *map(",".join, zip(rows, words, strict=True))])


@pytest.mark.parametrize(
    ("words", "argument", "expected"),
    [
        (("true", "YES", "1"), None, True),
        (("False", "no", "0"), None, False),
        (("no", "no", "no"), False, False),
        (("TRUE",) * 3, True, True),
    ],
)
def test_sign_from_the_column(tmp_path, words, argument, expected):
    pairs = pairs_from_csv(write(tmp_path, signed(*words)), higher_is_better=argument)
    assert pairs.higher_is_better is expected


def test_sign_from_the_argument_is_part_of_the_digest(tmp_path):
    path = write(tmp_path, PLAIN)
    low, high = (pairs_from_csv(path, higher_is_better=sign) for sign in (False, True))
    assert low.higher_is_better is False
    assert high.digest == pairs_from_csv(path).digest != low.digest


ROWS = PLAIN.splitlines()
ERRORS = {
    "empty": ("", r"is empty"),
    "blank": (" \n\n", r"is empty"),
    "header only": (ROWS[0], r"has 0 rated pairs, expected at least 3"),
    "two pairs": ("\n".join(ROWS[:3]), r"has 2 rated pairs"),
    "latin-1": (PLAIN.encode() + "ref/é.png,x.png,4\n".encode("latin-1"), r"line 5: not UTF-8"),
    "utf-16": (PLAIN.encode("utf-16"), r"line 1: not UTF-8"),
    "binary": (PLAIN + "\0", r"not a text file"),
    "missing column": (PLAIN.replace("opinion", "opinions"), r"no column 'opinion'.*'opinions'\?"),
    "other name": (PLAIN.replace("opinion", "mos"), r"line 1: no column 'opinion'; .*'mos'"),
    "semicolons": (PLAIN.replace(",", ";"), r"no column 'reference'; .*;"),
    "column twice": (
        PLAIN.replace("reference,d", "opinion,reference,d"),
        r"'opinion' is named twice",
    ),
    "short row": (PLAIN + "ref/c.png,dis/c1.png\n", r"line 5: 2 fields, expected 3"),
    "long row": (PLAIN + "ref/c.png,dis/c,1.png,3\n", r"line 5: 4 fields, expected 3"),
    "open quote": (
        PLAIN.replace("ref/b.png", '"ref/b.png'),
        r"line 4: 1 fields, expected 3 .*quotes",
    ),
    "open quote early": (PLAIN.replace("dis/a1", '"dis/a1'), r"line 2: a double quote is opened"),
    "word": (PLAIN.replace("1.5", "good"), r"line 2: opinion must be a finite number, got 'good'"),
    "blank opinion": (PLAIN.replace("1.5", ""), r"line 2: opinion must be a finite number"),
    "decimal comma": (PLAIN.replace("1.5", '"1,5"'), r"line 2: opinion .* got '1,5'"),
    "nan": (PLAIN.replace("-3e0", "nan"), r"line 4: opinion must be a finite number"),
    "infinite": (PLAIN.replace("-3e0", "-inf"), r"line 4: opinion must be a finite number"),
    "too large": (PLAIN.replace("-3e0", "1e999"), r"line 4: opinion must be a finite number"),
    "constant": (PLAIN.replace("1.5", "2").replace("-3e0", "2.0"), r"every opinion is 2"),
    "pair twice": (PLAIN + "ref/a.png,./dis/a1.png,4\n", r"line 5: the pair .* is on line 2 too"),
    "blank reference": (PLAIN.replace("ref/b.png", " "), r"line 4: reference is blank"),
    "blank distorted": (PLAIN.replace("dis/a2.png", '""'), r"line 3: distorted is blank"),
    "sign word": (signed("true", "true", "maybe"), r"line 4: higher_is_better is 'maybe'"),
    "sign blank": (signed("", "true", "true"), r"line 2: higher_is_better is ''"),
    "sign varies": (signed("yes", "no", "yes"), r"line 3: higher_is_better is not the same"),
    "bad std": (
        PLAIN.replace("\n", ",x\n").replace("opinion,x", "opinion,opinion_std"),
        r"line 2: opinion_std must be a finite number, got 'x'",
    ),
    "huge field": ("reference,distorted,opinion\n" + "a" * 200_000, r"line 2: field larger than"),
}


@pytest.mark.parametrize("content", ERRORS.values(), ids=ERRORS.keys())
def test_errors_name_file_and_cause_in_one_line(tmp_path, content):
    text, message = content
    path = write(tmp_path, text)
    with pytest.raises(InputError, match=message) as caught:
        pairs_from_csv(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_missing_file_and_folder(tmp_path):
    with pytest.raises(InputError, match=r"no such file: .*nowhere\.csv"):
        pairs_from_csv(tmp_path / "nowhere.csv")
    with pytest.raises(InputError, match="is a folder"):
        pairs_from_csv(tmp_path)


def test_argument_and_column_that_contradict(tmp_path):
    path = write(tmp_path, signed("no", "no", "no"))
    with pytest.raises(InputError, match="says False, asked for True"):
        pairs_from_csv(path, higher_is_better=True)
    with pytest.raises(InputError, match="must be True, False or None, got 'false'"):
        pairs_from_csv(path, higher_is_better="false")


def test_a_real_database(shared):
    pairs = pairs_from_csv(shared / "data/iqa/tid2013_rebuilt/pairs.csv")
    assert len(pairs) == 360
    assert len(set(pairs.reference)) == len(set(pairs.reference_id)) == 24
    assert set(pairs.distortion) == {"7", "8", "10"}
    assert pairs.opinion[0] == 5.08333
    assert pairs.opinion_std[1] == 0.13249
    image = pairs.read(pairs.distorted[0])
    assert image.shape == (384, 512, 3)
    assert image.dtype == np.float32
