"""What training adds, as a figure: nets less the same without training, or less a metric."""

from collections.abc import Sequence

from jaxiqa.report import chart as common
from jaxiqa.report.chart import GREY, INK, number, select
from jaxiqa.report.goals import BETTER, OPEN, UNTRAINED, WORSE, GoalGap, goal_gaps
from jaxiqa.report.summary import net_name
from jaxiqa.study.details import ComparedRow
from jaxiqa.study.rows import Row

_TINTS = {BETTER: "#0072B2", OPEN: GREY, WORSE: "#D55E00"}
_SHAPES = ("triangle-right", "circle", "triangle-left")


def _record(data: str, one: GoalGap) -> dict:
    gap = {name: number(getattr(one.gap, name)) for name in ("value", "low", "high", "p")}
    own = {"data": data, "net": net_name(one.row), "taps": one.row.taps, "n": one.row.n}
    own |= {"function": one.row.function, "environment": one.row.environment}
    return {**own, **gap, "against": one.against, "verdict": one.verdict}


def _layers(records: Sequence[dict]) -> list:
    import altair as alt

    base = common.of_data(common.table("rows"), records)
    base = base.transform_filter("datum.against === against && isValid(datum.value)")
    x = alt.X("value:Q", title="difference in SROCC")
    y = alt.Y("net:N", title=None, sort=alt.EncodingSortField("value", order="descending"))
    tints = alt.Scale(domain=list(_TINTS), range=list(_TINTS.values()))
    forms = alt.Scale(domain=list(_TINTS), range=list(_SHAPES))
    colour = alt.Color("verdict:N", title=None, scale=tints)
    shape = alt.Shape("verdict:N", title=None, scale=forms)
    told = [*common.tooltip("net", "function", "environment", "taps", "against", "verdict")]
    told += [alt.Tooltip("p:Q", format=".2g")]
    rule = base.transform_filter("isValid(datum.low)").mark_rule(strokeWidth=2, opacity=0.6)
    dots = base.mark_point(filled=True, size=80, opacity=1)
    # Drawn from the records, since a layer without data of its own has no place in a list.
    zero = base.mark_rule(color=INK, opacity=0.7).encode(x=alt.XDatum(0))
    return [
        zero,
        rule.encode(x=alt.X("low:Q", title="difference in SROCC"), x2="high:Q", y=y, color=colour),
        dots.encode(x=x, y=y, color=colour, shape=shape, tooltip=told),
    ]


def goals_figure(rows: Sequence[Row], compared: Sequence[ComparedRow]) -> dict | None:
    """Returns differences with intervals; None where no trained net has an untrained one beside it.

    Args:
      rows: of a study, seeds together.
      compared: of the same, from ``together``.
    """
    import altair as alt

    records = [
        _record(data, one)
        for data in dict.fromkeys(row.data for row in rows)
        for one in goal_gaps([row for row in rows if row.data == data], compared)
    ]
    against = list(dict.fromkeys(one["against"] for one in records))
    if UNTRAINED not in against:
        return None
    data = list(dict.fromkeys(one["data"] for one in records))
    choices = [select("against", "less", sorted(against, key=lambda name: name != UNTRAINED))]
    choices += [select("dataset", "data", data)] * (len(data) > 1)
    chart = alt.layer(*_layers(records)).add_params(*choices)
    return common.spec(chart.properties(width="container", height=alt.Step(26)), rows=records)
