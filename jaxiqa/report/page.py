"""One page that holds everything: words, figures, data and the program that draws them."""

import html
import importlib.resources
import json
import re
from collections.abc import Mapping, Sequence

from jaxiqa import checks
from jaxiqa.report.captions import CAPTIONS, SCATTER
from jaxiqa.report.sentences import FAILS, HOLDS, UNRATED, Sentence
from jaxiqa.report.tables import Cells, html_table, signed
from jaxiqa.report.theme import BRIGHTER, theme

EXTRA = "pip install 'jaxiqa[report]'"
_CLASSES = {HOLDS: "holds", FAILS: "fails"}
# One script of the page, in this order.
_SCRIPTS = ("figures.js", "elements.js", "scatter.js", "page.js")
_TOKEN = re.compile(r"\{\{(\w+)\}\}")

_PAPER = '<a href="https://arxiv.org/abs/2302.13345">arXiv 2302.13345</a>'


def check_installed() -> None:
    """Passes if the libraries that draw are there.

    Raises:
      InputError: they are not; says how to install them.
    """
    try:
        import altair
        import vl_convert
    except ImportError as error:
        raise checks.InputError(
            f"the report needs Vega-Altair and vl-convert ({error.name} is missing): {EXTRA}"
        ) from None
    del altair, vl_convert


def _template(name: str) -> str:
    return (importlib.resources.files("jaxiqa.report") / "template" / name).read_text("utf-8")


def as_json(value: object) -> str:
    """Returns JSON that can stand inside a script element."""
    text = json.dumps(value, allow_nan=False, separators=(",", ":"), ensure_ascii=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _answer(one: Sentence) -> str:
    number = signed(one.value, one.low, one.high)
    told = f'<span class="number">{html.escape(number)}</span> in SROCC. ' if number else ""
    return (
        f'<li><span class="key">{one.key}</span>'
        f'<span class="verdict {_CLASSES.get(one.verdict, "unknown")}">{one.verdict}</span>'
        f'<div class="told"><p class="claim">{html.escape(one.claim)}</p>'
        f"<p>{told}{html.escape(one.text)}</p></div></li>"
    )


def answers_html(
    told: Sequence[Sentence], plain: Sequence[str], counted: Sequence[str] = ()
) -> str:
    """Returns sentences, counts to unfold, then the paper's conclusions data set by data set."""
    parts = [f"<p>{html.escape(line)}</p>" for line in plain]
    if counted:
        listed = "".join(f"<li>{html.escape(line)}</li>" for line in counted)
        parts.append(
            "<details><summary>Every readout beside each metric, counted</summary>"
            f"<ul>{listed}</ul></details>"
        )
    parts += [f"<p>{html.escape(UNRATED)}</p>"] * (not told)
    sets = list(dict.fromkeys(one.data for one in told))
    for data in sets:
        where = f" on {html.escape(data)}" if len(sets) > 1 else ""
        parts.append(f"<h3>The conclusions of {_PAPER}{where}</h3>")
        listed = "".join(_answer(one) for one in told if one.data == data)
        parts.append(f'<ul class="answers">{listed}</ul>')
    return "\n".join(parts)


def _figure(name: str) -> str:
    title, caption = CAPTIONS[name]
    tall = ' class="tall" tabindex="0"' if name in ("ranking", "factors", "heat", "goals") else ""
    return (
        f'<section id="{name}" aria-labelledby="{name}-title"><h2 id="{name}-title">{title}</h2>'
        f'<figure><div class="controls" id="controls-{name}"></div>'
        f'<div{tall} role="group" aria-labelledby="{name}-title">'
        f'<div class="plot" id="plot-{name}"></div></div>'
        f"<figcaption>{caption}</figcaption></figure></section>"
    )


def scatter_html(notes: Sequence[str]) -> str:
    """Returns the part for distance against opinion, its choices filled in by the program."""
    labels = {"data": "data", "net": "net", "readout": "readout", "taps": "tap", "pair": "pair"}
    controls = "".join(
        f'<label>{title}<select id="scatter-{name}"></select></label>'
        for name, title in labels.items()
    )
    told = "".join(f'<p class="note">{html.escape(line)}</p>' for line in notes)
    return (
        '<section id="scatter" aria-labelledby="scatter-title">'
        '<h2 id="scatter-title">Pair by pair</h2>'
        f'<div class="controls">{controls}</div><div id="controls-scatter" hidden></div>'
        '<p id="scatter-told" aria-live="polite"></p>'
        '<div class="beside"><figure><div class="plot" id="plot-scatter"></div>'
        f"<figcaption>{SCATTER}</figcaption></figure>"
        '<div class="kept" id="kept" role="region" aria-label="The chosen pair" '
        'aria-live="polite"></div></div>'
        f'<div id="hover" hidden></div>{told}</section>'
    )


def page(
    *,
    title: str,
    lead: str,
    specs: Mapping[str, dict],
    scatter: Sequence[dict],
    answers: str,
    notes: Sequence[str],
    best: Cells,
    origin: str,
) -> str:
    """Returns the page.

    Args:
      title, lead: its name, and what it is about in a sentence.
      specs: figures as Vega-Lite, in their order.
      scatter: from ``page_data``, empty where no distances are at hand.
      answers: HTML, from ``answers_html``.
      notes: what is missing from the scatter, in sentences.
      best: the table of results.
      origin: HTML that says what was computed from what.
    """
    import vl_convert

    themes = {name: theme(name) for name in ("light", "dark")}
    parts = {name: CAPTIONS[name][0] for name in specs if name in CAPTIONS}
    links = {"answers": "Answers", **parts, **({"scatter": "Pair by pair"} if scatter else {})}
    links |= {"table": "Table", "origin": "Origin"}
    missing = "".join(f'<p class="note">{html.escape(line)}</p>' for line in notes)
    held = {"themes": themes, "brighter": BRIGHTER, "specs": dict(specs), "scatter": list(scatter)}
    filled = {
        "title": html.escape(title),
        "lead": html.escape(lead),
        "css": _template("page.css"),
        "js": "\n".join(map(_template, _SCRIPTS)),
        "nav": "".join(f'<a href="#{name}">{words}</a>' for name, words in links.items()),
        "answers": answers,
        "figures": "\n".join(map(_figure, parts)),
        "scatter": scatter_html(notes) if scatter else missing,
        "table": html_table(best),
        "origin": origin,
        "data": as_json(held),
        "library": vl_convert.javascript_bundle(),
    }
    return _TOKEN.sub(lambda found: filled[found[1]], _template("page.html"))
