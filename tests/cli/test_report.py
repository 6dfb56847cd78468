"""`jaxiqa report` in process: what it writes and prints, and what it refuses."""

import json
import re

import pytest
from made_study import row, write_study
from rated import write_set, write_table

from jaxiqa.report.files import report_files

FIGURES = {"depth", "factors", "ranking", "scatter"}


def test_a_folder_without_a_study_is_refused(refused, tmp_path):
    assert "not the folder of a finished study" in refused("report", tmp_path)


def test_a_negative_number_of_pictures_is_refused(refused, tmp_path):
    assert "--thumbnails" in refused("report", tmp_path, "--thumbnails", "-1")


def test_the_libraries_are_named_where_they_are_missing(refused, tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "altair", None)
    write_study(tmp_path, [row("ssim", 0.5)])
    assert "pip install 'jaxiqa[report]'" in refused("report", tmp_path)
    assert not (tmp_path / "report.html").exists()


@pytest.mark.slow
def test_a_study_becomes_a_page_and_files_for_papers(run, tmp_path):
    pytest.importorskip("altair", reason="needs the extra report")
    pytest.importorskip("vl_convert", reason="needs the extra report")
    table, out = write_table(tmp_path / "ok.csv", write_set(tmp_path)), tmp_path / "out"
    words = ("--taps", "relu1", "--taps", "relu3", "--resamples", 20, "--moments", "needed")
    words = ("--data", table, "--net", "pocket.random-0", "--out", out, *words)
    assert run("study", *words, "--quiet")[::2] == (0, "")
    left = {path.relative_to(out).as_posix() for path in out.glob("**/*") if path.is_file()}
    assert {"report.html", "references.bib", "tables/best.tex", "figures/depth.svg"} <= left
    kept = {name for name in left if name.startswith(("tables/", "figures/"))}
    assert kept <= set(report_files())
    stale, own = out / "figures" / "layers.svg", out / "figures" / "mine.svg"
    for path in (stale, own):
        path.write_text("")
    code, text, err = run("report", out, "--json", "--thumbnails", 4)
    assert (stale.exists(), own.exists()) == (False, True)
    assert (code, err) == (0, "")
    told = json.loads(text)
    assert [one["key"] for one in told["conclusions"]] == [f"R{k}" for k in range(1, 9)]
    assert {type(one["value"]) for one in told["conclusions"]} <= {float, type(None)}
    assert {path.stem for path in (out / "figures").glob("*.svg")} >= FIGURES
    assert all(path.read_bytes()[:5] == b"%PDF-" for path in (out / "figures").glob("*.pdf"))
    held = re.search(r'id="page-data">(.*?)</script>', (out / "report.html").read_text())
    (scatter,) = json.loads(held[1])["scatter"]
    assert [one["net"] for one in scatter["rows"]] == ["PSNR", "SSIM"] + ["pocket.random-0"] * 2
    assert list(scatter["shown"]) == ["0", "3", "5", "8"]
    assert {"hernandezcamara2023deepiqa", "krizhevsky2014one", "wang2004ssim"} <= set(
        re.findall(r"@\w+\{(\w+),", (out / "references.bib").read_text())
    )
    for path in (out / "banks").glob("*/arrays/**/*"):
        if path.is_file():
            path.write_text("damaged")
    code, _, err = run("report", out)
    assert (code, "no scatter of the rows of" in err) == (0, True)
