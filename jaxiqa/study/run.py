"""A study run from its plan to its rows, net by net, what is finished being handed on at once."""

import dataclasses
import functools
from collections.abc import Callable, Iterator
from typing import Protocol

import numpy as np

from jaxiqa import checks
from jaxiqa.arch.net import needed_variables
from jaxiqa.bank import make as extraction
from jaxiqa.bank import store
from jaxiqa.bank.distances import distances
from jaxiqa.bank.make import bank_of
from jaxiqa.bank.probes import VALUE, MetricProbe, PixelProbe, net_probe
from jaxiqa.bank.store import Bank
from jaxiqa.bank.subject import Subject
from jaxiqa.data import ContrastThresholds, Pairs, as_pairs, fingerprint, remembered
from jaxiqa.metrics import METRICS, to_distance
from jaxiqa.metrics.formula import Formula
from jaxiqa.metrics.metric import Program
from jaxiqa.readouts.moments import MOMENTS
from jaxiqa.study.judge import Data, Judged, check_enough, judge
from jaxiqa.study.metric_entries import MetricEntry
from jaxiqa.study.plan import Entry, Plan
from jaxiqa.study.rows import Row


class Progress(extraction.Progress, Protocol):
    """Who is told how far a study has come."""

    def failed(self, data: str, failures: dict[int, str]) -> None:
        """Told which pairs of a data set could not be computed, and why, after each pass."""

    def skipped(self, label: str, why: str) -> None:
        """Told which pass gave nothing, and why; the others go on."""


@dataclasses.dataclass(frozen=True, eq=False)
class Finished:
    """What one net or metric, or the simple metrics, gave on one data set.

    Attributes:
      data: the data set.
      bank: where it was computed from.
      judged: the distances.
      rows: what they came to, in the same order.
    """

    data: Data
    bank: Bank
    judged: tuple[Judged, ...]
    rows: tuple[Row, ...]


def _metrics(data: Data) -> tuple[str, ...]:
    """The simple metrics beside the nets; threshold stimuli are finer than 8 bits."""
    if isinstance(data, ContrastThresholds):
        return ("psnr", "ssim_unrounded")
    return ("psnr", "ssim")


def _simple_subject(data: Data, pairs: Pairs, digest: str) -> Subject:
    probe = PixelProbe(_metrics(data))
    return Subject(pairs, digest, probe, {}, {}, f"{data.name}: psnr and ssim")


def _turned(data: Data, bank: Bank, array: str, metric: Formula | Program) -> np.ndarray:
    """Values as the field correlates them: in dB or similarity, turned by sign alone.

    A threshold is read where a distance reaches a criterion, so there it is a distance from 0 up.
    """
    values = store.read(bank, array).astype(np.float64)
    if isinstance(data, ContrastThresholds):
        return metric.distance(values)
    return to_distance(values, metric.higher_is_better)


def _called(simple: str) -> str:
    """The label of a simple metric, whichever form of it is taken."""
    return simple.partition("_")[0]


def _judged_metrics(data: Data, bank: Bank) -> Iterator[Judged]:
    for name in _metrics(data):
        yield Judged(_called(name), name, "", _turned(data, bank, name, METRICS[name]))


def _metric_subject(entry: MetricEntry, data: Data, pairs: Pairs, digest: str) -> Subject:
    metric = entry.metric
    probe, label = MetricProbe(metric.name, metric.program), f"{data.name}: {entry.label}"
    return Subject(pairs, digest, probe, metric.weights, entry.origin, label)


def _judged_metric(data: Data, entry: MetricEntry, bank: Bank) -> Iterator[Judged]:
    distance = _turned(data, bank, VALUE, entry.metric.program)
    yield Judged(entry.label, entry.label, "", distance)


def _net_subject(plan: Plan, entry: Entry, data: Data, pairs: Pairs, digest: str) -> Subject:
    default = "needed" if isinstance(data, ContrastThresholds) else "all"
    kept = MOMENTS if (plan.moments or default) == "all" else entry.moments
    probe = net_probe(entry.net, entry.taps, moments=kept, precision=plan.precision)
    variables = needed_variables(entry.net, probe.names)
    return Subject(pairs, digest, probe, variables, entry.origin, f"{data.name}: {entry.label}")


def _judged_net(entry: Entry, bank: Bank) -> Iterator[Judged]:
    for readout, distance in zip(entry.readouts, distances(bank, entry.readouts), strict=True):
        yield Judged(entry.label, readout.name, "+".join(readout.taps), distance, entry.factors)


def _subjects(plan: Plan, data: Data) -> Iterator[tuple[Subject, Callable]]:
    """Each subject on a data set, with what makes distances of its bank."""
    pairs = as_pairs(data) if isinstance(data, ContrastThresholds) else remembered(data)
    digest = fingerprint(pairs)
    yield _simple_subject(data, pairs, digest), functools.partial(_judged_metrics, data)
    there = {label for name in _metrics(data) for label in (name, _called(name))}
    for metric in plan.metrics:
        if metric.label not in there:
            subject = _metric_subject(metric, data, pairs, digest)
            yield subject, functools.partial(_judged_metric, data, metric)
    for entry in plan.entries:
        subject = _net_subject(plan, entry, data, pairs, digest)
        yield subject, functools.partial(_judged_net, entry)


def _banked(plan: Plan, progress: Progress) -> Iterator[tuple[Data, Subject, Callable, Bank]]:
    """Each subject on each data set with its bank, once that is finished and its failures told."""
    for data in plan.data:
        for subject, judged_by in _subjects(plan, data):
            bank = bank_of(subject, plan.banks, batch=plan.batch, progress=progress)
            progress.failed(data.name, store.failures(bank))
            yield data, subject, judged_by, bank


def banks(plan: Plan, progress: Progress) -> Iterator[Bank]:
    """Yields the bank of each subject of a plan once it is finished; nothing is correlated."""
    for *_, bank in _banked(plan, progress):
        yield bank


def run(plan: Plan, progress: Progress) -> Iterator[Finished]:
    """Yields what the simple metrics, each other and each net give on each data set as it is done.

    What can be computed of too few pairs of a data set is skipped there, and that is told.

    Raises:
      InputError: a bank that cannot be written, or devices without enough memory.
    """
    for data, subject, judged_by, bank in _banked(plan, progress):
        try:
            check_enough(data, len(subject.pairs), store.failures(bank))
        except checks.InputError as error:
            progress.skipped(subject.label, str(error))
            continue
        judged = tuple(judged_by(bank))
        rows = tuple(judge(data, one, plan.statistics) for one in judged)
        yield Finished(data, bank, judged, rows)
