"""`jaxiqa score`: a metric on two images, or on two folders matched by name."""

import csv
import functools
import json
import math
import sys
from collections.abc import Callable, Sequence

import numpy as np

from jaxiqa import checks
from jaxiqa.checkpoints.load import is_random, load_net
from jaxiqa.data.folders import Match, match
from jaxiqa.images import read_pair
from jaxiqa.metrics import METRICS
from jaxiqa.readouts.distance import check_pairwise, distance
from jaxiqa.readouts.readout import Readout, parse_form
from jaxiqa.report.table import console, plain_table
from jaxiqa.study.entries import parse_taps

COLUMNS = ("reference", "distorted", "metric", "value", "higher_is_better")


def add_verbs(verbs) -> None:
    """Adds `score`."""
    score = verbs.add_parser(
        "score",
        help="compare two images, or two folders",
        description="Scores a distorted image against its reference, or the images of one folder "
        "against those of the same name in another.",
        epilog="examples:\n  jaxiqa score reference.png distorted.png --metric ssim\n"
        "  jaxiqa score originals/ compressed/ --metric psnr --metric ssim --csv\n"
        "  jaxiqa score a.png b.png --metric alexnet:relu3 --weights alexnet-owt-7be5be79.pth\n"
        "  jaxiqa score a.png b.png --metric vgg16.random-0:relu2_2+relu3_3/unit/averaged",
    )
    score.add_argument("reference", metavar="REFERENCE", help="an image, or a folder of images")
    score.add_argument("distorted", metavar="DISTORTED", help="an image, or a folder of images")
    score.add_argument(
        "--metric",
        action="append",
        metavar="NAME",
        help=f"{', '.join(METRICS)}, or NET:TAP for the Euclidean distance there, or NET:TAP/FORM "
        "for another readout such as unit or gram; repeat for more (default: psnr and ssim)",
    )
    score.add_argument("--weights", metavar="FILE", help="of the net in NET:TAP")
    form = score.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print JSON in place of a table")
    form.add_argument("--csv", action="store_true", help="print CSV in place of a table")
    score.set_defaults(run=show_scores)


Function = Callable[[np.ndarray, np.ndarray], np.ndarray]


def _needs_weights(metric: str) -> bool:
    net_name, colon, _ = metric.partition(":")
    return bool(colon) and not is_random(net_name)


def _metric(name: str, weights: str | None) -> tuple[Function, bool]:
    """The function of a metric's name, and whether it is a similarity."""
    net_name, colon, rest = name.partition(":")
    if not colon:
        listing = f"choose from {', '.join(METRICS)}, or NET:TAP such as alexnet:relu3"
        checks.choose(name, METRICS, kind="metric", listing=listing)
        return METRICS[name].function, METRICS[name].higher_is_better
    net = load_net(net_name, weights if _needs_weights(name) else None)
    taps, slash, words = rest.partition("/")
    readout = Readout(parse_taps(taps), *parse_form(words if slash else "euclidean"))
    check_pairwise(net, readout)
    return functools.partial(distance, net, readout=readout), False


def _score(pair: Match, metrics: dict[str, tuple[Function, bool]]) -> list[dict]:
    reference, distorted = (image[None] for image in read_pair(pair.reference, pair.distorted))
    try:
        values = {name: function(reference, distorted) for name, (function, _) in metrics.items()}
    except checks.InputError as error:
        raise checks.InputError(f"{pair.distorted}: {error}") from error
    return [
        {
            "reference": str(pair.reference),
            "distorted": str(pair.distorted),
            "metric": name,
            "value": float(values[name][0]),
            "higher_is_better": similarity,
        }
        for name, (_, similarity) in metrics.items()
    ]


def _print_json(records: Sequence[dict]) -> None:
    """JSON has no infinity (the PSNR of equal images), so that one is a text."""
    plain = [r if math.isfinite(r["value"]) else {**r, "value": str(r["value"])} for r in records]
    print(json.dumps(plain, indent=1))


def _print_csv(records: Sequence[dict]) -> None:
    table = csv.DictWriter(sys.stdout, COLUMNS, lineterminator="\n")
    table.writeheader()
    table.writerows({**r, "value": f"{r['value']:.9g}"} for r in records)


def _print_table(records: Sequence[dict]) -> None:
    rows = [
        (
            r["reference"],
            r["distorted"],
            r["metric"],
            f"{r['value']:.6g}",
            "more alike" if r["higher_is_better"] else "less alike",
        )
        for r in records
    ]
    columns = ("reference", "distorted", "metric", "value", "larger is")
    console().print(plain_table(columns, ("value",), rows))


def show_scores(choices) -> int:
    """Prints a value per pair and metric; names what has no partner or cannot be read."""
    names = dict.fromkeys(choices.metric or ("psnr", "ssim"))
    if choices.weights is not None and not any(map(_needs_weights, names)):
        raise checks.InputError(
            "--weights belongs to a metric NET:TAP of a net that is not random; none was asked for"
        )
    metrics = {name: _metric(name, choices.weights) for name in names}
    matches, unmatched = match(choices.reference, choices.distorted)
    for path in unmatched:
        print(f"jaxiqa: no partner for {path}", file=sys.stderr)
    records, failures = [], []
    for pair in matches:
        try:
            records += _score(pair, metrics)
        except checks.InputError as error:
            failures.append(str(error))
    if not records:
        raise checks.InputError("; ".join(failures))
    show = _print_json if choices.json else _print_csv if choices.csv else _print_table
    show(records)
    for failure in failures:
        print(f"jaxiqa: left out: {failure}", file=sys.stderr)
    return 2 if failures else 0
