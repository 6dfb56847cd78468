"""The images of a data set in the order in which they are computed, read ahead by threads."""

import collections
import concurrent.futures
import dataclasses
from collections.abc import Callable, Generator, Iterable, Iterator

import numpy as np

from jaxiqa import checks
from jaxiqa.data import Pairs
from jaxiqa.images import check_images

READERS = 2


@dataclasses.dataclass(frozen=True)
class Chunk:
    """Some references, and the indices of all pairs that have one of them."""

    references: tuple[str, ...]
    pairs: tuple[int, ...]


def chunks(pairs: Pairs, count: int) -> list[Chunk]:
    """Returns all pairs in chunks of ``count`` references, in order of first appearance."""
    groups: dict[str, list[int]] = {}
    for index, reference in enumerate(pairs.reference):
        groups.setdefault(reference, []).append(index)
    references = tuple(groups)
    cut = [references[start : start + count] for start in range(0, len(references), count)]
    return [Chunk(few, tuple(i for reference in few for i in groups[reference])) for few in cut]


def reading_order(pairs: Pairs, plan: Iterable[Chunk]) -> Iterator[str]:
    """Yields the keys of images chunk by chunk: references, then what is compared with them."""
    for chunk in plan:
        yield from chunk.references
        distorted = (pairs.distorted[index] for index in chunk.pairs)
        yield from (key for key in distorted if key not in chunk.references)


def _read(read: Callable[[str], np.ndarray], key: str) -> np.ndarray | str:
    """The image, or why there is none: a bad image costs its pairs, not the study."""
    try:
        return check_images(read(key)[None], name=key)[0]
    except checks.InputError as error:
        return str(error)
    except OSError as error:
        return f"{key}: {error}"


def prefetch(
    keys: Iterable[str], read: Callable[[str], np.ndarray], ahead: int
) -> Generator[np.ndarray | str, None, None]:
    """Yields images in order while threads read the next ones; close it to end the threads."""
    pool = concurrent.futures.ThreadPoolExecutor(READERS)
    waiting: collections.deque = collections.deque()
    try:
        for key in keys:
            waiting.append(pool.submit(_read, read, key))
            if len(waiting) > ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
