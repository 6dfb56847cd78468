"""What a study is to compute, as its file says it: names, paths and words, nothing loaded."""

import dataclasses
import pathlib
from collections.abc import Iterable

from jaxiqa.checks import InputError
from jaxiqa.data.databases import DATABASES, PAIR
from jaxiqa.study.toml_table import written

# Data sets that need no file, by the names under which the study knows them.
DATA_NAMES = (
    "contrast-thresholds",
    "contrast-thresholds-full",
    "contrast-thresholds-all",
    "contrast-thresholds-wide",
)
# Those, and the databases of rated pairs that load once they are prepared.
KNOWN_NAMES = (*DATA_NAMES, *(name for name, held in DATABASES.items() if held.images == PAIR))
# Words among taps: each tap that the weights reach on its own, and the stages in one concatenation.
TAP_WORDS = ("all", "stages")
MOMENTS = ("all", "needed")


def refuse_triplets(name: str) -> None:
    """Passes unless a name is that of a database of triplets, which no correlation is made of.

    Raises:
      InputError: it is.
    """
    held = DATABASES.get(name)
    if held is not None and held.images != PAIR:
        raise InputError(
            f"{name} holds triplets, and a study correlates with ratings of pairs; read it with "
            "jaxiqa.data.load_triplets and hold distances against it with jaxiqa.data.agreement"
        )


@dataclasses.dataclass(frozen=True)
class DataChoice:
    """A data set of a study: a table of rated pairs, a prepared database, or one that ships.

    Attributes:
      csv: absolute path of the table, or None.
      name: one of ``KNOWN_NAMES``, or None.
      higher_is_better: the sign of the table's opinion, or None where its column says it.
      standard_error_of_opinion: the table's column that holds it, or None.
      exclude: of a prepared database, as in ``jaxiqa.data.load``.
      pairs: how many of them, a balanced part as ``jaxiqa.data.balanced`` takes it; None for all.
    """

    csv: pathlib.Path | None = None
    name: str | None = None
    higher_is_better: bool | None = None
    standard_error_of_opinion: str | None = None
    exclude: tuple[str, ...] = ()
    pairs: int | None = None


@dataclasses.dataclass(frozen=True)
class NetChoice:
    """A net of a study, with its levels of the factors that are compared.

    Attributes:
      name: as for ``load_net``; ``alexnet.random`` stands for one net for each of the seeds.
      weights: absolute path of a file or folder; None for random ones and for those in the cache.
      label: as it is called in the results, or None for what the study makes of name and weights.
      taps: in place of the study's, empty for those.
      function: what it was trained to do.
      environment: the images that it was trained on.
    """

    name: str
    weights: pathlib.Path | None = None
    label: str | None = None
    taps: tuple[str, ...] = ()
    function: str = "unknown"
    environment: str = "unknown"

    @property
    def architecture(self) -> str:
        """The third factor, which the name tells."""
        return self.name.partition(".")[0]


@dataclasses.dataclass(frozen=True)
class MetricChoice:
    """A metric of a study, beside PSNR and SSIM.

    Attributes:
      name: as for ``load_metric``; of a file its absolute path.
      options: of the metric, ``OPTION=VALUE`` each.
      weights: absolute path of a file or folder of the net that it reads; None for those in the
        cache.
      precision: of products in that net; None for the highest.
      label: as it is called in the results, or None for its name with the options.
    """

    name: str
    options: tuple[str, ...] = ()
    weights: pathlib.Path | None = None
    precision: str | None = None
    label: str | None = None

    @property
    def is_file(self) -> bool:
        """Whether it is a file of fitted relevance."""
        return self.name.lower().endswith(".safetensors")

    @property
    def called(self) -> str:
        """The label; else what was asked for, a file without its folder and ending."""
        name = pathlib.Path(self.name).stem if self.is_file else self.name
        precision = [f"precision={self.precision}"] * (self.precision is not None)
        return self.label or ",".join([name, *self.options, *precision])


@dataclasses.dataclass(frozen=True)
class StudyFile:
    """What a study file says.

    Attributes:
      data: at least one.
      nets: as written; at least one, unless there are metrics.
      out: absolute path of the folder for the results.
      taps: of nets without their own: a tap, ``a+b`` for a concatenation, or ``TAP_WORDS``.
      readouts: as ``parse_form`` takes them.
      seeds: of nets called ``.random``.
      moments: one of ``MOMENTS``: what is kept of the responses; None for all of those to rated
        pairs, so that other readouts can be asked later, and what is needed of those to stimuli.
      resamples: draws of reference images, from ``seed``.
      seed: of the draws.
      banks: absolute path of the folder in which banks of pair moments are kept; None for one
        within ``out``.
      metrics: beside the nets, PSNR and SSIM.
    """

    data: tuple[DataChoice, ...]
    nets: tuple[NetChoice, ...]
    out: pathlib.Path
    taps: tuple[str, ...] = TAP_WORDS
    readouts: tuple[str, ...] = ("euclidean",)
    seeds: tuple[int, ...] = (0, 1, 2)
    moments: str | None = None
    resamples: int = 1000
    seed: int = 0
    banks: pathlib.Path | None = None
    metrics: tuple[MetricChoice, ...] = ()

    @property
    def expanded_nets(self) -> tuple[NetChoice, ...]:
        """The nets as they are run: one for each seed, each with its taps."""
        return tuple(
            dataclasses.replace(one, taps=one.taps or self.taps)
            for net in self.nets
            for one in _seeded(net, self.seeds)
        )

    def to_toml(self) -> str:
        """Returns the text of a file that ``read_study`` reads as this very study."""
        study = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        nets, data, metrics = (study.pop(name) for name in ("nets", "data", "metrics"))
        statistics = {name: study.pop(name) for name in ("resamples", "seed")}
        parts = [written("", study), written("[statistics]", statistics)]
        parts += [written("[[data]]", dataclasses.asdict(choice)) for choice in data]
        parts += [written("[[net]]", dataclasses.asdict(choice)) for choice in nets]
        parts += [written("[[metric]]", dataclasses.asdict(choice)) for choice in metrics]
        return "\n".join(parts)


def _seeded(net: NetChoice, seeds: Iterable[int]) -> list[NetChoice]:
    """The nets that one entry stands for; a label keeps the form by which seeds are merged."""
    if not net.name.endswith(".random"):
        return [net]
    return [
        dataclasses.replace(
            net,
            name=f"{net.name}-{seed}",
            label=f"{net.label}.random-{seed}" if net.label else None,
        )
        for seed in seeds
    ]
