"""What people said of the pairs of a bank, as the bank itself keeps it."""

import dataclasses

import numpy as np

from jaxiqa import checks
from jaxiqa.bank import store
from jaxiqa.bank.store import Bank
from jaxiqa.statistics.paired import badness


@dataclasses.dataclass(frozen=True, eq=False)
class Opinions:
    """Pairs of a bank that have values, n of them.

    Attributes:
      name: of the data set.
      rows: (n,) their places in the bank.
      reference: n names of the scenes, the groups of a split or a bootstrap.
      distortion: n names of the kind of distortion, or None.
      level: n names of its strength, or None.
      opinion: (n,) float64, as published.
      higher_is_better: the sign of opinion.
      bank_length: pairs of the bank, those that failed too.
    """

    name: str
    rows: np.ndarray
    reference: np.ndarray
    distortion: np.ndarray | None
    level: np.ndarray | None
    opinion: np.ndarray
    higher_is_better: bool
    bank_length: int

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def badness(self) -> np.ndarray:
        """Opinion turned so that larger = worse, as a distance."""
        return badness(self.opinion, self.higher_is_better)


def opinions_of(bank: Bank) -> Opinions:
    """Returns the opinions of those pairs of a bank that did not fail.

    Raises:
      InputError: unfinished blocks, or a bank of pairs that nobody has rated.
    """
    table = bank.record["table"]
    rows = np.flatnonzero(store.sizes(bank)[:, 0])
    opinion = np.asarray(table["opinion"], np.float64)[rows]
    if not np.isfinite(opinion).all() or not len(rows):
        raise checks.InputError(
            f"{bank.path} is of {table['name']}, which has no opinion for every pair; relevance is "
            "fitted to rated pairs"
        )

    def column(name: str) -> np.ndarray | None:
        return None if table[name] is None else np.asarray(table[name], str)[rows]

    reference = column("reference" if table["reference_id"] is None else "reference_id")
    return Opinions(
        table["name"],
        rows,
        reference,
        column("distortion"),
        column("level"),
        opinion,
        table["higher_is_better"],
        len(bank),
    )


def paired_choices(opinions: Opinions) -> Opinions:
    """Returns choices between two images, first images in the first half, second in the other.

    Args:
      opinions: of ``choices_as_pairs``: the share of judges who chose each image.

    Raises:
      InputError: opinions of another kind.
    """
    levels = np.asarray([] if opinions.level is None else opinions.level)
    first, second = (np.flatnonzero(levels == name) for name in ("first", "second"))
    if not opinions.higher_is_better or len(first) + len(second) != len(opinions):
        raise checks.InputError(
            f"{opinions.name} holds no choices between two images, which the objective 2afc is "
            "about; choices_as_pairs makes rated pairs of triplets"
        )
    half = opinions.bank_length // 2
    both = np.intersect1d(opinions.rows[first], opinions.rows[second] - half)
    places = np.searchsorted(opinions.rows, np.concatenate([both, both + half]))
    return taken(opinions, places)


def taken(opinions: Opinions, places: np.ndarray) -> Opinions:
    """Returns some of the pairs."""
    columns = ("rows", "reference", "distortion", "level", "opinion")
    held = {name: getattr(opinions, name) for name in columns}
    return dataclasses.replace(
        opinions, **{name: None if v is None else v[places] for name, v in held.items()}
    )
