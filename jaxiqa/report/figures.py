"""Correlations as figures: against depth, by the four factors, and as a ranking."""

import math
from collections.abc import Mapping, Sequence

from jaxiqa.report import chart as common
from jaxiqa.report.chart import ALL, BEST, GREY, INK, measured, of_data, record, select, tooltip
from jaxiqa.report.picture import COLOURS, depth
from jaxiqa.report.standing import ABOVE, BELOW, FAR, GROUPS, LEVEL, TOP, UNTESTED
from jaxiqa.study.rows import Row

_AGREEMENT = "correlation with people"
# From so many nets on their bands are shown one at a time.
FEW = 6
_GROUPS = {
    TOP: "#0072B2",
    ABOVE: "#009E73",
    LEVEL: "#E69F00",
    BELOW: "#D55E00",
    FAR: "#CC79A7",
    UNTESTED: GREY,
}


def _band(base, x, colour, banded: str):
    """Intervals of the nets for which an expression holds."""
    import altair as alt

    # Folded onto its line, a band leaves the axis to what is seen.
    ends = {"bottom": "low", "top": "high"}
    folded = {end: f"({banded}) ? datum.{of} : datum.value" for end, of in ends.items()}
    whole = base.transform_filter("isValid(datum.low)").transform_calculate(**folded)
    low = alt.Y("bottom:Q", title=_AGREEMENT)
    drawn = whole.mark_area(opacity=0.16)
    return drawn.encode(x=x, y=low, y2="top:Q", color=colour, detail="net:N")


def _depth_layers(rows: Sequence[Row], records: Sequence[dict], nets: Sequence[str]) -> list:
    """Bands, lines and points of the nets; a chosen one stands out."""
    import altair as alt

    several, chosen = len(nets) > 1, "datum.net === chosen"
    shown = f"chosen === '{ALL}' || {chosen}" if several else "true"
    strong = alt.condition(shown, alt.value(1), alt.value(0.12))
    title = "depth of the tap: 0 first layer, 1 last"
    x = alt.X("depth:Q", title=title, scale=alt.Scale(domain=[0, 1]))
    y = alt.Y("value:Q", title=_AGREEMENT, scale=alt.Scale(zero=False))
    field = common.net_field(rows)
    levels = list(dict.fromkeys(one[field] for one in records))
    colour, shape = common.colours(field, levels), common.shapes(field, levels)
    base = of_data(measured(common.table("rows")), records)
    base = base.transform_filter("datum.readout === readout")
    line, dots = base.mark_line(strokeWidth=2), base.mark_point(filled=True, size=55)
    told = tooltip("net", "function", "taps")
    return [
        _band(base, x, colour, shown if len(nets) < FEW else chosen),
        line.encode(x=x, y=y, color=colour, opacity=strong, detail="net:N"),
        dots.encode(x=x, y=y, color=colour, shape=shape, opacity=strong, tooltip=told),
    ]


def _metric_rules(metrics: Sequence[dict], axis: str) -> list:
    """Metrics as lines across a figure, at their correlation on one of its axes."""
    import altair as alt

    base = of_data(measured(common.table("metrics")), metrics)
    rules = base.mark_rule(strokeWidth=1.5, color=INK, opacity=0.75)
    names = list(dict.fromkeys(one["net"] for one in metrics))
    place = {"x": alt.X, "y": alt.Y}[axis]("value:Q", title=_AGREEMENT, scale=alt.Scale(zero=False))
    told = tooltip("net")
    drawn = rules.encode(**{axis: place}, strokeDash=common.dashes(names), tooltip=told)
    return [drawn] if metrics else []


def depth_figure(rows: Sequence[Row]) -> dict | None:
    """Returns correlation against the depth of the tap, net by net; None without a net."""
    import altair as alt

    single = [row for row in rows if row.is_net and "+" not in row.taps]
    records = [{**record(row), "depth": common.number(depth(row))} for row in single]
    if not records:
        return None
    nets = list(dict.fromkeys(one["net"] for one in records))
    choices = [*common.common(records), select("readout", "readout", common.readouts_of(records))]
    choices += [select("chosen", "net", (ALL, *nets))] * (len(nets) > 1)
    metrics = [record(row) for row in rows if not row.is_net]
    layers = _depth_layers(single, records, nets) + _metric_rules(metrics, "y")
    chart = alt.layer(*layers).add_params(*choices).properties(width="container", height=380)
    return common.spec(chart, rows=records, metrics=metrics)


def _listed(base, colour, shape, names: Sequence[str], order):
    """Layers of rows below each other, each a point on its interval, from one base of data."""
    import altair as alt

    y = alt.Y("label:N", title=None, sort=order)
    x = alt.X("value:Q", title=_AGREEMENT, scale=alt.Scale(zero=False))
    dots = base.mark_point(filled=True, size=75, opacity=1)
    dots = dots.encode(x=x, y=y, color=colour, tooltip=tooltip(*names), **shape)
    return [common.interval(base, y, colour), dots]


FACTORS = ("function", "architecture", "environment", "readout")


def _factor_records(rows: Sequence[Row]) -> list[dict]:
    """The best tap of each net, once for each factor, under the level that it stands for."""
    found = []
    for row in common.best_taps([row for row in rows if row.is_net]):
        one = record(row)
        for factor in FACTORS:
            level = common.level(getattr(row, factor))
            name = one["net"] if level in one["net"] else f"{level} · {one['net']}"
            found.append({**one, "factor": factor, "level": level, "label": name})
    return found


def factor_figure(rows: Sequence[Row]) -> dict | None:
    """Returns the best tap of each net by the levels of a chosen factor; None without a net."""
    import altair as alt

    records = _factor_records(rows)
    metrics = [record(row) for row in rows if not row.is_net]
    if not records:
        return None
    base = of_data(measured(common.table("rows")), records)
    base = base.transform_filter(
        "datum.factor === factor && (factor === 'readout' || datum.readout === readout)"
    )
    colour = alt.Color("level:N", title=None, legend=None, scale=alt.Scale(range=list(COLOURS)))
    order = alt.EncodingSortField(field="label", op="min", order="ascending")
    listed = _listed(base, colour, {}, ("net", "level", "readout", "taps"), order)
    layers = [*_metric_rules(metrics, "x"), *listed]
    told = {
        factor: {one["level"] for one in records if one["factor"] == factor} for factor in FACTORS
    }
    factors = [factor for factor in FACTORS if len(told[factor]) > 1] or ["architecture"]
    chart = alt.layer(*layers).add_params(
        *common.common(records),
        select("factor", "factor", factors),
        select("readout", "readout", common.readouts_of(records)),
    )
    chart = chart.properties(width="container", height=alt.Step(22))
    return common.spec(chart, rows=records, metrics=metrics)


def ranking_figure(rows: Sequence[Row], standing: Mapping[tuple[str, str], str]) -> dict | None:
    """Returns all rows from the best on, coloured by what can be told from the best and SSIM."""
    import altair as alt

    best, taps = {id(row) for row in common.best_taps(rows)}, common.tap_names(rows)
    records = [
        {
            **record(row),
            "label": common.label(row, taps[row.net, row.taps]),
            "group": standing.get((row.data, row.name), UNTESTED),
            "kind": "simple metric" if not row.is_net else "readout of a net",
            "best": id(row) in best,
        }
        for row in rows
        if not math.isnan(row.srocc)
    ]
    if not records:
        return None
    base = of_data(measured(common.table("rows")), records)
    base = base.transform_filter("shown === 'every tap' || datum.best")
    used = [group for group in GROUPS if any(one["group"] == group for one in records)]
    tint = alt.Scale(domain=used, range=[_GROUPS[group] for group in used])
    colour = alt.Color("group:N", title=None, scale=tint)
    kinds = alt.Scale(domain=["readout of a net", "simple metric"], range=["circle", "diamond"])
    shape = {"shape": alt.Shape("kind:N", title=None, scale=kinds)}
    order = alt.EncodingSortField(field="value", op="max", order="descending")
    names = ("net", "readout", "taps", "group")
    shown = select("shown", "rows", (BEST, "every tap"))
    chart = alt.layer(*_listed(base, colour, shape, names, order))
    chart = chart.add_params(*common.common(records), shown)
    return common.spec(chart.properties(width="container", height=alt.Step(22)), rows=records)
