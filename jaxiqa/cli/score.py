"""`jaxiqa score`: a metric on two images, or on two folders matched by name."""

import csv
import os
import sys
from collections.abc import Sequence

from jaxiqa import checks
from jaxiqa.checkpoints.load import load_net, needs_no_weights
from jaxiqa.cli.output import add_output, note, print_json
from jaxiqa.data.folders import Match, match
from jaxiqa.images import read_pair
from jaxiqa.metrics import METRICS
from jaxiqa.metrics.learned import LEARNED
from jaxiqa.metrics.load import load_metric, net_of
from jaxiqa.metrics.metric import Metric
from jaxiqa.metrics.words import parse_metric
from jaxiqa.report.heatmap import check_heatmap, write_heatmap
from jaxiqa.report.table import console, plain_table

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
        "  jaxiqa score a.png b.png --metric vgg16.random-0:relu2_2+relu3_3/unit/averaged\n"
        "  jaxiqa score a.png b.png --metric ssim,downsample=256 --metric lpips.alexnet\n"
        "  jaxiqa score a.png b.png --metric ssim --heatmap where.png",
    )
    score.add_argument("reference", metavar="REFERENCE", help="an image, or a folder of images")
    score.add_argument("distorted", metavar="DISTORTED", help="an image, or a folder of images")
    score.add_argument(
        "--metric",
        action="append",
        metavar="NAME",
        help=f"{', '.join((*METRICS, *LEARNED))}, or NET:TAP for the Euclidean distance there, or "
        "NET:TAP/FORM for another readout such as unit or gram, or a FILE.safetensors of fitted "
        "relevance; NAME,OPTION=VALUE for a variant; repeat for more (default: psnr and ssim)",
    )
    score.add_argument("--weights", metavar="FILE", help="of the net that the metrics read")
    score.add_argument(
        "--heatmap",
        metavar="OUT.png",
        help="write where the two images differ as the metric sees it, for one pair and one metric",
    )
    add_output(score, f"a list of {', '.join(COLUMNS)}", csv="a row per pair and metric")
    score.set_defaults(run=show_scores)


def _needs_weights(metric: str) -> bool:
    net = net_of(metric.partition(",")[0])
    return net is not None and not needs_no_weights(net)


def _metric(text: str, weights: str | None) -> Metric:
    name, options = parse_metric(text)
    net = load_net(net_of(name), weights) if weights and _needs_weights(text) else None
    return load_metric(name, net=net, **options)


def _score(pair: Match, metrics: dict[str, Metric]) -> list[dict]:
    reference, distorted = (image[None] for image in read_pair(pair.reference, pair.distorted))
    try:
        values = {name: metric(reference, distorted) for name, metric in metrics.items()}
    except checks.InputError as error:
        raise checks.InputError(f"{pair.distorted}: {error}") from error
    return [
        {
            "reference": str(pair.reference),
            "distorted": str(pair.distorted),
            "metric": name,
            "value": float(values[name][0]),
            "higher_is_better": metric.higher_is_better,
        }
        for name, metric in metrics.items()
    ]


def _check_heatmap(path: str, metrics: dict[str, Metric], pairs: Sequence[Match]) -> None:
    check_heatmap(path)
    if len(metrics) != 1 or len(pairs) != 1:
        raise checks.InputError(
            f"--heatmap takes one pair and one metric, got {len(pairs)} and {len(metrics)}"
        )
    (metric,), (pair,) = metrics.values(), pairs
    if os.path.realpath(path) in map(os.path.realpath, (pair.reference, pair.distorted)):
        raise checks.InputError(f"--heatmap {path} would overwrite an image that is compared")
    if not metric.has_map:
        raise checks.InputError(f"{metric.name} has no map: it compares images as a whole")


def _write_heatmap(path: str, metric: Metric, pair: Match) -> str:
    images = (image[None] for image in read_pair(pair.reference, pair.distorted))
    largest = write_heatmap(path, metric.map(*images)[0])
    return f"wrote {path}: dark is 0, bright {largest:.4g}"


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
            "--weights belongs to a metric that reads a net, and no random one; none was asked for"
        )
    metrics = {name: _metric(name, choices.weights) for name in names}
    matches, unmatched = match(choices.reference, choices.distorted)
    if choices.heatmap is not None:
        _check_heatmap(choices.heatmap, metrics, matches)
    for path in unmatched:
        note(choices, f"no partner for {path}")
    records, failures = [], []
    for pair in matches:
        try:
            records += _score(pair, metrics)
        except checks.InputError as error:
            failures.append(str(error))
    if not records:
        raise checks.InputError("; ".join(failures))
    show = print_json if choices.json else _print_csv if choices.csv else _print_table
    show(records)
    if choices.heatmap is not None:
        note(choices, _write_heatmap(choices.heatmap, *metrics.values(), *matches))
    for failure in failures:
        print(f"jaxiqa: left out: {failure}", file=sys.stderr)
    return 2 if failures else 0
