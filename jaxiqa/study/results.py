"""The files of a study: rows, comparisons, and what was computed from what."""

import contextlib
import dataclasses
import json
import pathlib
from collections.abc import Sequence

from jaxiqa.checkpoints.store import versions
from jaxiqa.data import ContrastThresholds
from jaxiqa.images import to_record
from jaxiqa.study.choices import StudyFile
from jaxiqa.study.details import ComparedRow, PartRow, ceilings
from jaxiqa.study.entries import Entry
from jaxiqa.study.judge import Data
from jaxiqa.study.metric_entries import MetricEntry
from jaxiqa.study.plan import Plan
from jaxiqa.study.rows import Row, write_rows, write_table
from jaxiqa.study.run import Finished
from jaxiqa.whole import write_whole

# What is made once a study is finished.
LATER = ("results.png", "comparisons.csv", "breakdown.csv")


def _data_record(data: Data) -> dict:
    if isinstance(data, ContrastThresholds):
        return {
            "name": data.name,
            "left_out": dict(zip(data.left_out, data.reasons, strict=True)),
            "ladder": list(data.ladder),
            "display": dataclasses.asdict(data.display),
        }
    return {
        "name": data.name,
        "digest": data.digest,
        "pairs": len(data),
        "higher_is_better": data.higher_is_better,
    }


def _net_record(entry: Entry) -> dict:
    return {
        "label": entry.label,
        "architecture": entry.net.architecture.name,
        "function": entry.function,
        "environment": entry.environment,
        "source": entry.net.source,
        "weights": entry.origin["weights"],
        "preprocess": to_record(entry.net.preprocess),
    }


def _ready(plan: Plan, rows: Sequence[Row]) -> list[Entry | MetricEntry]:
    """The nets and metrics that have rows on all data sets, a simple metric by either name."""
    told = {(row.data, row.net) for row in rows}
    told |= {(row.data, row.readout) for row in rows if not row.is_net}
    asked = (*plan.metrics, *plan.entries)
    return [e for e in asked if all((data.name, e.label) in told for data in plan.data)]


def _provenance(plan: Plan, done: Sequence[Finished], seconds: float) -> dict:
    """What was computed from what, and what of the plan has no rows yet."""
    import jax

    device = jax.devices()[0]
    ready = _ready(plan, [row for finished in done for row in finished.rows])
    return {
        "data": [_data_record(data) for data in plan.data],
        "nets": [_net_record(entry) for entry in plan.entries if entry in ready],
        "metrics": [{"label": m.label, **m.origin} for m in plan.metrics if m in ready],
        "unfinished": [e.label for e in (*plan.metrics, *plan.entries) if e not in ready],
        "noise_ceilings": {
            name: dataclasses.asdict(found)
            for name, found in ceilings(plan.data, plan.statistics).items()
        },
        "banks": [str(finished.bank.path) for finished in done],
        "precision": plan.precision,
        "resamples": plan.statistics.resamples,
        "seed": plan.statistics.seed,
        "device": f"{device.platform} {device.device_kind}",
        "seconds": round(seconds, 1),
        "versions": versions(),
    }


def _write_text(path: pathlib.Path, text: str) -> None:
    write_whole(path, lambda unfinished: unfinished.write_text(text, encoding="utf-8"))


def write_results(study: StudyFile, plan: Plan, done: Sequence[Finished], seconds: float) -> None:
    """Writes what is finished of a study into its folder, each file whole or not at all.

    Raises:
      InputError: the folder cannot be written.
    """
    for name in LATER:  # those of an earlier study do not belong to these rows
        with contextlib.suppress(OSError):
            (study.out / name).unlink()
    write_rows(study.out / "results.csv", [row for finished in done for row in finished.rows])
    _write_text(
        study.out / "study.json", json.dumps(_provenance(plan, done, seconds), indent=1) + "\n"
    )
    again = dataclasses.replace(study, out=pathlib.Path())  # the folder of the file itself
    _write_text(study.out / "study.toml", again.to_toml())


def write_details(
    folder: pathlib.Path, compared: Sequence[ComparedRow], broken: Sequence[PartRow]
) -> None:
    """Writes what a finished study says beyond its rows.

    Raises:
      InputError: the folder cannot be written.
    """
    write_table(folder / "comparisons.csv", compared, of=ComparedRow)
    write_table(folder / "breakdown.csv", broken, of=PartRow)
