"""What a study computes: data sets, nets with their readouts, and how uncertainty is formed."""

import collections
import dataclasses
import os
import pathlib
from collections.abc import Sequence

from jaxiqa import checks
from jaxiqa.data import (
    Pairs,
    all_contrast_thresholds,
    balanced,
    full_contrast_thresholds,
    load,
    pairs_from_csv,
    short_contrast_thresholds,
    wide_contrast_thresholds,
)
from jaxiqa.study.choices import DataChoice, StudyFile, refuse_triplets
from jaxiqa.study.entries import Entry, entries
from jaxiqa.study.judge import Data, Statistics
from jaxiqa.study.metric_entries import MetricEntry, metric_entries

# What ships: stimuli computed from formulas. The short set is the one of the run without arguments.
SHIPPED = {
    "contrast-thresholds": short_contrast_thresholds,
    "contrast-thresholds-full": full_contrast_thresholds,
    "contrast-thresholds-all": all_contrast_thresholds,
    "contrast-thresholds-wide": wide_contrast_thresholds,
}


@dataclasses.dataclass(frozen=True, eq=False)
class Plan:
    """A whole study.

    Attributes:
      data: data sets of rated pairs, or of thresholds.
      entries: nets with their readouts.
      statistics: of the correlations' intervals.
      batch: images that one device computes at once, None for what suits it.
      banks: the folder in which banks of pair moments are kept.
      moments: what is kept of them: "needed" for the readouts, or "all"; None for all of those of
        rated pairs and what is needed of those of stimuli.
      precision: of products, see ``responses``.
      metrics: beside the nets, PSNR and SSIM.
    """

    data: tuple[Data, ...]
    entries: tuple[Entry, ...]
    statistics: Statistics
    batch: int | None
    banks: pathlib.Path
    moments: str | None = None
    precision: str = "highest"
    metrics: tuple[MetricEntry, ...] = ()


def _data_set(choice: DataChoice) -> Data:
    if choice.name in SHIPPED:
        return SHIPPED[choice.name]()
    pairs = _rated_pairs(choice)
    return pairs if choice.pairs is None else balanced(pairs, choice.pairs)


def _rated_pairs(choice: DataChoice) -> Pairs:
    if choice.name is not None:
        refuse_triplets(choice.name)
        return load(choice.name, exclude=choice.exclude)
    if not os.path.exists(choice.csv):
        raise checks.InputError(
            f"no such file: {choice.csv}{checks.near(str(choice.csv), SHIPPED)}"
        )
    pairs = pairs_from_csv(choice.csv, higher_is_better=choice.higher_is_better)
    if choice.standard_error_of_opinion is None:
        return pairs
    if pairs.opinion_std is None:
        raise checks.InputError(
            f"{choice.csv} has no column {choice.standard_error_of_opinion} for the standard error "
            "of its opinion"
        )
    return dataclasses.replace(pairs, opinion_error=pairs.opinion_std)


def data_sets(choices: Sequence[DataChoice]) -> tuple[Data, ...]:
    """Returns data sets that ship or are prepared, by name, and those of CSV files of rated pairs.

    Raises:
      InputError: as ``pairs_from_csv`` and ``jaxiqa.data.load``; a set of triplets; a
        standard error without its column; two data sets of the same name.
    """
    found = tuple(map(_data_set, choices))
    names = [data.name for data in found]
    for name in names:
        if not name.isprintable():
            raise checks.InputError(
                f"{name!a} cannot be the name of a data set; rename the file to plain text"
            )
    if repeated := [name for name, count in collections.Counter(names).items() if count > 1]:
        raise checks.InputError(
            f"two data sets are named {repeated[0]}, and the rows of the result carry that name; "
            "rename a file, or ask for them in two studies"
        )
    return found


def _check_labels(nets: Sequence[Entry], metrics: Sequence[MetricEntry]) -> None:
    """Passes if no net has the label of a metric: rows are told apart by it."""
    if common := {net.label for net in nets} & {metric.label for metric in metrics}:
        raise checks.InputError(f"{min(common)!r} is the label of a net and of a metric")


def plan_of(study: StudyFile, *, batch: int | None) -> Plan:
    """Returns what a study computes, its nets loaded and its tables read.

    Raises:
      InputError: as ``data_sets``, ``entries`` and ``metric_entries``; a net and a metric that have
        one label.
    """
    data, metrics = data_sets(study.data), metric_entries(study.metrics)
    nets = entries(study.expanded_nets, study.readouts)
    _check_labels(nets, metrics)
    return Plan(
        data,
        nets,
        Statistics(study.resamples, study.seed),
        batch,
        study.banks or study.out / "banks",
        study.moments,
        metrics=metrics,
    )
