"""Correlations as figures: against depth, by the four factors, and as a ranking."""

import math
from collections.abc import Mapping, Sequence

from jaxiqa.report import chart as common
from jaxiqa.report.chart import ALL, BEST, GREY, measured, of_data, record, select, tooltip
from jaxiqa.report.picture import COLOURS, depth
from jaxiqa.report.standing import ABOVE, BELOW, FAR, GROUPS, LEVEL, TOP, UNTESTED
from jaxiqa.study.rows import Row

_AGREEMENT = "correlation with people"
_GROUPS = {
    TOP: "#0072B2",
    ABOVE: "#009E73",
    LEVEL: "#E69F00",
    BELOW: "#D55E00",
    FAR: "#CC79A7",
    UNTESTED: GREY,
}


def _depth_layers(records: Sequence[dict], nets: Sequence[str]) -> list:
    """Bands, lines and points of the nets; a chosen one stands out."""
    import altair as alt

    several, shown = len(nets) > 1, "chosen === 'all' || datum.net === chosen"
    # Many bands hide each other: with many nets only the chosen one has its own.
    banded = shown if len(nets) <= len(COLOURS) else "datum.net === chosen"
    strong = alt.condition(shown, alt.value(1), alt.value(0.12)) if several else alt.value(1)
    faint = alt.condition(banded, alt.value(0.16), alt.value(0)) if several else alt.value(0.16)
    title = "depth of the tap: 0 first layer, 1 last"
    x = alt.X("depth:Q", title=title, scale=alt.Scale(domain=[0, 1]))
    y = alt.Y("value:Q", title=_AGREEMENT, scale=alt.Scale(zero=False))
    colour, shape = common.colours("net", nets), common.shapes("net", nets)
    base = of_data(measured(alt.Chart(common.data_of(records))), records)
    base = base.transform_filter("datum.readout === readout")
    whole = base.transform_filter("isValid(datum.low)")
    low = alt.Y("low:Q", title=_AGREEMENT)
    dots = base.mark_point(filled=True, size=55)
    return [
        whole.mark_area().encode(x=x, y=low, y2="high:Q", color=colour, opacity=faint),
        base.mark_line(strokeWidth=2).encode(x=x, y=y, color=colour, opacity=strong),
        dots.encode(
            x=x, y=y, color=colour, shape=shape, opacity=strong, tooltip=tooltip("net", "taps")
        ),
    ]


def _metric_rules(rows: Sequence[Row], records: Sequence[dict]) -> list:
    import altair as alt

    metrics = [record(row) for row in rows if not row.is_net]
    if not metrics:
        return []
    base = of_data(measured(alt.Chart(common.data_of(metrics))), records)
    rules = base.mark_rule(strokeWidth=1.6, color=GREY)
    dash, y = alt.StrokeDash("net:N", title=None), alt.Y("value:Q", title=_AGREEMENT)
    return [rules.encode(y=y, strokeDash=dash, tooltip=tooltip("net"))]


def depth_figure(rows: Sequence[Row]):
    """Returns correlation against the depth of the tap, net by net; None without a net."""
    import altair as alt

    single = [row for row in rows if row.is_net and "+" not in row.taps]
    records = [{**record(row), "depth": common.number(depth(row))} for row in single]
    if not records:
        return None
    nets = list(dict.fromkeys(one["net"] for one in records))
    choices = [*common.common(records), select("readout", "readout", common.readouts_of(records))]
    choices += [select("chosen", "net", (ALL, *nets))] * (len(nets) > 1)
    layers = [*_depth_layers(records, nets), *_metric_rules(rows, records)]
    return alt.layer(*layers).add_params(*choices).properties(width="container", height=380)


def _listed(base, colour, shape, names: Sequence[str], order):
    """Rows below each other, each a point on its interval, from one base of data."""
    import altair as alt

    y = alt.Y("label:N", title=None, sort=order)
    x = alt.X("value:Q", title=_AGREEMENT, scale=alt.Scale(zero=False))
    dots = base.mark_point(filled=True, size=75, opacity=1)
    dots = dots.encode(x=x, y=y, color=colour, tooltip=tooltip(*names), **shape)
    return alt.layer(common.interval(base, y, colour), dots)


FACTORS = ("architecture", "function", "environment", "readout")


def _factor_records(rows: Sequence[Row]) -> list[dict]:
    """The best tap of each net, once for each factor, under the level that it stands for."""
    found = []
    for row in common.best_taps([row for row in rows if row.is_net]):
        one = record(row)
        for factor in FACTORS:
            level = getattr(row, factor)
            name = one["net"] if level in one["net"] else f"{level} · {one['net']}"
            found.append({**one, "factor": factor, "level": level, "label": name})
    return found


def factor_figure(rows: Sequence[Row]):
    """Returns the best tap of each net by the levels of a chosen factor; None without a net."""
    import altair as alt

    records = _factor_records(rows)
    if not records:
        return None
    base = of_data(measured(alt.Chart(common.data_of(records))), records)
    base = base.transform_filter(
        "datum.factor === factor && (factor === 'readout' || datum.readout === readout)"
    )
    colour = alt.Color("level:N", title=None, legend=None, scale=alt.Scale(range=list(COLOURS)))
    order = alt.EncodingSortField(field="label", op="min", order="ascending")
    names = ("net", "level", "readout", "taps")
    chart = _listed(base, colour, {}, names, order).add_params(
        *common.common(records),
        select("factor", "factor", FACTORS),
        select("readout", "readout", common.readouts_of(records)),
    )
    return chart.properties(width="container", height=alt.Step(22))


def ranking_figure(rows: Sequence[Row], standing: Mapping[tuple[str, str], str]):
    """Returns all rows from the best on, coloured by what can be told from the best and SSIM."""
    import altair as alt

    best = {id(row) for row in common.best_taps(rows)}
    records = [
        {
            **record(row),
            "label": common.label(row),
            "group": standing.get((row.data, row.name), UNTESTED),
            "kind": "simple metric" if not row.is_net else "readout of a net",
            "best": id(row) in best,
        }
        for row in rows
        if not math.isnan(row.srocc)
    ]
    if not records:
        return None
    base = of_data(measured(alt.Chart(common.data_of(records))), records)
    base = base.transform_filter("shown === 'every tap' || datum.best")
    used = [group for group in GROUPS if any(one["group"] == group for one in records)]
    tint = alt.Scale(domain=used, range=[_GROUPS[group] for group in used])
    colour = alt.Color("group:N", title=None, scale=tint)
    kinds = alt.Scale(domain=["readout of a net", "simple metric"], range=["circle", "diamond"])
    shape = {"shape": alt.Shape("kind:N", title=None, scale=kinds)}
    order = alt.EncodingSortField(field="value", op="max", order="descending")
    names = ("net", "readout", "taps", "group")
    chart = _listed(base, colour, shape, names, order)
    shown = select("shown", "rows", (BEST, "every tap"))
    chart = chart.add_params(*common.common(records), shown)
    return chart.properties(width="container", height=alt.Step(22))
