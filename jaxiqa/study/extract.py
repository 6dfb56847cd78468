"""One pass over the images of a data set: a reference is read and computed once for all its pairs.

References are computed first, a batch of them at a time, and kept while their distorted versions
go through the net and are compared. One compiled program per image size serves both, so that equal
images have exactly equal responses; a ragged last batch is padded and cut.
"""

import contextlib
import dataclasses
import functools
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence

import jax
import jax.numpy as jnp
import numpy as np

from jaxiqa import checks
from jaxiqa.data import Pairs
from jaxiqa.study.probes import Probe
from jaxiqa.study.stream import Chunk, chunks, prefetch, reading_order


def default_batch() -> int:
    """Returns how many images are computed at once: on a CPU more only cost memory traffic."""
    return 1 if jax.default_backend() == "cpu" else 16


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


@functools.partial(jax.jit, static_argnames=("probe",))
def _step(variables: Mapping, kept: dict, images, source, *, probe: Probe):
    """Features of a batch, and each image i of it compared with place ``source[i]`` of ``kept``."""
    features = probe.features(variables, images)
    references = {name: rows[source] for name, rows in kept.items()}
    return features, probe.compare(references, features)


@dataclasses.dataclass(frozen=True, eq=False)
class _Computer:
    """The compiled step on padded batches; ``shapes`` of the features by the shape of a batch."""

    probe: Probe
    variables: Mapping
    batch: int
    shapes: dict[tuple, dict] = dataclasses.field(default_factory=dict)

    def _padded(self, images: Sequence[np.ndarray]) -> np.ndarray:
        return np.stack([*images, *[images[0]] * (self.batch - len(images))])

    def keep(self, references: Sequence[np.ndarray]) -> dict:
        """Returns the features of references, to compare distorted images with."""
        images = self._padded(references)
        if images.shape not in self.shapes:
            found = jax.eval_shape(self.probe.features, self.variables, images)
            self.shapes[images.shape] = found
        shapes = self.shapes[images.shape]
        nothing = {name: jnp.zeros(rows.shape, rows.dtype) for name, rows in shapes.items()}
        source = np.zeros(self.batch, np.int32)
        return _step(self.variables, nothing, images, source, probe=self.probe)[0]

    def compare(self, kept: dict, distorted: Sequence[np.ndarray], places: Sequence[int]) -> dict:
        """Returns values (n, ...) of n images against the references at their places."""
        source = np.zeros(self.batch, np.int32)
        source[: len(places)] = places
        found = _step(self.variables, kept, self._padded(distorted), source, probe=self.probe)[1]
        return {name: rows[: len(places)] for name, rows in jax.device_get(found).items()}


@functools.cache
def _too_small(probe: Probe, height: int, width: int) -> str:
    try:
        probe.check(height, width)
    except checks.InputError as error:
        return str(error)
    return ""


def _problem(pairs: Pairs, index: int, image, reference, probe: Probe) -> str:
    """Why a pair cannot be compared, or an empty string."""
    for found in (reference, image):
        if isinstance(found, str):
            return found
    if image.shape != reference.shape:
        sizes = [f"{shape[1]} x {shape[0]}" for shape in (image.shape, reference.shape)]
        return (
            f"{pairs.distorted[index]} is {sizes[0]} and its reference {pairs.reference[index]} "
            f"is {sizes[1]} pixels (width x height)"
        )
    problem = _too_small(probe, *image.shape[:2])
    return f"{pairs.distorted[index]}: {problem}" if problem else ""


class _Found:
    """Collects values pair by pair."""

    def __init__(self, pairs: Pairs, advance: Callable[[int], None]):
        self.values: dict[str, np.ndarray] = {}
        self.sizes = np.zeros((len(pairs), 2), np.int64)
        self.failures: dict[int, str] = {}
        self._advance = advance

    def fail(self, index: int, problem: str) -> None:
        """Files why a pair has no values."""
        self.failures[index] = problem
        self._advance(1)

    def file(self, indices: list[int], size: tuple[int, int], found: dict) -> None:
        """Files the values of some pairs of one image size."""
        for name, rows in found.items():
            if name not in self.values:
                shape = (len(self.sizes), *rows.shape[1:])
                self.values[name] = np.full(shape, np.nan, np.float32)
            self.values[name][indices] = rows
        self.sizes[indices] = size
        self._advance(len(indices))


def _comparable(
    pairs: Pairs, chunk: Chunk, references: Mapping, images: Iterator, probe: Probe, found: _Found
) -> Iterator[tuple[int, np.ndarray]]:
    """Yields the pairs of a chunk with their distorted images, those that fail being filed."""
    for index in chunk.pairs:
        key, reference = pairs.distorted[index], references[pairs.reference[index]]
        image = references[key] if key in references else next(images)
        if problem := _problem(pairs, index, image, reference, probe):
            found.fail(index, problem)
        else:
            yield index, image


def _compare_chunk(computer: _Computer, pairs: Pairs, chunk: Chunk, images, found: _Found) -> None:
    """Reads a chunk's images off the stream, references first, and files what is computed.

    Responses of one image size are kept at a time: where sizes alternate within a chunk, its
    references are computed again rather than held for every size.
    """
    references = {key: next(images) for key in chunk.references}
    comparable = _comparable(pairs, chunk, references, images, computer.probe, found)
    for size, run in itertools.groupby(comparable, key=lambda pair: pair[1].shape[:2]):
        keys = [key for key, image in references.items() if np.shape(image)[:2] == size]
        kept = computer.keep([references[key] for key in keys])
        while few := list(itertools.islice(run, computer.batch)):
            indices = [index for index, _ in few]
            places = [keys.index(pairs.reference[index]) for index in indices]
            compared = computer.compare(kept, [image for _, image in few], places)
            found.file(indices, size, compared)


def extract(
    pairs: Pairs,
    probe: Probe,
    variables: Mapping,
    *,
    batch: int,
    advance: Callable[[int], None] = lambda count: None,
) -> Extracted:
    """Returns what a probe finds for each pair of a data set.

    Args:
      pairs: the data set; its images are read by threads, ahead of the computation.
      probe: which responses, or which simple metrics.
      variables: the net's weights; an empty dict for simple metrics.
      batch: images computed at once; with as many references kept, it bounds the memory.
      advance: called with the number of pairs that were just done or failed.

    Returns:
      Values, sizes and failures, in the order of the pairs.
    """
    found = _Found(pairs, advance)
    computer = _Computer(probe, jax.device_put(variables), batch)
    plan = chunks(pairs, batch)
    keys = reading_order(pairs, plan)
    with contextlib.closing(prefetch(keys, pairs.read, 2 * batch)) as images:
        for chunk in plan:
            _compare_chunk(computer, pairs, chunk, images, found)
    return Extracted(found.values, found.sizes, found.failures)
