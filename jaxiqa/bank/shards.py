"""The large part of a bank: zarr arrays on disk, one shard file per array and block of pairs."""

import dataclasses
import pathlib
from collections.abc import Iterable, Mapping

import numpy as np

from jaxiqa.bank.disk import slug

_BYTES = {"name": "bytes", "configuration": {"endian": "little"}}
_ZSTD = {"name": "zstd", "configuration": {"level": 1}}
_CHECKSUM = {"name": "crc32c"}


@dataclasses.dataclass(frozen=True)
class Grid:
    """Where the arrays of a bank lie and how they are cut.

    Attributes:
      folder: holds one folder per array.
      arrays: name of an array -> shape of what it holds of one pair.
      blocks: number of shards along the first axis.
      slots: rows of each shard.
    """

    folder: pathlib.Path
    arrays: Mapping[str, tuple[int, ...]]
    blocks: int
    slots: int

    def rows(self, block: int) -> slice:
        """Returns where the rows of a block are along the first axis."""
        return slice(block * self.slots, (block + 1) * self.slots)


def _shards(shard: tuple[int, ...]) -> dict:
    """Codec of a shard, so that one place of the second axis is read without the others."""
    inner = (shard[0], 1, *shard[2:]) if len(shard) > 2 else shard
    configuration = {
        "chunk_shape": inner,
        "codecs": [_BYTES, _ZSTD, _CHECKSUM],
        "index_codecs": [_BYTES, _CHECKSUM],
        "index_location": "end",
    }
    return {"name": "sharding_indexed", "configuration": configuration}


def _spec(grid: Grid, name: str) -> dict:
    """What tensorstore opens; an array on disk that is not made like this is refused by it."""
    shape, number = grid.arrays[name], sorted(grid.arrays).index(name)
    shard = (grid.slots, *shape)
    metadata = {
        "shape": (grid.blocks * grid.slots, *shape),
        "data_type": "float32",
        "fill_value": "NaN",
        "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": shard}},
        "chunk_key_encoding": {"name": "default", "configuration": {"separator": "."}},
        "codecs": [_shards(shard)],
        "attributes": {"name": name},
    }
    # Names may hold slashes, or differ in case alone: the number keeps their folders apart.
    folder = (grid.folder / f"{number:03d}-{slug(name)}").resolve()
    return {
        "driver": "zarr3",
        "kvstore": {"driver": "file", "path": f"{folder}/"},
        # Whoever writes holds the lock of the bank, and some file systems have no other.
        "context": {"file_io_locking": {"mode": "none"}},
        "metadata": metadata,
        # A shard that is all NaN is written too, so that a missing one is damage.
        "store_data_equal_to_fill_value": True,
        "fill_missing_data_reads": False,
    }


def _opened(grid: Grid, names: Iterable[str], **mode: bool) -> dict:
    import tensorstore

    waiting = {name: tensorstore.open(_spec(grid, name), **mode) for name in names}
    _settle(waiting.values())
    return {name: future.result() for name, future in waiting.items()}


def _settle(waiting: Iterable) -> None:
    """Waits for all, so that none still writes once the error of one is raised."""
    errors = [error for future in waiting if (error := future.exception()) is not None]
    if errors:
        raise errors[0]


def create(grid: Grid) -> None:
    """Makes the arrays of a grid, without any values yet."""
    _opened(grid, grid.arrays, create=True)


def write(grid: Grid, block: int, values: Mapping[str, np.ndarray]) -> None:
    """Writes the (slots, ...) rows of a block of each array; they are on the disk on return."""
    found = _opened(grid, values, open=True)
    _settle([found[name][grid.rows(block)].write(rows) for name, rows in values.items()])


def read(grid: Grid, name: str, index: int | None) -> np.ndarray:
    """Returns the rows of all blocks, of one place of the second axis if there is an index."""
    array = _opened(grid, [name], open=True)[name]
    return (array if index is None else array[:, index]).read().result()


def damaged_blocks(grid: Grid, name: str) -> list[int]:
    """Returns the blocks of an array that cannot be read.

    Raises:
      Exception: of many kinds, where none of it can, since its metadata are damaged.
    """
    array = _opened(grid, [name], open=True)[name]
    waiting = (array[grid.rows(block)].read() for block in range(grid.blocks))
    return [block for block, future in enumerate(waiting) if future.exception() is not None]
