"""The page of metrics is what the registry and the kept values make of it."""

import pathlib
import runpy

import pytest

from jaxiqa.metrics import METRICS
from jaxiqa.metrics.learned import LEARNED

ROOT = pathlib.Path(__file__).resolve().parents[2]
# No values of an authors' program are known of MS-GMSD; the others have no pair of their own.
WITHOUT = {"ms_gmsd", "ssim_unrounded", "lpips.vgg16", "dists", "pocket"}
# Listed values of VSI are of another saliency.
UNMET = {("vsi", "")}


@pytest.fixture(scope="module")
def script():
    return runpy.run_path(str(ROOT / "scripts" / "make_metrics_table.py"))


def test_the_page_is_not_stale(script):
    page = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    assert page == script["table"](script["read_rows"]()), "run scripts/make_metrics_table.py"


def test_every_metric_has_published_values_and_agrees(script):
    rows = script["read_rows"]()
    assert {row["metric"] for row in rows} == {*METRICS, *LEARNED} - WITHOUT
    for row in rows:
        if (row["metric"], row["options"]) in UNMET:
            continue
        digits = len(row["published"].partition(".")[2])
        near = 1.5e-7 if digits > 7 else 0.51 * 10**-digits
        assert float(row["jaxiqa"]) == pytest.approx(float(row["published"]), abs=near), row


def test_every_metric_says_what_it_follows(script):
    assert all(script["follows"](name) for name in (*METRICS, *LEARNED))
