"""How much of one thing is done: a bar in a terminal, a line now and then elsewhere."""

import contextlib
import time
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, TextColumn, TimeRemainingColumn

from jaxiqa.cli.progress import SECONDS

Update = Callable[[int, int], None]


@contextlib.contextmanager
def bar(
    screen: Console, label: str, *counts: ProgressColumn, unit: str, size: float = 1
) -> Iterator[Update]:
    """Yields what is called with how much is done, and of how much (0: not known).

    Args:
      screen: where it is shown.
      label: of what.
      counts: columns of the bar beside the time that is left.
      unit, size: for lines: the name of what is counted, and how many of it make one of that.
    """
    if not screen.is_terminal:
        yield _lines(screen, label, unit, size)
        return
    words = TextColumn("{task.description}", markup=False)
    columns = (words, BarColumn(), *counts, TimeRemainingColumn())
    with Progress(*columns, console=screen, transient=True) as bars:
        task = bars.add_task(label, total=None)
        yield lambda done, total: bars.update(task, completed=done, total=total or None)


def _lines(screen: Console, label: str, unit: str, size: float) -> Update:
    last = time.monotonic()

    def update(done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= SECONDS and done != total:
            last = now
            of = f" of {total / size:.0f}" if total else ""
            line = f"{label}: {done / size:.0f}{of} {unit}"
            screen.print(line, markup=False, soft_wrap=True)

    return update
