"""Figures of what lies behind the correlations: kinds of distortion, and channel relevance."""

from collections.abc import Sequence

import numpy as np

from jaxiqa.report import chart as common
from jaxiqa.report.chart import BEST, number, select
from jaxiqa.report.folder import FitTables
from jaxiqa.report.summary import merge_group, net_name, seeds_of
from jaxiqa.study.details import PartRow
from jaxiqa.study.rows import Row

# Points of a curve of channels; the eye needs no more.
_POINTS = 60
_TITLE = "correlation with people"


def _part_record(parts: Sequence[PartRow], row: Row, taps: str, *, best: bool) -> dict:
    """A part of a row; of a mean over seeds the mean over their parts."""
    means = {
        name: number(np.mean([getattr(part, name) for part in parts]))
        for name in common.MEASURES.values()
    }
    return {
        **common.record(row),
        **means,
        **{f"{name}{end}": None for name in means for end in ("_low", "_high")},
        "n": min(part.n for part in parts),
        "by": parts[0].by,
        "kind": parts[0].value,
        "label": f"{net_name(row)} · {taps}" if taps else net_name(row),
        "best": best,
    }


def _part_records(parts: Sequence[PartRow], rows: Sequence[Row]) -> list[dict]:
    groups = seeds_of(rows)
    merged = [merge_group(group) for group in groups]
    best = set(map(id, common.best_taps(merged)))
    place = {
        (row.data, row.net, row.readout, row.taps): k
        for k, group in enumerate(groups)
        for row in group
    }
    found: dict[tuple, list[PartRow]] = {}
    for part in parts:
        if (key := (part.data, part.net, part.readout, part.taps)) in place:
            found.setdefault((place[key], part.by, part.value), []).append(part)
    names = common.tap_names(merged)
    return [
        _part_record(few, row, names[row.net, row.taps], best=id(row) in best)
        for (k, *_), few in found.items()
        for row in [merged[k]]
    ]


def heat_figure(parts: Sequence[PartRow], rows: Sequence[Row]) -> dict | None:
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
    base = common.of_data(common.measured(common.table("rows")), records)
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
    chart = chart.add_params(*choices).properties(width="container", height=alt.Step(24))
    return common.spec(chart, rows=records)


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


def _of_fit(fits: Sequence[FitTables]):
    chosen = select("fit", "fit", [fit.name for fit in fits])
    return common.table("rows").transform_filter("datum.fit === fit"), chosen


def layers_figure(fits: Sequence[FitTables]) -> dict | None:
    """Returns what each layer is worth, fitted and plain; None without a fit."""
    import altair as alt

    if not fits:
        return None
    base, chosen = _of_fit(fits)
    chart = base.mark_bar().encode(
        x=alt.X("share:Q", title="share of the distance", axis=alt.Axis(format=".0%", tickCount=6)),
        y=alt.Y("tap:N", title=None, sort=None),
        yOffset=alt.YOffset("kind:N", sort=["fitted", "plain"]),
        color=common.colours("kind", ("fitted", "plain")),
        tooltip=["tap:N", "kind:N", alt.Tooltip("share:Q", format=".1%")],
    )
    chart = chart.add_params(chosen).properties(width="container", height=alt.Step(13))
    return common.spec(chart, rows=[one for fit in fits for one in _layer_records(fit)])


def channels_figure(fits: Sequence[FitTables]) -> dict | None:
    """Returns how few channels carry a distance, fitted and plain; None without a fit."""
    import altair as alt

    if not fits:
        return None
    kinds = {"share": "fitted", "share_plain": "plain"}
    curves = [
        one for fit in fits for field, kind in kinds.items() for one in _curve(fit, field, kind)
    ]
    base, chosen = _of_fit(fits)
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
    chart = chart.add_params(chosen).properties(width="container", height=300)
    return common.spec(chart, rows=curves)
