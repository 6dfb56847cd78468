"""Relevance of channels fitted to the opinions of a bank's pairs, without running a net."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence

import jax.numpy as jnp
import numpy as np

from jaxiqa import checks
from jaxiqa.bank.store import Bank
from jaxiqa.readouts.readout import Readout
from jaxiqa.relevance.choices import Choices
from jaxiqa.relevance.design import Design, design_of
from jaxiqa.relevance.objectives import OBJECTIVES
from jaxiqa.relevance.opinions import Opinions, opinions_of, paired_choices
from jaxiqa.relevance.solve import Problems, solve
from jaxiqa.relevance.splits import set_aside

# Standard deviation of the log of a random start.
_START = 0.5

Progress = Callable[[int], None]


def untold(count: int) -> None:
    """Tells nobody how many fits have ended."""


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


def shares_of(weights: np.ndarray, design: Design, train: np.ndarray) -> np.ndarray:
    """Returns (..., P) weights times mean contribution over training pairs (n,), adding to 1."""
    parts = weights * _means(design, train)
    return parts / np.maximum(parts.sum(axis=-1, keepdims=True), np.finfo(float).tiny)


def _means(design: Design, train: np.ndarray) -> np.ndarray:
    """(P,) mean contributions over the training pairs."""
    return design.mean * design.values[train, :, 0].astype(np.float64).mean(axis=0)


def fit_relevance(
    bank: Bank,
    readout: Readout,
    *,
    train: np.ndarray | None = None,
    progress: Progress = untold,
    **choices,
) -> Fit:
    """Returns non-negative weights of channels at which distances agree best with opinion.

    Weights are squares of free variables. What is identifiable of them: for the objectives
    ``pearson`` and ``spearman-soft`` all but a common factor, which is set so that the mean
    distance is that of the plain readout; and only those combinations in which the contributions of
    channels differ over the pairs: of two channels that always rise together the sum counts. A
    channel without any contribution has the weight 0.

    Args:
      bank: from ``extract_bank``, of rated pairs, with the moments of the readout.
      readout: of one tap or several, of a form that takes relevance.
      train: (n,) True for rows of the bank that are fitted to; None for all.
      progress: called with the number of fits that have ended.
      **choices: as ``Choices``: objective, optimiser, per, l1, l2, group, validation, steps,
        patience, seeds.

    Returns:
      `Fit`.

    Raises:
      InputError: an unfinished bank or one of pairs without opinions, a readout that it does not
        hold or that takes no relevance, too few pairs or references, or a choice out of range.

    References:
      Zhang et al., arXiv 1801.03924 (heads of LPIPS); Ding et al., arXiv 2004.07728 (DISTS);
      Vo, "Sparse estimation by square root parametrization", arXiv 2105.14618 (weights as squares).
    """
    made = choices_of(choices)
    opinions = rated_for(bank, made)
    design = design_of(bank, readout, opinions.rows, per=made.per)
    kept = np.ones(len(opinions), bool) if train is None else _kept(train, bank, opinions)
    return fits(design, opinions, [kept], made, progress)[0]


def choices_of(choices: Mapping[str, object]) -> Choices:
    """Returns how to fit, from keywords.

    Raises:
      InputError: an unknown keyword, or a value out of range.
    """
    known = [field.name for field in dataclasses.fields(Choices)]
    for name in choices:
        listing = f"choose from {', '.join(known)}"
        checks.choose(name, known, kind="choice of a fit:", listing=listing)
    return Choices(**choices)


def rated_for(bank: Bank, choices: Choices) -> Opinions:
    """Returns the opinions that an objective is about.

    Raises:
      InputError: no opinions, or for ``2afc`` no choices between two images.
    """
    opinions = opinions_of(bank)
    return paired_choices(opinions) if choices.objective == "2afc" else opinions


def _kept(train: np.ndarray, bank: Bank, opinions: Opinions) -> np.ndarray:
    train = np.asarray(train)
    if train.shape != (len(bank),) or train.dtype != bool:
        raise checks.InputError(
            f"train must be {len(bank)} truth values, one for each row of the bank, got "
            f"{train.dtype} {train.shape}"
        )
    return train[opinions.rows]


def fits(
    design: Design,
    opinions: Opinions,
    trains: Sequence[np.ndarray],
    choices: Choices,
    progress: Progress,
) -> tuple[Fit, ...]:
    """Returns one fit for each choice of training pairs, all seeds of all of them at once.

    Args:
      design: of n pairs.
      opinions: of them.
      trains: (n,) True for the pairs that may be used, each.
      choices: how to fit.
      progress: called with the number of further fits that have ended.

    Raises:
      InputError: fewer than 3 training pairs, opinions that are all alike, or too few references.
    """
    for train in trains:
        _check_enough(opinions, train)
    asides = [
        set_aside(opinions.reference, train, choices.validation, seed)
        for train in trains
        for seed in range(choices.seeds)
    ]
    means = np.stack([_means(design, train) for train in trains])
    problems = _problems(design, opinions, trains, asides, means, choices)
    solved = solve(
        problems,
        design.values,
        design.layer,
        form=design.readout.form,
        choices=choices,
        progress=progress,
    )
    found = []
    for k, train in enumerate(trains):
        rows = slice(k * choices.seeds, (k + 1) * choices.seeds)
        mean = np.where(means[k] > 0, means[k], 1)
        seeds = np.where(means[k] > 0, solved.shares[rows] / mean, 0)
        seeds = np.stack(
            [
                _at_scale(one, design, opinions, train, aside, choices)
                for one, aside in zip(seeds, asides[rows], strict=True)
            ]
        )
        weights = seeds.mean(axis=0)
        if OBJECTIVES[choices.objective].unit == "plain":
            weights = _at_plain_scale(weights, design, train)
        found.append(
            Fit(
                design.readout,
                design.relevance(weights),
                weights,
                seeds,
                solved.loss[rows],
                solved.watched[rows],
                solved.steps[rows],
                design,
                opinions,
                train,
                choices,
            )
        )
    return tuple(found)


def _check_enough(opinions: Opinions, train: np.ndarray) -> None:
    used = opinions.opinion[train]
    if len(used) < 3 or np.ptp(used) == 0:
        raise checks.InputError(
            f"{opinions.name}: a fit needs 3 pairs or more, not all rated alike, got {len(used)}"
        )


def _problems(
    design: Design,
    opinions: Opinions,
    trains: Sequence[np.ndarray],
    asides: Sequence[np.ndarray],
    means: np.ndarray,
    choices: Choices,
) -> Problems:
    """Starts and targets of every seed of every choice of training pairs."""
    objective, badness = OBJECTIVES[choices.objective], opinions.badness
    starts, plains, scales, rows, targets, watched = [], [], [], [], [], []
    for k, aside in enumerate(asides):
        place, seed = divmod(k, choices.seeds)
        mean = means[place]
        noise = np.random.default_rng(seed).standard_normal(len(mean)) * bool(seed)
        # Half of equal shares: a square leaves 0 slowly.
        start = mean / mean.sum() + (mean > 0) / (mean > 0).sum()
        starts.append(start * np.exp(_START * noise))
        plains.append(mean)
        scales.append(np.where(mean > 0, design.mean / np.where(mean > 0, mean, 1), 0))
        rows.append((trains[place] & ~aside).astype(np.float32))
        targets.append(objective.target(badness, rows[-1]))
        watched.append(objective.target(badness, aside if aside.any() else rows[-1]))

    def stacked(arrays: Sequence[np.ndarray]):
        whole = np.stack(arrays)
        return jnp.asarray(whole if whole.dtype == np.int32 else whole.astype(np.float32))

    return Problems(
        stacked(starts),
        stacked(plains),
        stacked(scales),
        stacked(rows),
        stacked(asides),
        {name: stacked([t[name] for t in targets]) for name in targets[0]},
        {name: stacked([t[name] for t in watched]) for name in watched[0]},
    )


def _at_scale(
    weights: np.ndarray,
    design: Design,
    opinions: Opinions,
    train: np.ndarray,
    aside: np.ndarray,
    choices: Choices,
) -> np.ndarray:
    """Weights by the factor that the unit of the objective asks for."""
    match OBJECTIVES[choices.objective].unit:
        case "odds":
            return weights
        case "opinion":
            growth = design.form.growth
            # The target had the standard deviation 1 over the pairs that were fitted to.
            return weights * opinions.opinion[train & ~aside].std() ** (1 / growth if growth else 0)
    return _at_plain_scale(weights, design, train)


def _at_plain_scale(weights: np.ndarray, design: Design, train: np.ndarray) -> np.ndarray:
    """Weights by the factor with which the mean distance is that of the plain readout."""
    growth, plain = design.form.growth, np.ones_like(weights)
    if not growth:
        return weights * (design.mean.sum() / (design.mean @ weights))
    before, after = (design.distances(w)[train].mean() for w in (plain, weights))
    return weights * (before / after) ** (1 / growth) if after else weights
