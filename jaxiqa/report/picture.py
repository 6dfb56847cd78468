"""The picture of a study: correlation with people against depth, net by net.

All nets stand together without their intervals, which would cover each other; below, each net has
a panel of its own with its interval, the others in grey behind it.
"""

import collections
import itertools
import math
import pathlib
from collections.abc import Mapping, Sequence

from jaxiqa.arch import ARCHITECTURES
from jaxiqa.arch.graph import resolve
from jaxiqa.report.summary import merge_seeds, net_name
from jaxiqa.study.rows import Row
from jaxiqa.whole import write_whole

# Okabe and Ito's colours, told apart with any colour vision; black is left for the axes.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#7F3C8D")
# As many as are prime to the colours, so that no two nets of a study look the same.
MARKERS = ("o", "s", "^", "D", "v")
LINES = ("--", ":", "-.", (0, (8, 2)), (0, (3, 1, 1, 1, 1, 1)), (0, (1, 4)), (0, (10, 3, 2, 3)))
# Panels of single nets beside each other, and data sets beside each other.
ACROSS, DATA_ACROSS = 3, 3
# Data sets and readouts that are drawn, and up to how many of them with a panel for each net too:
# a picture of more takes minutes, and nobody sees the answer in it.
MOST, FULL = 12, 4
# Inches for the panel of all nets.
ABOVE = 4.2

Nets = Mapping[str, Sequence[Row]]


def depth(row: Row) -> float:
    """Returns the place of a row's tap in its net: 0 first, 1 last layer that is convolutional."""
    architecture = ARCHITECTURES[row.architecture]
    names = [node.name for node in architecture.nodes]
    last = names.index(architecture.features)
    return names.index(resolve(architecture, row.taps)) / last


def _nets(rows: Sequence[Row]) -> Nets:
    """Rows of single taps by net, from shallow to deep."""
    nets: dict[str, list[Row]] = collections.defaultdict(list)
    for row in rows:
        if row.is_net and "+" not in row.taps and not math.isnan(row.srocc):
            nets[row.net].append(row)
    return {net: sorted(found, key=depth) for net, found in nets.items()}


def _style(place: int) -> dict:
    colour, marker = COLOURS[place % len(COLOURS)], MARKERS[place % len(MARKERS)]
    return {"color": colour, "marker": marker, "lw": 1.5}


def _draw_net(axes, rows: Sequence[Row], **style) -> None:
    axes.plot([depth(row) for row in rows], [row.srocc for row in rows], **style)


def _draw_interval(axes, rows: Sequence[Row], colour: str) -> None:
    low, high = [row.srocc_low for row in rows], [row.srocc_high for row in rows]
    if all(map(math.isnan, low)):
        return
    style = {"color": colour, "alpha": 0.18, "label": "95 % interval"}
    depths = [depth(row) for row in rows]
    if len(rows) == 1:
        axes.vlines(depths, low, high, lw=4, **style)
    else:
        axes.fill_between(depths, low, high, lw=0, **style)


def _draw_metrics(axes, rows: Sequence[Row]) -> None:
    simple = [row for row in rows if not row.is_net and not math.isnan(row.srocc)]
    for line, row in zip(itertools.cycle(LINES), simple, strict=False):
        axes.axhline(row.srocc, color="#333333", ls=line, lw=1.1, label=net_name(row))


def _dress(axes) -> None:
    left, right = axes.get_xlim()
    axes.set_xlim(min(left, -0.03), max(right, 1.03))
    axes.grid(alpha=0.25)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def _together(axes, rows: Sequence[Row], nets: Nets) -> None:
    """All nets in one panel; with one net only, its interval and its taps by name."""
    axes.set_xlabel("depth of the tap (0 first, 1 last layer of the convolutional part)")
    axes.set_ylabel("SROCC with people")
    for place, (net, found) in enumerate(nets.items()):
        _draw_net(axes, found, label=net, ms=4.5, **_style(place))
        if len(nets) == 1:
            _draw_interval(axes, found, COLOURS[0])
            taps = [row.taps for row in found]
            turn = 90 if len(taps) > 9 else 0
            axes.set_xticks([depth(row) for row in found], taps, rotation=turn)
            axes.set_xlabel("tap, from the first layer to the last")
    _draw_metrics(axes, rows)
    _dress(axes)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(fontsize=8, frameon=False, loc="upper left", bbox_to_anchor=(1, 1))
    else:
        axes.text(0.5, 0.5, "no correlation", transform=axes.transAxes, ha="center")


def _alone(axes, rows: Sequence[Row], nets: Nets, place: int) -> None:
    """One net with its interval, the others behind it."""
    for other, (net, found) in enumerate(nets.items()):
        if other != place:
            _draw_net(axes, found, color="#AAAAAA", lw=0.8)
        else:
            _draw_interval(axes, found, COLOURS[place % len(COLOURS)])
            _draw_net(axes, found, ms=3, zorder=3, **_style(place))
            axes.set_title(net, fontsize=9)
    _draw_metrics(axes, rows)
    _dress(axes)


def _each(figure, rows: Sequence[Row], nets: Nets) -> None:
    down = math.ceil(len(nets) / ACROSS)
    panels = figure.subplots(down, min(len(nets), ACROSS), sharex=True, sharey=True, squeeze=False)
    for place, axes in enumerate(panels.flat):
        if place < len(nets):
            _alone(axes, rows, nets, place)
        else:
            axes.set_axis_off()
    figure.suptitle("each net with its 95 % interval, the others in grey", fontsize=9)
    figure.supxlabel("depth of the tap", fontsize="medium")
    figure.supylabel("SROCC", fontsize="medium")


def _below(nets: Nets) -> float:
    """Inches for the panels of single nets."""
    return 2.5 * math.ceil(len(nets) / ACROSS) + 0.4 if len(nets) > 1 else 0


def _readout(rows: Sequence[Row]) -> str:
    return next((row.readout for row in rows if row.is_net), "simple metrics")


def _sets(rows: Sequence[Row]) -> list[list[Row]]:
    """Rows of one readout on one data set, the simple metrics with each of them."""
    found = []
    for data in dict.fromkeys(row.data for row in rows):
        here = [row for row in rows if row.data == data]
        simple = [row for row in here if not row.is_net]
        readouts = dict.fromkeys(row.readout for row in here if row.is_net)
        found += [simple + [r for r in here if r.is_net and r.readout == name] for name in readouts]
        found += [simple] * (not readouts)
    return found


def _draw_data(figure, rows: Sequence[Row], nets: Nets, *, below: float) -> None:
    """All nets in one panel; with room below, each of several in its own too."""
    counts = sorted({row.n for row in rows})
    counted = f"n = {counts[0]}" if len(counts) == 1 else f"n = {counts[0]} to {counts[-1]}"
    figure.suptitle(f"{rows[0].data}, {_readout(rows)} ({counted})")
    if len(nets) < 2 or not below:
        _together(figure.subplots(), rows, nets)
        return
    first, second = figure.subfigures(2, 1, height_ratios=(ABOVE, below))
    _together(first.subplots(), rows, nets)
    _each(second, rows, nets)


def draw(path: pathlib.Path, rows: Sequence[Row]) -> None:
    """Writes a PNG with SROCC against depth for the first data sets and readouts, with intervals.

    Raises:
      InputError: the place cannot be written.
    """
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    merged = merge_seeds(rows)
    sets = _sets(merged)[:MOST]
    across, down = min(len(sets), DATA_ACROSS), math.ceil(len(sets) / DATA_ACROSS)
    below = max(map(_below, map(_nets, sets))) if len(sets) <= FULL else 0
    height = ABOVE + below
    # Names are a user's: a dollar in one is no formula.
    with rc_context({"text.parse_math": False}):
        figure = Figure(figsize=(8.4 * across, height * down), layout="constrained")
        FigureCanvasAgg(figure)
        places = figure.subfigures(down, across, squeeze=False).flat
        for place, found in zip(places, sets, strict=False):
            _draw_data(place, found, _nets(found), below=below)
        write_whole(path, lambda unfinished: figure.savefig(unfinished, dpi=150))
