"""The command line called in process, and what its refusals and documents must look like."""

import json
import re

import pytest

from jaxiqa.cli.main import main


@pytest.fixture
def run(capsys):
    """Returns (exit code, stdout, stderr) of the words of a command."""

    def run(*words):
        code = main([str(word) for word in words])
        return (code, *capsys.readouterr())

    return run


@pytest.fixture
def refused(run):
    """Returns the one line that a command is refused with."""

    def refused(*words):
        code, out, err = run(*words)
        assert (code, out) == (2, "")
        assert err.startswith("jaxiqa: ")
        assert err.endswith("\n")
        assert len(err.splitlines()) == 1
        assert "Traceback" not in err
        return err

    return refused


@pytest.fixture
def document(run):
    """Returns the JSON that a verb prints, found strict, alone and with the keys of its help."""

    def not_strict(constant):
        raise AssertionError(f"{constant} is no JSON")

    def document(*words, verb):
        code, out, err = run(*words, "--json", "--quiet")
        assert (code, err) == (0, "")
        found = json.loads(out, parse_constant=not_strict)
        keys = found[0] if isinstance(found, list) else found
        told = re.search(r"--json +(print one JSON .*?)\n  --", run(*verb, "--help")[1], re.DOTALL)
        named = set(re.findall(r"\w+", told[1]))
        assert "in any case" in " ".join(told[1].split()) or set(keys) <= named
        assert ("a list of" in told[1].partition("(")[0]) == isinstance(found, list)
        return found

    return document


@pytest.fixture
def no_drawing(monkeypatch):
    """A page without its program and figures, which take seconds."""
    for name in ("altair", "vl_convert"):
        pytest.importorskip(name, reason="needs the extra report")
    monkeypatch.setattr("vl_convert.javascript_bundle", lambda: "")
    monkeypatch.setattr("jaxiqa.report.report._figure_files", lambda specs: {})
