"""`Triplets`: a reference with two distorted images, and which of the two people find nearer."""

import dataclasses
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from jaxiqa.checks import InputError
from jaxiqa.data.pairs import Pairs


@dataclasses.dataclass(frozen=True, eq=False)
class Triplets:
    """Forced choices, as a table of n rows and a way to read the images.

    Attributes:
      name: of the database.
      reference: n image keys.
      first: n image keys.
      second: n image keys.
      opinion: (n,) float64, share of judges who found the second nearer to the reference, 0 to 1.
      read: key -> (H, W, 3) float32 in [0, 1]; callable from several threads at once.
      distortion: n names of the kind of distortion.
      split: n names such as "train" and "val".
      citation: what to cite for the choices.
      licence: the terms of the database.
      digest: sha256 in hex over the table (not over the images).
      stamp: key -> the sha256 in hex of the image's file.
    """

    name: str
    reference: tuple[str, ...]
    first: tuple[str, ...]
    second: tuple[str, ...]
    opinion: np.ndarray
    read: Callable[[str], np.ndarray]
    distortion: tuple[str, ...]
    split: tuple[str, ...]
    citation: str = ""
    licence: str = ""
    digest: str = ""
    stamp: Callable[[str], str] | None = None

    def __len__(self) -> int:
        return len(self.reference)


def choices_as_pairs(triplets: Triplets) -> Pairs:
    """Returns both images of each triplet as a rated pair, first images in the first half.

    Opinion is the share of judges who chose the image, so that a bank of these pairs serves a fit
    to the choices themselves; level says "first" or "second".
    """
    share = np.asarray(triplets.opinion, np.float64)
    return Pairs(
        name=triplets.name,
        reference=2 * tuple(triplets.reference),
        distorted=(*triplets.first, *triplets.second),
        opinion=np.concatenate([1 - share, share]),
        higher_is_better=True,
        read=triplets.read,
        distortion=2 * tuple(triplets.distortion),
        level=("first",) * len(triplets) + ("second",) * len(triplets),
        split=2 * tuple(triplets.split),
        citation=triplets.citation,
        licence=triplets.licence,
        digest=triplets.digest,
        stamp=triplets.stamp,
    )


def agreement(opinion: ArrayLike, first: ArrayLike, second: ArrayLike) -> np.ndarray:
    """Returns the 2AFC score of each triplet: the share of judges who choose as the distances do.

        s = p [d2 < d1] + (1 - p) [d1 < d2] + [d1 = d2] / 2

    Args:
      opinion: (n,) shares of judges who chose the second.
      first: (n,) distances of the first image from the reference.
      second: (n,) distances of the second.

    Returns:
      (n,) from 0 to 1; its mean is the 2AFC score of a metric.

    Raises:
      InputError: lengths that differ, or a distance that is not finite.

    References:
      Zhang, Isola, Efros, Shechtman & Wang (2018), arXiv:1801.03924, section 2.
    """
    share, d1, d2 = (np.asarray(values, np.float64) for values in (opinion, first, second))
    if not share.shape == d1.shape == d2.shape or share.ndim != 1:
        raise InputError(
            f"expected one distance each a triplet, got {d1.shape} and {d2.shape} for {share.shape}"
        )
    if not (np.all(np.isfinite(d1)) and np.all(np.isfinite(d2))):
        raise InputError("expected finite distances")
    return np.where(d2 < d1, share, np.where(d1 < d2, 1 - share, 0.5))
