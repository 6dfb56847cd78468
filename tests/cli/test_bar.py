"""How much is done of one thing, in a terminal, in a log, and where nobody wants to know."""

import io

import pytest
from rich.console import Console
from rich.progress import MofNCompleteColumn

from jaxiqa.cli.bar import bar


def told(*calls, terminal, quiet=False):
    file = io.StringIO()
    screen = Console(file=file, force_terminal=terminal, width=100, quiet=quiet, highlight=False)
    with bar(screen, "[b]tid[/x]", MofNCompleteColumn(), unit="MB", size=1e6) as progress:
        for call in calls:
            progress(*call)
    return file.getvalue()


def test_a_log_has_a_line_now_and_then(monkeypatch):
    clock = iter([0.0, 10.0, 61.0, 70.0, 130.0, 200.0])
    monkeypatch.setattr("jaxiqa.cli.bar.time.monotonic", lambda: next(clock))
    calls = [(10e6, 90e6), (20e6, 90e6), (30e6, 90e6), (40e6, 0), (90e6, 90e6)]
    assert told(*calls, terminal=False).splitlines() == [
        "[b]tid[/x]: 20 of 90 MB",
        "[b]tid[/x]: 40 MB",
    ]


def test_a_terminal_has_a_bar():
    text = told((1, 3), (3, 3), terminal=True)
    assert "3/3" in text
    assert "[b]tid[/x]" in text


@pytest.mark.parametrize("terminal", [True, False])
def test_quiet_is_quiet(terminal):
    assert told((1, 3), (3, 3), terminal=terminal, quiet=True) == ""
