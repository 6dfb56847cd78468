"""The same cells as Markdown, LaTeX and HTML."""

import pytest
from made_study import row

from jaxiqa.report.sentences import Sentence
from jaxiqa.report.tables import conclusions_cells, html_table, latex, markdown, results_cells

CELLS = results_cells([row("a_b & <c>:relu1", 0.5), row("ssim", 0.7)], "100 % of {it}")


def test_the_best_comes_first_and_every_row_has_all_cells():
    assert [cells[1] for cells in CELLS.rows] == ["SSIM", "a_b & <c>"]
    assert {len(cells) for cells in CELLS.rows} == {len(CELLS.columns)}


def test_markdown_keeps_a_bar_out_of_the_way():
    lines = markdown(results_cells([row("a|b:relu1", 0.5)], "t")).splitlines()
    assert lines[2].startswith("| data | net |")
    assert r"a\|b" in lines[4]


def test_latex_escapes_what_it_would_read_as_its_own():
    text = latex(CELLS)
    assert r"a\_b \& \textless{}c\textgreater{}" in text
    assert r"100 \% of \{it\}" in text
    assert text.count(r"\\") == 2 + 2


@pytest.mark.parametrize("name", ["[x]", "*"])
def test_a_first_cell_is_no_option_of_the_line_before(name):
    lines = latex(results_cells([row("ssim", 0.7, data=name)], "t")).splitlines()
    assert sum(line.startswith(f"{{}}{name} & SSIM") for line in lines) == 1


def test_latex_breaks_sentences_into_lines():
    told = Sentence("R1", "claim " * 9, "made", "holds", "short")
    assert "{llp{4.5cm}lll}" in latex(conclusions_cells([told]))


def test_markdown_keeps_to_one_line_without_markup():
    text = markdown(results_cells([row("a\n<b>*c*:relu1", 0.5)], "t"))
    assert r"| a &lt;b>\*c\* |" in text


@pytest.mark.parametrize("wanted", ["a_b &amp; &lt;c&gt;", "<td>SSIM</td>"])
def test_html_escapes_names(wanted):
    assert wanted in html_table(CELLS)
