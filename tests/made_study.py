"""Made-up rows and comparisons, and the folder of a study that holds them."""

import json
import pathlib

from jaxiqa.study.details import ComparedRow, PartRow
from jaxiqa.study.rows import Row, write_rows, write_table

# Half the width of the intervals of made-up rows.
WIDTH = 0.01


def row(
    name: str, srocc: float, *, readout: str = "euclidean", width: float = WIDTH, **values
) -> Row:
    """A row of ``net:tap`` such as ``alexnet.imagenet:relu3``, or of a metric such as ``ssim``."""
    net, _, taps = name.partition(":")
    known = {"function": "classification", "environment": "ImageNet-1k"} if taps else {}
    architecture = net.partition(".")[0] if taps else ""
    ends = {
        f"{kind}{end}": srocc + shift
        for kind in ("srocc", "plcc", "krocc")
        for end, shift in (("", 0), ("_low", -width), ("_high", width))
    }
    base = {
        "architecture": architecture,
        "n": 30,
        "failed": 0,
        "data": "made",
        "net": net,
        "taps": taps,
    }
    return Row(**{**base, "readout": readout if taps else net, **known, **ends, **values})


def compared(a: Row, b: Row, p: float, *, width: float = WIDTH) -> ComparedRow:
    """The comparison of two rows, tested with p."""
    gap = a.srocc - b.srocc
    numbers = {"srocc": gap, "srocc_low": gap - width, "srocc_high": gap + width, "srocc_p": p}
    return ComparedRow("made", a.name, b.name, 30, 6, p_holm=p, **numbers)


def write_study(folder: pathlib.Path, rows, comparisons=(), parts=(), **record) -> pathlib.Path:
    """Writes what `jaxiqa study` would, without banks."""
    write_rows(folder / "results.csv", rows)
    write_table(folder / "comparisons.csv", comparisons, of=ComparedRow)
    write_table(folder / "breakdown.csv", parts, of=PartRow)
    labels = dict.fromkeys((row.net, row.architecture) for row in rows if row.is_net)
    nets = [
        {"label": label, "architecture": architecture, "source": "made", **_FACTORS}
        for label, architecture in labels
    ]
    told = {"banks": [], "nets": nets, "data": [{"name": "made", "pairs": 30}]} | record
    (folder / "study.json").write_text(json.dumps(told))
    return folder


_FACTORS = {"function": "classification", "environment": "ImageNet-1k"}
