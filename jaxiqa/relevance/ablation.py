"""What is left where a part of fitted weights is taken away, on pairs that were held out.

Each pair is measured by the weights of the fold that holds it out, less what is taken away; nothing
is fitted again. The rest is brought to one scale in all folds before their pairs are pooled.
"""

import dataclasses
from collections.abc import Iterator, Sequence

import numpy as np

from jaxiqa.relevance.fitted import Fit
from jaxiqa.relevance.held_out import HeldOut, pooled
from jaxiqa.relevance.objectives import OBJECTIVES
from jaxiqa.relevance.tables import named, plain_shares
from jaxiqa.statistics.resampled import resampled_spearman

# Numbers of channels at which the path is looked at: about four to a factor of ten.
_STEPS = (1, 2, 3, 5, 10, 20, 30, 50, 100, 200, 300, 500, 1000, 2000, 3000, 5000, 10000)
# Channels that are taken away side by side.
_BLOCK = 64


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


@dataclasses.dataclass(frozen=True)
class AblationRow:
    """What the distance loses without one weight.

    Attributes:
      tap: of the net.
      channel: its place in the tap, or -1 where all channels of the tap share one.
      part: of a form that has parts, else empty.
      srocc_without: of the distance with this weight at 0.
      change: that less the whole's, below 0 where the channel helps.
    """

    tap: str
    channel: int
    part: str
    srocc_without: float
    change: float


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
    plain, layer = plain_shares(held.design), held.design.layer
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


def ablation_rows(held: HeldOut) -> tuple[AblationRow, ...]:
    """Returns what the distance loses without each weight, in the order of taps and channels."""
    from scipy.stats import rankdata

    worse = rankdata(held.opinions.badness)
    without = np.concatenate([_ranked(block, worse) for block in _one_less(held)])
    whole = _ranked(held.after[:, None], worse)[0]
    found, fit = [], held.fits[0]
    for tap, index in held.design.parameter.items():
        for place in dict.fromkeys(index.ravel().tolist()):
            values = without[place], without[place] - whole
            found.append(AblationRow(tap, *named(fit, index, place), *map(float, values)))
    return tuple(found)


def _one_less(held: HeldOut) -> Iterator[np.ndarray]:
    """Held-out distances (n, B) without one weight each, block by block of the P weights."""
    for start in range(0, len(held.design.mean), _BLOCK):
        block = slice(start, start + _BLOCK)
        width = len(held.design.mean[block])
        found = np.empty((len(held.opinions), width))
        for fold, fit in zip(held.folds, held.fits, strict=True):
            found[fold.test] = _without(fit, block)[fold.test]
        yield found


def _without(fit: Fit, block: slice) -> np.ndarray:
    """Distances (n, B) of all pairs without one weight each, on the scale of the whole."""
    design, scaled = fit.design, fit.weights[block] * fit.design.mean[block]
    rest = design.totals(fit.weights)[:, None] - design.values[:, block] * scaled[None, :, None]
    if rest.shape[-1] == 1:
        # Rounding may leave less than nothing of a sum whose only part is taken away.
        rest = np.maximum(rest, 0)
    found = design.form.finish(rest.reshape(-1, rest.shape[-1])).reshape(rest.shape[:2])
    if OBJECTIVES[fit.choices.objective].unit == "plain" and design.form.growth:
        means = found[fit.train].mean(axis=0)
        found = found * (fit.distances[fit.train].mean() / np.where(means > 0, means, 1))
    return found


def _ranked(distances: np.ndarray, ranks: np.ndarray) -> np.ndarray:
    """Spearman's correlations of columns (n, B) with what has these ranks, 0 for a constant one."""
    from scipy.stats import rankdata

    own = rankdata(distances, axis=0)
    own, other = own - own.mean(axis=0), (ranks - ranks.mean())[:, None]
    lengths = np.sqrt((own**2).sum(axis=0) * (other**2).sum())
    return (own * other).sum(axis=0) / np.where(lengths > 0, lengths, 1)
