"""What a fit came to: on the pairs it was fitted to, on those held out, and on other data."""

import dataclasses
from collections.abc import Callable

import numpy as np

from jaxiqa.bank.store import Bank
from jaxiqa.cli.fit_job import Job
from jaxiqa.relevance.ablation import (
    AblationRow,
    LayerRow,
    PathRow,
    ablation_rows,
    layer_rows,
    path_rows,
)
from jaxiqa.relevance.across import transfer
from jaxiqa.relevance.fit import fit_relevance
from jaxiqa.relevance.fitted import Fit
from jaxiqa.relevance.held_out import HeldOut, choice_scores, gain_of, hold_out
from jaxiqa.relevance.opinions import Opinions, paired_choices
from jaxiqa.report.gains import Change, Judged, changes_of, choice_changes
from jaxiqa.statistics.correlate import correlate

_ONE_BY_ONE = {"leave-one-out": "references", "distortion": "kinds of distortion"}
CHOICES = "2afc"


@dataclasses.dataclass(frozen=True, eq=False)
class Result:
    """What a fit came to.

    Attributes:
      fit: to all pairs.
      held: fits without each fold, None where nothing was held out.
      fitted: what it changes on the pairs it was fitted to, which flatters it.
      held_out: on pairs that were held out.
      tests: on other data.
      seeds: agreement held out of each seed by itself; empty where nothing was.
      layers, path, ablation: from ``layer_rows``, ``path_rows`` and ``ablation_rows``; empty where
        nothing was held out, the last also for choices.
    """

    fit: Fit
    held: HeldOut | None
    fitted: Judged
    held_out: Judged | None
    tests: tuple[Judged, ...]
    seeds: tuple[float, ...]
    layers: tuple[LayerRow, ...]
    path: tuple[PathRow, ...]
    ablation: tuple[AblationRow, ...]

    @property
    def judged(self) -> tuple[Judged, ...]:
        """All sets of pairs."""
        return (self.fitted, *([self.held_out] if self.held_out else []), *self.tests)


def _is_choices(opinions: Opinions) -> bool:
    """Whether pairs are the two sides of choices, which are no ratings to be correlated."""
    return opinions.level is not None and set(opinions.level) == {"first", "second"}


def _judged(name: str, before: np.ndarray, after: np.ndarray, opinions: Opinions, job: Job):
    options = {"resamples": job.resamples, "seed": job.seed}
    if job.choices.objective == CHOICES:
        changes, n = choice_changes(before, after, opinions, **options), len(opinions) // 2
    else:
        changes, n = changes_of(gain_of(before, after, opinions, **options)), len(opinions)
    return Judged(name, n, len(np.unique(opinions.reference)), changes)


def _tested(job: Job, fit: Fit, other: Bank) -> Judged:
    options = {"resamples": job.resamples, "seed": job.seed}
    found = transfer(fit, job.bank, other, **options)
    opinions = found.opinions
    changes, n = changes_of(found.gain), len(opinions)
    if _is_choices(opinions):
        opinions = paired_choices(opinions)
        places = np.searchsorted(found.opinions.rows, opinions.rows)
        sides = found.before[places], found.after[places]
        changes, n = choice_changes(*sides, opinions, **options), len(opinions) // 2
    return Judged(found.data, n, len(np.unique(opinions.reference)), changes, found.shared)


def _agreement(distance: np.ndarray, held: HeldOut, job: Job) -> float:
    opinions = held.opinions
    if job.choices.objective == CHOICES:
        return float(choice_scores(distance, opinions).mean())
    sign = opinions.higher_is_better
    return correlate(distance, opinions.opinion, higher_is_better=sign, resamples=0).srocc


def _held_name(job: Job) -> str:
    one_by_one = _ONE_BY_ONE.get(job.split)
    how = f"{job.folds} {one_by_one}, one at a time" if one_by_one else f"{job.folds} folds"
    return f"held out ({how}{'' if one_by_one else ' by reference'})"


def _tables(
    held: HeldOut, job: Job
) -> tuple[tuple[LayerRow, ...], tuple[PathRow, ...], tuple[AblationRow, ...]]:
    """Of layers and of the path; choices between two images have no SROCC."""
    layers, path = layer_rows(held), path_rows(held)
    if job.choices.objective != CHOICES:
        return layers, path, ablation_rows(held)
    nan = float("nan")
    bare = {"srocc_without": nan, "srocc_alone": nan}
    return (
        tuple(dataclasses.replace(row, **bare) for row in layers),
        tuple(dataclasses.replace(row, srocc=nan) for row in path),
        (),
    )


def result_of(job: Job, advance: Callable[[int], None]) -> Result:
    """Returns what was asked for, with the fits that hold pairs out first: they need the most.

    Args:
      job: what to do.
      advance: called with the number of further fits that have ended.

    Raises:
      InputError: too few pairs or references, or weights that leave no distance to correlate.
    """
    options = {**dataclasses.asdict(job.choices), "progress": advance}
    held, held_out, seeds, tables = None, None, (), ((), (), ())
    if job.folds:
        parts = {"by": job.split, "folds": job.folds, "seed": job.seed}
        held = hold_out(job.bank, job.readout, **parts, **options)
    fit = fit_relevance(job.bank, job.readout, **options)
    before = fit.design.distances(np.ones(len(fit.design.mean)))
    fitted = _judged("fitted pairs", before, fit.distances, fit.opinions, job)
    if held is not None:
        held_out = _judged(_held_name(job), held.before, held.after, held.opinions, job)
        seeds = tuple(_agreement(distance, held, job) for distance in held.seeds)
        tables = _tables(held, job)
    tests = tuple(_tested(job, fit, other) for other in job.tests)
    return Result(fit, held, fitted, held_out, tests, seeds, *tables)


def summary_of(result: Result, job: Job) -> dict:
    """Returns what is known of a fit on other pairs, as plain words and numbers."""

    def plain(change: Change) -> dict:
        values = dataclasses.asdict(change).items()
        return {name: None if value != value else value for name, value in values}

    def told(judged: Judged) -> dict:
        changes = {measure: plain(change) for measure, change in judged.changes.items()}
        shared = {} if judged.shared is None else {"not held out": judged.shared}
        return {"pairs": judged.n, "references": judged.references, **changes, **shared}

    found = {}
    if result.held_out is not None:
        found = {"split": job.split, "folds": job.folds, **told(result.held_out)}
    return {**found, "tests": [{"data": test.name, **told(test)} for test in result.tests]}
