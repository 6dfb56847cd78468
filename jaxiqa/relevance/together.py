"""Fits of many choices of training pairs and many seeds, side by side."""

from collections.abc import Callable, Sequence

import numpy as np

from jaxiqa import checks
from jaxiqa.relevance.choices import Choices
from jaxiqa.relevance.design import Design, sizes
from jaxiqa.relevance.fitted import Fit, at_plain_scale
from jaxiqa.relevance.objectives import OBJECTIVES
from jaxiqa.relevance.opinions import Opinions
from jaxiqa.relevance.solve import solve
from jaxiqa.relevance.splits import set_aside
from jaxiqa.relevance.starts import problems_of

Progress = Callable[[int], None]

# Spread of distances, in that of opinion, below which penalties have left nothing.
_LEAST = 1e-3


def untold(count: int) -> None:
    """Tells nobody how many fits have ended."""


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
      InputError: fewer than 3 training pairs, opinions or distances that are all alike, too few
        references, or penalties that leave nothing.
    """
    for train in trains:
        _check_enough(design, opinions, train)
    asides = [
        set_aside(opinions.reference, train, choices.validation, seed)
        for train in trains
        for seed in range(choices.seeds)
    ]
    rows = np.stack(trains).astype(np.float64)
    means = design.mean * ((rows / rows.sum(axis=1, keepdims=True)) @ sizes(design.values))
    solved = solve(
        problems_of(opinions.badness, trains, asides, means, design.mean, choices),
        design.values,
        design.layer,
        form=design.readout.form,
        choices=choices,
        progress=progress,
    )
    found = []
    for k, train in enumerate(trains):
        few = slice(k * choices.seeds, (k + 1) * choices.seeds)
        alive = means[k] > 0
        raw = np.where(alive, solved.shares[few] / np.where(alive, means[k], 1), 0)
        pairs = zip(raw, asides[few], strict=True)
        seeds = np.stack([_in_unit(w, design, opinions, train & ~a, choices) for w, a in pairs])
        told = solved.loss[few], solved.watched[few], solved.steps[few]
        found.append(_mean_of(seeds, told, design, opinions, train, choices))
    return tuple(found)


def _mean_of(
    seeds: np.ndarray,
    told: tuple[np.ndarray, ...],
    design: Design,
    opinions: Opinions,
    train: np.ndarray,
    choices: Choices,
) -> Fit:
    """The fit whose weights are the mean of all seeds'."""
    weights = seeds.mean(axis=0)
    if OBJECTIVES[choices.objective].unit == "plain":
        weights = at_plain_scale(weights, design, train)
    relevance = design.relevance(weights)
    return Fit(design.readout, relevance, weights, seeds, *told, design, opinions, train, choices)


def _check_enough(design: Design, opinions: Opinions, train: np.ndarray) -> None:
    used = opinions.opinion[train]
    if len(used) < 3 or np.ptp(used) == 0:
        raise checks.InputError(
            f"{opinions.name}: a fit needs 3 pairs or more, not all rated alike, got {len(used)}"
        )
    if not np.ptp(design.distances(np.ones(len(design.mean)), train)):
        raise checks.InputError(
            f"{opinions.name}: {design.asked.name} of {'+'.join(design.asked.taps)} gives all "
            "pairs one distance, so there is nothing to weigh"
        )


def _in_unit(
    weights: np.ndarray, design: Design, opinions: Opinions, fitted: np.ndarray, choices: Choices
) -> np.ndarray:
    """Weights by the factor that the unit of the objective asks for."""
    objective, growth = OBJECTIVES[choices.objective], design.form.growth
    sized = growth and not objective.scale_free
    # Opinion had the standard deviation 1 over the pairs that were fitted to.
    if sized and design.distances(weights, fitted).std() < _LEAST:
        raise checks.InputError(
            f"the penalties leave nothing of the distance (l1 {choices.l1:g}, l2 {choices.l2:g}, "
            f"group {choices.group:g}); give smaller ones"
        )
    match objective.unit:
        case "odds":
            return weights
        case "opinion":
            spread = opinions.opinion[fitted].std()
            return weights * (spread ** (1 / growth) if growth else 1)
    return at_plain_scale(weights, design, fitted)
