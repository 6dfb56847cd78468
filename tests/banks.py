"""A small bank with ragged blocks and odd names, made the same way each time."""

import pathlib

import numpy as np
import pytest

from jaxiqa.bank.store import Bank, commit, create, pending
from jaxiqa.checks import InputError

RECORD = {"identity": {"net": "alexnet", "weights": "ab12"}, "table": ["é", 0.1, None, True]}
ARRAYS = {"relu1/moments": (3, 40), "Relu1/moments": (3, 40), "relu1/gram": (1,), "psnr": ()}
BLOCKS = ((4, 0, 7), (1,), (2, 3, 8, 5), (6, 9))
FAILED = {7: "7.png: not an image", 6: "6.png: cannot be read"}
PAIRS = 10


def whole(name: str) -> np.ndarray:
    """What an array should hold of all pairs, in their order, once failed ones are NaN."""
    shape = (PAIRS, *ARRAYS[name])
    seed = sorted(ARRAYS).index(name)
    values = np.random.default_rng(seed).standard_normal(shape).astype(np.float32)
    values[list(FAILED)] = np.nan
    return values


def sizes_of(pairs) -> np.ndarray:
    return np.array([(100 + pair, 200 - pair) for pair in pairs])


def commit_block(bank: Bank, block: int) -> None:
    pairs = list(BLOCKS[block])
    values = {name: whole(name)[pairs] for name in ARRAYS}
    for rows in values.values():
        rows[np.isnan(rows)] = 123
    failed = {pair: FAILED[pair] for pair in pairs if pair in FAILED}
    commit(bank, block, values, sizes_of(pairs), failed)


def made(path) -> Bank:
    """An empty one, or what is there."""
    return create(path, RECORD, ARRAYS, BLOCKS)


def filled(path) -> Bank:
    """A finished one; what is there is resumed."""
    bank = made(path)
    for block in pending(bank):
        commit_block(bank, block)
    return bank


def tree(path) -> dict[str, bytes]:
    """Every file below a folder, hidden ones included."""
    found = sorted(p for p in pathlib.Path(path).rglob("*") if p.is_file())
    return {p.relative_to(path).as_posix(): p.read_bytes() for p in found}


def refused(match: str):
    """Expects the error of one line that a user can read."""
    return pytest.raises(InputError, match=rf"\A[^\n]*{match}[^\n]*\Z")
