"""What is fitted: the contribution of every channel to every pair, read off a bank once."""

import dataclasses
from collections.abc import Mapping

import numpy as np

from jaxiqa import checks
from jaxiqa.arch.geometry import channels, extents
from jaxiqa.arch.graph import resolve
from jaxiqa.bank import store
from jaxiqa.bank.distances import architecture_of, moments
from jaxiqa.bank.store import Bank
from jaxiqa.readouts.forms import FORMS, Form
from jaxiqa.readouts.readout import (
    Readout,
    check_channelwise,
    contributions,
    dataset_mean,
    tap_scale,
    tap_weights,
)

SHARINGS: dict[str, str] = {
    "channel": "a weight for each channel of each tap",
    "layer": "one weight for all channels of a tap",
}


@dataclasses.dataclass(frozen=True, eq=False)
class Design:
    """A readout as a function of P weights: ``finish(sum over p of weight[p] * values[:, p])``.

    With all weights 1 it is the plain readout.

    Attributes:
      values: (n, P, K) float32 contributions in units of ``mean``.
      mean: (P,) float64 mean contribution over the n pairs; of a form with several sums, of their
        sizes together.
      readout: whose relevance the weights are; one that needs no data set.
      asked: the readout as it was asked for.
      parameter: by tap (C,), or (C, K) for a form that has parts, which of the P weighs it.
      factor: by tap, of that shape: relevance that the plain readout has already.
    """

    values: np.ndarray
    mean: np.ndarray
    readout: Readout
    asked: Readout
    parameter: dict[str, np.ndarray]
    factor: dict[str, np.ndarray]

    @property
    def form(self) -> Form:
        return FORMS[self.readout.form]

    @property
    def layer(self) -> np.ndarray:
        """(P,) place in ``readout.taps`` of the tap that each weight belongs to."""
        places = np.empty(len(self.mean), np.int64)
        for place, index in enumerate(self.parameter.values()):
            places[index.ravel()] = place
        return places

    def relevance(self, weights: np.ndarray) -> dict[str, np.ndarray]:
        """Returns weights (P,) by tap, as ``distance`` takes them."""
        return {tap: self.factor[tap] * weights[index] for tap, index in self.parameter.items()}

    def totals(self, weights: np.ndarray, rows: np.ndarray | slice = slice(None)) -> np.ndarray:
        """Returns the (n, K) float64 sums that weights (P,) give, of all pairs or of some rows."""
        # A product in float64 by blocks of rows: the values are too many for a copy of them all.
        scaled, values = (np.asarray(weights, np.float64) * self.mean)[None], self.values[rows]
        blocks = np.array_split(values, max(1, len(values) // 256))
        return np.concatenate(
            [np.matmul(scaled, block.astype(np.float64))[:, 0] for block in blocks]
        )

    def distances(self, weights: np.ndarray, rows: np.ndarray | slice = slice(None)) -> np.ndarray:
        """Returns the float64 distances that weights (P,) give, of all n pairs or of some rows."""
        return self.form.finish(self.totals(weights, rows))


def _pairwise(readout: Readout) -> Readout:
    """The readout that a pair of images can be compared by, where the given one needs a set."""
    combination = "averaged" if readout.combination == "balanced" else readout.combination
    return Readout(readout.taps, readout.form, combination)


def _multipliers(bank: Bank, readout: Readout, rows: np.ndarray) -> np.ndarray:
    """(n, taps) by which the contributions of each tap are multiplied, image size by size."""
    architecture = architecture_of(bank)
    nodes = [resolve(architecture, tap) for tap in readout.taps]
    width, sizes = channels(architecture), store.sizes(bank)[rows]
    found = np.empty((len(rows), len(nodes)))
    for height, across in np.unique(sizes, axis=0).tolist():
        along = [extents(architecture, extent) for extent in (height, across)]
        positions = [along[0][node] * along[1][node] for node in nodes]
        same = np.all(sizes == np.array([[height, across]]), axis=1)
        found[same] = tap_weights(readout, positions, [width[node] for node in nodes])
    return found


def _factor(held: Mapping[str, np.ndarray], readout: Readout) -> np.ndarray:
    """(C,) or (C, K): what of a readout that needs a data set becomes relevance of channels."""
    form, whole = FORMS[readout.form], contributions(held, readout.form)
    count = whole.shape[1]
    weights = np.ones(count)
    if readout.relevance == "dataset-mean":
        weights = dataset_mean(held, readout.form)
    if readout.combination == "balanced":
        scale = tap_scale((whole * weights[None, :, None]).sum(axis=1), readout.form)
        # The written readout averages over the channels, which is undone here.
        weights = weights * (count**form.entries / scale if scale else 0.0)
    return np.repeat(weights[:, None], len(form.parts), axis=1) if form.parts else weights


def design_of(bank: Bank, readout: Readout, rows: np.ndarray, *, per: str = "channel") -> Design:
    """Returns a readout of the pairs of a bank as a function of its weights.

    Args:
      bank: a finished bank of a net that holds the taps and moments of the readout.
      readout: of a form that takes relevance. ``balanced`` and ``dataset-mean`` take their means
        over the whole bank, and become a part of the relevance.
      rows: (n,) places of the pairs in the bank.
      per: a name of ``SHARINGS``.

    Raises:
      InputError: a form without relevance of channels, taps or moments that the bank does not
        hold, or an unknown sharing.
    """
    check_channelwise(readout.form)
    checks.choose(per, SHARINGS, kind="sharing of weights", listing="choose channel or layer")
    written = _pairwise(readout)
    multipliers = _multipliers(bank, written, rows)
    values, means, parameter, factor = [], [], {}, {}
    for place, tap in enumerate(readout.taps):
        held = moments(bank, tap, readout.moments)
        _check_finite(bank, tap, held, rows)
        factor[tap] = _factor(held, readout)
        found = contributions({name: v[rows] for name, v in held.items()}, readout.form)
        found *= multipliers[:, place, None, None] * factor[tap].reshape(1, found.shape[1], -1)
        if FORMS[readout.form].parts:
            found = found.reshape(len(rows), -1, 1)
        index = np.arange(found.shape[1]) if per == "channel" else np.zeros(found.shape[1], int)
        parameter[tap] = (index + sum(map(len, means))).reshape(factor[tap].shape)
        scaled, mean = _scaled(found if per == "channel" else found.sum(axis=1, keepdims=True))
        values.append(scaled)
        means.append(mean)
    return Design(
        np.concatenate(values, axis=1), np.concatenate(means), written, readout, parameter, factor
    )


def sizes(values: np.ndarray) -> np.ndarray:
    """Returns (n, P, K) contributions as their (n, P) sizes, 0 where a channel gives nothing."""
    return np.abs(values).sum(axis=-1, dtype=np.float64)


def _check_finite(bank: Bank, tap: str, held: Mapping[str, np.ndarray], rows: np.ndarray) -> None:
    for name, values in held.items():
        bad = np.argwhere(~np.isfinite(values[rows]))
        if len(bad):
            pair, channel = bad[0].tolist()
            raise checks.InputError(
                f"{bank.path}: {name} of {tap}, channel {channel}, is not finite for pair "
                f"{rows[pair]} ({len(bad)} such numbers); leave that tap out"
            )


def _scaled(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(n, P, K) in units of their mean (P,), in which float32 suffices."""
    mean = sizes(values).mean(axis=0)
    return (values / np.where(mean == 0, 1, mean)[None, :, None]).astype(np.float32), mean
