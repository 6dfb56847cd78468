"""One pass over the images of a data set: a reference is read and computed once for all its pairs.

References are computed first and kept while their distorted versions go through the net and are
compared. Blocks come out in order as they are done; memory is bounded by the layout, not by the
data set.
"""

import collections
import contextlib
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor

import jax
import numpy as np

from jaxiqa import checks
from jaxiqa.bank.compute import Computer
from jaxiqa.bank.failing import problem as why_not
from jaxiqa.bank.found import Extracted, Found
from jaxiqa.bank.layout import Block, Layout, Round, reading_order, references_of, steps
from jaxiqa.bank.probes import NetProbe, PixelProbe, Probe
from jaxiqa.bank.stream import prefetch
from jaxiqa.data import Pairs


def _abreast(computer: Computer) -> int:
    """How many steps are computed side by side.

    Much of a step runs on one core of a CPU: two at a time, asked for by two threads since those of
    one are queued, take 0.75 of the time on two cores. Some metrics call libraries for transforms
    that share threads in ways of their own.
    """
    alone = computer.lanes == 1 and jax.default_backend() == "cpu"
    return 2 if alone and isinstance(computer.probe, NetProbe | PixelProbe) else 1


def default_batch() -> int:
    """Returns how many images are computed at once: on a CPU more only cost memory traffic."""
    return 1 if jax.default_backend() == "cpu" else 16


# Batches of images of other sizes that wait while those of one size are computed.
_WAITING = 4
# Pairs of one lane that wait to be computed, with their distorted images.
_Queue = list[tuple[int, np.ndarray]]


class _Pass:
    """The state of a pass: the images that come in, and what is kept from round to round."""

    def __init__(self, pairs: Pairs, computer: Computer, images: Iterator, pool: Executor):
        self._pairs, self._computer, self._images = pairs, computer, images
        self._pool, self._abreast = pool, _abreast(computer)
        self._references: dict[str, np.ndarray | str] = {}
        self._kept: tuple[tuple, dict] = ((), {})
        self._flying: collections.deque = collections.deque()

    def _keep(self, lanes: Sequence[tuple[str, ...]], size: tuple[int, int]) -> dict:
        """The features of the lanes' references of one size, those of the last call kept."""
        key = (lanes, size)
        if self._kept[0] != key:
            before = self._kept[1] if self._kept[0][1:] == (size,) else {}
            self._kept = ((), {})  # lets those of another size go before the new ones come
            references = [[self._references[key] for key in lane] for lane in lanes]
            # By the threads that compare, so that both go by the same settings of JAX.
            kept = self._pool.submit(self._computer.keep, references, before)
            self._kept = (key, kept.result())
        return self._kept[1]

    def _comparable(self, lanes: Round, found: Found) -> Iterator[tuple[int, np.ndarray]]:
        """Yields pairs with their distorted images, those that fail being filed."""
        for index in steps(lanes, self._computer.batch):
            key, reference = self._pairs.distorted[index], self._pairs.reference[index]
            image = self._references[key] if key in self._references else next(self._images)
            reference = self._references[reference]
            problem = why_not(self._pairs, index, image, reference, self._computer.probe)
            if problem:
                found.fail(index, problem)
            else:
                yield index, image

    def _land(self, most: int) -> None:
        """Files what was computed, until at most some steps are in flight."""
        while len(self._flying) > most:
            found, size, lanes, values = self._flying.popleft()
            values = jax.device_get(values.result())
            for start, indices in zip(itertools.count(step=self._computer.batch), lanes):
                found.file(indices, size, slice(start, start + len(indices)), values)

    def _computed(self, *step) -> dict:
        values = self._computer.compare(*step)
        # A thread that waits asks for no other step, which is left to the other one.
        return jax.block_until_ready(values) if self._abreast > 1 else values

    def _step(self, lanes: Round, size, queues: Sequence[_Queue], found: Found) -> None:
        references = tuple(
            tuple(k for k in lane.references if np.shape(self._references[k])[:2] == size)
            for lane in lanes
        )
        kept = self._keep(references, size)
        places = [
            [references[lane].index(self._pairs.reference[index]) for index, _ in queue]
            for lane, queue in enumerate(queues)
        ]
        images = [[i for _, i in queue] for queue in queues]
        values = self._pool.submit(self._computed, kept, images, places)
        self._flying.append((found, size, [[i for i, _ in queue] for queue in queues], values))
        self._land(self._abreast)

    def _steps(self, lanes: Round, comparable, found: Found) -> _Queue:
        """Computes pairs that have the size of the first one, until many others wait: these."""
        lane_of = {index: place for place, lane in enumerate(lanes) for index in lane.pairs}
        queues: list[_Queue] = [[] for _ in lanes]
        size, others = None, []
        for index, image in comparable:
            size = size or image.shape[:2]
            if image.shape[:2] != size:
                others.append((index, image))
                if len(others) == _WAITING * self._computer.batch * len(lanes):
                    break
                continue
            queue = queues[lane_of[index]]
            if len(queue) == self._computer.batch:
                self._step(lanes, size, queues, found)
                queues = [[] for _ in lanes]
                queue = queues[lane_of[index]]
            queue.append((index, image))
        if any(queues):
            self._step(lanes, size, queues, found)
        return others

    def block(self, block: Block, found: Found) -> None:
        """Computes the pairs of a block."""
        for lanes in block.rounds:
            references = references_of(lanes)
            if references != tuple(self._references):
                self._references = {key: next(self._images) for key in references}
            comparable = self._comparable(lanes, found)
            left = self._steps(lanes, comparable, found)
            while left:
                left = self._steps(lanes, itertools.chain(left, comparable), found)
        self._land(0)


def extract(
    pairs: Pairs,
    probe: Probe,
    variables: Mapping,
    blocks: Sequence[Block],
    *,
    layout: Layout,
    advance: Callable[[int], None] = lambda count: None,
) -> Iterator[Extracted]:
    """Yields what a probe finds for the pairs of each block, in the order of the blocks.

    Args:
      pairs: the data set; its images are read by threads, ahead of the computation.
      probe: which responses, or which metrics.
      variables: the weights of the net or metric; an empty dict for formulas.
      blocks: of the layout, those that are to be computed.
      layout: lanes and batch; with as many references kept, the batch bounds the memory.
      advance: called with the number of pairs that were just done or failed.

    Raises:
      InputError: fewer devices than lanes, or not enough of their memory.
    """
    computer = Computer(probe, variables, lanes=layout.lanes, batch=layout.batch)
    keys = reading_order(pairs, blocks, layout.batch)
    ahead = 2 * layout.batch * layout.lanes
    with (
        contextlib.closing(prefetch(keys, pairs.read, ahead)) as images,
        ThreadPoolExecutor(_abreast(computer)) as pool,
    ):
        state = _Pass(pairs, computer, images, pool)
        for block in blocks:
            found = Found(block, probe, advance)
            with _enough_memory(layout.batch):
                state.block(block, found)
            yield Extracted(found.values, found.sizes, found.failures)


@contextlib.contextmanager
def _enough_memory(batch: int):
    try:
        yield
    except jax.errors.JaxRuntimeError as error:
        if "RESOURCE_EXHAUSTED" not in str(error):
            raise
        advice = "take a smaller batch, or fewer taps" if batch > 1 else "take fewer taps"
        raise checks.InputError(
            f"the device has not enough memory for {batch} images at once; {advice}"
        ) from error
