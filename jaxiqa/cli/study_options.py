"""The options of `jaxiqa study`, and the study file that says the same."""

import dataclasses
import os
import pathlib
from collections.abc import Sequence

from jaxiqa import checks
from jaxiqa.checkpoints.load import architecture_of, needs_no_weights
from jaxiqa.checkpoints.sources import sources
from jaxiqa.cli.study_data import PHOTO_PAIRS, data_choices
from jaxiqa.data.balanced import FEWEST
from jaxiqa.study.choices import (
    DATA_NAMES,
    MOMENTS,
    MetricChoice,
    NetChoice,
    StudyFile,
)
from jaxiqa.study.metric_choices import check_called, metric_choice
from jaxiqa.study.study_file import default_factors, read_study

SEEDS = range(3)


def add_options(parser) -> None:
    """Adds the options, and the study file that may stand in their place."""
    add = parser.add_argument
    add("file", nargs="?", metavar="FILE.toml", help="a study file, in place of the options below")
    add("--out", metavar="DIR", help="folder for the results (default: jaxiqa-study)")
    add("--batch", type=int, help="images a device computes at once (default: 1 on a CPU, else 16)")
    group = parser.add_argument_group("what is studied, where there is no FILE.toml")
    add = group.add_argument
    add(
        "--data",
        action="append",
        default=[],
        metavar="CSV",
        help=f"rated pairs, one of {', '.join(DATA_NAMES)}, or a prepared database as in "
        "`jaxiqa data list`; repeat for more",
    )
    add(
        "--pairs",
        type=int,
        metavar="N",
        help="of each set of rated pairs take N, references, distortions and levels balanced "
        f"(default: all of those that --data names, else {PHOTO_PAIRS})",
    )
    sign = group.add_mutually_exclusive_group()
    sign.add_argument(
        "--higher-is-better",
        dest="higher_is_better",
        action="store_true",
        default=None,
        help="opinion is high for good images, as MOS is (the default)",
    )
    sign.add_argument(
        "--lower-is-better",
        dest="higher_is_better",
        action="store_false",
        help="opinion is high for bad images, as most DMOS are",
    )
    add("--net", action="append", default=[], help="a net, as in `jaxiqa nets`; repeat for more")
    add(
        "--weights",
        action="append",
        default=[],
        metavar="FILE",
        help="checkpoint or converted folder; once for each --net, in the same order (default: "
        "those that `jaxiqa weights get` keeps)",
    )
    add(
        "--metric",
        action="append",
        default=[],
        metavar="NAME",
        help="a metric beside PSNR and SSIM, as `jaxiqa score` takes it: NAME, "
        "NAME,OPTION=VALUE, NET:TAP/FORM or FILE.safetensors; of weights that `jaxiqa weights "
        "get` keeps (a study file can name others); repeat for more",
    )
    add(
        "--taps",
        action="append",
        default=[],
        metavar="TAP",
        help="a tap, a+b+c for a concatenation, `all` for every tap, `stages` for the stages "
        "together; repeat for more (default: all and stages)",
    )
    add(
        "--readout",
        action="append",
        default=[],
        metavar="FORM",
        help="how responses become a distance, see below; repeat for more (default: euclidean)",
    )
    add(
        "--moments",
        choices=MOMENTS,
        help="what is kept of the responses: all that any readout needs, or only what those asked "
        "for need, which is faster (default: all for rated pairs that "
        "--data names, else needed)",
    )
    add("--resamples", type=int, help="of the bootstrap (default: 1000)")
    add("--seed", type=int, help="of the bootstrap (default: 0)")


def pocket_nets() -> tuple[str, ...]:
    """Returns the small nets that ship, all goals and seeds, and the same without training."""
    shipped = [name for name, record in sources().items() if record.ships]
    return (*shipped, *(f"pocket.random-{seed}" for seed in SEEDS))


def _check_numbers(choices) -> None:
    for name, least in (("batch", 1), ("pairs", FEWEST), ("resamples", 0), ("seed", 0)):
        given = getattr(choices, name)
        if given is not None and given < least:
            raise checks.InputError(f"--{name} must be {least} or more, got {given}")


def _net_choices(names: Sequence[str], weights: Sequence[str]) -> tuple[NetChoice, ...]:
    """Each net with its weights, in the order given; random nets take none.

    Without any file nets are looked for in the cache, where ``jaxiqa weights get`` puts them.

    Raises:
      InputError: an unknown net, or not as many files as nets that need one.
    """
    for name in names:
        architecture_of(name)
    needing = [name for name in names if not needs_no_weights(name)]
    if weights and len(needing) != len(weights):
        raise checks.InputError(
            f"{len(needing)} of the nets need weights ({', '.join(needing) or 'none'}) and "
            f"{len(weights)} were given; give --weights once for each --net, in the same order, "
            "and none for random ones such as alexnet.random-0"
        )
    files = iter(weights or [None] * len(needing))
    return tuple(
        NetChoice(
            name,
            None if needs_no_weights(name) else _absolute(next(files)),
            None,
            (),
            *default_factors(name),
        )
        for name in names
    )


def _absolute(path: str | None) -> pathlib.Path | None:
    return None if path is None else pathlib.Path(os.path.abspath(path))


def _from_file(choices) -> StudyFile:
    names = ("data", "pairs", "net", "weights", "metric", "taps", "readout", "moments")
    names += ("resamples", "seed")
    given = [name for name in names if getattr(choices, name) not in (None, [])]
    given += ["higher-is-better or --lower-is-better"] * (choices.higher_is_better is not None)
    if given:
        raise checks.InputError(f"write into {choices.file} what --{given[0]} says; it takes one")
    study = read_study(choices.file)
    out = study.out if choices.out is None else pathlib.Path(choices.out)
    return dataclasses.replace(study, out=out)


def _nets(choices) -> tuple[NetChoice, ...]:
    """Those asked for; where nothing is, neither nets nor metrics, the small ones that ship."""
    for option in ("taps", "readout"):
        if choices.metric and not choices.net and getattr(choices, option):
            raise checks.InputError(f"--{option} belongs to a --net; none was asked for")
    return _net_choices(choices.net or (() if choices.metric else pocket_nets()), choices.weights)


def _metrics(texts: Sequence[str]) -> tuple[MetricChoice, ...]:
    found = tuple(map(metric_choice, dict.fromkeys(texts)))
    check_called(found)
    return found


def _from_options(choices) -> StudyFile:
    # Of what nobody named nobody asks for other readouts later.
    usual = None if choices.data else "needed"
    options = {
        "metrics": _metrics(choices.metric),
        "taps": tuple(dict.fromkeys(choices.taps)),
        "readouts": tuple(dict.fromkeys(choices.readout)),
        "moments": choices.moments or usual,
        "resamples": choices.resamples,
        "seed": choices.seed,
    }
    return StudyFile(
        data_choices(choices),
        _nets(choices),
        pathlib.Path(choices.out or "jaxiqa-study"),
        **{name: value for name, value in options.items() if value not in (None, ())},
    )


def study_of(choices) -> StudyFile:
    """Returns what the options say, or the study file that was given in their place.

    Raises:
      InputError: as ``read_study``; a number out of range, weights that do not match the nets, an
        unknown net, metric or data set, or options beside a file.
    """
    _check_numbers(choices)
    return _from_options(choices) if choices.file is None else _from_file(choices)
