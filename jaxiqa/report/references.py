"""What can be cited, by hand, under its arXiv number or DOI."""

from jaxiqa.report.references_data import DATA
from jaxiqa.report.references_metrics import DISTS, LPIPS, METRICS
from jaxiqa.report.references_nets import NETS
from jaxiqa.report.work import Work, preprint

__all__ = ["METRICS", "PAPER", "UNNUMBERED", "WORKS"]

PAPER = preprint(
    "hernandezcamara2023deepiqa",
    "Hern{\\'a}ndez-C{\\'a}mara, Pablo and Vila-Tom{\\'a}s, Jorge and Laparra, Valero and "
    "Malo, Jes{\\'u}s",
    "Analysis of Deep Image Quality Models",
    "2302.13345",
)

_ALL = (PAPER, *NETS, LPIPS, DISTS, *DATA)
WORKS: dict[str, Work] = {work.arxiv or work.doi: work for work in _ALL if work.arxiv or work.doi}
# Known by their titles alone.
UNNUMBERED = tuple(work for work in _ALL if not (work.arxiv or work.doi))
