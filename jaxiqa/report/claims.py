"""What the rows of one data set say to the claims R1 to R4, about other metrics."""

from collections.abc import Sequence

from jaxiqa.report.answer import Answer, best, conjunction, metric, names, plain, sign
from jaxiqa.report.evidence import BIG, adjusted, difference
from jaxiqa.report.standing import SSIM
from jaxiqa.report.summary import full_name, net_name
from jaxiqa.study.details import ComparedRow
from jaxiqa.study.rows import Row


def beats_ssim(rows: Sequence[Row], compared: Sequence[ComparedRow]) -> Answer:
    """Every net, at its best tap, against SSIM."""
    ssim, nets = metric(rows, *SSIM), best(plain(rows))
    if ssim is None or not nets:
        return Answer(None, "It takes SSIM and Euclidean distances of trained nets.")
    gaps = adjusted({net: difference(row, ssim, compared) for net, row in nets.items()})
    signs = {net: sign(gap) for net, gap in gaps.items()}
    least = min(gaps, key=lambda net: gaps[net].value)
    better, worse, untold = ([n for n in signs if signs[n] is s] for s in (True, False, None))
    text = f"At the best tap of each, {len(better)} of {len(nets)} nets surely agree better"
    text += f" (Holm over these {len(nets)}, not over all tests)" if len(nets) > 1 else ""
    text += f"; surely worse: {names(worse)}" if worse else ""
    text += f"; not told: {names(untold)}" if untold else ""
    return Answer(conjunction(list(signs.values())), f"{text}. The least is {least}.", gaps[least])


def on_a_par(rows: Sequence[Row], compared: Sequence[ComparedRow]) -> Answer:
    """The best net against the better of LPIPS and DISTS: not below by more than ``BIG``."""
    rival, nets = metric(rows, "lpips", "dists"), plain(rows)
    if rival is None or not nets:
        return Answer(None, "Neither LPIPS nor DISTS is among the rows.")
    top = max(nets, key=lambda row: row.srocc)
    gap = difference(top, rival, compared)
    holds = True if gap.low > -BIG else False if gap.high < -BIG else None
    return Answer(holds, f"The best, {full_name(top)}, less {net_name(rival)}.", gap)


def _against_lpips(rows: Sequence[Row], compared: Sequence[ComparedRow], kind: str) -> Answer:
    lpips = metric(rows, "lpips")
    if lpips is None:
        return Answer(None, "LPIPS is not among the rows.")
    if not rows or not any(row.is_net for row in rows):
        return Answer(None, f"No net of {kind} is among the rows.")
    nets = best([row for row in rows if row.is_net])
    gaps = adjusted({net: difference(row, lpips, compared) for net, row in nets.items()})
    least = min(gaps, key=lambda net: gaps[net].value)
    holds = conjunction([sign(gap) for gap in gaps.values()])
    return Answer(holds, f"Of {len(gaps)} nets of {kind}, the least is {least}.", gaps[least])


def _with_metrics(rows: Sequence[Row], nets: Sequence[Row]) -> list[Row]:
    return [*(row for row in rows if not row.is_net), *nets]


def classifiers_beat_lpips(rows: Sequence[Row], compared: Sequence[ComparedRow]) -> Answer:
    """Every classifier, at its best tap, against LPIPS."""
    nets = [row for row in plain(rows) if row.function == "classification"]
    return _against_lpips(_with_metrics(rows, nets), compared, "classification")


def self_supervised_beat_lpips(rows: Sequence[Row], compared: Sequence[ComparedRow]) -> Answer:
    """Every net that was trained for anything but classification, against LPIPS."""
    other = ("classification", "unknown", "")
    nets = [row for row in plain(rows) if row.function not in other]
    return _against_lpips(_with_metrics(rows, nets), compared, "self-supervised tasks")
