"""Every example in the documentation gives what it says."""

import contextlib
import doctest
import io
import pathlib
import re

import jax
import pytest

import jaxiqa
from jaxiqa import checks

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
FENCE = re.compile(r"^(```|~~~).*$", re.MULTILINE)

# Examples that go on where the one before them ends. What compiles nothing is quick.
QUICK = (
    *(("read_image",), ("pairs_from_csv",), ("Readout",), ("Preprocess",)),
    *(("correlate",), ("compare",), ("InputError",)),
)
SLOW = (
    *(("load_net",), ("load_metric",), ("responses",), ("Metric",), ("pairwise",)),
    ("euclidean", "distance"),
    ("extract_bank", "open_bank", "distances", "fit_relevance"),
)
# Described by others: what `load_net` returns.
WITHOUT = {"Net"}


def run(test: doctest.DocTest, names: dict) -> None:
    """Runs examples in a namespace, which keeps what they define."""
    test.globs = names
    told = io.StringIO()
    runner = doctest.DocTestRunner(verbose=False, optionflags=doctest.ELLIPSIS)
    runner.run(test, out=told.write, clear_globs=False)
    assert test.examples
    assert not runner.failures, told.getvalue()


def of_docstring(name: str) -> doctest.DocTest:
    thing = getattr(jaxiqa, name)
    (test,) = doctest.DocTestFinder(recurse=False).find(thing, name)
    return test


def of_page(path: pathlib.Path) -> doctest.DocTest:
    """The examples of a page; fences become empty lines, which end what is expected."""
    text = FENCE.sub("", path.read_text(encoding="utf-8"))
    return doctest.DocTestParser().get_doctest(text, {}, path.name, str(path), 0)


def check(names: tuple[str, ...], folder: pathlib.Path) -> None:
    known = {name: getattr(jaxiqa, name) for name in jaxiqa.__all__}
    with contextlib.chdir(folder):
        for name in names:
            run(of_docstring(name), known)


@pytest.mark.parametrize("names", QUICK, ids="+".join)
def test_docstrings(names, tmp_path):
    check(names, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("names", SLOW, ids="+".join)
def test_docstrings_that_compile(names, tmp_path):
    check(names, tmp_path)


@pytest.mark.parametrize("name", ["near", "choose"])
def test_docstrings_of_checks(name):
    (test,) = doctest.DocTestFinder(recurse=False).find(getattr(checks, name), name)
    run(test, vars(checks).copy())


def test_all_that_is_public_has_an_example():
    shown = {name for names in (*QUICK, *SLOW) for name in names}
    assert shown | WITHOUT == set(jaxiqa.__all__)


def with_examples() -> list[pathlib.Path]:
    return [path for path in sorted(DOCS.glob("*.md")) if ">>> " in path.read_text("utf-8")]


@pytest.mark.slow
@pytest.mark.parametrize("path", with_examples(), ids=lambda path: path.stem)
def test_pages(path, tmp_path):
    # As it is for a reader: optax does not work under strict promotion.
    with contextlib.chdir(tmp_path), jax.numpy_dtype_promotion("standard"):
        run(of_page(path), {})
