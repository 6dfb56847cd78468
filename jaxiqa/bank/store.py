"""The bank: what was computed of each pair of images, on disk, block by block, resumable.

A bank is a folder: ``bank.json`` says what it holds, ``arrays/`` holds zarr arrays with one shard
per block of pairs, ``done/`` a small file per finished block, ``lock`` keeps writers apart. Equal
records and values give equal bytes, however often the run that made them was killed and resumed.
"""

import contextlib
import os
import pathlib
from collections.abc import Mapping

import numpy as np

from jaxiqa import checks
from jaxiqa.bank import disk, shards
from jaxiqa.bank.record import (
    AGAIN,
    FORMAT,
    RECORD,
    Bank,
    finished,
    is_complete,
    open_bank,
    pending,
)
from jaxiqa.bank.write import commit, create, reopen

__all__ = [
    "FORMAT",
    "Bank",
    "commit",
    "create",
    "failures",
    "find",
    "identity_of",
    "is_complete",
    "open_bank",
    "pending",
    "read",
    "reopen",
    "same_record",
    "sizes",
    "slot_folder",
]


def read(bank: Bank, name: str, index: int | None = None) -> np.ndarray:
    """Returns what an array holds of all pairs.

    Args:
      bank: all blocks finished.
      name: of the array.
      index: place of the second axis, beside which nothing is read then; None reads all.

    Returns:
      (n, ...) float32 in the order of the pairs, NaN where a pair failed; without the second axis
      where an index is given.

    Raises:
      InputError: no array of that name, no such index, blocks that are not finished, or damage.
    """
    if name not in bank.arrays:
        near = checks.near(name, bank.arrays)
        raise checks.InputError(f"{bank.path} holds no array {name!r}{near or '.'}")
    shape = bank.arrays[name]
    if index is not None and not (shape and 0 <= index < shape[0]):
        raise checks.InputError(f"index {index} of {name}: what it holds of a pair is {shape}")
    _check_complete(bank)
    try:
        rows = shards.read(bank.grid, name, index)
    # The storage has many kinds of errors for damage.
    except Exception as error:
        raise _unreadable(bank, name, error) from error
    return rows[_places(bank)]


def _places(bank: Bank) -> np.ndarray:
    """Row of the arrays in which each pair is."""
    places = np.empty(len(bank), np.int64)
    for block, pairs in enumerate(bank.blocks):
        start = bank.grid.rows(block).start
        places[list(pairs)] = np.arange(start, start + len(pairs))
    return places


def _check_complete(bank: Bank) -> None:
    left = len(pending(bank))
    if left:
        raise checks.InputError(
            f"{bank.path} is unfinished: {left} of {len(bank.blocks)} blocks are missing; the "
            "same command resumes it"
        )


def _unreadable(bank: Bank, name: str, error: Exception) -> checks.InputError:
    """What to say, and which blocks to do anew, where an array cannot be read."""
    told, blocks = disk.system_reason(error), []
    if not told:
        try:
            blocks = shards.damaged_blocks(bank.grid, name)
        except Exception:
            return checks.InputError(
                f"{name} of {bank.path} is damaged; remove the bank and {AGAIN}"
            )
    if not blocks:
        return checks.InputError(f"cannot read {name} of {bank.path}: {disk.reason(error)}")
    files = ", ".join(bank.done(block).name for block in blocks)
    return checks.InputError(
        f"{name} of {bank.path} is damaged; remove {files} from its folder done and {AGAIN}, which "
        "computes what is missing anew"
    )


def sizes(bank: Bank) -> np.ndarray:
    """Returns height and width of each pair, (n, 2) integers in the order of the pairs.

    Raises:
      InputError: blocks that are not finished, or damage.
    """
    _check_complete(bank)
    found = np.empty((len(bank), 2), np.int64)
    for block, pairs in enumerate(bank.blocks):
        found[list(pairs)] = finished(bank, block)["sizes"]
    return found


def failures(bank: Bank) -> dict[int, str]:
    """Returns index of a pair -> why it has no values, of all blocks finished so far.

    Raises:
      InputError: damage, or the bank is no longer there.
    """
    done = set(range(len(bank.blocks))) - set(pending(bank))
    told = [finished(bank, block)["failures"].items() for block in done]
    return dict(sorted((int(pair), why) for items in told for pair, why in items))


def identity_of(bank: Bank) -> dict | None:
    """Returns what must be equal for a bank to be reused, None where its record has no identity."""
    return bank.record.get("identity")


def find(
    folder: str | os.PathLike, identity: dict, arrays: Mapping[str, tuple[int, ...]]
) -> list[Bank]:
    """Returns the banks that may be reused, those with the fewest blocks left first.

    Args:
      folder: searched at any depth; hidden folders and damaged or foreign ones are passed over.
      identity: what ``record["identity"]`` of the bank must equal.
      arrays: name -> shape of arrays that it must hold, others beside them being no matter.

    Raises:
      InputError: an identity that JSON cannot hold.
    """
    wanted, found = disk.plain(identity), []
    shapes = {name: tuple(shape) for name, shape in arrays.items()}
    for below, folders, files in os.walk(folder):
        folders[:] = [] if RECORD in files else [f for f in folders if not f.startswith(".")]
        if RECORD in files:
            with contextlib.suppress(checks.InputError):
                bank = open_bank(below)
                if identity_of(bank) == wanted and shapes.items() <= bank.arrays.items():
                    found.append((len(pending(bank)), below, bank))
    return [bank for *_, bank in sorted(found, key=lambda each: each[:2])]


def same_record(bank: Bank, record: dict) -> bool:
    """Returns whether a bank was made with this record.

    Raises:
      InputError: a record that JSON cannot hold.
    """
    return bank.record == disk.plain(record)


def slot_folder(folder: str | os.PathLike, label: str, record: dict) -> pathlib.Path:
    """Returns where a new bank goes: a folder named after its label and 8 digits of its record.

    Raises:
      InputError: a record that JSON cannot hold.
    """
    name = f"{disk.slug(label)}-{disk.digest(record)[:8]}"
    return pathlib.Path(folder) / name
