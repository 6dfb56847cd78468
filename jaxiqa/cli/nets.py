"""`jaxiqa nets` and `jaxiqa layers NET`: what can be asked of which net."""

from jaxiqa.arch import ARCHITECTURES
from jaxiqa.arch.geometry import TapGeometry, listing
from jaxiqa.arch.graph import feature_taps
from jaxiqa.checkpoints.load import architecture_of
from jaxiqa.checkpoints.sources import sources
from jaxiqa.cli.output import add_output, print_json
from jaxiqa.report.table import console, plain_table

# Named in the table of nets.
MOST_TRAININGS = 5


def add_verbs(verbs) -> None:
    """Adds `nets` and `layers`."""
    nets = verbs.add_parser(
        "nets",
        help="list the nets",
        description="Lists the architectures, and the trainings whose weights are known.",
        epilog="example: jaxiqa nets",
    )
    keys = "net, trainings, taps, parameters, smallest_image, reference"
    add_output(nets, f"a list of {keys}")
    nets.set_defaults(run=show_nets)
    layers = verbs.add_parser(
        "layers",
        help="list the taps of a net",
        description="Lists a net's taps with channels, stride and parameters. A tap may be named "
        "as the field names it (relu3) or by its module path (features.7).",
        epilog="example: jaxiqa layers alexnet",
    )
    layers.add_argument("net", metavar="NET", help="an architecture, as in `jaxiqa nets`")
    keys = "tap, module, also, layer, channels, stride, parameters, smallest_image"
    add_output(layers, f"a list of {keys}")
    layers.set_defaults(run=show_layers)


def _net_record(name: str) -> dict:
    architecture = ARCHITECTURES[name]
    rows, taps = listing(architecture), feature_taps(architecture)
    trainings = [s.name.partition(".")[2] for s in sources().values() if s.architecture == name]
    trainings.sort(key=lambda training: training != "imagenet")
    return {
        "net": name,
        "trainings": [*trainings, "random-SEED"],
        "taps": len(taps),
        "parameters": sum(row.parameters for row in rows),
        "smallest_image": max(row.smallest for row in rows if row.node.name in taps),
        "reference": architecture.reference,
    }


def _few(trainings: list[str]) -> str:
    """All of them, or so many that a row keeps to its line; the last is no file's."""
    if len(trainings) > MOST_TRAININGS:
        more = f"{len(trainings) - 2} more in `jaxiqa weights list`"
        trainings = [trainings[0], more, trainings[-1]]
    return ", ".join(trainings)


def show_nets(choices) -> int:
    """Prints a row per architecture."""
    records = [_net_record(name) for name in ARCHITECTURES]
    if choices.json:
        print_json(records)
        return 0
    columns = ("net", "training", "taps", "parameters", "smallest image", "definition and paper")
    rows = [
        (
            r["net"],
            _few(r["trainings"]),
            str(r["taps"]),
            f"{r['parameters']:,}",
            f"{r['smallest_image']} x {r['smallest_image']}",
            r["reference"],
        )
        for r in records
    ]
    console().print(plain_table(columns, columns[2:5], rows))
    return 0


def _layer_record(row: TapGeometry) -> dict:
    return {
        "tap": row.node.name,
        "module": row.node.path,
        "also": list(row.node.aliases),
        "layer": type(row.node.layer).__name__,
        "channels": row.channels,
        "stride": row.stride or None,
        "parameters": row.parameters,
        "smallest_image": row.smallest,
    }


def show_layers(choices) -> int:
    """Prints a row per tap of a net."""
    records = [_layer_record(row) for row in listing(architecture_of(choices.net))]
    if choices.json:
        print_json(records)
        return 0
    columns = ("tap", "module path", "layer", "channels", "stride", "parameters", "smallest image")
    rows = [
        (
            r["tap"],
            ", ".join(filter(None, [r["module"], *r["also"]])),
            r["layer"],
            str(r["channels"]),
            str(r["stride"] or "-"),
            f"{r['parameters']:,}" if r["parameters"] else "-",
            f"{r['smallest_image']} x {r['smallest_image']}",
        )
        for r in records
    ]
    console().print(plain_table(columns, columns[3:], rows))
    return 0
