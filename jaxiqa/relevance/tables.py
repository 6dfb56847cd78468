"""What fitted weights consist of: how few channels carry them, and what each layer is worth."""

import dataclasses
from collections.abc import Iterator, Sequence

import numpy as np

from jaxiqa.relevance.design import Design
from jaxiqa.relevance.fitted import Fit
from jaxiqa.relevance.held_out import HeldOut, pooled
from jaxiqa.statistics.resampled import resampled_spearman

# Numbers of channels at which the path is looked at: about four to a factor of ten.
_STEPS = (1, 2, 3, 5, 10, 20, 30, 50, 100, 200, 300, 500, 1000, 2000, 3000, 5000, 10000)
_MOST = 0.95


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


@dataclasses.dataclass(frozen=True)
class PathRow:
    """What is left with the channels of the largest shares alone.

    Attributes:
      channels: how many.
      share: part of the whole that they carry.
      srocc: of the distance that they make.
    """

    channels: int
    share: float
    srocc: float


@dataclasses.dataclass(frozen=True)
class LayerRow:
    """What a tap is worth in a fit.

    Attributes:
      tap: of the net.
      channels: weights it has.
      used: how many of them are above 0.
      share: part of the whole that it carries.
      share_plain: that of the plain readout.
      srocc_without: of the distance with this tap's weights at 0, NaN for the only tap.
      srocc_alone: of the distance with all other taps' weights at 0, NaN where it has none left.
    """

    tap: str
    channels: int
    used: int
    share: float
    share_plain: float
    srocc_without: float
    srocc_alone: float


def channels_for(shares: np.ndarray, part: float = _MOST) -> int:
    """Returns how many of the largest shares (P,) make up a part of their sum."""
    falling = np.cumsum(np.sort(shares)[::-1])
    return int(np.searchsorted(falling, part * falling[-1] * (1 - 1e-12)) + 1)


def channel_rows(fit: Fit) -> tuple[ChannelRow, ...]:
    """Returns every weight of a fit, in the order of taps and channels."""
    shares, plain, seeds = fit.shares, _plain(fit.design), fit.seed_shares
    found = []
    for tap, index in fit.design.parameter.items():
        for place in dict.fromkeys(index.ravel().tolist()):
            channel, part = _named(fit, index, place)
            spread = seeds[:, place].min(), seeds[:, place].max()
            values = fit.weights[place], shares[place], plain[place], *spread
            found.append(ChannelRow(tap, channel, part, *map(float, values)))
    return tuple(found)


def _named(fit: Fit, index: np.ndarray, place: int) -> tuple[int, str]:
    """Which channel, and which part of it, a weight is about."""
    if fit.choices.per == "layer":
        return -1, ""
    where = np.argwhere(index == place)[0].tolist()
    return where[0], fit.design.form.parts[where[1]] if len(where) > 1 else ""


def _plain(design: Design) -> np.ndarray:
    return design.mean / max(design.mean.sum(), np.finfo(float).tiny)


def path_rows(held: HeldOut) -> tuple[PathRow, ...]:
    """Returns what the largest shares alone give, from one channel to all that are used.

    Each pair is measured by the weights of the fold that holds it out, and each fold keeps the
    channels that are largest in it.
    """
    shares = [fit.shares for fit in held.fits]
    used = max(int((s > 0).sum()) for s in shares)
    found = []
    for count in (*(step for step in _STEPS if step < used), used):
        kept = [np.argsort(-s, kind="stable")[:count] for s in shares]
        masks = [np.isin(np.arange(len(s)), k) for s, k in zip(shares, kept, strict=True)]
        carried = np.mean([s[m].sum() for s, m in zip(shares, masks, strict=True)])
        found.append(PathRow(count, float(carried), _srocc(held, masks)))
    return tuple(found)


def layer_rows(held: HeldOut) -> tuple[LayerRow, ...]:
    """Returns what each tap is worth, weights as fitted and not fitted again.

    Each pair is measured by the weights of the fold that holds it out; shares and numbers of
    channels used are means over folds.
    """
    shares = np.stack([fit.shares for fit in held.fits])
    plain, layer = _plain(held.design), held.design.layer
    return tuple(
        LayerRow(
            tap,
            int((layer == place).sum()),
            round(float((shares[:, layer == place] > 0).sum(axis=1).mean())),
            float(shares[:, layer == place].sum(axis=1).mean()),
            float(plain[layer == place].sum()),
            _srocc(held, [layer != place] * len(held.fits)),
            _srocc(held, [layer == place] * len(held.fits)),
        )
        for place, tap in enumerate(held.design.readout.taps)
    )


def _srocc(held: HeldOut, masks: Sequence[np.ndarray]) -> float:
    """Of distances with all weights at 0 but those (P,) of each fold; NaN if nothing is left."""
    if not all((fit.weights[m] > 0).any() for fit, m in zip(held.fits, masks, strict=True)):
        return float("nan")
    kept = list(_masked(held, masks))
    distance, once = pooled(held, kept), np.ones((1, 1))
    groups = np.zeros(len(distance), int)
    return float(resampled_spearman(distance, held.opinions.badness, groups, once)[0])


def _masked(held: HeldOut, masks: Sequence[np.ndarray]) -> Iterator[np.ndarray]:
    for fit, mask in zip(held.fits, masks, strict=True):
        yield fit.scaled(np.where(mask, fit.weights, 0))
