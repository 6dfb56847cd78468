"""Splits: which pairs are fitted to and which are held out, as a whole scene or kind of damage."""

import dataclasses

import numpy as np

from jaxiqa import checks
from jaxiqa.relevance.opinions import Opinions

# How the pairs of one data set are divided.
SPLITS: dict[str, str] = {
    "reference": "by reference image, k folds",
    "leave-one-out": "by reference image, one at a time",
    "distortion": "by kind of distortion, one at a time",
}


@dataclasses.dataclass(frozen=True, eq=False)
class Fold:
    """One way to divide n pairs.

    Attributes:
      name: what is held out.
      test: (n,) True for pairs that are held out.
    """

    name: str
    test: np.ndarray


def folds_of(opinions: Opinions, *, by: str, folds: int = 5, seed: int = 0) -> tuple[Fold, ...]:
    """Returns folds that hold out each pair exactly once.

    Args:
      opinions: n rated pairs.
      by: a name of ``SPLITS``. References are whole in every fold; with ``distortion`` every
        reference is seen in training, by other kinds of damage.
      folds: for ``reference``, how many.
      seed: of the shuffle of the references.

    Raises:
      InputError: an unknown split, too few references, kinds that are not known, or a number of
        folds that does not suit.
    """
    checks.choose(by, SPLITS, kind="split", listing=f"choose from {', '.join(SPLITS)}")
    if by == "distortion":
        if opinions.distortion is None:
            raise checks.InputError(f"{opinions.name} does not tell kinds of distortion")
        return _one_at_a_time(opinions.distortion, opinions.name, "kind of distortion")
    if by == "leave-one-out":
        return _one_at_a_time(opinions.reference, opinions.name, "reference image")
    names = np.unique(opinions.reference)
    if len(names) < 2:
        raise checks.InputError(
            f"{opinions.name} has a single reference image; there is nothing to hold out"
        )
    if isinstance(folds, bool) or not isinstance(folds, int) or not 2 <= folds <= len(names):
        raise checks.InputError(
            f"{opinions.name} has {len(names)} reference images; folds must be a whole number from "
            f"2 to that, got {folds!r}"
        )
    shuffled = np.random.default_rng(seed).permutation(names)
    parts = np.array_split(shuffled, folds)
    return tuple(
        Fold(f"fold {k + 1}", np.isin(opinions.reference, part)) for k, part in enumerate(parts)
    )


def _one_at_a_time(column: np.ndarray, data: str, kind: str) -> tuple[Fold, ...]:
    names = np.unique(column)
    if len(names) < 2:
        raise checks.InputError(f"{data} has a single {kind}; there is nothing to hold out")
    return tuple(Fold(str(name), column == name) for name in names)


def set_aside(reference: np.ndarray, train: np.ndarray, part: float, seed: int) -> np.ndarray:
    """Returns (n,) True for training pairs that tell when to stop: whole references.

    Args:
      reference: (n,) names.
      train: (n,) True for pairs that may be used.
      part: of the references, rounded to a whole number of at least 1; 0 sets none aside.
      seed: of the draw.

    Raises:
      InputError: a single reference, of which none can be set aside.
    """
    if not part:
        return np.zeros(len(train), bool)
    names = np.unique(reference[train])
    count = max(1, round(part * len(names)))
    if count >= len(names):
        raise checks.InputError(
            f"{len(names)} training references are too few to set {count} of them aside; give "
            "validation 0"
        )
    drawn = np.random.default_rng(seed).permutation(names)[:count]
    return train & np.isin(reference, drawn)
