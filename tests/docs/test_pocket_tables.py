"""The tables of the pocket nets on the pages say what the file that the script wrote says."""

import csv
import pathlib
import re
import runpy

import pytest

from jaxiqa.study.rows import Row

ROOT = pathlib.Path(__file__).resolve().parents[2]
PHOTOS, PART = "tid2013-kodak", "noise, blur, JPEG"
NUMBERS = re.compile(r"(-?\d\.\d+) \[(-?\d\.\d+), (-?\d\.\d+)\]")
# Places of a line's cells that hold the two sets of pairs.
PAGES = {"README.md": (3, 4), "docs/pocket.md": (2, 4)}


@pytest.fixture(scope="module")
def lines():
    with (ROOT / "docs" / "pocket_goals.csv").open(newline="", encoding="utf-8") as file:
        return {line["goal"]: line for line in csv.DictReader(file)}


@pytest.mark.parametrize("page", PAGES)
def test_pages_say_what_the_file_says(lines, page):
    found = (ROOT / page).read_text(encoding="utf-8").splitlines()
    for goal in (goal for goal, line in lines.items() if line["task"] or goal == "none"):
        (cells,) = (
            line.split("|")
            for line in found
            if re.match(rf"\| {goal}\b", line) and len(NUMBERS.findall(line)) == 2
        )
        for data, place in zip((PHOTOS, PART), PAGES[page], strict=True):
            told = NUMBERS.search(cells[place]).groups()
            for end, text in zip(("", "_low", "_high"), told, strict=True):
                half = 0.5 * 10.0 ** -len(text.partition(".")[2])
                assert abs(float(text) - float(lines[goal][f"{data}: srocc{end}"])) <= half + 1e-5


def row(data, net, taps, srocc, function=""):
    readout, architecture = ("euclidean", "pocket") if taps else (net, "")
    words = {"architecture": architecture, "function": function}
    return Row(data, net, readout, taps, n=9, failed=0, srocc=srocc, **words)


def test_a_line_is_a_goal_at_its_best_tap_the_best_on_the_photographs_first():
    table = runpy.run_path(str(ROOT / "scripts" / "compare_goals.py"))["table"]
    rows = [
        row(data, f"pocket.{goal}-{seed}", tap, base + step + 0.01 * seed, goal)
        for data, bases in ((PART, (0.3, 0.1)), (PHOTOS, (0.5, 0.7)))
        for goal, base in zip(("rotation", "jigsaw"), bases, strict=True)
        for tap, step in (("relu1", 0.0), ("relu2", 0.05))
        for seed in range(3)
    ]
    found = table([*rows, row(PART, "psnr", "", 0.4), row(PHOTOS, "psnr", "", 0.6)])
    assert [line["goal"] for line in found] == ["jigsaw", "psnr", "rotation"]
    assert found[0][f"{PHOTOS}: srocc"] == "0.76000"
    assert found[0][f"{PART}: srocc"] == "0.16000"
    assert found[0][f"{PHOTOS}: best tap"] == "relu2"
    assert (found[0]["task"], found[0]["chance"]) == ("accuracy", "0.0417")
    assert found[1]["merit"] == ""
