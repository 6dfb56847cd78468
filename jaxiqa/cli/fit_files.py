"""What a fit leaves beside its metric: weights, layers, the path, and what was held out."""

import contextlib
import dataclasses
import pathlib

import numpy as np

from jaxiqa.bank.store import Bank
from jaxiqa.relevance.ablation import AblationRow, LayerRow, PathRow
from jaxiqa.relevance.held_out import HeldOut
from jaxiqa.relevance.tables import ChannelRow
from jaxiqa.report.relevance import draw_relevance
from jaxiqa.study.rows import write_table

# What only a fit with pairs held out has.
_HELD_OUT = ("layers.csv", "path.csv", "held-out.csv", "ablation.csv")
# Enough to keep the ranks of distances, which are float32 at heart.
_DIGITS = ".9g"


@dataclasses.dataclass(frozen=True)
class PairRow:
    """A pair by the weights of the fold that holds it out; `jaxiqa correlate` reads these.

    Attributes:
      reference, distorted: the images, as the bank has them.
      reference_id: name of the scene.
      distortion, level: empty where they are not known.
      opinion: as published.
      before, after: distances of the plain readout and with fitted weights.
      fold: that holds it out.
    """

    reference: str
    distorted: str
    reference_id: str
    distortion: str
    level: str
    opinion: str
    before: str
    after: str
    fold: str


Held = tuple[tuple[LayerRow, ...], tuple[PathRow, ...], list[PairRow], tuple[AblationRow, ...]]


def pair_rows(held: HeldOut, bank: Bank) -> list[PairRow]:
    """Returns every pair with what it was measured by."""
    table, opinions = bank.record["table"], held.opinions
    fold = np.full(len(opinions), "", object)
    for one in held.folds:
        fold[one.test] = one.name
    numbers = opinions.opinion, held.before, held.after
    return [
        PairRow(
            table["reference"][row],
            table["distorted"][row],
            str(opinions.reference[place]),
            "" if opinions.distortion is None else str(opinions.distortion[place]),
            "" if opinions.level is None else str(opinions.level[place]),
            *(f"{column[place]:{_DIGITS}}" for column in numbers),
            str(fold[place]),
        )
        for place, row in enumerate(opinions.rows)
    ]


def beside(out: pathlib.Path, kind: str) -> pathlib.Path:
    """Returns the file of a kind, such as ``path.csv``, that belongs to a metric's."""
    return out.with_name(f"{out.stem}.{kind}")


def strangers(out: pathlib.Path) -> list[pathlib.Path]:
    """Returns files with names that a fit would write, where no metric is that they belong to."""
    kinds = ("channels.csv", *_HELD_OUT, "png")
    return [] if out.exists() else [p for kind in kinds if (p := beside(out, kind)).exists()]


def write_beside(
    out: pathlib.Path,
    channels: tuple[ChannelRow, ...],
    held: Held | None,
    *,
    title: str,
) -> list[str]:
    """Writes what belongs to a metric's file, each whole or not at all, and returns the names.

    Args:
      out: the metric's file.
      channels: every weight.
      held: layers, the path, the pairs and the ablation, None where nothing was held out; what is
        empty makes no file.
      title: of the picture.

    Raises:
      InputError: the place cannot be written.
    """
    for kind in _HELD_OUT:  # those of an earlier fit do not belong to this one
        with contextlib.suppress(OSError):
            beside(out, kind).unlink()
    tables = {kind: rows for kind, rows in zip(_HELD_OUT, held or (), strict=False) if rows}
    for kind, rows in {"channels.csv": channels, **tables}.items():
        write_table(beside(out, kind), rows)
    draw_relevance(beside(out, "png"), channels, title=title)
    return [beside(out, kind).name for kind in ("channels.csv", *tables, "png")]
