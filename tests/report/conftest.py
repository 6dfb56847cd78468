"""A real browser, for those tests that open a page in it."""

import shutil

import pytest

BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
QUIET = ("background-networking", "component-update", "gpu", "quic", "sync")
OPTIONS = ["--no-sandbox", "--no-first-run", *(f"--disable-{name}" for name in QUIET)]


@pytest.fixture(scope="session")
def browser():
    sync_api = pytest.importorskip("playwright.sync_api", reason="needs the extra browser")
    if BROWSER is None:
        pytest.skip("needs chromium, such as Debian's package of that name")
    with sync_api.sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=BROWSER, args=OPTIONS)
        yield found
        found.close()
