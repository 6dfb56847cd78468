"""Fits the metric `pocket`: the small net that agrees best with people on held-out scenes.

    jaxiqa study --data tid2013-kodak --taps relu1 --taps relu2 --taps relu3 --taps relu4 \\
      --taps relu5 --taps stages --readout euclidean --readout unit --readout dists \\
      --moments needed --out STUDY
    python scripts/fit_pocket.py STUDY --out docs/pocket_metric.csv

Each net and readout of its stages is fitted to all references but one and tried on that one, all of
them in turn. Of the pocket nets the one with the highest SROCC is fitted to all pairs and written
to weights/metrics/pocket.safetensors; other nets of the study stand beside them in the table. What
choosing adds to its score is told too: chosen on one half of the references and judged on the
other, for many halvings.
"""

import argparse
import csv
import dataclasses
import pathlib
import sys

import numpy as np

from jaxiqa.bank.store import Bank
from jaxiqa.checkpoints.store import versions
from jaxiqa.cli.fit_bank import banks_in, data_of, net_of
from jaxiqa.cli.main import guarded
from jaxiqa.metrics.metric_file import save_metric
from jaxiqa.readouts.readout import Readout
from jaxiqa.relevance import HeldOut, fit_relevance, gain_of, hold_out
from jaxiqa.relevance.file import metric_file
from jaxiqa.relevance.fitted import Fit
from jaxiqa.relevance.held_out import Gain
from jaxiqa.whole import write_whole

TAPS = ("relu1", "relu2", "relu3", "relu4", "relu5")
READOUTS = ("euclidean", "unit", "dists")
HALVINGS = 200
METRIC = pathlib.Path(__file__).resolve().parents[1] / "weights" / "metrics" / "pocket.safetensors"


@dataclasses.dataclass(frozen=True, eq=False)
class Candidate:
    """A net and a readout, fitted with each reference held out."""

    bank: Bank
    readout: Readout
    held: HeldOut
    gain: Gain


def _parser() -> argparse.ArgumentParser:
    plain = argparse.RawTextHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=plain)
    parser.add_argument("study", type=pathlib.Path, help="folder of a finished study")
    parser.add_argument("--out", type=pathlib.Path, required=True, help="the table, a CSV file")
    parser.add_argument("--metric", type=pathlib.Path, default=METRIC, help="the file to write")
    return parser


def candidates(study: pathlib.Path):
    """Yields each net of a study with each readout."""
    for bank in banks_in(str(study)):
        for form in READOUTS:
            readout = Readout(TAPS, form)
            held = hold_out(bank, readout, by="leave-one-out")
            yield Candidate(bank, readout, held, gain_of(held.before, held.after, held.opinions))


def _srocc(distance: np.ndarray, held: HeldOut, rows: np.ndarray) -> float:
    from scipy.stats import spearmanr

    worse = held.opinions.badness
    return float(spearmanr(distance[rows], worse[rows]).statistic)


def honest(found: list[Candidate]) -> tuple[float, float]:
    """Returns the mean SROCC of what was chosen on other references, and of the choice on them."""
    generator, chosen, judged = np.random.default_rng(0), [], []
    references = np.unique(found[0].held.opinions.reference)
    for _ in range(HALVINGS):
        half = generator.permutation(references)[: len(references) // 2]
        here = np.isin(found[0].held.opinions.reference, half)
        scores = [_srocc(one.held.after, one.held, here) for one in found]
        best = int(np.argmax(scores))
        chosen.append(scores[best])
        judged.append(_srocc(found[best].held.after, found[best].held, ~here))
    return float(np.mean(judged)), float(np.mean(chosen))


def _cells(one: Candidate, note: str) -> dict:
    line = {"data": data_of(one.bank), "net": net_of(one.bank), "readout": one.readout.name}
    for when in ("before", "after", "difference"):
        part = getattr(one.gain, when)
        for end in ("", "_low", "_high"):
            line[f"srocc_{when}{end}"] = f"{getattr(part, f'srocc{end}'):.4f}"
    return {**line, "made_with": note}


def _write_table(path: pathlib.Path, found: list[Candidate]) -> None:
    note = ", ".join(f"{name} {version}" for name, version in versions().items())
    rows = [_cells(one, note) for one in found]

    def write(to: pathlib.Path) -> None:
        with to.open("w", newline="", encoding="utf-8") as file:
            table = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
            table.writeheader()
            table.writerows(rows)

    write_whole(path, write)


def _file(best: Candidate, fit: Fit, told: dict):
    made = metric_file(fit, best.bank, "pocket", held_out=told)
    source = {
        "source": "scripts/fit_pocket.py, from the net that ships",
        "licence": "Apache-2.0; the opinions as published with TID2013",
    }
    return dataclasses.replace(made, provenance={**made.provenance, **source})


def main(words=None) -> int:
    """Fits all candidates, writes the table and the best of them."""
    choices, found = _parser().parse_args(words), []
    for one in candidates(choices.study):
        found.append(one)
        before, after = one.gain.before.srocc, one.gain.after.srocc
        line = f"{net_of(one.bank)} {one.readout.name}: {before:.3f} -> {after:.3f}"
        print(line, file=sys.stderr, flush=True)
    found.sort(key=lambda one: -one.gain.after.srocc)
    ours = [one for one in found if net_of(one.bank).startswith("pocket.")]
    best, (judged, chosen) = ours[0], honest(ours)
    after = best.gain.after
    told = {
        "split": "leave one reference out",
        "srocc": after.srocc,
        "srocc_low": after.srocc_low,
        "srocc_high": after.srocc_high,
        "candidates": len(ours),
        "srocc chosen on one half of the references": chosen,
        "srocc judged on the other half": judged,
    }
    fit = fit_relevance(best.bank, best.readout)
    save_metric(choices.metric, _file(best, fit, told))
    _write_table(choices.out, found)
    print(
        f"pocket is {net_of(best.bank)} {best.readout.name}: SROCC {after.srocc:.3f} "
        f"[{after.srocc_low:.3f}, {after.srocc_high:.3f}] on held-out references; chosen on one "
        f"half {chosen:.3f}, judged on the other {judged:.3f}"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(guarded(main, None))
