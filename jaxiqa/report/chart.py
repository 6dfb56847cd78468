"""What the figures have in common: records of rows, drop-downs, colours for any colour vision."""

import collections
import math
from collections.abc import Sequence

from jaxiqa.report.picture import COLOURS
from jaxiqa.report.summary import net_name
from jaxiqa.study.rows import Row

MEASURES = {"SROCC": "srocc", "PLCC": "plcc", "KROCC": "krocc"}
DASHES = ([1, 0], [6, 3], [2, 2], [9, 3, 2, 3], [12, 5], [5, 2, 1, 2, 1, 2], [1, 4], [14, 3, 5, 3])
SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down")
# Grey that is seen on white and on black, and ink, which turns with the paper.
GREY, INK = "#808890", "#1B1F24"
ALL, BEST = "all", "best tap of each"
# Of nets that were not trained at all, as a function and as an environment.
UNTRAINED = "none (random)"


def number(value: float, digits: int = 4) -> float | None:
    """Returns a number as JSON holds it: rounded, None for NaN and infinity."""
    return round(float(value), digits) if math.isfinite(value) else None


def short_taps(taps: str) -> str:
    """Returns a tap, or of a long concatenation its ends and its length."""
    parts = taps.split("+")
    return taps if len(parts) < 3 else f"{parts[0]}…{parts[-1]} ({len(parts)})"


def tap_names(rows: Sequence[Row]) -> dict[tuple[str, str], str]:
    """Returns (net, taps) -> ``short_taps``, or all taps where a net has two of the same ends."""
    held = dict.fromkeys((row.net, row.taps) for row in rows)
    alike = collections.Counter((net, short_taps(taps)) for net, taps in held)
    return {
        (net, taps): taps if alike[net, short_taps(taps)] > 1 else short_taps(taps)
        for net, taps in held
    }


def level(name: str) -> str:
    """Returns a level of a factor as a reader wants it."""
    return UNTRAINED if name == "none" else name


def record(row: Row) -> dict:
    """Returns what every figure shows of a row."""
    found = {
        f"{name}{end}": number(getattr(row, f"{name}{end}"))
        for name in MEASURES.values()
        for end in ("", "_low", "_high")
    }
    readout = row.readout if row.is_net else "simple metric"
    own = {"data": row.data, "net": net_name(row), "readout": readout, "taps": row.taps or "-"}
    own |= {"function": level(row.function), "architecture": row.architecture}
    return {**own, **found, "n": row.n, "simple": not row.is_net}


def label(row: Row, taps: str) -> str:
    """Returns a row's name as an axis has room for it, with its taps as ``tap_names`` has them."""
    words = [net_name(row), taps, row.readout if row.is_net else ""]
    return " · ".join(word for word in words if word)


def best_taps(rows: Sequence[Row]) -> list[Row]:
    """Returns the row of the highest SROCC for each data set, net and readout."""
    found: dict[tuple, Row] = {}
    for row in rows:
        key = row.data, row.net, row.readout
        if not math.isnan(row.srocc) and (key not in found or row.srocc > found[key].srocc):
            found[key] = row
    return list(found.values())


def select(name: str, title: str, options: Sequence[str], first: str | None = None):
    """Returns a parameter with a native drop-down of its values."""
    import altair as alt

    titles = {value: key for key, value in MEASURES.items()} if name == "measure" else {}
    labels = [titles.get(option, option) for option in options]
    bound = alt.binding_select(options=list(options), labels=labels, name=title)
    return alt.param(name=name, value=first or options[0], bind=bound)


def table(name: str):
    """Returns a chart of records that ``spec`` adds under that name."""
    import altair as alt

    return alt.Chart(alt.NamedData(name=name))


def spec(chart, **tables: Sequence[dict]) -> dict:
    """Returns a chart as Vega-Lite, with the records that it draws by name.

    They are put in last, since to check them by the schema takes longer than all the rest.
    """
    found = chart.to_dict()
    return {**found, "datasets": {name: list(records) for name, records in tables.items()}}


def measured(chart):
    """Returns a chart of the chosen correlation, with its interval as value, low and high."""
    return chart.transform_calculate(
        value="datum[measure]", low="datum[measure + '_low']", high="datum[measure + '_high']"
    ).transform_filter("isValid(datum.value)")


def common(records: Sequence[dict]) -> list:
    """Returns the choices that every figure of correlations has."""
    data = list(dict.fromkeys(one["data"] for one in records))
    found = [select("measure", "correlation", tuple(MEASURES.values()))]
    return found + [select("dataset", "data", data)] * (len(data) > 1)


def of_data(chart, records: Sequence[dict]):
    """Returns a chart of the chosen data set, where there are several."""
    several = len({one["data"] for one in records}) > 1
    return chart.transform_filter("datum.data === dataset") if several else chart


def net_field(rows: Sequence[Row]) -> str:
    """Returns what tells nets apart in colour: what they do, where each does another thing."""
    nets = {row.net: row.function for row in rows if row.is_net}
    apart = len(nets) > 1 and len(set(nets.values())) == len(nets)
    return "function" if apart else "net"


def readouts_of(records: Sequence[dict]) -> list[str]:
    """Returns the readouts of nets, the Euclidean one first."""
    found = dict.fromkeys(one["readout"] for one in records if not one["simple"])
    return sorted(found, key=lambda name: name != "euclidean")


def tooltip(*names: str) -> list:
    """Returns what hovering over a mark tells: fields by name, then the correlation."""
    import altair as alt

    numbers = [alt.Tooltip(f"{name}:Q", format=".3f") for name in ("value", "low", "high")]
    return [*(alt.Tooltip(f"{name}:N") for name in names), *numbers, alt.Tooltip("n:Q")]


def interval(base, y, colour):
    """Returns a rule from low to high, nothing where there is no interval."""
    import altair as alt

    x = alt.X("low:Q", title="correlation with people", scale=alt.Scale(zero=False))
    whole = base.transform_filter("isValid(datum.low)")
    return whole.mark_rule(strokeWidth=2, opacity=0.55).encode(x=x, x2="high:Q", y=y, color=colour)


def scale(names: Sequence[str], values: Sequence):
    """Returns a scale that gives each name a value, over again where there are more names."""
    import altair as alt

    return alt.Scale(domain=list(names), range=[values[k % len(values)] for k in range(len(names))])


def colours(field: str, names: Sequence[str], **options):
    """Returns the colour of a field; what was not trained is grey."""
    import altair as alt

    order = _untrained_last(names)
    tints = [
        GREY if name == UNTRAINED else COLOURS[k % len(COLOURS)] for k, name in enumerate(order)
    ]
    return alt.Color(
        f"{field}:N", title=None, scale=alt.Scale(domain=order, range=tints), **options
    )


def _untrained_last(names: Sequence[str]) -> list[str]:
    """The one order of colours and shapes, which share a legend only then."""
    return sorted(names, key=lambda name: name == UNTRAINED)


def dashes(names: Sequence[str]):
    """Returns the stroke of metrics by name."""
    import altair as alt

    # As long as it takes to see a dash whole.
    legend = alt.Legend(symbolType="stroke", symbolSize=900)
    return alt.StrokeDash("net:N", title=None, scale=scale(names, DASHES), legend=legend)


def shapes(field: str, names: Sequence[str], **options):
    """Returns the shape of a field, so that colour is not all that tells."""
    import altair as alt

    held = scale(_untrained_last(names), SHAPES)
    return alt.Shape(f"{field}:N", title=None, scale=held, **options)
