"""How a bank comes to be: made whole or not at all, then filled block by block."""

import dataclasses
import errno
import os
import pathlib
import secrets
import shutil
from collections.abc import Mapping, Sequence

import numpy as np

from jaxiqa import checks
from jaxiqa.bank import disk, shards
from jaxiqa.bank.record import AGAIN, RECORD, Bank, described, open_bank, sealed


def create(
    path: str | os.PathLike,
    record: dict,
    arrays: Mapping[str, tuple[int, ...]],
    blocks: Sequence[Sequence[int]],
) -> Bank:
    """Returns a new bank without values, or the same one where it is there already.

    Args:
      path: its folder, which is made whole or not at all.
      record: what plain JSON can hold; times and names of machines would make equal banks differ.
      arrays: name -> shape of what it holds of one pair, without the axis of pairs.
      blocks: indices of the pairs that are committed together, each of 0 .. n-1 in one block.

    Raises:
      InputError: a record that JSON cannot hold, arrays or blocks that are none, a folder that
        cannot be written or holds something else.
    """
    bank = described(path, record, arrays, blocks)
    with disk.writing(bank.path):
        bank.path.parent.mkdir(parents=True, exist_ok=True)
        with disk.alone(bank.path.parent) as sure:
            if sure:
                disk.sweep_beside(bank.path)
            if not os.path.lexists(bank.path / RECORD):
                _make(bank)
    found = open_bank(bank.path)
    if found != bank:
        raise checks.InputError(f"{path} holds another bank; remove it, or name another folder")
    return found


def _make(bank: Bank) -> None:
    """Makes a bank beside its place and moves it there; if another process was faster, its stays.

    Raises:
      InputError: something else is in its place.
    """
    unfinished = disk.beside(bank.path, secrets.token_hex(4))
    unfinished.mkdir()
    try:
        _fill(unfinished, bank)
        unfinished.rename(bank.path)
        disk.sync(bank.path.parent)
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR):
            raise
        if not os.path.lexists(bank.path / RECORD):
            raise checks.InputError(
                f"{bank.path} is no bank; remove it, or name another folder for one"
            ) from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _fill(folder: pathlib.Path, bank: Bank) -> None:
    within = dataclasses.replace(bank, path=folder)
    within.done(0).parent.mkdir()
    (folder / disk.LOCK).touch()
    shards.create(within.grid)
    disk.write_synced(folder / RECORD, sealed(bank))


def commit(
    bank: Bank,
    block: int,
    values: Mapping[str, np.ndarray],
    sizes: np.ndarray,
    failures: Mapping[int, str],
) -> None:
    """Writes a block, which then counts as finished; one that already does is left alone.

    Values are on the disk before the block counts as finished, whatever happens in between.

    Args:
      bank: as it was created or opened.
      block: its place in ``bank.blocks``.
      values: per array (rows, ...), rows in the order of the block's pairs.
      sizes: (rows, 2) integers, height and width of each pair.
      failures: index of a pair of this block -> why it has no values; its rows become NaN.

    Raises:
      InputError: no such block or pair, missing or unknown arrays, other shapes, or a bank that
        cannot be written.
    """
    if not 0 <= block < len(bank.blocks):
        raise checks.InputError(f"block {block}: expected 0 .. {len(bank.blocks) - 1}")
    failed = _failed(bank.blocks[block], failures)
    rows = {name: _rows(bank, block, name, values, failed) for name in {**bank.arrays, **values}}
    told = {str(pair): str(why) for pair, why in failures.items()}
    content = {"block": block, "sizes": _sizes(bank, block, sizes), "failures": told}
    lock = bank.path / disk.LOCK
    if bank.path.is_dir() and not bank.grid.folder.is_dir():
        raise checks.InputError(
            f"the bank {bank.path} has lost its arrays; remove that folder and {AGAIN}"
        )
    with disk.writing(bank.path), disk.alone(lock) as sure:
        if sure:
            disk.sweep(bank.path)
        if not bank.done(block).exists():
            shards.write(bank.grid, block, rows)
            disk.write_synced(bank.done(block), disk.seal(content))


def reopen(bank: Bank, block: int) -> None:
    """Makes a finished block count as unfinished, so that it is computed anew.

    Raises:
      InputError: the bank cannot be written.
    """
    with disk.writing(bank.path), disk.alone(bank.path / disk.LOCK):
        bank.done(block).unlink(missing_ok=True)


def _failed(pairs: Sequence[int], failures: Mapping[int, str]) -> list[int]:
    """Places within a block of the pairs that failed."""
    foreign = set(failures) - set(pairs)
    if foreign:
        raise checks.InputError(f"failures: pair {min(foreign)} is not in the block")
    return [place for place, pair in enumerate(pairs) if pair in failures]


def _rows(
    bank: Bank, block: int, name: str, values: Mapping[str, np.ndarray], failed: list[int]
) -> np.ndarray:
    """An array of a block as it is written: all slots, NaN where a pair failed or there is none."""
    if name not in bank.arrays or name not in values:
        problem = "no such array in the bank" if name in values else "no values"
        raise checks.InputError(f"{name} of block {block}: {problem}")
    array, count = np.asarray(values[name], np.float32), len(bank.blocks[block])
    expected = (count, *bank.arrays[name])
    if array.shape != expected:
        raise checks.InputError(
            f"{name} of block {block}: expected the shape {expected}, got {array.shape}"
        )
    rows = np.full((bank.grid.slots, *bank.arrays[name]), np.nan, np.float32)
    # The bits of NaN differ with how it came about; equal values are to be equal bytes.
    rows[:count] = np.where(np.isnan(array), np.float32(np.nan), array)
    rows[failed] = np.nan
    return rows


def _sizes(bank: Bank, block: int, sizes: np.ndarray) -> list[list[int]]:
    sizes, expected = np.asarray(sizes), (len(bank.blocks[block]), 2)
    if sizes.shape != expected or sizes.dtype.kind not in "iu":
        raise checks.InputError(
            f"sizes of block {block}: expected integers of shape {expected}, got {sizes.dtype} "
            f"of shape {sizes.shape}"
        )
    return sizes.tolist()
