"""The site builds without a warning, and needs no network to be read."""

import pathlib
import re
import subprocess
import sys

import pytest

import jaxiqa

DOCS = pathlib.Path(__file__).resolve().parents[2] / "docs"
LOADING = r"""<(?:script|link|img|iframe)\b[^>]*\b(?:src|href)=["']"""
FETCHED = re.compile(LOADING + "(?:https?:)?//")
IMPORTED = re.compile(r"""(?:@import|url\()\s*["']?(?:https?:)?//""")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    for package in ("sphinx", "myst_parser", "furo"):
        pytest.importorskip(package, reason="needs jaxiqa[docs]")
    out = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-W", "-q", "-b", "html", str(DOCS), str(out)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return out


@pytest.mark.slow
def test_nothing_is_fetched(site):
    pages = list(site.glob("*.html"))
    assert {"index.html", "reference.html", "rooms.html", "cli.html"} <= {p.name for p in pages}
    for page in pages:
        assert not FETCHED.findall(page.read_text(encoding="utf-8")), page.name
    for style in site.rglob("*.css"):
        assert not IMPORTED.findall(style.read_text(encoding="utf-8")), style.name


@pytest.mark.slow
def test_the_reference_has_every_public_name_and_verb(site):
    reference = (site / "reference.html").read_text(encoding="utf-8")
    assert all(f'id="jaxiqa.{name}"' in reference for name in jaxiqa.__all__)
    assert "usage: jaxiqa study" in (site / "cli.html").read_text(encoding="utf-8")
