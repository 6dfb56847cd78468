"""What a bank says of itself: its record, arrays and blocks, and which blocks are finished."""

import dataclasses
import os
import pathlib
from collections.abc import Mapping, Sequence

from jaxiqa import checks
from jaxiqa.bank import disk
from jaxiqa.bank.shards import Grid

# Raised when what is written changes in a way that older versions cannot read.
FORMAT = 1

RECORD = "bank.json"

AGAIN = "run the same command again"


@dataclasses.dataclass(frozen=True)
class Bank:
    """A bank on disk.

    Attributes:
      path: its folder.
      record: what its maker wrote down about it; ``record["identity"]`` decides on reuse.
      arrays: name of an array -> shape of what it holds of one pair, () for a number.
      blocks: the pairs of each block; together each of 0 .. n-1 once.
    """

    path: pathlib.Path
    record: dict
    arrays: dict[str, tuple[int, ...]]
    blocks: tuple[tuple[int, ...], ...]

    def __len__(self) -> int:
        """Returns the number of pairs."""
        return sum(map(len, self.blocks))

    @property
    def grid(self) -> Grid:
        """Where its arrays lie; every block has room for as many rows as the longest has."""
        slots = max(map(len, self.blocks))
        return Grid(self.path / "arrays", self.arrays, len(self.blocks), slots)

    def done(self, block: int) -> pathlib.Path:
        """Returns the file that is there once a block is finished."""
        return self.path / "done" / f"{block:06d}.json"


def described(
    path: str | os.PathLike,
    record: dict,
    arrays: Mapping[str, tuple[int, ...]],
    blocks: Sequence[Sequence[int]],
) -> Bank:
    """Returns a bank as `create` describes it, as it would come back from its folder.

    Raises:
      InputError: a place that cannot be named, a record that JSON cannot hold, or arrays or blocks
        that are none.
    """
    _check_place(str(pathlib.Path(path).absolute()))
    shapes = {str(name): tuple(map(int, shape)) for name, shape in arrays.items()}
    if not shapes or any(length < 1 for shape in shapes.values() for length in shape):
        raise checks.InputError(f"arrays of a bank: expected names with lengths >= 1, got {shapes}")
    cut = tuple(tuple(map(int, block)) for block in blocks)
    pairs = sorted(pair for block in cut for pair in block)
    if not pairs or not all(cut) or pairs != list(range(len(pairs))):
        raise checks.InputError(
            f"blocks of a bank: expected each of 0 .. n-1 in one of them and none empty, got "
            f"{len(pairs)} indices in {len(cut)} blocks"
        )
    return Bank(pathlib.Path(path), disk.plain(record), shapes, cut)


def _check_place(place: str) -> None:
    """Passes for a path that tensorstore takes: UTF-8 text without its mark of unfinished files."""
    taken = place.encode(errors="replace").decode() == place
    if not taken or "\0" in place or disk.UNFINISHED in place:
        raise checks.InputError(
            f"a bank cannot be in {place!a}: expected UTF-8 text without {disk.UNFINISHED}"
        )


def sealed(bank: Bank) -> str:
    """Returns the text of a bank's ``bank.json``."""
    fields = {name: getattr(bank, name) for name in ("record", "arrays", "blocks")}
    return disk.seal({"format": FORMAT} | fields)


def _load(path: pathlib.Path, cure: str) -> dict:
    """What a sealed file holds, once it is found undamaged."""
    try:
        content = disk.unseal(path.read_bytes())
    except OSError as error:
        raise checks.InputError(f"cannot read {path}: {disk.reason(error)}; {cure}") from error
    if content is None:
        raise checks.InputError(f"{path} is damaged; {cure}")
    return content


def open_bank(path: str | os.PathLike) -> Bank:
    """Returns the bank in a folder.

    Raises:
      InputError: no bank there, a damaged one, or one of another format.

    Examples:
      >>> from jaxiqa import open_bank
      >>> len(open_bank(bank.path))  # ``bank`` as for ``extract_bank``
      18
    """
    path = pathlib.Path(path)
    if not os.path.lexists(path / RECORD):
        raise checks.InputError(f"{path} holds no bank: expected a folder with a file {RECORD}")
    cure = f"remove {path} and {AGAIN}"
    content = _load(path / RECORD, cure)
    if content.get("format") != FORMAT:
        raise checks.InputError(
            f"{path} was written in format {content.get('format')} and this version reads "
            f"{FORMAT}; {cure}"
        )
    arrays = {name: tuple(shape) for name, shape in content["arrays"].items()}
    return Bank(path, content["record"], arrays, tuple(map(tuple, content["blocks"])))


def finished(bank: Bank, block: int) -> dict:
    """Returns what the file of a finished block says: block, sizes, failures.

    Raises:
      InputError: it is damaged, or not there.
    """
    path = bank.done(block)
    cure = f"remove it and {AGAIN}, which computes that block anew"
    content = _load(path, cure)
    if content.get("block") != block or len(content["sizes"]) != len(bank.blocks[block]):
        raise checks.InputError(f"{path} belongs to another block; {cure}")
    return content


def pending(bank: Bank) -> tuple[int, ...]:
    """Returns the blocks that are not finished yet, in order.

    Raises:
      InputError: the bank is no longer there.
    """
    try:
        found = set(os.listdir(bank.path / "done"))
    except OSError as error:
        # Without its record the bank was removed as a whole, and the same command makes it anew.
        whole = os.path.lexists(bank.path / RECORD)
        cure = f"remove that folder and {AGAIN}" if whole else AGAIN
        raise checks.InputError(
            f"cannot read the bank {bank.path}: {disk.reason(error)}; {cure}"
        ) from error
    return tuple(k for k in range(len(bank.blocks)) if bank.done(k).name not in found)


def is_complete(bank: Bank) -> bool:
    """Returns whether all blocks are finished.

    Raises:
      InputError: the bank is no longer there.
    """
    return not pending(bank)
