"""A page with more nets than it has room for, under names that try to break out of it."""

import dataclasses

import pytest
from made_study import row, write_study

from jaxiqa.report.report import make_report
from jaxiqa.report.tested import read_tested

pytest.importorskip("vl_convert", reason="needs the extra report")
pytest.importorskip("altair", reason="needs the extra report")

pytestmark = pytest.mark.slow

BAD = "</script><img src=x onerror=alert(1)>"
# WCAG's contrast of a text with what is behind it.
CONTRAST = """(selector) => {
  const light = (colour) => {
    const [r, g, b] = colour.match(/[\\d.]+/g).slice(0, 3).map((v) => v / 255)
      .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
  };
  const one = document.querySelector(selector);
  const back = (place) => getComputedStyle(place).backgroundColor;
  let behind = one;
  while (back(behind) === "rgba(0, 0, 0, 0)") behind = behind.parentElement;
  const pair = [light(getComputedStyle(one).color), light(back(behind))];
  return Math.max(...pair) / Math.min(...pair);
}"""
INKS = """[...document.querySelectorAll("p, .plot text")]
  .map((one) => getComputedStyle(one)[one.tagName === "P" ? "color" : "fill"])"""


@pytest.fixture(scope="module")
def crowded_file(tmp_path_factory):
    """The page of 30 nets, named to break it."""
    folder = tmp_path_factory.mktemp("crowded")
    rows = [
        row("ssim", 0.8),
        *(row(f"alexnet.{k}{BAD}:pool{t}", 0.5) for k in range(30) for t in (1, 5)),
    ]
    named = [dataclasses.replace(one, architecture="alexnet" * one.is_net) for one in rows]
    held = read_tested(write_study(folder, named))
    (folder / "report.html").write_text(make_report(held).html, encoding="utf-8")
    return folder / "report.html"


def test_thirty_nets_with_hostile_names_leave_room_and_run_nothing(browser, crowded_file):
    context = browser.new_context(
        viewport={"width": 390, "height": 850}, color_scheme="dark", offline=True
    )
    page, told = context.new_page(), []
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("dialog", lambda dialog: told.append(dialog.message))
    page.goto(crowded_file.as_uri())
    page.wait_for_selector("body[data-ready=yes]")
    assert page.evaluate("views.depth.height()") > 300
    named = page.locator("#plot-depth .role-legend-label text")
    box = page.locator("#plot-depth").bounding_box()
    assert named.count() == 30 + 1
    assert named.last.bounding_box()["y"] < box["y"] + box["height"]
    assert page.locator("[onerror]").count() == 0
    assert page.evaluate(CONTRAST, "#plot-depth .vega-actions a") > 4.5
    page.emulate_media(media="print", color_scheme="dark")
    assert set(page.evaluate(INKS)) <= {"rgb(27, 31, 36)", "rgb(87, 96, 106)"}
    assert told == []
    context.close()
