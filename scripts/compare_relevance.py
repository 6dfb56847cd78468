"""What fitted relevance is worth on scenes it has not seen, for every net of a study.

    python scripts/compare_relevance.py STUDY --out docs/relevance.csv

For each net and each readout of its stages, weights per channel and per layer, fitted to all
references but one and tried on that one, all of them in turn; SROCC over all pairs at once, before
and after, with 95 % intervals of a bootstrap over references. p is adjusted over the table (Holm).
"""

import argparse
import csv
import dataclasses
import os
import pathlib
import sys
import time

import jax

from jaxiqa.bank.distances import architecture_of, taps_of
from jaxiqa.checkpoints.store import versions
from jaxiqa.cli.fit_bank import banks_in, data_of, net_of
from jaxiqa.readouts.readout import Readout
from jaxiqa.relevance import SHARINGS, Gain, channels_for, gain_of, hold_out
from jaxiqa.statistics.holm import holm
from jaxiqa.whole import write_whole

READOUTS = ("euclidean", "unit", "cosine", "mean-std", "dists")


@dataclasses.dataclass(frozen=True)
class Row:
    """One fit of the table, with all of its correlations."""

    data: str
    net: str
    taps: str
    readout: str
    per: str
    weights: int
    weights_for_95: str
    gain: Gain
    seconds: float


def parser() -> argparse.ArgumentParser:
    """Returns the parser of the options."""
    found = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    found.add_argument("study", help="folder of a finished study, or of a bank")
    found.add_argument("--out", required=True, help="the table, a CSV file")
    found.add_argument("--objective", default="pearson")
    found.add_argument("--resamples", type=int, default=1000)
    return found


def rows(given: argparse.Namespace):
    """Yields a row for each net, readout and sharing."""
    for bank in banks_in(given.study):
        held = taps_of(bank)
        stages = tuple(tap for tap in architecture_of(bank).stages if tap in held)
        for readout in (Readout(stages, form) for form in READOUTS):
            for per in SHARINGS:
                started = time.monotonic()
                found = hold_out(
                    bank, readout, by="leave-one-out", per=per, objective=given.objective
                )
                seconds = time.monotonic() - started
                options = {"resamples": given.resamples}
                gain = gain_of(found.before, found.after, found.opinions, **options)
                few = [channels_for(fit.shares) for fit in found.fits]
                count = len(found.design.mean)
                names = data_of(bank), net_of(bank), "+".join(stages), readout.name, per
                yield Row(*names, count, f"{min(few)}-{max(few)}", gain, seconds)


def cells(row: Row, p_holm: float) -> dict:
    """Returns a line of the file."""
    found = {f.name: getattr(row, f.name) for f in dataclasses.fields(Row) if f.name != "gain"}
    seconds = found.pop("seconds")
    for when in ("before", "after", "difference"):
        part = getattr(row.gain, when)
        for end in ("", "_low", "_high"):
            found[f"srocc_{when}{end}"] = f"{getattr(part, f'srocc{end}'):.4f}"
    p = row.gain.difference.srocc_p
    return {**found, "p": f"{p:.2g}", "p_holm": f"{p_holm:.2g}", "seconds": f"{seconds:.1f}"}


def main() -> None:
    given = parser().parse_args()
    found = []
    for row in rows(given):
        found.append(row)
        after, difference = row.gain.after, row.gain.difference
        print(
            f"{row.net} {row.readout} {row.per}: {row.gain.before.srocc:.3f} -> {after.srocc:.3f}, "
            f"{difference.srocc:+.3f} [{difference.srocc_low:+.3f}, {difference.srocc_high:+.3f}], "
            f"p = {difference.srocc_p:.2g}, {row.seconds:.1f} s",
            file=sys.stderr,
            flush=True,
        )
    adjusted = holm([row.gain.difference.srocc_p for row in found])
    table = [cells(row, p) for row, p in zip(found, adjusted, strict=True)]
    device = jax.devices()[0]
    note = f"{given.objective}; {device.platform} {device.device_kind}, {os.cpu_count()} cores; "
    note += ", ".join(f"{name} {version}" for name, version in versions().items())

    def write(path):
        with path.open("w", newline="", encoding="utf-8") as file:
            lines = csv.DictWriter(file, [*table[0], "made_with"], lineterminator="\n")
            lines.writeheader()
            lines.writerows({**line, "made_with": note} for line in table)

    write_whole(pathlib.Path(given.out), write)


if __name__ == "__main__":
    main()
