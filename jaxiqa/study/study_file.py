"""A study as a TOML file: what it is about, read and checked without loading a net or an image."""

import collections
import dataclasses
import os
from collections.abc import Iterable, Sequence

from jaxiqa import checks
from jaxiqa.arch.graph import Architecture, resolve
from jaxiqa.checkpoints.load import architecture_of, is_random
from jaxiqa.checkpoints.sources import sources
from jaxiqa.data.balanced import FEWEST
from jaxiqa.readouts.readout import parse_form
from jaxiqa.study import toml_table
from jaxiqa.study.choices import (
    DATA_NAMES,
    KNOWN_NAMES,
    MOMENTS,
    TAP_WORDS,
    DataChoice,
    NetChoice,
    StudyFile,
    refuse_triplets,
)
from jaxiqa.study.metric_choices import check_called, read_metric
from jaxiqa.study.toml_table import COUNT, FLAG, SEEDS, TEXT, TEXTS, Table, value

_EXAMPLE = """\
out = "results"                     # folder; this path and those below start at this file's folder
banks = "banks"                     # where extracted moments are kept, for other studies too
taps = ["all", "stages"]            # "relu3", "relu1+relu2" joined, every tap, the stages joined
readouts = ["euclidean", "gram", "euclidean/balanced"]
seeds = [0, 1, 2]                   # of nets called .random
moments = "all"                     # "needed" is faster, and other readouts extract anew

[statistics]
resamples = 1000
seed = 0

[[data]]
csv = "pairs.csv"
higher_is_better = true             # false for most DMOS; leave it out if a column says it
standard_error_of_opinion = "opinion_std"   # if that column is the standard error, not the spread

[[data]]
name = "contrast-thresholds"

[[data]]
name = "tid2013"                    # as `jaxiqa data list` has it, once it is prepared
exclude = ["synthetic", "distortion=16"]
pairs = 500                         # so many, references and distortions balanced; all by default

[[net]]
name = "alexnet.imagenet"
weights = "alexnet-owt-7be5be79.pth"

[[net]]
name = "alexnet"                    # weights of a training that has no record of its own
weights = "my-alexnet.safetensors"
label = "alexnet, jigsaw"
taps = ["relu3", "relu1+relu5"]
function = "jigsaw"
environment = "ImageNet-22k"

[[net]]
name = "alexnet.random"

[[metric]]                          # beside PSNR and SSIM, which every study has; none by default
name = "vif"                        # as `jaxiqa score --metric` takes it
options = ["form=wavelet"]

[[metric]]
name = "lpips.alexnet"
weights = "alexnet-owt-7be5be79.pth"   # of its trunk, if `jaxiqa weights get` keeps none
precision = "high"
label = "LPIPS"
"""


def example() -> str:
    """Returns the text of a study file that shows every key."""
    return _EXAMPLE


def default_factors(name: str) -> tuple[str, str]:
    """Returns function and environment of a training, as far as its name tells them."""
    if is_random(name):
        return "none", "none"
    found = sources().get(name)
    return (found.function, found.environment) if found else ("unknown", "unknown")


def read_study(path: str | os.PathLike[str]) -> StudyFile:
    """Returns what a study file says; nets and images are not opened.

    Args:
      path: a TOML file such as ``example`` shows. Relative paths in it start at its folder.

    Raises:
      InputError: the file cannot be read; a key is unknown, missing or has a wrong value; a file
        that it names is not there; a net, tap or readout is unknown; two nets are the same or have
        one label. The message names file and key.
    """
    table = toml_table.read_table(path)
    fields = ("out", "banks", "taps", "readouts", "seeds", "moments", "statistics", "data", "net")
    toml_table.check_keys(table, (*fields, "metric"))
    metrics = tuple(map(read_metric, toml_table.optional_subtables(table, "metric")))
    tables = toml_table.optional_subtables if metrics else toml_table.subtables
    statistics = toml_table.subtable(table, "statistics")
    toml_table.check_keys(statistics, ("resamples", "seed"))
    found = StudyFile(
        data=tuple(map(_data, toml_table.subtables(table, "data"))),
        nets=tuple(map(_net, tables(table, "net"))),
        out=toml_table.path_value(table, "out", "jaxiqa-study"),
        banks=toml_table.path_value(table, "banks", None),
        metrics=metrics,
        taps=value(table, "taps", TEXTS, TAP_WORDS),
        readouts=_readouts(table),
        seeds=value(table, "seeds", SEEDS, (0, 1, 2)),
        moments=_chosen(table, "moments", MOMENTS, None),
        resamples=value(statistics, "resamples", COUNT, 1000),
        seed=value(statistics, "seed", COUNT, 0),
    )
    _check_nets(found, table.place)
    with toml_table.naming(table.place, "[[metric]]"):
        check_called(metrics)
    return found


def _chosen(table: Table, key: str, choices: Sequence[str], default: str | None) -> str | None:
    """A text that must be one of a few."""
    found = value(table, key, TEXT, default)
    if found is not default:
        with toml_table.naming(table.place, key):
            checks.choose(found, choices, kind="choice", listing=f"It takes {', '.join(choices)}")
    return found


def _data(table: Table) -> DataChoice:
    """A data set; sign and standard error belong to a table of one's own."""
    toml_table.check_keys(table, [field.name for field in dataclasses.fields(DataChoice)])
    with toml_table.naming(table.place, "name"):
        refuse_triplets(value(table, "name", TEXT, ""))
    name = _chosen(table, "name", KNOWN_NAMES, None)
    if (name is None) == ("csv" not in table.values):
        raise checks.InputError(
            f"{table.place}: give either csv, a table of rated pairs, or name, one of "
            f"{', '.join(KNOWN_NAMES)}"
        )
    extra = [key for key in table.values if key not in ("csv", "name", "exclude", "pairs")]
    if name is not None and extra:
        raise checks.InputError(f"{table.place}: {extra[0]} belongs to a csv, not to {name}")
    if "exclude" in table.values and (name is None or name in DATA_NAMES):
        raise checks.InputError(
            f"{table.place}: exclude belongs to a prepared database, as `jaxiqa data list` has them"
        )
    if "pairs" in table.values and name in DATA_NAMES:
        raise checks.InputError(f"{table.place}: pairs belongs to rated pairs, not to {name}")
    pairs = value(table, "pairs", COUNT, None)
    if pairs is not None and pairs < FEWEST:
        raise checks.InputError(f"{table.place}: pairs must be {FEWEST} or more, got {pairs}")
    return DataChoice(
        csv=toml_table.existing_path(table, "csv"),
        name=name,
        higher_is_better=value(table, "higher_is_better", FLAG, None),
        standard_error_of_opinion=_chosen(
            table, "standard_error_of_opinion", ("opinion_std",), None
        ),
        exclude=value(table, "exclude", TEXTS, ()),
        pairs=pairs,
    )


def _net(table: Table) -> NetChoice:
    toml_table.check_keys(table, [field.name for field in dataclasses.fields(NetChoice)])
    name = value(table, "name", TEXT)
    with toml_table.naming(table.place, "name"):
        architecture = architecture_of(name)
    taps = value(table, "taps", TEXTS, ())
    with toml_table.naming(table.place, "taps"):
        _check_taps(architecture, taps)
    if is_random(name) and "weights" in table.values:
        raise checks.InputError(f"{table.place}: weights: {name} has random ones; leave it out")
    function, environment = default_factors(name)
    return NetChoice(
        name=name,
        weights=toml_table.existing_path(table, "weights"),
        label=value(table, "label", TEXT, None),
        taps=taps,
        function=value(table, "function", TEXT, function),
        environment=value(table, "environment", TEXT, environment),
    )


def _check_taps(architecture: Architecture, taps: Iterable[str]) -> None:
    """Passes if a net has the taps, none of them twice in a concatenation."""
    for text in taps:
        if text not in TAP_WORDS:
            names = [resolve(architecture, part.strip()) for part in text.split("+")]
            if len(set(names)) < len(names):
                raise checks.InputError(f"{text} holds one tap twice; give it once.")


def _readouts(table: Table) -> tuple[str, ...]:
    """Readouts, each once, in whatever order its words stand."""
    found: dict[tuple, str] = {}
    for text in value(table, "readouts", TEXTS, ("euclidean",)):
        with toml_table.naming(table.place, "readouts"):
            first = found.setdefault(parse_form(text), text)
        if first is not text:
            raise checks.InputError(
                f"{table.place}: readouts: {first} and {text} are the same; give it once"
            )
    return tuple(found.values())


def _check_nets(study: StudyFile, place: str) -> None:
    """Passes if each net has the taps that it is asked for, and no two are called the same."""
    for number, net in enumerate(study.nets, 1):
        if not net.taps:
            try:
                _check_taps(architecture_of(net.name), study.taps)
            except checks.InputError as error:
                raise checks.InputError(
                    f"{place}: taps: {error} Or give [[net]] {number} taps of its own"
                ) from None
    nets = study.expanded_nets
    marks: list = [(net.name, net.weights) for net in nets]
    marks += [net.label for net in nets if net.label]
    marks += {net.name for net in nets if not net.label}
    for mark, count in collections.Counter(marks).items():
        if count > 1:
            name = mark if isinstance(mark, str) else mark[0]
            raise checks.InputError(f"{place}: [[net]]: {name} is given twice")
