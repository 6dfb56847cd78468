"""Tables of a study for papers and notes: the same cells as Markdown, LaTeX and HTML."""

import dataclasses
import html
import math
from collections.abc import Sequence

from jaxiqa.report.sentences import Sentence
from jaxiqa.report.summary import net_name, with_interval
from jaxiqa.study.rows import Row

_LATEX = {
    "\\": r"\textbackslash{}",
    **{mark: f"\\{mark}" for mark in "&%$#_{}"},
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "…": r"\ldots{}",
    "·": r"\textperiodcentered{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
}
_MARKDOWN = str.maketrans({"\\": r"\\", "|": r"\|", "<": "&lt;", "*": r"\*", "\n": " "})

# Letters, from which on a text is broken into lines.
_SENTENCE = 40


@dataclasses.dataclass(frozen=True)
class Cells:
    """A table.

    Attributes:
      title: what it shows.
      columns: their names.
      right: names of those that are aligned to the right.
      rows: texts, one for each column.
    """

    title: str
    columns: tuple[str, ...]
    right: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def _plain(row: Row) -> tuple[str, ...]:
    correlations = [
        with_interval(*(getattr(row, f"{name}{end}") for end in ("", "_low", "_high")))
        for name in ("srocc", "plcc", "krocc")
    ]
    readout = row.readout if row.is_net else ""
    decibels = "" if math.isnan(row.rms_db) else f"{row.rms_db:.1f}"
    return (row.data, net_name(row), row.taps, readout, *correlations, decibels, str(row.n))


def results_cells(rows: Sequence[Row], title: str) -> Cells:
    """Returns rows with their correlations, from the highest SROCC on in each data set.

    Of thresholds the RMS difference to those of people in dB stands beside them.
    """
    order = list(dict.fromkeys(row.data for row in rows))
    ranked = sorted(rows, key=lambda r: (order.index(r.data), -_or_least(r.srocc)))
    columns = ("data", "net", "tap", "readout", "SROCC", "PLCC", "KROCC", "RMS dB", "n")
    cells = tuple(map(_plain, ranked))
    kept = [k for k, name in enumerate(columns) if name != "RMS dB" or any(c[k] for c in cells)]
    columns = tuple(columns[k] for k in kept)
    return Cells(title, columns, columns[4:], tuple(tuple(c[k] for k in kept) for c in cells))


def _or_least(value: float) -> float:
    return -2 if math.isnan(value) else value


def signed(value: float, low: float, high: float) -> str:
    """Returns a difference with its interval, empty where there is none."""
    if math.isnan(value):
        return ""
    return f"{value:+.3f}" if math.isnan(low) else f"{value:+.3f} [{low:+.3f}, {high:+.3f}]"


def conclusions_cells(told: Sequence[Sentence]) -> Cells:
    """Returns the paper's conclusions with what a study says to each."""
    columns = ("data", "", "conclusion", "here", "difference in SROCC", "why")
    rows = [
        (one.data, one.key, one.claim, one.verdict, signed(one.value, one.low, one.high), one.text)
        for one in told
    ]
    return Cells("The conclusions of arXiv 2302.13345", columns, (), tuple(rows))


def _pipes(words: Sequence[str]) -> str:
    return f"| {' | '.join(word.translate(_MARKDOWN) for word in words)} |"


def markdown(cells: Cells) -> str:
    """Returns a table as GitHub's Markdown has it."""
    rule = ["---:" if name in cells.right else "---" for name in cells.columns]
    lines = [_pipes(cells.columns), f"| {' | '.join(rule)} |", *map(_pipes, cells.rows)]
    return f"{cells.title}\n\n" + "\n".join(lines) + "\n"


def escaped(text: str) -> str:
    """Returns a text as LaTeX reads it as text."""
    return "".join(_LATEX.get(letter, letter) for letter in text)


def _column(cells: Cells, place: int) -> str:
    """How a column is set: sentences in lines of their own width."""
    if cells.columns[place] in cells.right:
        return "r"
    sentences = any(len(row[place]) > _SENTENCE for row in cells.rows)
    return "p{4.5cm}" if sentences else "l"


def latex(cells: Cells) -> str:
    """Returns a table for LaTeX with the packages booktabs and longtable, over pages if need be."""
    shape = "".join(_column(cells, place) for place in range(len(cells.columns)))

    def line(words: Sequence[str]) -> str:
        # A bracket or a star there would belong to the end of the line before.
        guard = "{}" if words[0].startswith(("[", "*")) else ""
        return guard + " & ".join(map(escaped, words)) + r" \\"

    head = [r"\toprule", line(cells.columns), r"\midrule", r"\endhead"]
    body = [*map(line, cells.rows), r"\bottomrule"]
    start = [
        "% needs \\usepackage{booktabs,longtable}",
        rf"\begin{{longtable}}{{{shape}}}",
        rf"\caption{{{escaped(cells.title)}}} \\",
    ]
    return "\n".join([*start, *head, *body, r"\end{longtable}"]) + "\n"


def html_table(cells: Cells) -> str:
    """Returns a table for a page, its texts escaped."""

    def line(kind: str, words: Sequence[str]) -> str:
        marks = [' class="right"' if name in cells.right else "" for name in cells.columns]
        parts = zip(marks, words, strict=True)
        return "".join(f"<{kind}{mark}>{html.escape(word)}</{kind}>" for mark, word in parts)

    head = f"<thead><tr>{line('th scope=col', cells.columns)}</tr></thead>"
    body = "".join(f"<tr>{line('td', row)}</tr>" for row in cells.rows)
    return f"<table>{head.replace('</th scope=col>', '</th>')}<tbody>{body}</tbody></table>"
