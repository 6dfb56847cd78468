"""The options of `jaxiqa fit`, and what they may be."""

from jaxiqa.relevance.choices import OPTIMISERS, Choices
from jaxiqa.relevance.design import SHARINGS
from jaxiqa.relevance.objectives import OBJECTIVES
from jaxiqa.relevance.splits import SPLITS

SUFFIX = ".safetensors"
FOLDS = 5

DESCRIPTION = """Fits how relevant each channel is to people, off a bank, without running a net.

A readout is a sum over channels; their weights, 0 or more, are fitted to the opinions of the pairs
that a bank holds, and what that is worth is told on pairs that were held out as whole reference
images. FILE.safetensors is a metric from then on: jaxiqa.load_metric("FILE.safetensors"), or
`jaxiqa score --metric FILE.safetensors`."""


def _words(known: dict) -> str:
    kinds = {name: getattr(what, "description", what) for name, what in known.items()}
    return "\n".join(f"  {name:14} {kind}" for name, kind in kinds.items())


EPILOG = f"""objectives:
{_words(OBJECTIVES)}

splits:
{_words(SPLITS)}

examples:
  jaxiqa fit results --net alexnet.imagenet --out mine.safetensors
  jaxiqa fit results --net alexnet --data tid2013 --taps relu1+relu3 --readout unit \\
    --objective spearman-soft --l1 0.1 --seeds 3 --test other-results --out mine.safetensors"""


def add_options(parser) -> None:
    """Adds the options."""
    add, fit = parser.add_argument, Choices()
    add("path", metavar="BANK_OR_STUDY", help="a bank's folder, or that of a study")
    add("--out", required=True, metavar=f"FILE{SUFFIX}", help="the metric; its stem is its name")
    add("--net", metavar="NAME", help="of a study with several")
    add("--data", metavar="NAME", help="of a study with several data sets")
    add("--taps", default="stages", help="a+b, or stages for all stages of the net (the default)")
    add(
        "--readout",
        default="euclidean",
        metavar="FORM",
        help="as for `jaxiqa study`, such as unit or euclidean/balanced (default: euclidean)",
    )
    for name, known in (("objective", OBJECTIVES), ("optimiser", OPTIMISERS), ("per", SHARINGS)):
        given = getattr(fit, name)
        add(f"--{name}", default=given, help=f"{', '.join(known)} (default: {given})")
    for name, what in (
        ("l1", "on the sum of all shares, so that few channels are left"),
        ("l2", "on the sum of their squares, so that they stay alike"),
        ("group", "on each tap as a whole, so that few layers are left"),
    ):
        add(f"--{name}", type=float, default=0.0, metavar="PENALTY", help=what)
    add(
        "--validation",
        type=float,
        default=fit.validation,
        metavar="PART",
        help="of the references set aside to tell when to stop (default: %(default)s)",
    )
    add("--steps", type=int, default=fit.steps, help="at the most (default: %(default)s)")
    add(
        "--patience",
        type=int,
        default=fit.patience,
        help="steps without gain that end it (default: %(default)s)",
    )
    add("--seeds", type=int, default=fit.seeds, help="fits from other starts (default: 1)")
    add("--split", default="reference", help=f"{', '.join(SPLITS)} (default: reference)")
    add("--folds", type=int, help=f"of references (default: {FOLDS}); 0 holds nothing out")
    add(
        "--test",
        action="append",
        default=[],
        metavar="BANK_OR_STUDY",
        help="the same net on other data, to try the fitted weights on; repeat for more",
    )
    add("--resamples", type=int, default=1000, help="of the bootstrap, 2 or more; 0 for none")
    add("--seed", type=int, default=0, help="of the folds and the bootstrap (default: 0)")
