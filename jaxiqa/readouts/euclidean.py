"""Euclidean distance between responses, of one tap or of several concatenated."""

from collections.abc import Sequence

import jax
import numpy as np

from jaxiqa.arch.net import Net
from jaxiqa.readouts.distance import distance
from jaxiqa.readouts.readout import Readout


def euclidean(
    net: Net,
    reference: np.ndarray | jax.Array,
    distorted: np.ndarray | jax.Array,
    *,
    taps: Sequence[str],
    precision: str = "highest",
) -> jax.Array:
    """Returns the Euclidean distance between the responses of a net to two batches of images.

    Differentiable in both batches; the gradient is finite at equal images.

    Args:
      net: from ``load_net``.
      reference: (N, H, W, 3) RGB in [0, 1].
      distorted: (N, H, W, 3) RGB in [0, 1].
      taps: one tap, or several to be concatenated.
      precision: of products, as for ``responses``.

    Returns:
      (N,) root mean over positions of the squared distance over channels: 0 for equal images,
      larger = less alike. For several taps that of the flattened, concatenated responses, raw, so
      that large early maps dominate, over the root of the positions of the largest map.

    Raises:
      InputError: images that are no NHWC RGB in [0, 1] or differ in shape, and as ``responses``.

    Examples:
      >>> import numpy as np
      >>> from jaxiqa import euclidean, load_net
      >>> net = load_net("squeezenet1_1.random-0")
      >>> image = np.linspace(0, 1, 64 * 64 * 3, dtype=np.float32).reshape(1, 64, 64, 3)
      >>> reference, distorted = image.repeat(2, axis=0), np.concatenate([image, image / 2])
      >>> euclidean(net, reference, distorted, taps=("relu1",)).round(3)
      Array([0.   , 7.905], dtype=float32)
    """
    readout = Readout(taps)
    return distance(net, reference, distorted, readout=readout, precision=precision)
