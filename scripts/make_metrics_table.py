"""Writes docs/metrics.md: every metric, the program it follows, its options and published values.

    python scripts/make_metrics_table.py
    python scripts/make_metrics_table.py --images DIR --weights alexnet=FILE \
      --weights squeezenet1_1=FILE

From the registry, from docstrings and from docs/metrics_published.csv. With ``--images``, the
folder of the pairs, the column jaxiqa of that file is computed anew first.
"""

import argparse
import csv
import inspect
import pathlib
import re
from collections.abc import Iterator

import jaxiqa
from jaxiqa import metrics
from jaxiqa.metrics import METRICS, Formula
from jaxiqa.metrics.learned import LEARNED, learned
from jaxiqa.metrics.load import net_of

DOCS = pathlib.Path(__file__).resolve().parents[1] / "docs"
RESULTS, TABLE = DOCS / "metrics_published.csv", DOCS / "metrics.md"

# Of each pair its two files, and what it is.
PAIRS = {
    "I03": ("calibration/ref/I03.bmp", "calibration/dist/I03.bmp", "TID2013 as in IQA-PyTorch"),
    "I04": ("calibration/ref/I04.bmp", "calibration/dist/I04.bmp", "TID2013 as in IQA-PyTorch"),
    "I06": ("calibration/ref/I06.bmp", "calibration/dist/I06.bmp", "TID2013 as in IQA-PyTorch"),
    "I01": ("I01.BMP", "i01_01_5.bmp", "TID2013, I01 and i01_01_5"),
    "goldhill": ("goldhill.gif", "goldhill_jpeg.gif", "goldhill and its JPEG, as in piq"),
    "r0": ("r0.png", "r1.png", "r0 and r1 of IQA-optimization"),
    "einstein": ("einstein.pgm", "curie.pgm", "einstein and curie of plenoptic"),
    "ex_p0": ("ex_ref.png", "ex_p0.png", "ex_ref and ex_p0 of PerceptualSimilarity"),
    "ex_p1": ("ex_ref.png", "ex_p1.png", "ex_ref and ex_p1 of PerceptualSimilarity"),
}
# Which program a metric follows where its docstring names none in MATLAB.
FOLLOWS = {
    "psnr": "the formula",
    "ms_gmsd": "the paper; what it leaves open as piq 0.8.0",
    "dists": "DISTS-pytorch 0.1",
    "pocket": "none: it is ours",
    **dict.fromkeys(("lpips.alexnet", "lpips.vgg16", "lpips.squeezenet"), "lpips 0.1.4"),
}

HEAD = """# Metrics and their published variants

Made by `scripts/make_metrics_table.py`; change nothing here by hand.

Each formula follows its authors' program on an 8 bit RGB file. An option chooses another variant
that is in use; the first choice is the default. In Python it is a keyword,
`jaxiqa.load_metric("ssim", downsample="256")`, on the command line `--metric ssim,downsample=256`.
A *similarity* is larger for images that are more alike; `metric.distance` turns every metric into
a distance that is 0 for equal images. How each option is defined is told in the docstring, see
{doc}`rooms`.

| metric | what it is | sense | follows | options |
|---|---|---|---|---|
"""
VALUES = """
`lpips.*` and `dists` read ImageNet nets of torchvision, which `jaxiqa weights get` keeps; the
learned weights ship. Any readout of any net is a metric too: `NET:TAP+TAP/FORM`.

## Published values

What others list for a pair of images, and what jaxiqa gives. The images are their publishers' and
do not ship. jaxiqa computes in float32, so the eighth digit may differ. Two rows need a word.
Of `ms_ssim` the listed values are of the program's other pooling, 'wtd_sum'; its default, the
product, gives 0.6700 for I03. Of `vsi` the listed values of I03, I04 and I06 are not met: the
saliency of `VSI.m` at full resolution, in place of the 256 x 256 that it uses, comes near them.
`tests/metrics` holds all of these, and each formula against itself in float64 and, where they have
it, against piq or pyiqa.

| metric | options | pair | listed by | listed | jaxiqa |
|---|---|---|---|---:|---:|
"""
TAIL = """
The pairs: {pairs}.

`lpips.vgg16` and `dists` have no such pair here: with the same weights they are compared with their
authors' programs side by side, in `tests/metrics/test_learned.py`.
"""


def follows(name: str) -> str:
    """Returns the programs that a docstring names."""
    if name in FOLLOWS:
        return FOLLOWS[name]
    text = inspect.getdoc(getattr(metrics, name.removesuffix("_unrounded")))
    return ", ".join(dict.fromkeys(f"`{found}`" for found in re.findall(r"\w+\.m\b", text)))


def _options(formula: Formula) -> str:
    shown = (f"`{name}`: {', '.join(choices)}" for name, choices in formula.options.items())
    return "; ".join(shown) or "none"


def lines() -> Iterator[str]:
    """Yields a line for each metric."""
    for name, formula in METRICS.items():
        sense = "similarity" if formula.higher_is_better else "distance"
        cells = (f"`{name}`", formula.description, sense, follows(name), _options(formula))
        yield f"| {' | '.join(cells)} |\n"
    for name, description in LEARNED.items():
        about = f"{description}; reads `{learned(name).net}`"
        cells = (f"`{name}`", about, "distance", follows(name), "`resize`: none, 256")
        yield f"| {' | '.join(cells)} |\n"


def table(rows: list[dict[str, str]]) -> str:
    """Returns the page."""
    values = (
        f"| `{row['metric']}` | {row['options'] or 'default'} | {row['pair']} | {row['by']} "
        f"| {row['published']} | {row['jaxiqa']} |\n"
        for row in rows
    )
    used = dict.fromkeys(row["pair"] for row in rows)
    pairs = "; ".join(f"{name}: {PAIRS[name][2]}" for name in used)
    return HEAD + "".join(lines()) + VALUES + "".join(values) + TAIL.format(pairs=pairs)


def read_rows() -> list[dict[str, str]]:
    """Returns the published values, a row per metric, options and pair."""
    with RESULTS.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def value(row: dict[str, str], images: pathlib.Path, weights: dict[str, str]) -> str:
    """Returns what a metric gives for a pair, with as many decimals as are listed."""
    name = row["metric"]
    options = dict(option.split("=") for option in row["options"].split(";") if option)
    if name in LEARNED:
        file = weights.get(net_of(name).partition(".")[0])
        options["net"] = jaxiqa.load_net(net_of(name), file)
    pair = (jaxiqa.read_image(images / file)[None] for file in PAIRS[row["pair"]][:2])
    found = float(jaxiqa.load_metric(name, **options)(*pair)[0])
    decimals = len(row["published"].partition(".")[2])
    return f"{found:.{min(decimals, 8)}f}"


def main() -> None:
    """Writes the page, and before it the values where the images are at hand."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--images", type=pathlib.Path, help="folder of the pairs")
    parser.add_argument("--weights", action="append", default=[], metavar="NET=FILE")
    choices = parser.parse_args()
    rows = read_rows()
    if choices.images:
        weights = dict(text.split("=", 1) for text in choices.weights)
        rows = [row | {"jaxiqa": value(row, choices.images, weights)} for row in rows]
        with RESULTS.open("w", newline="", encoding="utf-8") as file:
            written = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
            written.writeheader()
            written.writerows(rows)
    TABLE.write_text(table(rows), encoding="utf-8")


if __name__ == "__main__":
    main()
