"""One pass over the images of a data set: each distinct image is read and computed once.

Images travel as one stream, each reference before its distorted versions, cut into batches of one
size. A compiled step computes the features of a batch and compares each image with its reference,
which is in the same batch or carried over from the one before.
"""

import collections
import concurrent.futures
import dataclasses
import functools
from collections.abc import Callable, Iterator, Mapping

import jax
import jax.numpy as jnp
import numpy as np

from jaxiqa import checks
from jaxiqa.data import Pairs
from jaxiqa.study.probes import Probe

BATCH = 4
READERS = 2


@dataclasses.dataclass(frozen=True, eq=False)
class Extracted:
    """What a probe found.

    Attributes:
      values: per node or metric (n, ...) float32, NaN in the rows of pairs that failed.
      sizes: (n, 2) height and width of each pair, 0 where it failed.
      failures: index of a pair -> why it could not be computed.
    """

    values: dict[str, np.ndarray]
    sizes: np.ndarray
    failures: dict[int, str]


@dataclasses.dataclass(frozen=True)
class Item:
    """An image of the stream: a reference (``pair`` is None) or the distorted image of a pair."""

    key: str
    reference: str
    pair: int | None


def stream(pairs: Pairs) -> list[Item]:
    """Returns all images in an order in which a reference is followed by its distorted ones."""
    groups = collections.defaultdict(list)
    for index, reference in enumerate(pairs.reference):
        groups[reference].append(index)
    items = []
    for reference, indices in groups.items():
        items.append(Item(reference, reference, None))
        items += [Item(pairs.distorted[index], reference, index) for index in indices]
    return items


def _read(read: Callable[[str], np.ndarray], key: str) -> np.ndarray | str:
    """The image, or why there is none: a bad image costs its pairs, not the study."""
    try:
        return read(key)
    except checks.InputError as error:
        return str(error)


def _prefetch(items: list[Item], read, ahead: int) -> Iterator[tuple[Item, np.ndarray | str]]:
    """Yields images in order while threads read the next ones."""
    with concurrent.futures.ThreadPoolExecutor(READERS) as pool:
        waiting = collections.deque()
        rest = iter(items)
        try:
            for item in rest:
                waiting.append((item, pool.submit(_read, read, item.key)))
                if len(waiting) > ahead:
                    first, image = waiting.popleft()
                    yield first, image.result()
            for first, image in waiting:
                yield first, image.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _choose(features: dict, carry: dict, place) -> dict:
    """Features of one image of the batch, or with ``place`` beyond it of the carried reference."""
    batch = next(iter(features.values())).shape[0]
    # A select over slices, not a gather from a concatenation: no batch-sized copy is made.
    within = jnp.minimum(place, batch - 1)
    return {
        name: jnp.where(
            place < batch, jax.lax.dynamic_slice_in_dim(features[name], within, 1), carry[name]
        )
        for name in features
    }


@functools.partial(jax.jit, static_argnames=("probe",))
def _step(variables: Mapping, carry: dict, images, source, last, *, probe: Probe):
    """Features of a batch, each image compared with its reference.

    ``source`` (B,) tells the place of each image's reference in the batch, B for the carried one;
    ``last`` that of the reference which the next batch may need.
    """
    features = probe.features(variables, images)

    def compare(place):
        return probe.compare(
            _choose(features, carry, source[place]), _choose(features, carry, place)
        )

    # One image after the other: compiled once, and a batch of references is never gathered.
    compared = jax.lax.map(compare, jnp.arange(images.shape[0], dtype=source.dtype))
    compared = jax.tree.map(lambda rows: rows[:, 0], compared)
    return _choose(features, carry, last), compared


def _no_reference(variables: Mapping, size: tuple[int, int], probe: Probe) -> dict:
    """A carry of zeros, for the first batch of a size."""
    image = jax.ShapeDtypeStruct((1, *size, 3), jnp.float32)
    shapes = jax.eval_shape(probe.features, variables, image)
    return {name: jnp.zeros(found.shape, found.dtype) for name, found in shapes.items()}


class _Batches:
    """Fills batches of one image size and files what the compiled step finds, pair by pair."""

    def __init__(self, probe: Probe, variables: Mapping, count: int, batch: int, advance):
        self.probe, self.variables, self.batch, self.advance = probe, variables, batch, advance
        self.sizes = np.zeros((count, 2), np.int64)
        self.values: dict[str, np.ndarray] = {}
        self.failures: dict[int, str] = {}
        self.size: tuple[int, int] | None = None
        self.waiting: list[tuple[Item, np.ndarray]] = []
        self.carry: dict = {}

    def add(self, item: Item, image: np.ndarray) -> None:
        """Takes the next image of the stream; a full batch or a new size starts computing."""
        if image.shape[:2] != self.size:
            self.flush()
            self.size = image.shape[:2]
            self.carry = _no_reference(self.variables, self.size, self.probe)
        self.waiting.append((item, image))
        if len(self.waiting) == self.batch:
            self.flush()

    def flush(self) -> None:
        """Computes what waits, padded with its first image to the shape that is compiled."""
        if not self.waiting:
            return
        items = [item for item, _ in self.waiting]
        images = np.stack([image for _, image in self.waiting])
        images = np.concatenate([images, np.repeat(images[:1], self.batch - len(items), axis=0)])
        places = {item.key: place for place, item in enumerate(items) if item.pair is None}
        source = np.full(self.batch, self.batch, np.int32)
        source[: len(items)] = [places.get(item.reference, self.batch) for item in items]
        reference = items[-1].reference
        last = np.int32(places.get(reference, self.batch))
        self.carry, found = _step(
            self.variables, self.carry, images, source, last, probe=self.probe
        )
        self._file(items, jax.device_get(found))
        self.waiting = []

    def _file(self, items: list[Item], found: dict[str, np.ndarray]) -> None:
        for name, rows in found.items():
            if name not in self.values:
                shape = (len(self.sizes), *rows.shape[1:])
                self.values[name] = np.full(shape, np.nan, np.float32)
            for place, item in enumerate(items):
                if item.pair is not None:
                    self.values[name][item.pair] = rows[place]
        computed = [item.pair for item in items if item.pair is not None]
        self.sizes[computed] = self.size
        self.advance(len(computed))


def _problem(item: Item, image: np.ndarray | str, reference: np.ndarray | str, probe: Probe) -> str:
    """Why an image cannot be compared, or an empty string."""
    if isinstance(reference, str):
        return reference
    if isinstance(image, str):
        return image
    if image.shape != reference.shape:
        sizes = ["{} x {}".format(*shape[:2]) for shape in (image.shape, reference.shape)]
        return f"{item.key} is {sizes[0]} and its reference {item.reference} is {sizes[1]} pixels"
    try:
        probe.check(*image.shape[:2])
    except checks.InputError as error:
        return f"{item.key}: {error}"
    return ""


def extract(
    pairs: Pairs,
    probe: Probe,
    variables: Mapping,
    *,
    batch: int = BATCH,
    advance: Callable[[int], None] = lambda count: None,
) -> Extracted:
    """Returns what a probe finds for each pair of a data set.

    Args:
      pairs: the data set; its images are read by threads, ahead of the computation.
      probe: which responses, or which simple metrics.
      variables: the net's weights; an empty dict for simple metrics.
      batch: images computed at once; bounds the memory.
      advance: called with the number of pairs that were just done or failed.

    Returns:
      Values, sizes and failures, in the order of the pairs.
    """
    batches = _Batches(probe, jax.device_put(variables), len(pairs), batch, advance)
    reference: np.ndarray | str = ""
    for item, image in _prefetch(stream(pairs), pairs.read, 2 * batch):
        if item.pair is None:
            reference = image
        if problem := _problem(item, image, reference, probe):
            if item.pair is not None:
                batches.failures[item.pair] = problem
                advance(1)
        else:
            batches.add(item, image)
    batches.flush()
    return Extracted(batches.values, batches.sizes, batches.failures)
