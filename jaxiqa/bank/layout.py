"""Which pairs are computed together: blocks that are stored whole, made of rounds over lanes.

A lane is what one device does in a round: some references, kept while all their pairs go by. The
lanes of a round run in lockstep, one per device. A block is some rounds; it is what is stored, and
what an interruption may cost. All of it follows from the table and three numbers, so a resumed
extraction computes the same batches as one that was never interrupted.
"""

import dataclasses
import math
from collections.abc import Iterator, Sequence

from jaxiqa.data import Pairs

# Pairs of a lane: enough that the batch with its references is a small part of the work, few enough
# that an interruption costs little.
_ROWS, _BATCHES = 64, 16


@dataclasses.dataclass(frozen=True)
class Layout:
    """How pairs are cut into lanes.

    Attributes:
      lanes: devices that work side by side in one process.
      batch: images that one device computes at once, and references that it keeps.
      rows: the most pairs of a lane.
    """

    lanes: int
    batch: int
    rows: int


@dataclasses.dataclass(frozen=True)
class Lane:
    """What one device does in a round: references, and indices of pairs that have one of them."""

    references: tuple[str, ...] = ()
    pairs: tuple[int, ...] = ()


Round = tuple[Lane, ...]


@dataclasses.dataclass(frozen=True)
class Block:
    """Rounds that are stored together."""

    rounds: tuple[Round, ...]

    @property
    def pairs(self) -> tuple[int, ...]:
        """Indices of all pairs of the block, in the order of its rows."""
        return tuple(i for lanes in self.rounds for lane in lanes for i in lane.pairs)


def layout_for(count: int, *, batch: int, devices: int = 1, processes: int = 1) -> Layout:
    """Returns the layout for a number of pairs, even over all devices of all processes.

    Args:
      count: pairs of the data set.
      batch: images that one device computes at once.
      devices: of each process.
      processes: that share the work, block by block.
    """
    share = math.ceil(count / (devices * processes))
    return Layout(devices, batch, max(1, min(share, max(_ROWS, _BATCHES * batch))))


def _pieces(pairs: Pairs, rows: int) -> Iterator[tuple[str, list[int], bool]]:
    """Each reference with its pairs, in order of first appearance, cut where they are too many."""
    groups: dict[str, list[int]] = {}
    for index, reference in enumerate(pairs.reference):
        groups.setdefault(reference, []).append(index)
    for reference, indices in groups.items():
        for start in range(0, len(indices), rows):
            yield reference, indices[start : start + rows], len(indices) > rows


def _lanes(pairs: Pairs, layout: Layout) -> Iterator[Lane]:
    """Whole references while they fit; the pieces of a cut one stand alone, so that it is kept."""
    references: list[str] = []
    indices: list[int] = []
    for reference, piece, cut in _pieces(pairs, layout.rows):
        full = len(references) == layout.batch or len(indices) + len(piece) > layout.rows
        if references and (full or cut):
            yield Lane(tuple(references), tuple(indices))
            references, indices = [], []
        if cut:
            yield Lane((reference,), tuple(piece))
        else:
            references.append(reference)
            indices += piece
    if references:
        yield Lane(tuple(references), tuple(indices))


def _rounds(pairs: Pairs, layout: Layout) -> list[Round]:
    lanes = list(_lanes(pairs, layout))
    lanes += [Lane()] * (-len(lanes) % layout.lanes)
    return [tuple(lanes[i : i + layout.lanes]) for i in range(0, len(lanes), layout.lanes)]


def blocks_of(pairs: Pairs, layout: Layout) -> tuple[Block, ...]:
    """Returns all pairs of a data set in blocks of at most ``lanes * rows``, each pair once."""
    found: list[list[Round]] = [[]]
    room = most = layout.lanes * layout.rows
    for lanes in _rounds(pairs, layout):
        count = sum(len(lane.pairs) for lane in lanes)
        if found[-1] and count > room:
            found.append([])
            room = most
        found[-1].append(lanes)
        room -= count
    return tuple(Block(tuple(rounds)) for rounds in found)


def steps(lanes: Round, batch: int) -> Iterator[int]:
    """Yields a round's pairs as its steps take them: a batch of each lane, then the next ones."""
    longest = max(len(lane.pairs) for lane in lanes)
    for start in range(0, longest, batch):
        for lane in lanes:
            yield from lane.pairs[start : start + batch]


def references_of(lanes: Round) -> tuple[str, ...]:
    """Returns the references of all lanes of a round, each once."""
    return tuple(dict.fromkeys(key for lane in lanes for key in lane.references))


def reading_order(pairs: Pairs, blocks: Sequence[Block], batch: int) -> Iterator[str]:
    """Yields the keys of images round by round: references, then what is compared with them.

    References that the round before had too are still at hand and do not come again.
    """
    before: tuple[str, ...] = ()
    for lanes in (lanes for block in blocks for lanes in block.rounds):
        references = references_of(lanes)
        if references != before:
            yield from references
        before = references
        distorted = (pairs.distorted[index] for index in steps(lanes, batch))
        yield from (key for key in distorted if key not in references)
