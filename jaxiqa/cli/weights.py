"""`jaxiqa weights`: published weights got and kept, checkpoints converted, and what they are."""

from jaxiqa.checkpoints.load import convert
from jaxiqa.checkpoints.store import load_record
from jaxiqa.cli import weights_cache
from jaxiqa.cli.output import add_output, note, print_json


def add_verbs(verbs) -> None:
    """Adds `weights` and its actions."""
    weights = verbs.add_parser(
        "weights",
        help="get published weights, convert checkpoints, show what they are",
        description="Gets published weights, converts checkpoints to orbax, and shows where "
        "converted weights came from.",
        epilog="examples:\n  jaxiqa weights get alexnet.imagenet\n"
        "  jaxiqa weights convert alexnet-owt-7be5be79.pth --net alexnet --out alexnet-imagenet",
    )
    actions = weights.add_subparsers(dest="action", metavar="ACTION")
    weights_cache.add_actions(actions)
    converting = actions.add_parser(
        "convert",
        help="write a checkpoint as orbax, with its record",
        description="Reads a checkpoint (torch in either format, safetensors, npz, a folder of "
        "npy, Keras, Caffe, ONNX) without running anything in it, and writes an orbax checkpoint "
        "with its record.",
        epilog="example: jaxiqa weights convert alexnet-owt-7be5be79.pth --net alexnet "
        "--out alexnet-imagenet",
    )
    converting.add_argument("file", metavar="FILE", help="a checkpoint file, or a folder of npy")
    converting.add_argument("--net", required=True, help="its architecture, as in `jaxiqa nets`")
    converting.add_argument("--out", required=True, metavar="DIR", help="a new folder")
    add_output(converting, "folder, architecture, source, missing, taps")
    converting.set_defaults(run=show_conversion)
    showing = actions.add_parser(
        "show",
        help="print the record of converted weights",
        description="Prints the record of converted weights as JSON.",
        epilog="example: jaxiqa weights show alexnet-imagenet",
    )
    showing.add_argument("dir", metavar="DIR", help="what `jaxiqa weights convert` wrote")
    add_output(showing, "the record, which is printed so in any case")
    showing.set_defaults(run=show_record)


def show_conversion(choices) -> int:
    """Converts, says what is missing from a partial checkpoint, and where the result is."""
    record = convert(choices.net, choices.file, choices.out)
    if record["missing"]:
        note(
            choices,
            f"a partial checkpoint: {len(record['missing'])} arrays of "
            f"{record['architecture']} are missing ({', '.join(record['missing'])}); "
            f"it serves the taps {', '.join(record['taps']) or '(none)'}",
        )
    if choices.json:
        names = ("architecture", "source", "missing", "taps")
        print_json({"folder": choices.out, **{name: record[name] for name in names}})
        return 0
    print(f"wrote {choices.out} (source sha256 {record['source']['sha256']})")
    return 0


def show_record(choices) -> int:
    """Prints the record."""
    print_json(load_record(choices.dir))
    return 0
