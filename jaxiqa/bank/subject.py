"""What a bank is about, and how it says so: its identity, and the record that it carries."""

import dataclasses
import hashlib
from collections.abc import Mapping

import jax

from jaxiqa.arch.digest import weights_digest
from jaxiqa.bank.layout import Layout
from jaxiqa.bank.probes import MetricProbe, NetProbe, Probe
from jaxiqa.checkpoints.store import versions
from jaxiqa.data import Pairs
from jaxiqa.images import to_record
from jaxiqa.metrics.formula import FormulaProgram
from jaxiqa.metrics.metric import Metric
from jaxiqa.metrics.net_program import NetProgram
from jaxiqa.metrics.reduced import ReducedProgram

# Raised when moments are computed otherwise, so that older banks are not taken for new ones.
COMPUTATION = 1

_COLUMNS = ("reference", "distorted", "reference_id", "distortion", "level", "split")


@dataclasses.dataclass(frozen=True, eq=False)
class Subject:
    """What a bank is about.

    Attributes:
      pairs: the rated pairs.
      data: their ``fingerprint``.
      probe: what is looked at.
      variables: the weights that the probe needs.
      origin: ``origin_of`` the net, ``origin_of_metric``; empty for simple metrics.
      label: names it in a folder and to a reader.
    """

    pairs: Pairs
    data: str
    probe: Probe
    variables: Mapping
    origin: Mapping
    label: str


def identity(subject: Subject) -> dict:
    """Returns all that the numbers of a bank depend on, but for the taps and moments it has."""
    looked, more = "pixels", {}
    if isinstance(subject.probe, NetProbe):
        looked = {**subject.origin, "precision": subject.probe.precision}
    if isinstance(subject.probe, MetricProbe):
        # A text, as of pixels: there are no responses of a net to fit to.
        looked, more = "metric", {"metric": dict(subject.origin)}
    return {
        "computation": COMPUTATION,
        "jaxiqa": versions()["jaxiqa"],
        "looked at": looked,
        "data": subject.data,
        "pairs": len(subject.pairs),
        **more,
    }


def _of_net(program: NetProgram) -> dict:
    return {
        "architecture": program.architecture.name,
        "table": hashlib.sha256(repr(program.architecture).encode()).hexdigest(),
        "preprocess": to_record(program.preprocess),
        "readout": dataclasses.asdict(program.readout),
        "precision": program.precision,
        "resize": program.resize,
    }


def origin_of_metric(metric: Metric) -> dict:
    """Returns what a metric's values depend on, as a record: options, or its net, and weights."""
    program = metric.program
    found = {
        "name": metric.name,
        "description": program.description,
        "weights": weights_digest(metric.weights),
    }
    if isinstance(program, FormulaProgram):
        return found | {"options": dict(program.options)}
    wide = program.wide if isinstance(program, ReducedProgram) else program
    return found | _of_net(wide) | {"dtype": program.dtype}


def _table(pairs: Pairs) -> dict:
    """The rated pairs, so that a bank can be read without its images."""
    numbers = {name: getattr(pairs, name) for name in ("opinion", "opinion_std", "opinion_error")}
    return {
        "name": pairs.name,
        "higher_is_better": bool(pairs.higher_is_better),
        "citation": pairs.citation,
        "licence": pairs.licence,
        "digest": pairs.digest,
        **{name: getattr(pairs, name) for name in _COLUMNS},
        **{name: None if v is None else [float(x) for x in v] for name, v in numbers.items()},
    }


def record_of(subject: Subject, layout: Layout) -> dict:
    """Returns what a bank says of itself: identity, labels, layout, device, versions, table."""
    device, probe = jax.local_devices()[0], subject.probe
    taps, moments = (probe.names, probe.moments) if isinstance(probe, NetProbe) else ((), ())
    return {
        "identity": identity(subject),
        "label": subject.label,
        "taps": list(taps),
        "moments": list(moments),
        "layout": dataclasses.asdict(layout),
        "device": f"{device.platform} {device.device_kind}",
        "versions": versions(),
        "table": _table(subject.pairs),
    }
