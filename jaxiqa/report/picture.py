"""The picture of a study: correlation with people against depth, net by net."""

import collections
import math
import pathlib
import re
from collections.abc import Sequence

from jaxiqa.arch import ARCHITECTURES
from jaxiqa.arch.graph import resolve
from jaxiqa.report.summary import merge_seeds
from jaxiqa.study.rows import Row, write_whole

# Okabe and Ito's colours, told apart with any colour vision; black is left for the axes.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#999999")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
LINES = ("--", ":", "-.")


def depth(row: Row) -> float:
    """Returns the place of a row's tap in the convolutional part of its net: 0 first, 1 last."""
    architecture = ARCHITECTURES[re.split(r"[.@ ]", row.net)[0]]
    names = [node.name for node in architecture.nodes]
    last = names.index(architecture.features)
    return names.index(resolve(architecture, row.taps)) / last


def _panel(axes, rows: Sequence[Row]) -> None:
    nets: dict[str, list[Row]] = collections.defaultdict(list)
    for row in rows:
        if row.readout == "euclidean" and "+" not in row.taps and not math.isnan(row.srocc):
            nets[row.net].append(row)
    for place, (net, found) in enumerate(nets.items()):
        colour, marker = COLOURS[place % len(COLOURS)], MARKERS[place % len(MARKERS)]
        found.sort(key=depth)
        depths = [depth(row) for row in found]
        axes.plot(
            depths, [r.srocc for r in found], color=colour, marker=marker, ms=4, lw=1.6, label=net
        )
        axes.fill_between(
            depths,
            [row.srocc_low for row in found],
            [row.srocc_high for row in found],
            color=colour,
            alpha=0.12,
            lw=0,
        )
    simple = [row for row in rows if row.readout != "euclidean"]
    for line, row in zip(LINES, simple, strict=False):
        axes.axhline(row.srocc, color="#333333", ls=line, lw=1.2, label=row.net.upper())
    axes.set_title(f"{rows[0].data} (n = {max(row.n for row in rows)})")
    axes.set_xlabel("depth of the tap: 0 first, 1 last layer of the convolutional part")
    axes.set_ylabel("SROCC with people")
    axes.grid(alpha=0.25)
    axes.legend(fontsize=8, frameon=False, loc="best")


def draw(path: pathlib.Path, rows: Sequence[Row]) -> None:
    """Writes a PNG with one panel per data set: SROCC against depth, bands are its intervals.

    Raises:
      InputError: the place cannot be written.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    merged = merge_seeds(rows)
    names = list(dict.fromkeys(row.data for row in merged))
    figure = Figure(figsize=(6.4 * len(names), 4.4), layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(1, len(names), squeeze=False)[0]
    for axes, name in zip(panels, names, strict=True):
        _panel(axes, [row for row in merged if row.data == name])
    write_whole(path, lambda unfinished: figure.savefig(unfinished, dpi=150))
