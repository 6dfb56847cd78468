"""A study run from its plan to its rows, net by net, what is finished being handed on at once."""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

import numpy as np

from jaxiqa.arch.net import needed_variables
from jaxiqa.data import ContrastThresholds, as_pairs
from jaxiqa.metrics import METRICS, to_distance
from jaxiqa.study.extract import Extracted, extract
from jaxiqa.study.judge import Data, Judged, check_enough, euclidean_distance, judge
from jaxiqa.study.plan import Entry, Plan
from jaxiqa.study.probes import PixelProbe, net_probe
from jaxiqa.study.rows import Row


class Progress(Protocol):
    """Who is told how far a study has come."""

    def start(self, label: str, pairs: int) -> Callable[[int], None]:
        """Announces a pass over ``pairs`` pairs; what is returned is called with each advance."""

    def failed(self, data: str, failures: dict[int, str]) -> None:
        """Told which pairs of a data set could not be computed, and why, after each pass."""


def _metrics(data: Data) -> tuple[str, ...]:
    """The simple metrics beside the nets; threshold stimuli are finer than 8 bits."""
    if isinstance(data, ContrastThresholds):
        return ("psnr", "ssim_unrounded")
    return ("psnr", "ssim")


def _judged_metrics(data: Data, found: Extracted) -> Iterator[Judged]:
    """Metrics as the field correlates them: in dB or similarity, turned by sign alone.

    A threshold is read where a distance reaches a criterion, so there it is a distance from 0 up.
    """
    for name, values in found.values.items():
        metric, values = METRICS[name], values.astype(np.float64)
        if isinstance(data, ContrastThresholds):
            distance = metric.distance(values)
        else:
            distance = to_distance(values, metric.higher_is_better)
        yield Judged(name.partition("_")[0], name, "", distance)


def _judged_net(entry: Entry, probe, found: Extracted) -> Iterator[Judged]:
    for taps in entry.readouts:
        distance = euclidean_distance(probe, found, taps)
        yield Judged(entry.label, "euclidean", "+".join(taps), distance)


def _passes(plan: Plan, data: Data) -> Iterator[tuple[str, object, dict, Callable]]:
    """Each pass over a data set: label, probe, variables, and what makes distances of it."""
    yield "psnr and ssim", PixelProbe(_metrics(data)), {}, lambda f: _judged_metrics(data, f)
    for entry in plan.entries:
        probe = net_probe(entry.net, entry.taps, precision=plan.precision)
        variables = needed_variables(entry.net, probe.names)
        yield (
            entry.label,
            probe,
            variables,
            lambda found, entry=entry, probe=probe: _judged_net(entry, probe, found),
        )


def run(plan: Plan, progress: Progress) -> Iterator[Sequence[Row]]:
    """Yields the rows of each net, or of the simple metrics, on each data set as they are done.

    Raises:
      InputError: a data set of which fewer than 3 pairs can be computed.
    """
    for data in plan.data:
        pairs = as_pairs(data) if isinstance(data, ContrastThresholds) else data
        for label, probe, variables, judged in _passes(plan, data):
            advance = progress.start(f"{data.name}: {label}", len(pairs))
            found = extract(pairs, probe, variables, batch=plan.batch, advance=advance)
            progress.failed(data.name, found.failures)
            check_enough(data, found)
            yield [judge(data, distance, plan.statistics) for distance in judged(found)]
