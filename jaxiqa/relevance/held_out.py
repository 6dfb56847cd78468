"""What fitting is worth where it counts: on pairs whose scene, or damage, it has not seen."""

import dataclasses
from collections.abc import Sequence

import numpy as np

from jaxiqa.bank.store import Bank
from jaxiqa.data.triplets import agreement
from jaxiqa.readouts.readout import Readout
from jaxiqa.relevance.design import Design, design_of
from jaxiqa.relevance.fit import choices_of, rated_for
from jaxiqa.relevance.fitted import Fit
from jaxiqa.relevance.opinions import Opinions
from jaxiqa.relevance.splits import Fold, folds_of
from jaxiqa.relevance.together import Progress, fits, untold
from jaxiqa.statistics.compare import compare
from jaxiqa.statistics.correlate import Correlations, correlate
from jaxiqa.statistics.difference import Difference


@dataclasses.dataclass(frozen=True, eq=False)
class HeldOut:
    """Distances of pairs that the weights behind them were not fitted to.

    Attributes:
      design: the readout as a function of its weights, of n pairs.
      opinions: of them.
      folds: each pair is held out in exactly one.
      fits: one per fold.
      before: (n,) distances of the plain readout.
      after: (n,) of each pair with the weights of the fold that holds it out.
    """

    design: Design
    opinions: Opinions
    folds: tuple[Fold, ...]
    fits: tuple[Fit, ...]
    before: np.ndarray
    after: np.ndarray

    @property
    def seeds(self) -> np.ndarray:
        """(seeds, n) ``after`` of each seed by itself."""
        count = len(self.fits[0].seeds)
        return np.stack([pooled(self, [f.seeds[k] for f in self.fits]) for k in range(count)])


def pooled(held: HeldOut, weights: Sequence[np.ndarray]) -> np.ndarray:
    """Returns (n,) distances, of each pair by the weights (P,) of the fold that holds it out."""
    found = np.empty(len(held.opinions))
    for fold, one in zip(held.folds, weights, strict=True):
        found[fold.test] = held.design.distances(one, fold.test)
    return found


def hold_out(
    bank: Bank,
    readout: Readout,
    *,
    by: str = "reference",
    folds: int = 5,
    seed: int = 0,
    progress: Progress = untold,
    **choices,
) -> HeldOut:
    """Returns distances of every pair from weights that were fitted without its fold.

    All folds and seeds are fitted side by side; within the training pairs of a fold whole
    references are set aside again to tell when to stop. Scores of all folds are pooled and
    correlated once: distances of scale-free objectives have the mean of the plain readout over
    their training pairs, so that folds are on one scale.

    Args:
      bank: as for ``fit_relevance``.
      readout: as for ``fit_relevance``.
      by: a name of ``SPLITS``.
      folds: for ``reference``, how many.
      seed: of the folds.
      progress: called with the number of fits that have ended.
      **choices: as for ``fit_relevance``.

    Raises:
      InputError: as ``fit_relevance`` and ``folds_of``.
    """
    made = choices_of(choices)
    opinions = rated_for(bank, made)
    split = folds_of(opinions, by=by, folds=folds, seed=seed)
    design = design_of(bank, readout, opinions.rows, per=made.per)
    found = fits(design, opinions, [~fold.test for fold in split], made, progress)
    before = design.distances(np.ones(len(design.mean)))
    held = HeldOut(design, opinions, split, found, before, before)
    return dataclasses.replace(held, after=pooled(held, [f.weights for f in found]))


@dataclasses.dataclass(frozen=True)
class Gain:
    """What fitting is worth on one set of pairs.

    Attributes:
      before: correlations of the plain readout.
      after: with fitted weights.
      difference: after less before, on the same draws of references.
    """

    before: Correlations
    after: Correlations
    difference: Difference


def gain_of(
    before: np.ndarray,
    after: np.ndarray,
    opinions: Opinions,
    *,
    resamples: int = 1000,
    seed: int = 0,
) -> Gain:
    """Returns correlations with opinion before and after, over all pairs at once.

    Args:
      before: (n,) distances.
      after: (n,) distances of the same pairs.
      opinions: of them.
      resamples: of the bootstrap over references; below 2 there are no intervals.
      seed: of its draws.

    Raises:
      InputError: distances or opinions that cannot be correlated.
    """
    options = {
        "higher_is_better": opinions.higher_is_better,
        "reference_id": opinions.reference,
        "resamples": resamples,
        "seed": seed,
    }
    parts = [correlate(distance, opinions.opinion, **options) for distance in (before, after)]
    return Gain(*parts, compare(after, before, opinions.opinion, **options))


def choice_scores(distance: np.ndarray, opinions: Opinions) -> np.ndarray:
    """Returns the 2AFC score of each triplet, (n / 2,) from 0 to 1.

    Args:
      distance: (n,) first images in the first half, second ones in the other.
      opinions: from ``rated_for`` with the objective ``2afc``.
    """
    first, second = np.split(np.asarray(distance), 2)
    return agreement(np.split(opinions.opinion, 2)[1], first, second)
