"""The nets of a study, loaded, with the readouts that are asked of each."""

import collections
import dataclasses
import functools
import os
import pathlib
from collections.abc import Iterable, Sequence

from jaxiqa import checks
from jaxiqa.arch.net import Net, available_taps, check_taps, missing_arrays
from jaxiqa.bank.origin import origin_of
from jaxiqa.checkpoints.load import load_net
from jaxiqa.readouts.distance import check_concatenation
from jaxiqa.readouts.moments import MOMENTS
from jaxiqa.readouts.readout import Readout, parse_form
from jaxiqa.study.choices import NetChoice

Taps = tuple[str, ...]


@dataclasses.dataclass(frozen=True, eq=False)
class Entry:
    """A net in a study.

    Attributes:
      label: as it appears in the rows.
      net: with its weights.
      readouts: each of a tap, or of several to be concatenated.
      function: what it was trained to do.
      environment: the images that it was trained on.
    """

    label: str
    net: Net
    readouts: tuple[Readout, ...]
    function: str = "unknown"
    environment: str = "unknown"

    @property
    def taps(self) -> Taps:
        """All taps that the readouts read, each once."""
        return tuple(dict.fromkeys(tap for readout in self.readouts for tap in readout.taps))

    @property
    def moments(self) -> tuple[str, ...]:
        """The pair moments that the readouts need."""
        needed = {name for readout in self.readouts for name in readout.moments}
        return tuple(name for name in MOMENTS if name in needed)

    @property
    def factors(self) -> tuple[str, str, str]:
        """Architecture, function and environment."""
        return self.net.architecture.name, self.function, self.environment

    @functools.cached_property
    def origin(self) -> dict:
        """What the net's responses depend on, as a record."""
        return origin_of(self.net)


def every_tap(net: Net) -> tuple[Taps, ...]:
    """Returns every tap of the convolutional part that the weights reach, each on its own.

    Raises:
      InputError: the weights do not reach a single tap.
    """
    single = tuple((tap,) for tap in available_taps(net))
    if not single:
        first = net.architecture.nodes[0].name
        lacking = ", ".join(missing_arrays(net, (first,)))
        raise checks.InputError(f"the weights of {net.name} reach no tap: {lacking} missing")
    return single


def stages(net: Net) -> tuple[Taps, ...]:
    """Returns the stages that the weights reach as one concatenation, none if fewer than two."""
    reached = tuple(stage for stage in net.architecture.stages if stage in available_taps(net))
    return (reached,) if len(reached) > 1 else ()


def parse_taps(text: str) -> Taps:
    """Returns the taps of ``a`` or ``a+b+c``."""
    return tuple(part.strip() for part in text.split("+"))


def taps_of(net: Net, asked: Iterable[str]) -> tuple[Taps, ...]:
    """Returns taps and concatenations, each once by whichever of its names comes first.

    Args:
      net: with its weights.
      asked: ``tap``, ``a+b+c``, ``all`` for every tap or ``stages`` for the stages together.

    Raises:
      InputError: a tap that is unknown, not reached, or twice in a concatenation.
    """
    words = {"all": every_tap, "stages": stages}
    found: dict[Taps, Taps] = {}
    for text in asked:
        for taps in words[text](net) if text in words else (parse_taps(text),):
            check_concatenation(net, taps)
            found.setdefault(check_taps(net, taps), taps)
    return tuple(found.values())


def readouts_of(taps: Sequence[Taps], forms: Sequence[str]) -> tuple[Readout, ...]:
    """Returns each form of each tap or concatenation, form by form.

    How taps combine does not matter to a single one: what differs in that only is left out.

    Raises:
      InputError: a form that ``parse_form`` refuses.
    """
    found: dict[Readout, None] = {}
    for form, combination, relevance in map(parse_form, forms):
        for few in taps:
            several = combination if len(few) > 1 else "raw"
            found[Readout(few, form, several, relevance)] = None
    return tuple(found)


def _labels(nets: Sequence[NetChoice]) -> list[str]:
    """The names as given; where one is given twice, with as much of its weights as tells them."""
    names, weights = [net.name for net in nets], [net.weights for net in nets]
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


def entries(nets: Sequence[NetChoice], forms: Sequence[str]) -> tuple[Entry, ...]:
    """Returns the nets of a study, loaded and checked.

    Args:
      nets: one of each seed, with their taps.
      forms: of readouts, as for ``parse_form``.

    Raises:
      InputError: as ``load_net`` and ``taps_of``; an unknown form; a net named twice with the same
        weights.
    """
    unnamed = [net for net in nets if net.label is None]
    labels = iter(_labels(unnamed))
    found = []
    for choice in nets:
        label = next(labels) if choice.label is None else choice.label
        net = load_net(choice.name, choice.weights)
        readouts = readouts_of(taps_of(net, choice.taps), forms)
        found.append(Entry(label, net, readouts, choice.function, choice.environment))
    _check_labels([entry.label for entry in found])
    return tuple(found)


def _check_labels(labels: Sequence[str]) -> None:
    """Passes if no two nets are called the same, be it by hand or by what tells them apart."""
    for label in labels:
        if labels.count(label) > 1 or not label.isprintable():
            fault = "is the label of two nets" if label.isprintable() else "cannot be a label"
            raise checks.InputError(f"{label!r} {fault}; give them others")
