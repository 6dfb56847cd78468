"""The page of a made-up study: one file, nothing fetched, every figure in it."""

import json
import re

import pytest
from made_study import compared, row, write_study

from jaxiqa.checks import InputError
from jaxiqa.report import page as pages
from jaxiqa.report.folder import read_fits
from jaxiqa.report.tested import read_tested
from jaxiqa.study.details import PartRow

pytest.importorskip("altair", reason="needs the extra report")
vl_convert = pytest.importorskip("vl_convert", reason="needs the extra report")

BAD = "</script><script>alert(1)</script>"
SSIM = row("ssim", 0.8)
NETS = [
    row(f"{net}:{tap}", 0.8 + 0.02 * k, readout=readout)
    for net in ("alexnet.imagenet", "vgg16.imagenet")
    for k, tap in enumerate(("pool1", "pool2"))
    for readout in ("euclidean", "gram")
]
PARTS = [
    PartRow("made", one.net, one.readout, one.taps, "distortion", BAD, 10, 0, srocc=0.5, plcc=0.5)
    for one in (SSIM, *NETS)
]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    from jaxiqa.report.report import make_report

    folder = tmp_path_factory.mktemp("study")
    tested = [compared(one, SSIM, 0.01) for one in NETS]
    write_study(folder, [SSIM, *NETS], tested, PARTS, versions={"jax": BAD})
    (folder / "mine.channels.csv").write_text(
        "tap,channel,part,weight,share,share_plain,share_low,share_high\n"
        "pool1,0,,1,0.75,0.5,0.75,0.75\npool2,0,,1,0.25,0.5,0.25,0.25\n"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vl_convert, "javascript_bundle", lambda: "library()")
        return make_report(read_tested(folder), read_fits(folder))


def held(report):
    found = re.search(r'<script type="application/json" id="page-data">(.*?)</script>', report.html)
    return json.loads(found[1])


def test_every_figure_is_in_the_page_with_a_place_to_be_drawn(made):
    names = ["depth", "factors", "ranking", "heat", "layers", "channels"]
    assert list(held(made)["specs"]) == names
    assert all(f'id="plot-{name}"' in made.html for name in names)


def test_nothing_is_fetched(made):
    page = made.html.replace('href="https://arxiv.org', "")
    assert not re.search(r'(src|href)="(?!#|data:)', page)
    assert "default-src 'none'" in page


def test_a_name_cannot_end_the_script_that_holds_it(made):
    assert BAD not in made.html
    parts = json.dumps(held(made)["specs"]["heat"])
    assert json.dumps(BAD)[1:-1] in parts
    assert made.html.count("<script") == 3


def test_every_placeholder_is_filled(made):
    assert "{{" not in made.html.replace("}}", "")
    assert made.html.count("library()") == 1


def test_the_answers_stand_with_their_verdicts(made):
    keys = re.findall(r'class="key">(R\d)<', made.html)
    assert keys == [f"R{k}" for k in range(1, 9)]
    assert '<span class="verdict unknown">cannot be told here</span>' in made.html


def test_what_was_not_finished_is_told(tmp_path):
    from jaxiqa.report.report import make_report

    write_study(tmp_path, [row("ssim", 0.5)], unfinished=["vgg16.imagenet"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vl_convert, "javascript_bundle", str)
        made = make_report(read_tested(tmp_path))
    assert "<p>Not finished, so that rows are missing: vgg16.imagenet.</p>" in made.html


def test_without_banks_there_is_no_scatter(made):
    assert held(made)["scatter"] == []
    assert "plot-scatter" not in made.html.split("<script>")[0]


def test_a_database_is_cited_even_where_its_bank_is_gone(tmp_path):
    from jaxiqa.report.report import make_report

    write_study(tmp_path, [row("ssim", 0.5, data="tid2013")])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vl_convert, "javascript_bundle", str)
        assert "10.1016/j.image.2014.10.009" in make_report(read_tested(tmp_path)).bibtex


def test_numbers_that_json_lacks_are_left_empty():
    with pytest.raises(ValueError, match="not JSON compliant"):
        pages.as_json({"x": float("nan")})


def test_a_missing_library_is_told_with_its_remedy(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "vl_convert", None)
    with pytest.raises(InputError, match=r"vl_convert is missing.*pip install 'jaxiqa\[report\]'"):
        pages.check_installed()
