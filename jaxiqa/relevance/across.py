"""From one database to another: fitted weights on pairs of another bank, new or not."""

import dataclasses
import pathlib
from collections.abc import Sequence

import numpy as np

from jaxiqa import checks
from jaxiqa.bank.distances import distances
from jaxiqa.bank.store import Bank
from jaxiqa.data.fingerprint import file_digest
from jaxiqa.relevance.fitted import Fit
from jaxiqa.relevance.held_out import Gain, gain_of
from jaxiqa.relevance.opinions import Opinions, opinions_of

# Databases whose references are photographs of one collection: TID's are 24 of Kodak's, cropped,
# and most of LIVE's are of it too; TID2013 holds many of the very pairs of TID2008.
_KODAK = ("tid2008", "tid2013")


@dataclasses.dataclass(frozen=True, eq=False)
class Transfer:
    """Weights fitted on one data set, on another.

    Attributes:
      data: the data set that they are tried on.
      opinions: of its pairs.
      before: (n,) distances of the plain readout.
      after: (n,) with the fitted weights.
      gain: what fitting is worth there.
      shared: why these pairs are not held out, or None where nothing is known against it.
    """

    data: str
    opinions: Opinions
    before: np.ndarray
    after: np.ndarray
    gain: Gain
    shared: str | None


def transfer(
    fit: Fit, bank: Bank, other: Bank, *, resamples: int = 1000, seed: int = 0
) -> Transfer:
    """Returns what fitted weights are worth on the pairs of another bank.

    Args:
      fit: of ``bank``.
      bank: that was fitted to.
      other: of the same net on another data set, with the taps and moments of the readout.
      resamples: of the bootstrap over references; below 2 there are no intervals.
      seed: of its draws.

    Raises:
      InputError: a bank of another net or of unrated pairs, or taps that it does not hold.
    """
    looked = [b.record["identity"]["looked at"] for b in (bank, other)]
    if looked[0] != looked[1]:
        raise checks.InputError(
            f"{other.path} is of {other.record['label']}, with other weights, preprocessing or "
            f"precision than {bank.record['label']}"
        )
    opinions = opinions_of(other)
    plain = fit.design.relevance(np.ones(len(fit.design.mean)))
    before, after = (
        distances(other, [fit.readout], relevance=relevance)[0][opinions.rows]
        for relevance in (plain, fit.relevance)
    )
    gain = gain_of(before, after, opinions, resamples=resamples, seed=seed)
    return Transfer(opinions.name, opinions, before, after, gain, shared_scenes(bank, other))


def shared_scenes(bank: Bank, other: Bank) -> str | None:
    """Returns why pairs of one bank are not held out from the other, None where nothing is known.

    Known are reference images that are the same file by content, as far as the files are still
    there, or by path, and databases with photographs of one collection, by their names. The same
    photograph stored or cropped otherwise under a name of one's own is not found.
    """
    tables = [b.record["table"] for b in (bank, other)]
    names = [table["name"] for table in tables]
    images = [_images(table["reference"]) for table in tables]
    common = len(images[0] & images[1])
    if common:
        whole = len(set(tables[1]["reference"]))
        return f"{names[1]} shares {common} of {whole} reference images with {names[0]}"
    if all(map(_of_kodak, names)):
        live = any("live" in name.lower() for name in names)
        also = "" if live else " and many of the pairs"
        return f"{names[1]} and {names[0]} show the same photographs{also}"
    return None


def _images(keys: Sequence[str]) -> set[str]:
    """References by the digest of their file, or by their whole path where it is gone."""
    whole = (key for key in set(keys) if pathlib.PurePath(key).is_absolute())
    return {file_digest(key) if pathlib.Path(key).is_file() else key for key in whole}


def _of_kodak(name: str) -> bool:
    plain = "".join(c for c in name.lower() if c.isalnum())
    return plain == "live" or plain.startswith(_KODAK)
