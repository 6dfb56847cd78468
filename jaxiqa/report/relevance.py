"""The picture of a fit: what each layer is worth, and how few channels carry it."""

import pathlib
from collections.abc import Mapping, Sequence

import numpy as np

from jaxiqa.relevance.tables import MOST, ChannelRow, channels_for
from jaxiqa.report.picture import COLOURS
from jaxiqa.whole import write_whole

FITTED, PLAIN = COLOURS[0], COLOURS[4]
# Layers from shallow to deep, dark to light; the palest end does not show on white.
_DEPTHS, _PALEST = "viridis", 0.88
# Names in a legend; with more layers the first and the last stand for the order.
_NAMES = 16


def by_layer(rows: Sequence[ChannelRow]) -> dict[str, list[ChannelRow]]:
    """Returns rows by tap, in their order."""
    return {tap: [r for r in rows if r.tap == tap] for tap in dict.fromkeys(r.tap for r in rows)}


def _dress(axes, title: str) -> None:
    axes.set_title(title, fontsize=9)
    axes.grid(alpha=0.25)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def _plain_numbers(axis) -> None:
    """Ticks of a logarithmic axis as 10 or 0.001: powers need the formulas that names must not."""
    axis.set_major_formatter(lambda value, _: f"{value:g}")
    axis.set_minor_formatter(lambda value, _: "")


def _layers(axes, layers: Mapping[str, Sequence[ChannelRow]]) -> None:
    """Two bars a layer, the first layer on top."""
    places = np.arange(len(layers))
    for shift, colour, label, name in (
        (-0.2, FITTED, "fitted", "share"),
        (0.2, PLAIN, "plain", "share_plain"),
    ):
        shares = [sum(getattr(row, name) for row in rows) for rows in layers.values()]
        axes.barh(places + shift, shares, 0.36, color=colour, label=label)
    axes.set_yticks(places, list(layers), fontsize=8 if len(layers) < 20 else 5)
    axes.invert_yaxis()
    axes.set_xlabel("share of the distance")
    axes.legend(fontsize=8, frameon=False)
    _dress(axes, "what each layer is worth")


def _channels(axes, layers: Mapping[str, Sequence[ChannelRow]]) -> None:
    """Shares above 0 of each layer, the largest first."""
    from matplotlib import colormaps

    shades = colormaps[_DEPTHS](np.linspace(0, _PALEST, len(layers)))
    for place, (tap, rows) in enumerate(layers.items()):
        shares = np.sort([row.share for row in rows if row.share > 0])[::-1]
        named = len(layers) <= _NAMES or place in (0, len(layers) - 1)
        label = f"{tap}: {len(shares)} of {len(rows)}" if named else None
        style = {"color": shades[place], "marker": ".", "ms": 3, "lw": 1.2}
        axes.plot(np.arange(1, len(shares) + 1), shares, label=label, **style)
    if any(row.share > 0 for rows in layers.values() for row in rows):
        axes.set_xscale("log")
        axes.set_yscale("log")
        _plain_numbers(axes.xaxis)
        _plain_numbers(axes.yaxis)
    axes.set_xlabel("channels of the layer, the largest first")
    axes.set_ylabel("share of the distance")
    axes.legend(fontsize=7, frameon=False, title="above 0", title_fontsize=7)
    _dress(axes, "each channel")


def _few(axes, rows: Sequence[ChannelRow]) -> None:
    """How much the largest channels carry together, and how many carry 95 %."""
    for colour, label, name in ((FITTED, "fitted", "share"), (PLAIN, "plain", "share_plain")):
        shares = np.array([getattr(row, name) for row in rows])
        if not shares.sum():
            continue
        carried, count = np.cumsum(np.sort(shares)[::-1]) / shares.sum(), channels_for(shares, MOST)
        found = f"{label}: {count} of {len(shares)} carry {MOST:.0%}"
        axes.plot(np.arange(1, len(shares) + 1), carried, color=colour, lw=1.5, label=found)
        axes.plot([count], [carried[count - 1]], color=colour, marker="o", ms=5)
    axes.axhline(MOST, color="#333333", ls=":", lw=1)
    axes.set_xscale("log")
    _plain_numbers(axes.xaxis)
    axes.set_ylim(0, 1.25)
    axes.set_yticks(np.linspace(0, 1, 6))
    axes.set_xlabel("channels of all layers, the largest first")
    axes.set_ylabel("share carried together")
    axes.legend(fontsize=8, frameon=False, loc="upper left")
    _dress(axes, "how few carry it")


def draw_relevance(path: pathlib.Path, rows: Sequence[ChannelRow], *, title: str = "") -> None:
    """Writes a PNG of a fit: shares of layers and of channels, fitted and plain.

    Args:
      path: of the picture.
      rows: from ``channel_rows``.
      title: above it.

    Raises:
      InputError: the place cannot be written.
    """
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    layers = by_layer(rows)
    # Names are a user's: a dollar in one is no formula.
    with rc_context({"text.parse_math": False}):
        height = max(4.2, 0.16 * len(layers) + 1.2)
        figure = Figure(figsize=(14, height), layout="constrained")
        FigureCanvasAgg(figure)
        first, second, third = figure.subplots(1, 3)
        _layers(first, layers)
        _channels(second, layers)
        _few(third, rows)
        if title:
            figure.suptitle(title)
        write_whole(path, lambda unfinished: figure.savefig(unfinished, dpi=150))
