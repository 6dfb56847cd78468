"""Each publisher's layout: prepared, loaded, and read to the right images, quirks and all."""

import numpy as np
import pytest
import rated
import scipy.io
import trees

from jaxiqa.checks import InputError
from jaxiqa.data import DATABASES, load, load_triplets, prepare
from jaxiqa.data.databases import TRIPLET, unpacked

PAIRS = [name for name in trees.TREES if DATABASES[name].images != TRIPLET]


@pytest.fixture
def loaded(tmp_path):
    """Returns a database by name, unpacked two folders below the one that is named."""

    def loaded(name, **options):
        folder = tmp_path / name / "some" / "folder"
        folder.mkdir(parents=True)
        trees.TREES[name](folder)
        prepare(name, tmp_path / name, root=tmp_path / "root")
        by_name = load_triplets if DATABASES[name].images == TRIPLET else load
        return by_name(name, root=tmp_path / "root", **options)

    return loaded


def is_picture(image, seed):
    return np.array_equal(image, rated.picture(seed, trees.SIZE))


@pytest.mark.parametrize("name", PAIRS)
def test_pairs_of_each_layout(loaded, name):
    pairs, known = loaded(name), DATABASES[name]
    assert len(pairs) == (12 if name == "live-md" else 6)
    assert pairs.higher_is_better is known.higher_is_better
    assert (pairs.citation, pairs.licence) == (known.citation, known.licence)
    assert len(set(pairs.distorted)) == len(pairs)
    assert pairs.opinion.dtype == np.float64
    for key in (*pairs.reference, *pairs.distorted):
        assert pairs.read(key).shape == (*trees.SIZE, 3)
    if pairs.reference_id is not None:
        assert len(set(pairs.reference_id)) == 2


def test_signs_are_the_publishers():
    low_is_good = {name for name, known in DATABASES.items() if not known.higher_is_better}
    assert low_is_good == {"csiq", "live", "live-md"}


@pytest.mark.parametrize(("name", "last"), [("tid2008", "2"), ("tid2013", "24")])
def test_tid_finds_names_in_any_case(loaded, name, last):
    pairs = loaded(name)
    assert pairs.distorted[0] == "distorted_images/I01_01_1.bmp"
    assert pairs.distorted[4] == "distorted_images/i25_01_2.bmp"
    assert all(is_picture(pairs.read(pairs.distorted[i]), 100 + i) for i in range(6))
    assert is_picture(pairs.read(pairs.reference[5]), 25)
    assert pairs.distortion == ("1", "1", last) * 2
    assert pairs.level == ("1", "2", "1") * 2
    assert pairs.reference_id == ("I01",) * 3 + ("I25",) * 3
    np.testing.assert_allclose(pairs.opinion, [5.5, 5, 4.5, 4, 3.5, 3])


def test_tid_spread_is_a_standard_error(loaded):
    pairs = loaded("tid2013")
    assert pairs.opinion_std is None
    np.testing.assert_allclose(pairs.opinion_error, [0.10, 0.11, 0.12, 0.13, 0.14, 0.15])


def test_tid_without_its_spread(loaded, tmp_path):
    trees.TREES["tid2013"](tmp_path / "other")
    (tmp_path / "other" / "mos_std.txt").unlink()
    prepare("tid2013", tmp_path / "other", root=tmp_path / "root")
    assert load("tid2013", root=tmp_path / "root").opinion_error is None


def test_kadid_spread_is_a_standard_deviation_and_dmos_high_is_good(loaded):
    pairs = loaded("kadid10k")
    np.testing.assert_allclose(pairs.opinion_std, [0.496, 0.596, 0.696] * 2)
    assert (pairs.opinion_error, pairs.higher_is_better) == (None, True)
    assert pairs.distortion == ("1", "1", "25") * 2
    assert pairs.level == ("1", "5", "1") * 2


def test_csiq_words_become_files(loaded):
    pairs = loaded("csiq")
    assert pairs.distorted[1] == "dst_imgs/jpeg2000/1600.jpeg2000.2.png"
    assert pairs.distorted[3] == "dst_imgs/AWGN/elk.AWGN.1.png"
    assert pairs.reference_id == ("1600",) * 3 + ("elk",) * 3
    assert is_picture(pairs.read(pairs.distorted[4]), 14)
    np.testing.assert_allclose(pairs.opinion, [0.062, 0.162, 0.262, 0.362, 0.462, 0.562])
    np.testing.assert_allclose(pairs.opinion_std, [0.05, 0.06, 0.07] * 2)


def test_live_takes_realigned_scores_and_no_copies(loaded):
    pairs = loaded("live")
    names = ("jp2k/img1", "jp2k/img2", "jpeg/img1", "jpeg/img2", "wn/img1", "gblur/img1")
    assert pairs.distorted == tuple(f"{name}.bmp" for name in names)
    assert pairs.distortion == ("jp2k", "jp2k", "jpeg", "jpeg", "wn", "gblur")
    assert pairs.reference_id[:2] == ("studentsculpture", "rapids")
    assert pairs.opinion[0] == pytest.approx(15.51295)
    assert np.all(pairs.opinion > 0)
    np.testing.assert_allclose(pairs.opinion_std, pairs.opinion / 10)
    assert is_picture(pairs.read("jpeg/img1.bmp"), 13)


def test_live_md_spread_comes_from_the_observers(loaded):
    pairs = loaded("live-md")
    assert pairs.distortion[:3] == ("blur", "jpeg", "blur+jpeg")
    assert pairs.level[:3] == ("1", "2", "3+1")
    assert pairs.distortion[6:9] == ("blur", "noise", "blur+noise")
    np.testing.assert_allclose(pairs.opinion[:3], [21, 24, 27])
    deviation = np.std([10, 20, 33], ddof=1)
    np.testing.assert_allclose(pairs.opinion_std, deviation)
    np.testing.assert_allclose(pairs.opinion_error, deviation / np.sqrt(3))
    assert is_picture(pairs.read("Part 2/blurnoise/babygirl_blur1.bmp"), 52)


def test_mdid_follows_the_names(loaded):
    pairs = loaded("mdid")
    assert pairs.distorted[3] == "distortion_images/img02_01.bmp"
    assert (pairs.opinion[3], pairs.opinion_std[3]) == (5.4855, 0.93)
    assert (pairs.distortion, pairs.level) == (None, None)


@pytest.mark.parametrize("together", [False, True])
def test_pipal_images_of_several_archives_or_of_one(tmp_path, together):
    trees.TREES["pipal"](tmp_path)
    if together:
        (tmp_path / "Distortion_1").rename(tmp_path / "Train_Dis")
        for path in (tmp_path / "Distortion_2").iterdir():
            path.rename(tmp_path / "Train_Dis" / path.name)
    prepare("pipal", tmp_path, root=tmp_path / "root")
    pairs = load("pipal", root=tmp_path / "root")
    assert pairs.distortion == ("00", "00", "06") * 2
    assert pairs.level == ("00", "01", "26") * 2
    assert pairs.opinion[3] == pytest.approx(1510.0648)
    assert is_picture(pairs.read(pairs.distorted[4]), 14)


def test_bapps_triplets(loaded):
    triplets = loaded("bapps-2afc")
    assert len(triplets) == 6
    np.testing.assert_allclose(triplets.opinion, [0, 0, 0.2, 0.4, 0, 0.2], rtol=1e-6)
    assert triplets.split == ("train",) + ("val",) * 5
    assert triplets.distortion == ("mix", "cnn", "cnn", "cnn", "traditional", "traditional")
    assert triplets.second[1] == "2afc/val/cnn/p1/000000.png"
    assert is_picture(triplets.read(triplets.second[1]), 6)


def test_bapps_share_of_same_is_high_where_images_are_alike(loaded):
    pairs = loaded("bapps-jnd")
    np.testing.assert_allclose(pairs.opinion, [0, 1 / 3, 2 / 3] * 2, rtol=1e-6)
    assert pairs.reference[4] == "jnd/val/traditional/p0/000001.png"


def test_triplets_are_not_pairs():
    with pytest.raises(InputError, match=r"bapps-2afc holds .* second; use .*triplets"):
        load("bapps-2afc")
    with pytest.raises(InputError, match=r"tid2013 holds .* distorted; use jaxiqa.data.load"):
        load_triplets("tid2013")


def refused(name, folder):
    with pytest.raises(InputError) as caught:
        prepare(name, folder, root=folder / "root")
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_tables_of_another_database(tmp_path):
    trees.TREES["tid2013"](tmp_path)
    assert "is not of TID2008, which has 17 types" in refused("tid2008", tmp_path)
    assert "does not hold dmos.csv. Download kadid10k.zip" in refused("kadid10k", tmp_path)


BROKEN = [
    ("tid2013", "mos_with_names.txt", "5.5 I01.bmp", "line 1: expected a score and a name"),
    ("tid2013", "mos_with_names.txt", "x I01_01_1.bmp", "line 1: expected a number, got 'x'"),
    ("tid2013", "mos_std.txt", "0.1", "mos_std.txt has 1 rows, expected 6"),
    ("kadid10k", "dmos.csv", "dist_img,ref_img,dmos\nI01_01_01.png,I01.png,4", "expected the col"),
    ("kadid10k", "dmos.csv", "dist_img,ref_img,dmos,var\nI01_01_01.png,I01.png,4,nan", "line 2"),
    ("csiq", "csiq.DMOS.xlsx", "no spreadsheet", "not a spreadsheet"),
    ("live", "dmos_realigned.mat", "no matrix", "not a MATLAB file"),
    ("mdid", "mos.txt", "1\n2", "mos.txt has 2 scores, expected 1600, or one for each of the 6"),
    ("pipal", "Train_Label/A0001.txt", "A0001_00_00.bmp 1500", "line 1: expected a line such as"),
    ("bapps-jnd", "jnd/val/cnn/same/000000.npy", "x", "not a judge file of BAPPS"),
]


@pytest.mark.parametrize(("name", "file", "content", "message"), BROKEN)
def test_tables_that_cannot_be_read(tmp_path, name, file, content, message):
    trees.TREES[name](tmp_path)
    (tmp_path / file).write_text(content)
    assert message in refused(name, tmp_path)


def test_a_spreadsheet_of_another_sheet_or_column(tmp_path):
    trees.TREES["csiq"](tmp_path)
    trees.spreadsheet(tmp_path / "csiq.DMOS.xlsx", [("image",) * 6, ("elk",) * 6])
    assert "no row below the columns image, dst_type" in refused("csiq", tmp_path)


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        ("worksheets/sheet1.xml", '<c r="F5" t="s"><v>', '<c r="F5" t="s"><v>x'),
        ("worksheets/sheet1.xml", '<c r="F5" t="s"><v>', '<c r="F5" t="s"><v>99'),
        ("_rels/workbook.xml.rels", ' Target="worksheets/sheet1.xml"', ""),
    ],
)
def test_a_spreadsheet_with_cells_and_links_that_say_nothing(tmp_path, part, old, new):
    trees.TREES["csiq"](tmp_path)
    trees.edit_spreadsheet(tmp_path / "csiq.DMOS.xlsx", part, old, new)
    assert "not a spreadsheet (.xlsx), or damaged" in refused("csiq", tmp_path)


def test_matlab_variables_that_are_no_numbers(tmp_path):
    trees.TREES["live"](tmp_path)
    path = tmp_path / "dmos_realigned.mat"
    table = {k: v for k, v in scipy.io.loadmat(path).items() if not k.startswith("_")}
    scipy.io.savemat(path, table | {"dmos_std": "none"})
    assert "dmos_std holds something else than numbers" in refused("live", tmp_path)


def test_the_table_of_tid2008_is_not_taken_for_that_of_tid2013(tmp_path):
    trees.TREES["tid2008"](tmp_path)
    assert "looks like that of TID2008" in refused("tid2013", tmp_path)


def test_references_without_their_table(tmp_path):
    trees.TREES["pipal"](tmp_path)
    (tmp_path / "Train_Label" / "A0051.txt").unlink()
    assert "1 tables are missing: Train_Label/A0051.txt" in refused("pipal", tmp_path)


def test_matlab_files_that_do_not_belong_together(tmp_path):
    trees.TREES["live"](tmp_path)
    cells = np.empty((1, 3), object)
    cells[0, :] = ["a.bmp"] * 3
    scipy.io.savemat(tmp_path / "refnames_all.mat", {"refnames_all": cells})
    assert "has 8 scores, 8 deviations and 8 flags, and refnames_all.mat 3" in refused(
        "live", tmp_path
    )
    scipy.io.savemat(tmp_path / "refnames_all.mat", {"names": cells})
    assert "holds no variable refnames_all" in refused("live", tmp_path)


def test_tables_without_rows(tmp_path):
    trees.TREES["tid2013"](tmp_path)
    (tmp_path / "mos_std.txt").unlink()
    (tmp_path / "mos_with_names.txt").write_text("\n")
    assert "the table of tid2013 has no rows" in refused("tid2013", tmp_path)


def test_a_judge_that_is_missing_is_named(tmp_path):
    trees.TREES["bapps-2afc"](tmp_path)
    (tmp_path / "2afc/val/cnn/judge/000001.npy").unlink()
    assert "1 files are missing: 2afc/val/cnn/judge/000001.npy" in refused("bapps-2afc", tmp_path)


def test_where_the_folder_begins(tmp_path):
    for name in ("a", "b"):
        trees.TREES["mdid"](tmp_path / name)
    assert unpacked(tmp_path / "b", "mos.txt").root == tmp_path / "b"
    assert "in several folders (a/, b/)" in refused("mdid", tmp_path)
    archive = tmp_path / "mdid.zip"
    archive.touch()
    for source, message in (
        (archive, "is a file, expected the folder"),
        (tmp_path / "no", "exist"),
    ):
        with pytest.raises(InputError, match=message):
            unpacked(source, "mos.txt")
