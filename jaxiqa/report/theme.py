"""How figures look, on light and on dark paper."""

import copy

_FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif'
_INKS = {"light": ("#1b1f24", "#57606a", "#e3e7eb"), "dark": ("#e6e9ec", "#a4adb6", "#2d343b")}

# Colours of figures that are too deep for dark paper, and what stands for them there.
BRIGHTER = {
    "#0072B2": "#3D94D6",
    "#D55E00": "#EB7A26",
    "#009E73": "#1FB88B",
    "#7F3C8D": "#B57CC4",
    "#1B1F24": "#E6E9EC",
}


def theme(name: str) -> dict:
    """Returns the ``config`` of a Vega-Lite figure for "light" or "dark" paper."""
    ink, soft, line = _INKS[name]
    texts = {"labelColor": soft, "titleColor": ink, "labelFontSize": 12, "titleFontSize": 12}
    return {
        "background": "transparent",
        "font": _FONT,
        "view": {"stroke": None},
        "axis": {
            **texts,
            "gridColor": line,
            "domainColor": soft,
            "tickColor": soft,
            "titleFontWeight": "normal",
            "titlePadding": 8,
            "labelLimit": 390,
        },
        "legend": {
            **texts,
            "orient": "bottom",
            "direction": "horizontal",
            "columns": 4,
            "labelLimit": 260,
            "gradientLength": 180,
            "symbolBaseFillColor": soft,
            "symbolBaseStrokeColor": soft,
            "layout": {"bottom": {"anchor": "start", "direction": "vertical", "margin": 6}},
            "titleFontWeight": "normal",
            "symbolOpacity": 1,
        },
    }


def printed(spec: dict, width: int = 640) -> dict:
    """Returns a figure for a file: of a fixed width, on white paper."""
    found = copy.deepcopy(spec)
    found["config"] = {**theme("light"), "background": "white"}
    found["width"] = width
    return found
