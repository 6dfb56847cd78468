"""Figures of what lies behind the correlations: kinds of distortion, and channel relevance."""

from collections.abc import Sequence

import numpy as np

from jaxiqa.report import chart as common
from jaxiqa.report.chart import BEST, number, select
from jaxiqa.report.folder import FitTables
from jaxiqa.report.summary import net_name
from jaxiqa.study.details import PartRow
from jaxiqa.study.rows import Row

# Points of a curve of channels; the eye needs no more.
_POINTS = 60
_TITLE = "correlation with people"


def _part_record(part: PartRow, row: Row, best: bool) -> dict:
    return {
        **common.record(row),
        **{name: number(getattr(part, name)) for name in common.MEASURES.values()},
        "n": part.n,
        "by": part.by,
        "kind": part.value,
        "label": f"{net_name(row)} · {common.short_taps(row.taps)}" if row.taps else net_name(row),
        "best": best,
    }


def _part_records(parts: Sequence[PartRow], rows: Sequence[Row]) -> list[dict]:
    best = {(row.data, row.net, row.readout, row.taps) for row in common.best_taps(rows)}
    held = {(row.data, row.net, row.readout, row.taps): row for row in rows}
    keyed = [((part.data, part.net, part.readout, part.taps), part) for part in parts]
    return [_part_record(part, held[key], key in best) for key, part in keyed if key in held]


def heat_figure(parts: Sequence[PartRow], rows: Sequence[Row]):
    """Returns correlation within each distortion as a map; None without such parts.

    Args:
      parts: of ``breakdown.csv``.
      rows: of the same study, seeds apart.
    """
    import altair as alt

    records = _part_records(parts, rows)
    nets = list(dict.fromkeys(one["net"] for one in records if not one["simple"]))
    if not records:
        return None
    kinds = list(dict.fromkeys(one["by"] for one in records))
    base = common.of_data(common.measured(alt.Chart(common.data_of(records))), records)
    choices = [*common.common(records), select("by", "by", kinds)]
    base = base.transform_filter("datum.by === by")
    if nets:
        choices += [select("readout", "readout", common.readouts_of(records))]
        choices += [select("shown", "taps", (BEST, *nets))]
        base = base.transform_filter(
            f"datum.simple || (datum.readout === readout && "
            f"(shown === '{BEST}' ? datum.best : datum.net === shown))"
        )
    chart = base.mark_rect().encode(
        x=alt.X("kind:N", title="kind", sort=None, axis=alt.Axis(labelAngle=0)),
        y=alt.Y("label:N", title=None, sort=None),
        color=alt.Color(
            "value:Q",
            title=_TITLE,
            scale=alt.Scale(scheme="viridis"),
        ),
        tooltip=common.tooltip("net", "taps", "kind"),
    )
    return chart.add_params(*choices).properties(width="container", height=alt.Step(24))


def _curve(fit: FitTables, field: str, kind: str) -> list[dict]:
    """What the largest channels carry together, at numbers evenly spread on a log scale."""
    shares = np.sort([getattr(row, field) for row in fit.channels])[::-1]
    carried = np.cumsum(shares) / max(shares.sum(), np.finfo(float).tiny)
    steps = np.geomspace(1, len(shares), min(_POINTS, len(shares)))
    places = np.unique(np.rint(steps).astype(int))
    return [
        {"fit": fit.name, "kind": kind, "channels": int(k), "carried": number(carried[k - 1])}
        for k in places
    ]


def _layer_records(fit: FitTables) -> list[dict]:
    found: dict[str, dict[str, float]] = {}
    for row in fit.channels:
        sums = found.setdefault(row.tap, {"fitted": 0.0, "plain": 0.0})
        sums["fitted"] += row.share
        sums["plain"] += row.share_plain
    return [
        {"fit": fit.name, "tap": tap, "kind": kind, "share": number(share)}
        for tap, sums in found.items()
        for kind, share in sums.items()
    ]


def _of_fit(records: Sequence[dict], fits: Sequence[FitTables]):
    import altair as alt

    chosen = select("fit", "fit", [fit.name for fit in fits])
    return alt.Chart(common.data_of(records)).transform_filter("datum.fit === fit"), chosen


def layers_figure(fits: Sequence[FitTables]):
    """Returns what each layer is worth, fitted and plain; None without a fit."""
    import altair as alt

    if not fits:
        return None
    base, chosen = _of_fit([one for fit in fits for one in _layer_records(fit)], fits)
    chart = base.mark_bar().encode(
        x=alt.X("share:Q", title="share of the distance", axis=alt.Axis(format=".0%", tickCount=6)),
        y=alt.Y("tap:N", title=None, sort=None),
        yOffset=alt.YOffset("kind:N", sort=["fitted", "plain"]),
        color=common.colours("kind", ("fitted", "plain")),
        tooltip=["tap:N", "kind:N", alt.Tooltip("share:Q", format=".1%")],
    )
    return chart.add_params(chosen).properties(width="container", height=alt.Step(13))


def channels_figure(fits: Sequence[FitTables]):
    """Returns how few channels carry a distance, fitted and plain; None without a fit."""
    import altair as alt

    if not fits:
        return None
    kinds = {"share": "fitted", "share_plain": "plain"}
    curves = [
        one for fit in fits for field, kind in kinds.items() for one in _curve(fit, field, kind)
    ]
    base, chosen = _of_fit(curves, fits)
    x = alt.X("channels:Q", title="channels, the largest first", scale=alt.Scale(type="log"))
    dashes = alt.Scale(domain=["fitted", "plain"], range=[[1, 0], [5, 3]])
    chart = base.mark_line(strokeWidth=2.5).encode(
        x=x,
        y=alt.Y(
            "carried:Q", title="share carried together", axis=alt.Axis(format=".0%", tickCount=6)
        ),
        color=common.colours("kind", ("fitted", "plain")),
        strokeDash=alt.StrokeDash("kind:N", title=None, scale=dashes),
        tooltip=["kind:N", "channels:Q", alt.Tooltip("carried:Q", format=".1%")],
    )
    return chart.add_params(chosen).properties(width="container", height=300)
