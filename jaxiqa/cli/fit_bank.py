"""Which bank is meant: one by its folder, or one of a study by its net and data set."""

import json
import pathlib
from collections.abc import Mapping, Sequence

import numpy as np

from jaxiqa import checks
from jaxiqa.bank.distances import distances
from jaxiqa.bank.record import RECORD
from jaxiqa.bank.store import Bank, open_bank
from jaxiqa.readouts.readout import Readout
from jaxiqa.relevance.opinions import opinions_of
from jaxiqa.study.choices import DATA_NAMES

_STUDY = "study.json"


def data_of(bank: Bank) -> str:
    """Returns the name of the data set of a bank."""
    return bank.record["table"]["name"]


def net_of(bank: Bank) -> str:
    """Returns the label of the net of a bank."""
    return bank.record["label"].removeprefix(f"{data_of(bank)}: ")


def _looked_at(bank: Bank) -> dict:
    return bank.record["identity"]["looked at"]


def _is_fit_for(bank: Bank) -> bool:
    """Whether it holds responses of a net to pairs that somebody has rated, and no thresholds."""
    opinion = np.asarray(bank.record["table"]["opinion"], np.float64)
    rated = data_of(bank) not in DATA_NAMES and np.isfinite(opinion).any()
    return rated and isinstance(_looked_at(bank), Mapping)


def _listed(folder: pathlib.Path) -> list[pathlib.Path]:
    """The banks that a study names; in its own folder, where that has been moved."""
    try:
        named = json.loads((folder / _STUDY).read_text(encoding="utf-8"))["banks"]
        paths = [pathlib.Path(name) for name in named]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise checks.InputError(f"{folder / _STUDY} is no record of a study: {error!r}") from None
    here = [folder / "banks" / path.name for path in paths]
    return [near if near.is_dir() else path for near, path in zip(here, paths, strict=True)]


def banks_in(path: str) -> list[Bank]:
    """Returns the banks of nets on rated pairs in a folder: itself, or those of a study.

    Raises:
      InputError: neither a bank nor a study, damage, or nothing in it that can be fitted to.
    """
    folder = pathlib.Path(path)
    if (folder / RECORD).exists():
        found = [open_bank(folder)]
    elif (folder / _STUDY).exists():
        found = [open_bank(bank) for bank in _listed(folder)]
    else:
        raise checks.InputError(
            f"{path} is neither a bank ({RECORD}) nor the folder of a study ({_STUDY})"
        )
    kept = [bank for bank in found if _is_fit_for(bank)]
    if not kept:
        labels = ", ".join(bank.record["label"] for bank in found) or "nothing"
        raise checks.InputError(f"{path} holds {labels}, and no net on rated pairs")
    return kept


def _labels(banks: Sequence[Bank]) -> str:
    return ", ".join(bank.record["label"] for bank in banks)


def _nets(banks: Sequence[Bank], name: str) -> list[Bank]:
    """Those of a net, or, where none is called so, of its architecture."""
    exact = [bank for bank in banks if net_of(bank) == name]
    return exact or [bank for bank in banks if net_of(bank).partition(".")[0] == name]


def choose_bank(path: str, *, net: str | None, data: str | None) -> Bank:
    """Returns the one bank that is meant.

    Args:
      path: of a bank, or of a study's folder.
      net: its label, or architecture; None where one is there.
      data: name of its data set; None where one is there.

    Raises:
      InputError: as ``banks_in``; no such net or data set there, or several that fit.
    """
    banks = banks_in(path)
    listing = f"{path} holds {_labels(banks)}"
    found = banks if net is None else _nets(banks, net)
    if not found:
        checks.choose(net, map(net_of, banks), kind="net", listing=listing)
    if data is not None:
        checks.choose(data, map(data_of, found), kind="data set", listing=listing)
        found = [bank for bank in found if data_of(bank) == data]
    if len(found) > 1:
        nets, sets = ({of(bank) for bank in found} for of in (net_of, data_of))
        missing = " and ".join(
            option for option, known in (("--net", nets), ("--data", sets)) if len(known) > 1
        )
        cure = f"choose with {missing}" if missing else "give the folder of one of the banks"
        raise checks.InputError(f"{path} holds {_labels(found)}; {cure}")
    return found[0]


def _others(banks: Sequence[Bank], bank: Bank) -> str:
    """What is different about banks that are of the same net by name."""
    ours = _looked_at(bank)
    fields = {
        field
        for other in _nets(banks, net_of(bank))
        for field in ours
        if _looked_at(other).get(field) != ours[field]
    }
    return f": differs in {', '.join(sorted(fields))}" if fields else ""


def banks_to_test(paths: Sequence[str], bank: Bank, readout: Readout) -> tuple[Bank, ...]:
    """Returns the banks of the same net elsewhere, found fit to be read by a readout.

    Args:
      paths: of banks, or of studies, of which all data sets are taken but that of the bank.
      bank: that is fitted to.
      readout: that is fitted.

    Raises:
      InputError: as ``banks_in``; another net, or a bank that cannot be read.
    """
    found = []
    for path in paths:
        banks = banks_in(path)
        same = [other for other in banks if _looked_at(other) == _looked_at(bank)]
        if not same:
            raise checks.InputError(
                f"--test {path} holds {_labels(banks)}, and not {net_of(bank)} as in {bank.path}"
                f"{_others(banks, bank)}"
            )
        others = [other for other in same if other.path.resolve() != bank.path.resolve()]
        if not others:
            raise checks.InputError(f"--test {path} is what is fitted to; give another data set")
        found += others
    for other in found:
        opinions_of(other)
        distances(other, [readout])
    return tuple(found)
