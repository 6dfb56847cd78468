"""Fitted relevance as a metric's file, with all that it came from."""

import contextlib
import dataclasses
from collections.abc import Mapping

import numpy as np

from jaxiqa import checks
from jaxiqa.bank.distances import architecture_of
from jaxiqa.bank.store import Bank
from jaxiqa.checkpoints.load import architecture_of as known
from jaxiqa.checkpoints.store import versions
from jaxiqa.metrics.metric_file import MetricFile
from jaxiqa.relevance.fitted import Fit
from jaxiqa.relevance.tables import channels_for


def metric_file(fit: Fit, bank: Bank, name: str, *, held_out: Mapping | None = None) -> MetricFile:
    """Returns what ``save_metric`` writes of a fit, and ``load_metric`` reads.

    Args:
      fit: of the bank.
      bank: that was fitted to.
      name: of the metric.
      held_out: what is known of it on other pairs, plain words and numbers.

    Raises:
      InputError: an empty name.
    """
    if not name.strip():
        raise checks.InputError("the name of a metric must not be empty")
    table, looked = bank.record["table"], bank.record["identity"]["looked at"]
    provenance = {
        "fitted to": table["name"],
        "table": table["digest"],
        "pairs": int(fit.train.sum()),
        "references": len(np.unique(fit.opinions.reference[fit.train])),
        "citation": table["citation"],
        "licence of the opinions": table["licence"],
        "weights": looked["weights"],
        "preprocess": looked["preprocess"],
        "readout asked for": fit.design.asked.name,
        "choices": dataclasses.asdict(fit.choices),
        "loss": [float(loss) for loss in fit.loss],
        "weights for 95 % of the distance": channels_for(fit.shares),
        "held out": dict(held_out or {}),
        "versions": versions(),
    }
    relevance = {tap: np.float32(values) for tap, values in fit.relevance.items()}
    net = _loadable(bank.record["label"].rpartition(": ")[2], architecture_of(bank).name)
    return MetricFile(name, net, architecture_of(bank).name, fit.readout, relevance, provenance)


def _loadable(label: str, architecture: str) -> str:
    """The name by which ``load_net`` knows a net, where its label in a study is another."""
    with contextlib.suppress(checks.InputError):
        if known(label).name == architecture:
            return label
    return architecture
