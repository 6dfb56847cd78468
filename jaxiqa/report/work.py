"""A work that can be cited, as BibTeX has it."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Work:
    """A work as BibTeX has it.

    Attributes:
      key: of the entry.
      authors: joined by "and".
      title: with braces around what keeps its case.
      year: of publication.
      venue: journal or proceedings, with volume and pages; empty for a preprint alone.
      arxiv: number, or empty.
      doi: without address, or empty.
    """

    key: str
    authors: str
    title: str
    year: int
    venue: str = ""
    arxiv: str = ""
    doi: str = ""

    @property
    def bibtex(self) -> str:
        """The entry: an article of its venue, or a preprint."""
        fields = {"author": self.authors, "title": self.title, "year": str(self.year)}
        if self.venue:
            fields["journal"] = self.venue
        if self.arxiv:
            fields |= {"eprint": self.arxiv, "archiveprefix": "arXiv"}
        if self.doi:
            fields["doi"] = self.doi
        lines = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items())
        return f"@{'article' if self.venue else 'misc'}{{{self.key},\n{lines}\n}}\n"


def preprint(key: str, authors: str, title: str, arxiv: str, venue: str = "") -> Work:
    """Returns a work on arXiv, of the year that its number tells."""
    year = 2000 + int(arxiv[:2])
    return Work(key, authors, title, year, venue, arxiv)
