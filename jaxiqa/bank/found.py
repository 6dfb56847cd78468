"""What a pass finds, collected pair by pair while it runs, and whole blocks of it."""

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np

from jaxiqa.bank.layout import Block
from jaxiqa.bank.probes import Probe


@dataclasses.dataclass(frozen=True, eq=False)
class Extracted:
    """What a probe found for the pairs of a block.

    Attributes:
      values: per array of the probe (rows, ...) float32, NaN in the rows of pairs that failed.
      sizes: (rows, 2) height and width of each pair, 0 where it failed.
      failures: index of a pair in the data set -> why it could not be computed.
    """

    values: dict[str, np.ndarray]
    sizes: np.ndarray
    failures: dict[int, str]


class Found:
    """Collects the values of a block, pair by pair."""

    def __init__(self, block: Block, probe: Probe, advance: Callable[[int], None]):
        self._rows = {index: row for row, index in enumerate(block.pairs)}
        count = len(self._rows)
        self.values = {
            name: np.full((count, *shape), np.nan, np.float32)
            for name, shape in probe.arrays().items()
        }
        self.sizes = np.zeros((count, 2), np.int64)
        self.failures: dict[int, str] = {}
        self._advance = advance

    def fail(self, index: int, problem: str) -> None:
        """Files why a pair has no values."""
        self.failures[index] = problem
        self._advance(1)

    def file(self, indices: Sequence[int], size: tuple[int, int], places, values: dict) -> None:
        """Files the values at some places of a step, of pairs of one image size."""
        rows = [self._rows[index] for index in indices]
        for name, found in values.items():
            self.values[name][rows] = found[places]
        self.sizes[rows] = size
        self._advance(len(indices))
