"""The compiled step on padded batches, over the devices of one process side by side.

One program per image size serves references and distorted images, so that equal images have exactly
equal responses. Each device has a lane of its own: it compares with the references that it keeps.
"""

import functools
from collections.abc import Mapping, Sequence

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from jaxiqa import checks
from jaxiqa.bank.probes import Probe

_LANES = "lanes"
# One image, or a place among the references, for each pair of a lane.
Images, Places = Sequence[np.ndarray], Sequence[int]


def mesh_of(lanes: int) -> Mesh:
    """Returns the first devices of this process, a lane each.

    Raises:
      InputError: there are not as many.
    """
    devices = jax.local_devices()
    if lanes > len(devices):
        raise checks.InputError(
            f"this extraction was begun on {lanes} devices side by side and {len(devices)} are "
            "here; go on where it was begun, or remove its folder to begin anew"
        )
    return Mesh(np.array(devices[:lanes]), (_LANES,))


@functools.partial(jax.jit, static_argnames=("probe", "mesh"))
def _step(variables: Mapping, kept: dict, images, source, *, probe: Probe, mesh: Mesh):
    """Features of a batch, and each image i of it compared with place ``source[i]`` of ``kept``."""

    def lane(variables, kept, images, source):
        features = probe.features(variables, images)
        references = jax.tree.map(lambda rows: rows[source], kept)
        return features, probe.compare(variables, references, features)

    along = PartitionSpec(_LANES)
    specs = (PartitionSpec(), along, along, along)
    return jax.shard_map(lane, mesh=mesh, in_specs=specs, out_specs=along, check_vma=False)(
        variables, kept, images, source
    )


class Computer:
    """A probe with its weights on the devices, ready for batches of any image size."""

    def __init__(self, probe: Probe, variables: Mapping, *, lanes: int, batch: int):
        self.probe, self.lanes, self.batch = probe, lanes, batch
        self._mesh = mesh_of(lanes)
        self._along = NamedSharding(self._mesh, PartitionSpec(_LANES))
        whole = NamedSharding(self._mesh, PartitionSpec())
        self._variables = jax.device_put(variables, whole)
        self._shapes: dict[tuple, dict] = {}

    def _images(self, lanes: Sequence[Images]) -> jax.Array:
        """(lanes * batch, H, W, 3) from at most ``batch`` images a lane, of one size."""
        filler = next(image for images in lanes for image in images)
        padded = [[*images, *[filler] * (self.batch - len(images))] for images in lanes]
        every = [image for images in padded for image in images]
        # One image need not be copied.
        batch = every[0][None] if len(every) == 1 else np.stack(every)
        return jax.device_put(batch, self._along)

    def _places(self, lanes: Sequence[Places]) -> jax.Array:
        padded = np.zeros((len(lanes), self.batch), np.int32)
        for row, places in zip(padded, lanes, strict=True):
            row[: len(places)] = places
        return jax.device_put(padded.reshape(-1), self._along)

    def _nothing(self, images: jax.Array) -> dict:
        """What stands for kept references while references are computed."""
        if images.shape not in self._shapes:
            found = jax.eval_shape(self.probe.features, self._variables, images)
            self._shapes[images.shape] = found
        return jax.tree.map(
            lambda rows: jnp.zeros(rows.shape, rows.dtype, device=self._along),
            self._shapes[images.shape],
        )

    def _run(self, kept: dict, images: jax.Array, places: jax.Array):
        return _step(self._variables, kept, images, places, probe=self.probe, mesh=self._mesh)

    def keep(self, references: Sequence[Images], before: dict) -> dict:
        """Returns the features of each lane's references, to compare distorted images with.

        Args:
          references: of one size.
          before: what was kept of others of that size, or an empty dict. It stands where the
            compiled step wants references to compare with, of which nothing is used.
        """
        images = self._images(references)
        stand_in = before or self._nothing(images)
        return self._run(stand_in, images, self._places([()] * len(references)))[0]

    def compare(self, kept: dict, distorted: Sequence[Images], places: Sequence[Places]) -> dict:
        """Returns values of each lane's images against the references at their places.

        They are computed while the caller goes on; row ``lane * batch + i`` is of image i.
        """
        return self._run(kept, self._images(distorted), self._places(places))[1]
