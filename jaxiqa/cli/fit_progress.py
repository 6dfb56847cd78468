"""How many fits have ended: a bar in a terminal, a line now and then elsewhere."""

import contextlib
import time
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from jaxiqa.cli.progress import SECONDS


@contextlib.contextmanager
def told(console: Console, fits: int) -> Iterator[Callable[[int], None]]:
    """Yields what is called with the number of further fits that have ended."""
    count = f"{fits} fits" if fits > 1 else "1 fit"
    if not console.is_terminal:
        console.print(f"{count} ..", markup=False)
        yield _lines(console, fits)
        return
    columns = TextColumn("fits"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console) as bars:
        task = bars.add_task("fits", total=fits)
        yield lambda count: bars.update(task, advance=count)


def _lines(console: Console, fits: int) -> Callable[[int], None]:
    done, last = 0, time.monotonic()

    def advance(count: int) -> None:
        nonlocal done, last
        done, now = done + count, time.monotonic()
        if now - last >= SECONDS and done < fits:
            last = now
            console.print(f"{done} of {fits} fits", markup=False)

    return advance
