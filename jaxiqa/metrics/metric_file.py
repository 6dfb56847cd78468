"""A readout of a net with its relevance of channels as one small file, and its provenance in it.

A safetensors file: one array per tap, (C,) or (C, K), and in its header the record as JSON.
"""

import dataclasses
import json
import os
import pathlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from jaxiqa import checks
from jaxiqa.readouts.readout import Readout
from jaxiqa.whole import write_whole

_KEY = "jaxiqa.metric"
_FORMAT = 1


@dataclasses.dataclass(frozen=True, eq=False)
class MetricFile:
    """What such a file holds.

    Attributes:
      name: of the metric.
      net: whose responses it reads, as for ``load_net``.
      architecture: of that net, or the form of it that the metric needs.
      readout: taps, form and combination.
      relevance: by tap (C,) or (C, K) float32.
      provenance: where the relevance comes from: source, citation, licence, or how it was fitted.
    """

    name: str
    net: str
    architecture: str
    readout: Readout
    relevance: Mapping[str, np.ndarray]
    provenance: Mapping[str, Any]


def save_metric(path: str | os.PathLike, metric: MetricFile) -> None:
    """Writes a metric to a file, whole or not at all.

    Args:
      path: of the file, by custom ``NAME.safetensors``.
      metric: what to write.

    Raises:
      InputError: the file cannot be written.
    """
    import safetensors.numpy

    path = pathlib.Path(path)
    record = {
        "format": _FORMAT,
        "name": metric.name,
        "net": metric.net,
        "architecture": metric.architecture,
        "readout": dataclasses.asdict(metric.readout),
        "relevance": sorted(metric.relevance),
        "provenance": dict(metric.provenance),
    }
    arrays = {k: np.ascontiguousarray(v, np.float32) for k, v in metric.relevance.items()}
    try:
        content = safetensors.numpy.save(arrays, {_KEY: json.dumps(record, sort_keys=True)})
    except TypeError as error:
        raise checks.InputError(f"provenance of {metric.name} must be plain: {error}") from None
    write_whole(path, lambda unfinished: unfinished.write_bytes(content))


def load_metric_file(path: str | os.PathLike) -> MetricFile:
    """Returns what a file of ``save_metric`` holds.

    Raises:
      InputError: no such file, or none that ``save_metric`` wrote.
    """
    import safetensors

    path = pathlib.Path(path)
    if not path.is_file():
        raise checks.InputError(f"no such file: {path}")
    try:
        with safetensors.safe_open(path, "numpy") as file:
            record = json.loads((file.metadata() or {}).get(_KEY, "null"))
            arrays = {tap: file.get_tensor(tap) for tap in file.keys()}  # noqa: SIM118
    except (safetensors.SafetensorError, json.JSONDecodeError, OSError) as error:
        raise checks.InputError(f"{path} is not a metric's file: {error}") from None
    if record is None:
        raise checks.InputError(f"{path} holds tensors, but no metric that jaxiqa has written")
    return _parsed(path, record, arrays)


def _parsed(path: pathlib.Path, record: Any, arrays: dict[str, np.ndarray]) -> MetricFile:
    try:
        if record["format"] != _FORMAT:
            raise checks.InputError(
                f"{path} is of format {record['format']}, this version reads {_FORMAT}"
            )
        if sorted(arrays) != record["relevance"]:
            raise checks.InputError(
                f"{path} holds the relevance of {', '.join(sorted(arrays)) or 'no tap'}, "
                f"its record says {', '.join(record['relevance']) or 'none'}"
            )
        readout = _readout(record["readout"])
        names = (record[key] for key in ("name", "net", "architecture"))
        return MetricFile(*names, readout, arrays, record["provenance"])
    except (KeyError, TypeError) as error:
        raise checks.InputError(f"{path} is not a metric's file: {error!r} in its record") from None


def _readout(fields: dict[str, Any]) -> Readout:
    if not isinstance(fields["taps"], list):
        raise TypeError(f"taps {fields['taps']!r}")
    return Readout(**{**fields, "taps": tuple(fields["taps"])})
