"""What a study's distances say of each pair or stimulus, read off its banks without a net."""

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np

from jaxiqa import checks
from jaxiqa.bank import store
from jaxiqa.bank.distances import distances
from jaxiqa.bank.store import Bank
from jaxiqa.readouts.readout import Readout, parse_form
from jaxiqa.report import thresholds
from jaxiqa.report.folder import Folder
from jaxiqa.report.thumbnails import thumbnails
from jaxiqa.statistics.correlate import correlate
from jaxiqa.statistics.paired import badness
from jaxiqa.study.choices import DATA_NAMES
from jaxiqa.study.rows import Row

# Numbers of all distances together that a page is given; beyond it, pairs are left out evenly.
MOST = 2_000_000
# Correlations of one distance computed twice differ by the decimals of a CSV file.
_SAME = 2e-3


@dataclasses.dataclass(frozen=True, eq=False)
class Rated:
    """The pairs, or stimuli, of a data set with what a study's rows say of each.

    Attributes:
      name: of the data set.
      table: what is told of each: reference, distorted, distortion, level and so on.
      opinion: (n,) of people, or the log10 of their sensitivity.
      rows: of the study, one for each distance.
      distances: (rows, n) float32, larger = less alike, or the log10 of sensitivity; NaN where a
        pair failed.
      worse: (n,) what distances are correlated with: they should rise with it.
      groups: (n,) what is resampled together, as text: the reference image.
      whole: whether no pair was left out to save space.
      axes: titles of distance and opinion.
      pictures: places -> small pictures, as ``thumbnails`` returns them.
    """

    name: str
    table: dict
    opinion: np.ndarray
    rows: tuple[Row, ...]
    distances: np.ndarray
    worse: np.ndarray
    groups: np.ndarray
    whole: bool = True
    axes: tuple[str, str] = ("distance", "opinion")
    pictures: Callable[[Sequence[int]], dict] = lambda places: {"images": [], "shown": {}}


def evenly(count: int, most: int) -> np.ndarray:
    """Returns at most so many of 0 .. count-1, spread evenly, the first and the last among them."""
    if most < 1 or not count:
        return np.zeros(0, np.int64)
    return np.unique(np.rint(np.linspace(0, count - 1, min(most, count))).astype(np.int64))


def _readout(row: Row) -> Readout:
    return Readout(tuple(row.taps.split("+")), *parse_form(row.readout))


def _of_net(bank: Bank, rows: Sequence[Row]) -> list[np.ndarray]:
    return distances(bank, [_readout(row) for row in rows])


def _array_of(bank: Bank, row: Row) -> str | None:
    """Where a bank of metrics keeps a row: under its name, or as the only array."""
    if row.readout in bank.arrays:
        return row.readout
    return next(iter(bank.arrays)) if len(bank.arrays) == 1 else None


def _turned(values: np.ndarray, table: dict, row: Row) -> np.ndarray | None:
    """A metric's values as a distance, that of the row; None where they are another's."""
    opinion, kept = np.asarray(table["opinion"], np.float64), ~np.isnan(values)
    if kept.sum() < 3 or (values[kept] == values[kept][0]).all() or np.ptp(opinion[kept]) == 0:
        return None
    sign = table["higher_is_better"]
    found = correlate(values[kept], opinion[kept], higher_is_better=sign, resamples=0).srocc
    if abs(abs(found) - abs(row.srocc)) > _SAME:
        return None
    return values if found * row.srocc >= 0 else -values


def _distance(values: np.ndarray, table: dict, row: Row) -> np.ndarray | None:
    if table["name"] in DATA_NAMES:
        return thresholds.from_zero(row.readout, values)
    return _turned(values, table, row)


def _of_metrics(bank: Bank, rows: Sequence[Row]) -> list[tuple[Row, np.ndarray]]:
    found = []
    for row in rows:
        if name := _array_of(bank, row):
            values = store.read(bank, name).astype(np.float64)
            if (distance := _distance(values, bank.record["table"], row)) is not None:
                found.append((row, distance))
    return found


def _of_bank(bank: Bank, rows: Sequence[Row]) -> list[tuple[Row, np.ndarray]]:
    """The rows that were computed from a bank, each with its distances."""
    data = bank.record["table"]["name"]
    label = bank.record["label"].removeprefix(f"{data}: ")
    here = [row for row in rows if row.data == data]
    of_net = [row for row in here if row.is_net and row.net == label]
    if of_net:
        return list(zip(of_net, _of_net(bank, of_net), strict=True))
    simple = [row for row in here if not row.is_net]
    named = [row for row in simple if row.net == label]
    return _of_metrics(bank, named or [row for row in simple if row.readout in bank.arrays])


def _gathered(name: str, table: dict, found: Sequence[tuple[Row, np.ndarray]]) -> Rated:
    count = len(table["opinion"])
    kept = evenly(count, max(3, MOST // len(found)))
    thin = {k: [v[i] for i in kept] if isinstance(v, list) else v for k, v in table.items()}
    values = np.stack([np.asarray(distance, np.float32)[kept] for _, distance in found])
    opinion = np.asarray(thin["opinion"], np.float64)
    return Rated(
        name,
        thin,
        opinion,
        tuple(row for row, _ in found),
        values,
        badness(opinion, table["higher_is_better"]),
        np.array(list(map(str, thin.get("reference_id") or thin["reference"]))),
        whole=len(kept) == count,
        pictures=lambda places: thumbnails(thin, places),
    )


def _seen(name: str, bank: Bank, found: Sequence[tuple[Row, np.ndarray]]) -> Rated:
    data = thresholds.stimuli_of(bank)
    opinion, table = data.log_human_sensitivity, thresholds.table_of(data)
    values = np.stack([thresholds.sensitivities(data, distance) for _, distance in found])
    return Rated(
        name,
        table,
        opinion,
        tuple(row for row, _ in found),
        values.astype(np.float32),
        opinion,
        np.array(table["distorted"]),
        axes=thresholds.AXES,
        pictures=lambda places: thresholds.patterns(data, places),
    )


def _is_drawn(bank: Bank) -> bool:
    table = bank.record.get("table") or {}
    opinion = np.asarray(table.get("opinion", []), np.float64)
    return bool(np.isfinite(opinion).any())


def _set(name: str, bank: Bank, found: Sequence[tuple[Row, np.ndarray]]) -> Rated:
    if name in DATA_NAMES:
        return _seen(name, bank, found)
    return _gathered(name, bank.record["table"], found)


def read_rated(folder: Folder) -> tuple[tuple[Rated, ...], list[str]]:
    """Returns each data set of a study with its distances, and what could not be read.

    A bank that is gone, damaged or unfinished costs its own rows only, and is told.
    """
    found: dict[str, tuple[Bank, list]] = {}
    told = []
    if len(folder.banks) < len(folder.record["banks"]):
        gone = len(folder.record["banks"]) - len(folder.banks)
        told.append(f"{gone} of the study's banks are no longer there: no scatter of their rows.")
    for path in folder.banks:
        try:
            bank = store.open_bank(path)
            if _is_drawn(bank):
                _, held = found.setdefault(bank.record["table"]["name"], (bank, []))
                held += _of_bank(bank, folder.rows)
        except (checks.InputError, KeyError) as error:
            told.append(f"no scatter of the rows of {path.name}: {error}.")
    sets = []
    for name, (bank, held) in found.items():
        if not held:
            continue
        try:
            sets.append(_set(name, bank, held))
        except checks.InputError as error:
            told.append(f"no scatter of {name}: {error}.")
    return tuple(sets), told
