"""How far a study has come: bars in a terminal, a line per pass elsewhere, failures by name."""

import datetime
import time
from collections.abc import Callable

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

# Of one pass over a data set; the rest are counted.
NAMED_FAILURES = 10
# Between two lines of a pass where there is no terminal.
SECONDS = 60.0


def _count(pairs: int, done: int) -> str:
    if done == pairs:
        return f"{pairs} pairs, extracted before"
    return f"{pairs} pairs, {done} of them done" if done else f"{pairs} pairs"


class Report:
    """Tells progress on a console; use as a context."""

    def __init__(self, console: Console):
        self._console = console
        self._told: set[str] = set()
        self.skips: list[str] = []
        self._bars = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            console=console,
            disable=not console.is_terminal,
        )

    def __enter__(self):
        self._bars.start()
        return self

    def __exit__(self, *error):
        self._bars.stop()

    def _say(self, line: str) -> None:
        self._console.print(line, markup=False, soft_wrap=True)

    def start(self, label: str, pairs: int, done: int = 0) -> Callable[[int], None]:
        """Opens a bar, or prints a line where there is no terminal."""
        if not self._console.is_terminal:
            self._say(f"{label}: {_count(pairs, done)} ..")
            return self._lines(label, pairs, done)
        task = self._bars.add_task(label, total=pairs, completed=done, rate="")

        def advance(count: int) -> None:
            self._bars.update(task, advance=count)
            speed = self._bars.tasks[task].speed
            self._bars.update(task, rate=f"{speed:.1f} pairs/s" if speed else "")

        return advance

    def _lines(self, label: str, pairs: int, before: int) -> Callable[[int], None]:
        """Tells where there is no terminal, a log file say, a line now and then."""
        started = told = time.monotonic()
        done = before

        def advance(count: int) -> None:
            nonlocal told, done
            done, now = done + count, time.monotonic()
            if now - told >= SECONDS and done < pairs:
                told, rate = now, (done - before) / (now - started)
                left = str(datetime.timedelta(seconds=round((pairs - done) / rate)))
                self._say(f"{label}: {done} of {pairs} pairs, {rate:.1f} pairs/s, {left} left")

        return advance

    def failed(self, data: str, failures: dict[int, str]) -> None:
        """Names each reason once, whichever pass met it."""
        new = [f for f in dict.fromkeys(failures.values()) if f"{data} {f}" not in self._told]
        self._told.update(f"{data} {reason}" for reason in new)
        for reason in new[:NAMED_FAILURES]:
            self._say(f"{data}: left out: {reason}")
        if len(new) > NAMED_FAILURES:
            self._say(f"{data}: left out: {len(new) - NAMED_FAILURES} more")

    def skipped(self, label: str, why: str) -> None:
        """Names a pass that gave nothing, and keeps why."""
        self.skips.append(why)
        self._say(f"{label}: skipped: {why}")
