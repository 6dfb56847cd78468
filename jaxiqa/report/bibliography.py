"""The BibTeX of exactly the nets, data sets and metrics of a study."""

import re
from collections.abc import Iterable

from jaxiqa.arch import ARCHITECTURES
from jaxiqa.checkpoints.sources import sources
from jaxiqa.metrics.learned import LEARNED, learned
from jaxiqa.report.references import METRICS, PAPER, UNNUMBERED, WORKS
from jaxiqa.report.tables import escaped
from jaxiqa.report.work import Work
from jaxiqa.study.rows import Row

_ARXIV = re.compile(r"(?i)arxiv[: ]\s*(\d{4}\.\d{4,5})")
_DOI = re.compile(r"(10\.\d{4,9}/[^\s;,]*[^\s;,.])")
_RANDOM = re.compile(r"\.random(-\d+)?$")


def _identifiers(text: str) -> list[str]:
    return [*_ARXIV.findall(text), *_DOI.findall(text)]


def _letters(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", text.lower())


def _slug(text: str) -> str:
    return _letters(text)[:40] or "unnamed"


def _known(text: str) -> list[Work]:
    """The works that a citation names by number, else by their whole title."""
    numbered = [WORKS[number] for number in _identifiers(text) if number in WORKS]
    return numbered or [work for work in UNNUMBERED if _letters(work.title) in _letters(text)]


def _note(key: str, title: str, text: str) -> str:
    """An entry of what has no line of its own: its citation as it stands."""
    told, named = (escaped(re.sub(r"[{}\\]", "", words)) for words in (text, title))
    doi = _DOI.search(text)
    fields = {"title": f"{{{named}}}", "howpublished": told} | ({"doi": doi[1]} if doi else {})
    lines = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items())
    return f"@misc{{{key},\n{lines}\n}}\n"


def cited(text: str, name: str) -> list[str]:
    """Returns an entry for each work that a citation names, several being parted by ``;``.

    Args:
      text: a citation in words, with arXiv numbers or DOIs.
      name: of what it is about, for entries that are not known by number.
    """
    found = []
    for k, part in enumerate(filter(None, map(str.strip, text.split("; ")))):
        known = _known(part)
        suffix = "" if k == 0 else f"-{k + 1}"
        found += [work.bibtex for work in known] or [_note(f"{_slug(name)}{suffix}", name, part)]
    return found


def _of_net(label: str, architecture: str) -> list[str]:
    """Of the record of its weights; of weights without one, what the architecture is cited by."""
    name = label.partition("@")[0]
    if (source := sources().get(name)) is not None:
        return cited(source.paper, name)
    # "library; paper; .."
    paper = ARCHITECTURES[architecture].reference.partition("; ")[2]
    return cited(paper, _RANDOM.sub("", name))


def _of_metric(name: str) -> list[str]:
    starts = [start for start in METRICS if name.lower().startswith(start)]
    work = METRICS[max(starts, key=len)] if starts else None
    return [work.bibtex] if work else []


def _read_by(metric: dict) -> str:
    """The net that a metric reads, by its record."""
    name = metric.get("name")
    return learned(name).net if name in LEARNED else metric["label"].partition(":")[0]


def nets_used(rows: Iterable[Row], metrics: Iterable[dict]) -> list[dict]:
    """Returns label and architecture of each net that has rows, and of those that metrics read.

    Args:
      rows: of a study.
      metrics: their records in ``study.json``.
    """
    nets = [(row.net, row.architecture) for row in rows if row.is_net]
    nets += [(_read_by(one), one["architecture"]) for one in metrics if one.get("architecture")]
    return [{"label": name, "architecture": of} for name, of in dict.fromkeys(nets)]


def _apart(entries: Iterable[str]) -> list[str]:
    """Entries, each once, those that chance on the key of another with a number behind theirs."""
    found: dict[str, str] = {}
    for entry in dict.fromkeys(entries):
        head, _, rest = entry.partition(",")
        key, number = head, 1
        while key in found:
            number += 1
            key = f"{head}-{number}"
        found[key] = f"{key},{rest}"
    return list(found.values())


def bibliography(
    rows: Iterable[Row], nets: Iterable[dict], citations: Iterable[tuple[str, str]]
) -> str:
    """Returns BibTeX, each entry once: the paper's, then of nets, metrics and data.

    Args:
      rows: of a study, of which the simple metrics are cited.
      nets: from ``nets_used``, each with label and architecture.
      citations: name of a data set and its citation in words, empty where none is known.
    """
    entries = [PAPER.bibtex]
    for net in nets:
        entries += _of_net(net["label"], net["architecture"])
    for name in dict.fromkeys(row.readout for row in rows if not row.is_net):
        entries += _of_metric(name)
    for name, text in citations:
        entries += cited(text, name)
    return "\n".join(_apart(entries))
