"""Distances for the scatter, thumbnails, and the folder they come from."""

import base64
import io

import numpy as np
import pytest
from made_study import row, write_study
from PIL import Image
from rated import picture, save

from jaxiqa.checks import InputError
from jaxiqa.report.figure_scatter import points
from jaxiqa.report.folder import read_fits, read_folder
from jaxiqa.report.scatter import Rated, evenly, read_rated
from jaxiqa.report.thumbnails import LARGEST, thumbnails

ROWS = [row("ssim", 0.5), row("alexnet.imagenet:relu1", 0.6)]


@pytest.mark.parametrize(
    ("count", "most", "places"),
    [(5, 9, [0, 1, 2, 3, 4]), (5, 3, [0, 2, 4]), (5, 0, []), (0, 3, []), (10, 2, [0, 9])],
)
def test_places_are_spread_evenly(count, most, places):
    assert evenly(count, most).tolist() == places


def test_a_pair_that_failed_is_not_drawn():
    distances = np.array([[1.0, np.nan, 3.0]], np.float32)
    opinion = np.arange(3.0)
    table = {"distortion": ["a", "b", "a"]}
    rated = Rated("made", table, opinion, tuple(ROWS[1:]), distances, -opinion, np.arange(3))
    assert [(one["pair"], one["distance"]) for one in points(rated, 0)] == [(0, 1.0), (2, 3.0)]


def test_thumbnails_are_small_and_each_reference_is_held_once(tmp_path):
    for k in range(3):
        save(tmp_path / f"{k}.png", picture(k, (200, 100)))
    names = [str(tmp_path / f"{k}.png") for k in range(3)]
    table = {"reference": [names[0]] * 3, "distorted": [*names[1:], "gone.png"]}
    found = thumbnails(table, range(3))
    assert found["shown"] == {0: [0, 1], 1: [0, 2]}
    image = Image.open(io.BytesIO(base64.b64decode(found["images"][0].partition(",")[2])))
    assert image.size == (LARGEST // 2, LARGEST)
    assert image.format == "JPEG"


def test_a_study_is_read_back_as_it_was_written(tmp_path):
    folder = read_folder(write_study(tmp_path, ROWS))
    assert [one.name for one in folder.rows] == [one.name for one in ROWS]
    assert folder.rows[1].srocc == pytest.approx(0.6)
    assert (folder.compared, folder.parts, folder.banks) == ((), (), ())


def test_a_bank_that_is_gone_costs_its_rows_only(tmp_path):
    folder = read_folder(write_study(tmp_path, ROWS, banks=[str(tmp_path / "gone")]))
    rated, told = read_rated(folder)
    assert rated == ()
    assert told == ["1 of the study's banks are no longer there: no scatter of their rows."]


@pytest.mark.parametrize(
    ("name", "text", "match"),
    [
        ("results.csv", "data,net\nmade,x\n", "without the columns"),
        ("results.csv", None, "not the folder of a finished study"),
        ("study.json", "[]", "no record of a study"),
        ("study.json", None, "cannot read"),
        ("study.json", '{"banks": [', "is damaged"),
        ("study.json", '{"banks": [1]}', "names no banks"),
        ("study.json", '{"banks": [], "nets": null}', "nets is no list"),
        ("study.json", '{"banks": [], "nets": [{"label": "a"}]}', "nets must have label, arch"),
        ("study.json", '{"banks": [], "versions": []}', "must be objects"),
    ],
)
def test_a_damaged_folder_is_refused(tmp_path, name, text, match):
    write_study(tmp_path, ROWS)
    (tmp_path / name).unlink()
    if text is not None:
        (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=match):
        read_folder(tmp_path)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda text: text[: text.rindex(",") - 40], "a line is cut off"),
        (lambda text: text.replace(",alexnet,", ",alexnets,"), "'alexnets', which this version"),
    ],
)
def test_rows_that_no_page_can_be_made_of_are_refused(tmp_path, change, match):
    path = write_study(tmp_path, ROWS) / "results.csv"
    path.write_text(change(path.read_text()))
    with pytest.raises(InputError, match=match):
        read_folder(tmp_path)


def test_a_table_that_a_spreadsheet_saved_is_read(tmp_path):
    path = write_study(tmp_path, ROWS) / "results.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert [one.data for one in read_folder(tmp_path).rows] == ["made", "made"]


def test_fits_of_one_name_are_told_apart(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "mine.channels.csv").write_text(
            "tap,channel,part,weight,share,share_plain,share_low,share_high\nrelu1,0,,1,1,1,1,1\n"
        )
    found = read_fits(tmp_path / "a", [tmp_path / "b" / "mine.safetensors"])
    assert [one.name for one in found] == ["mine", "b/mine"]


def test_a_fit_without_its_tables_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"no such file: .*mine\.channels\.csv"):
        read_fits(tmp_path, [tmp_path / "mine.safetensors"])
