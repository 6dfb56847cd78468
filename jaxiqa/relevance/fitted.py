"""What a fit came to: weights, what they are shares of, and the scale of their distances."""

import dataclasses

import numpy as np

from jaxiqa.readouts.readout import Readout
from jaxiqa.relevance.choices import Choices
from jaxiqa.relevance.design import Design, sizes
from jaxiqa.relevance.objectives import OBJECTIVES
from jaxiqa.relevance.opinions import Opinions


@dataclasses.dataclass(frozen=True, eq=False)
class Fit:
    """Relevance fitted to the pairs of a bank.

    Attributes:
      readout: whose relevance it is; one that needs no data set.
      relevance: by tap (C,) or (C, K) float64, 0 or more, as ``distance`` takes it.
      weights: (P,) of the design: the mean of those of all seeds.
      seeds: (seeds, P) of each seed.
      loss: (seeds,) of the objective over the pairs that were fitted to.
      watched: (seeds,) over the pairs that were set aside, NaN where none were.
      steps: (seeds,) of the optimiser until the best ones.
      design: the readout as a function of its weights.
      opinions: of the pairs.
      train: (n,) True for pairs that may have been fitted to or watched.
      choices: how it was fitted.
    """

    readout: Readout
    relevance: dict[str, np.ndarray]
    weights: np.ndarray
    seeds: np.ndarray
    loss: np.ndarray
    watched: np.ndarray
    steps: np.ndarray
    design: Design
    opinions: Opinions
    train: np.ndarray
    choices: Choices

    @property
    def shares(self) -> np.ndarray:
        """(P,) part of the summed contributions that each weight stands for, adding to 1."""
        return shares_of(self.weights, self.design, self.train)

    @property
    def seed_shares(self) -> np.ndarray:
        """(seeds, P) those of each seed."""
        return shares_of(self.seeds, self.design, self.train)

    @property
    def distances(self) -> np.ndarray:
        """(n,) distances of all pairs."""
        return self.design.distances(self.weights)

    def scaled(self, weights: np.ndarray) -> np.ndarray:
        """Returns other weights (P,) with the mean distance that its own have while training.

        So that folds of an objective without a scale of its own can be pooled.
        """
        if OBJECTIVES[self.choices.objective].unit != "plain":
            return weights
        return at_plain_scale(weights, self.design, self.train)


def means_of(design: Design, train: np.ndarray) -> np.ndarray:
    """Returns (P,) mean contributions over the training pairs (n,)."""
    return design.mean * sizes(design.values[train]).mean(axis=0)


def shares_of(weights: np.ndarray, design: Design, train: np.ndarray) -> np.ndarray:
    """Returns (..., P) weights times mean contribution over training pairs (n,), adding to 1."""
    parts = weights * means_of(design, train)
    return parts / np.maximum(parts.sum(axis=-1, keepdims=True), np.finfo(float).tiny)


def at_plain_scale(weights: np.ndarray, design: Design, train: np.ndarray) -> np.ndarray:
    """Returns weights (P,) by the factor that makes the mean distance that of the plain readout.

    Args:
      weights: of the design.
      design: whose weights 1 are the plain readout.
      train: (n,) True for the pairs over which the mean is taken.
    """
    growth, plain = design.form.growth, np.ones_like(weights)
    if not growth:
        return weights * (design.mean.sum() / max(design.mean @ weights, np.finfo(float).tiny))
    before, after = (design.distances(w, train).mean() for w in (plain, weights))
    return weights * (before / after) ** (1 / growth) if after else weights
