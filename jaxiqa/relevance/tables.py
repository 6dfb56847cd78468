"""What fitted weights consist of, channel by channel, and how few of them carry the rest."""

import dataclasses

import numpy as np

from jaxiqa.relevance.design import Design
from jaxiqa.relevance.fitted import Fit

MOST = 0.95


@dataclasses.dataclass(frozen=True)
class ChannelRow:
    """A weight of a fit.

    Attributes:
      tap: of the net.
      channel: its place in the tap, or -1 where all channels of the tap share one.
      part: of a form that has parts, else empty.
      weight: of its contributions; 1 is the plain readout, but for a common factor.
      share: part of the summed contributions over the training pairs that it stands for.
      share_plain: that of the plain readout.
      share_low, share_high: the least and the most over seeds.
    """

    tap: str
    channel: int
    part: str
    weight: float
    share: float
    share_plain: float
    share_low: float
    share_high: float


def channels_for(shares: np.ndarray, part: float = MOST) -> int:
    """Returns how many of the largest shares (P,) make up a part of their sum."""
    falling = np.cumsum(np.sort(shares)[::-1])
    return int(np.searchsorted(falling, part * falling[-1] * (1 - 1e-12)) + 1)


def channel_rows(fit: Fit) -> tuple[ChannelRow, ...]:
    """Returns every weight of a fit, in the order of taps and channels."""
    shares, plain, seeds = fit.shares, plain_shares(fit.design), fit.seed_shares
    found = []
    for tap, index in fit.design.parameter.items():
        for place in dict.fromkeys(index.ravel().tolist()):
            channel, part = named(fit, index, place)
            spread = seeds[:, place].min(), seeds[:, place].max()
            values = fit.weights[place], shares[place], plain[place], *spread
            found.append(ChannelRow(tap, channel, part, *map(float, values)))
    return tuple(found)


def named(fit: Fit, index: np.ndarray, place: int) -> tuple[int, str]:
    """Returns which channel a weight is about, -1 for all of a tap, and which part of it."""
    if fit.choices.per == "layer":
        return -1, ""
    where = np.argwhere(index == place)[0].tolist()
    return where[0], fit.design.form.parts[where[1]] if len(where) > 1 else ""


def plain_shares(design: Design) -> np.ndarray:
    """Returns (P,) shares of the plain readout."""
    return design.mean / max(design.mean.sum(), np.finfo(float).tiny)
