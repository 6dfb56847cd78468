"""The page in a real browser, offline: no complaint, every figure drawn, a hover shows its pair."""

import base64
import json
import re

import numpy as np
import pytest
from rated import write_set, write_table

from jaxiqa.cli.main import main

pytest.importorskip("playwright.sync_api", reason="needs the extra browser: playwright")
pytest.importorskip("vl_convert", reason="needs the extra report")
pytest.importorskip("altair", reason="needs the extra report")

pytestmark = pytest.mark.slow

WIDTHS = (1280, 390)


@pytest.fixture(scope="module")
def page_file(tmp_path_factory):
    folder = tmp_path_factory.mktemp("browser")
    rows = [(*one, f"kind {k % 2}") for k, one in enumerate(write_set(folder))]
    columns = ("reference", "distorted", "opinion", "distortion")
    table, out = write_table(folder / "ok.csv", rows, columns), folder / "out"
    words = ["--taps", "relu1", "--taps", "relu3", "--resamples", "20", "--out", str(out)]
    nets = ["--net", "alexnet.random-0", "--net", "alexnet.random-1"]
    assert main(["study", "--data", table, *nets, *words]) == 0
    assert main(["report", str(out)]) == 0
    return out / "report.html"


@pytest.fixture(params=[(width, scheme) for width in WIDTHS for scheme in ("light", "dark")])
def opened(request, browser, page_file):
    """The page, drawn, with what the browser complained of and asked for."""
    width, scheme = request.param
    context = browser.new_context(
        viewport={"width": width, "height": 850}, color_scheme=scheme, offline=True
    )
    page, told = context.new_page(), []
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("request", lambda request: told.append(request.url))
    page.goto(page_file.as_uri())
    page.wait_for_selector("body[data-ready=yes]")
    yield page, told
    context.close()


def scatter_of(page_file):
    held = re.search(r'id="page-data">(.*?)</script>', page_file.read_text())
    (found,) = json.loads(held[1])["scatter"]
    values = np.frombuffer(base64.b64decode(found["distances"]), "<f4")
    return found, values.reshape(len(found["rows"]), -1)


def test_it_is_drawn_without_a_word_within_its_width(opened, page_file):
    page, told = opened
    fetched = [line for line in told if not line.startswith("data:")]
    assert fetched == [page_file.as_uri()]
    drawn = page.locator(".plot[data-drawn=yes] svg.marks")
    assert drawn.count() == page.locator(".plot").count() == 5
    assert all(box["width"] > 200 for box in (one.bounding_box() for one in drawn.all()))
    wide = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert wide == 0


def test_a_hover_shows_the_pair_and_a_click_keeps_it(opened, page_file):
    page, _ = opened
    scatter, values = scatter_of(page_file)
    page.select_option("#scatter-net", "alexnet.random-1")
    page.select_option("#scatter-taps", "relu3")
    labels = [(row["net"], row["taps"]) for row in scatter["rows"]]
    distances = values[labels.index(("alexnet.random-1", "relu3"))]
    page.wait_for_timeout(300)
    pair = int(distances.argmax())
    marks = page.locator("#plot-scatter .mark-symbol.role-mark path")
    far = max(marks.all(), key=lambda mark: mark.bounding_box()["x"])
    far.scroll_into_view_if_needed()
    far.hover(force=True)
    name = scatter["pairs"]["distorted"][pair]
    shown = page.locator("#hover")
    assert name in shown.inner_text()
    assert f"{distances[pair]:.4g}"[:5] in shown.inner_text()
    images = [one.get_attribute("src") for one in shown.locator("img").all()]
    assert images == [scatter["images"][k] for k in scatter["shown"][str(pair)]]
    far.click(force=True)
    page.mouse.move(1, 1)
    assert name in page.locator("#kept").inner_text()


def test_everything_to_choose_is_reached_by_keyboard(opened):
    page, _ = opened
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.id || document.activeElement.tagName"))
    assert {"scatter-net", "scatter-readout", "scatter-taps", "scatter-pair"} <= reached
    page.focus("#scatter-pair")
    page.keyboard.press("ArrowDown")
    assert "distance" in page.locator("#kept").inner_text()


def test_a_choice_changes_the_figure_and_outlives_a_change_of_theme(opened):
    page, _ = opened
    page.select_option("#controls-depth select[name=measure]", "krocc")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_timeout(1500)
        assert page.evaluate("views.depth.signal('measure')") == "krocc"
        shown = page.locator("#controls-depth select[name=measure]")
        assert shown.count() == 1
        assert shown.input_value() == "krocc"


@pytest.fixture(scope="module")
def thresholds_file(tmp_path_factory):
    out = tmp_path_factory.mktemp("thresholds")
    nets = ["--net", "resnet20.random-0", "--net", "resnet20.random-1", "--taps", "relu1"]
    words = ["--data", "contrast-thresholds", "--resamples", "20", "--out", str(out)]
    assert main(["study", *nets, *words]) == 0
    return out / "report.html"


def test_stimuli_at_threshold_are_drawn_with_their_patterns(browser, thresholds_file):
    context = browser.new_context(viewport={"width": 390, "height": 850}, offline=True)
    page, told = context.new_page(), []
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    page.goto(thresholds_file.as_uri())
    page.wait_for_selector("body[data-ready=yes]")
    assert "log10 sensitivity of people" in page.locator("#plot-scatter").inner_html()
    page.select_option("#scatter-pair", "7")
    kept = page.locator("#kept")
    assert "stimulus" in kept.inner_text()
    assert "cycles per degree" in kept.inner_text()
    assert kept.locator("img").count() == 1
    assert "resnet20.random x2" in page.locator("#plot-ranking").inner_html()
    assert told == []
    context.close()
