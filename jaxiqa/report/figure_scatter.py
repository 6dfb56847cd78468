"""Distance against opinion as a figure, and what a page needs to draw any of them."""

import base64
import pathlib
from collections.abc import Sequence

import numpy as np

from jaxiqa.report import chart as common
from jaxiqa.report.scatter import Rated, evenly
from jaxiqa.report.summary import net_name

# What a page puts into the figure: the data, and the pair that stands out.
POINTS, KEPT = "points", "kept"


def kinds(rated: Rated) -> list[str]:
    """Returns the kind of distortion of each pair, one and the same where none is known."""
    held = rated.table.get("distortion")
    return ["pair"] * len(rated.opinion) if held is None else [str(kind) for kind in held]


def points(rated: Rated, place: int) -> list[dict]:
    """Returns what is drawn of one row: pairs with a distance, with opinion and distortion."""
    columns = zip(rated.distances[place], rated.opinion, kinds(rated), strict=True)
    return [
        {"pair": k, "distance": float(distance), "opinion": float(opinion), "distortion": kind}
        for k, (distance, opinion, kind) in enumerate(columns)
        if np.isfinite(distance)
    ]


def scatter_figure(rated: Sequence[Rated]) -> dict | None:
    """Returns distance against opinion of the best row of the first data set; None without one."""
    import altair as alt

    if not rated:
        return None
    names = list(dict.fromkeys(kind for one in rated for kind in kinds(one)))
    horizontal, vertical = rated[0].axes
    x = alt.X("distance:Q", title=horizontal, scale=alt.Scale(zero=False))
    y = alt.Y("opinion:Q", title=vertical, scale=alt.Scale(zero=False))
    chosen = "datum.pair === kept"
    chart = common.table(POINTS).mark_point(filled=True, cursor="pointer")
    chart = chart.encode(
        x=x,
        y=y,
        color=common.colours("distortion", names),
        shape=common.shapes("distortion", names),
        size=alt.condition(chosen, alt.value(260), alt.value(48)),
        opacity=alt.condition(chosen, alt.value(1), alt.value(0.75)),
        stroke=alt.condition(chosen, alt.value(common.GREY), alt.value("transparent")),
        strokeWidth=alt.value(3),
    )
    chart = chart.add_params(alt.param(name=KEPT, value=-1))
    chart = chart.properties(width="container", height=400)
    return common.spec(chart, **{POINTS: points(rated[0], best_place(rated[0]))})


def best_place(rated: Rated) -> int:
    """Returns the place of the row of the highest SROCC."""
    return max(range(len(rated.rows)), key=lambda k: np.nan_to_num(rated.rows[k].srocc, nan=-2))


_TOLD = ("reference", "distorted", "distortion", "level", "frequency", "size")


def _columns(rated: Rated) -> dict:
    """What is told of each pair; of an image, its file's name."""
    held = {name: list(map(str, rated.table.get(name) or [])) for name in _TOLD}
    for name in ("reference", "distorted"):
        held[name] = [pathlib.PurePath(key).name for key in held[name]]
    held["distortion"] = kinds(rated)
    return {**held, "opinion": rated.opinion.tolist()}


def _rows(rated: Rated) -> list[dict]:
    return [
        {"net": net_name(row), "readout": row.readout if row.is_net else "metric", "taps": row.taps}
        | {name: common.number(getattr(row, name)) for name in ("srocc", "srocc_low", "srocc_high")}
        for row in rated.rows
    ]


def page_data(rated: Sequence[Rated], *, most_thumbnails: int) -> list[dict]:
    """Returns what a page needs to draw any row of any data set.

    Args:
      rated: from ``read_rated``.
      most_thumbnails: pairs with pictures in each data set, spread evenly; 0 for none.

    Returns:
      For each data set its rows, the pairs, thumbnails, and the distances row by row as base64 of
      little-endian float32.
    """
    return [
        {
            "name": one.name,
            "best": best_place(one),
            "rows": _rows(one),
            "pairs": _columns(one),
            "distances": base64.b64encode(one.distances.astype("<f4").tobytes()).decode("ascii"),
            "axes": one.axes,
            **one.pictures(evenly(len(one.opinion), most_thumbnails)),
        }
        for one in rated
    ]
