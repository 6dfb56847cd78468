"""What a study computes: data sets, nets with their readouts, and how uncertainty is formed."""

import collections
import dataclasses
import os
import pathlib
from collections.abc import Sequence

from jaxiqa import checks
from jaxiqa.arch.net import Net, available_taps, missing_arrays
from jaxiqa.checkpoints.load import architecture_of, is_random, load_net
from jaxiqa.data import full_contrast_thresholds, pairs_from_csv, short_contrast_thresholds
from jaxiqa.readouts.euclidean import check_concatenation
from jaxiqa.study.judge import Data, Statistics

Taps = tuple[str, ...]

# The control of every comparison of functions. VGG16 takes most of the time, so two seeds of it.
CONTROLS = (
    *(f"alexnet.random-{seed}" for seed in range(3)),
    *(f"squeezenet1_1.random-{seed}" for seed in range(3)),
    *(f"vgg16.random-{seed}" for seed in range(2)),
)


@dataclasses.dataclass(frozen=True, eq=False)
class Entry:
    """A net in a study.

    Attributes:
      label: as it appears in the rows.
      net: with its weights.
      readouts: each a tap, or several to be concatenated.
    """

    label: str
    net: Net
    readouts: tuple[Taps, ...]

    @property
    def taps(self) -> Taps:
        """All taps that the readouts read, each once."""
        return tuple(dict.fromkeys(tap for readout in self.readouts for tap in readout))


@dataclasses.dataclass(frozen=True, eq=False)
class Plan:
    """A whole study.

    Attributes:
      data: data sets of rated pairs, or of thresholds.
      entries: nets with their readouts.
      statistics: of the correlations' intervals.
      batch: images computed at once.
      precision: of products, see ``responses``.
    """

    data: tuple[Data, ...]
    entries: tuple[Entry, ...]
    statistics: Statistics
    batch: int
    precision: str = "highest"


def default_readouts(net: Net) -> tuple[Taps, ...]:
    """Returns every tap of the convolutional part that the weights reach, and its stages together.

    Raises:
      InputError: the weights do not reach a single tap.
    """
    single = tuple((tap,) for tap in available_taps(net))
    if not single:
        first = net.architecture.nodes[0].name
        lacking = ", ".join(missing_arrays(net, (first,)))
        raise checks.InputError(f"the weights of {net.name} reach no tap: {lacking} missing")
    stages = tuple(stage for stage in net.architecture.stages if (stage,) in single)
    return (*single, stages) if len(stages) > 1 else single


def parse_readout(text: str) -> Taps:
    """Returns the taps of ``a`` or ``a+b+c``."""
    return tuple(part.strip() for part in text.split("+"))


def _labels(names: Sequence[str], weights: Sequence[str | None]) -> list[str]:
    """The names as given; where one is given twice, with as much of its weights as tells them."""
    labels = list(names)
    for name in (name for name, count in collections.Counter(names).items() if count > 1):
        places = [place for place, other in enumerate(names) if other == name]
        paths = [pathlib.Path(os.path.abspath(weights[place] or "")) for place in places]
        if len(set(paths)) < len(paths):
            raise checks.InputError(f"{name} is asked for twice; give each net once")
        longest = max(len(path.parts) for path in paths)
        candidates = [[path.stem for path in paths]]
        candidates += [["/".join(p.parts[-k:]) for p in paths] for k in range(1, longest + 1)]
        telling = next(tails for tails in candidates if len(set(tails)) == len(paths))
        for place, tail in zip(places, telling, strict=True):
            labels[place] = f"{name}@{tail}"
    return labels


def pair_weights(names: Sequence[str], weights: Sequence[str]) -> list[str | None]:
    """Returns for each net its weights file, in the order given; None for random nets.

    Raises:
      InputError: not as many files as nets that need one.
    """
    needing = [name for name in names if not is_random(name)]
    if len(needing) != len(weights):
        raise checks.InputError(
            f"{len(needing)} of the nets need weights ({', '.join(needing) or 'none'}) and "
            f"{len(weights)} were given; give --weights once for each --net, in the same order, "
            "and none for random ones such as alexnet.random-0"
        )
    files = iter(weights)
    return [None if is_random(name) else next(files) for name in names]


def entries(
    names: Sequence[str], weights: Sequence[str], readouts: Sequence[str] = ()
) -> tuple[Entry, ...]:
    """Returns the nets of a study, loaded and checked.

    Args:
      names: of nets, as for ``load_net``.
      weights: a file or folder for each net that is not random, in the same order.
      readouts: ``tap`` or ``a+b+c``; none stands for ``default_readouts``.

    Raises:
      InputError: as ``load_net``; a tap that is unknown, not reached or twice in a concatenation;
        a net named twice with the same weights.
    """
    for name in names:
        architecture_of(name)
    files = pair_weights(names, weights)
    found = []
    for label, name, path in zip(_labels(names, files), names, files, strict=True):
        net = load_net(name, path)
        asked = tuple(dict.fromkeys(map(parse_readout, readouts))) or default_readouts(net)
        for taps in asked:
            check_concatenation(net, taps)
        found.append(Entry(label, net, asked))
    return tuple(found)


# What ships: stimuli computed from formulas. The short set is the one of the run without arguments.
SHIPPED = {
    "contrast-thresholds": short_contrast_thresholds,
    "contrast-thresholds-full": full_contrast_thresholds,
}


def _data_set(name: str, higher_is_better: bool | None) -> Data:
    if name in SHIPPED:
        return SHIPPED[name]()
    if not os.path.exists(name):
        raise checks.InputError(f"no such file: {name}{checks.near(name, SHIPPED)}")
    return pairs_from_csv(name, higher_is_better=higher_is_better)


def data_sets(asked: Sequence[str], *, higher_is_better: bool | None = None) -> tuple[Data, ...]:
    """Returns data sets that ship, by name, and those of CSV files of rated pairs.

    Args:
      asked: names of ``SHIPPED``, or paths.
      higher_is_better: the sign of the opinion in the files, where they do not declare it.

    Raises:
      InputError: as ``pairs_from_csv``; a sign without a file; two data sets of the same name.
    """
    if higher_is_better is not None and all(name in SHIPPED for name in asked):
        raise checks.InputError("the sign of an opinion belongs to a --data file; none was given")
    found = tuple(_data_set(name, higher_is_better) for name in asked)
    names = [data.name for data in found]
    if repeated := [name for name, count in collections.Counter(names).items() if count > 1]:
        raise checks.InputError(
            f"two data sets are named {repeated[0]}; rename one of the files, since the rows of "
            "the result carry that name"
        )
    return found
