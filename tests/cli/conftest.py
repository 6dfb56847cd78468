"""The command line called in process, and what its refusals must look like."""

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
