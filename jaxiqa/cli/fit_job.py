"""What `jaxiqa fit` is asked for, found to be possible before anything is fitted."""

import dataclasses
import pathlib

from jaxiqa import checks
from jaxiqa.bank.distances import architecture_of, moments, taps_of
from jaxiqa.bank.store import Bank
from jaxiqa.cli.fit_bank import banks_to_test, choose_bank
from jaxiqa.cli.fit_files import strangers
from jaxiqa.cli.fit_options import FOLDS, SUFFIX
from jaxiqa.metrics.metric_file import load_metric_file
from jaxiqa.readouts.readout import Readout, check_channelwise, parse_form
from jaxiqa.relevance.choices import Choices
from jaxiqa.relevance.fit import rated_for
from jaxiqa.relevance.splits import SPLITS, folds_of
from jaxiqa.study.entries import parse_taps
from jaxiqa.study.rows import check_folder


@dataclasses.dataclass(frozen=True, eq=False)
class Job:
    """What is to be fitted, tried and written.

    Attributes:
      out: the metric's file.
      bank: that is fitted to.
      readout: whose relevance it is.
      choices: how it is fitted.
      split: a name of ``SPLITS``.
      folds: that are held out one by one; 0 for none.
      tests: the same net on other data.
      resamples: of the bootstrap.
      seed: of folds and bootstrap.
    """

    out: pathlib.Path
    bank: Bank
    readout: Readout
    choices: Choices
    split: str
    folds: int
    tests: tuple[Bank, ...]
    resamples: int
    seed: int

    @property
    def fits(self) -> int:
        """How many fits there are in all."""
        return self.choices.seeds * (1 + self.folds)


def _named(text: str) -> pathlib.Path:
    path = pathlib.Path(text)
    if path.suffix.lower() != SUFFIX:
        raise checks.InputError(f"--out {text}: a metric's file ends in {SUFFIX}")
    return path


def _check_place(path: pathlib.Path) -> None:
    """Passes for a file that can be written, and that is nothing but a metric by now."""
    check_folder(path.parent)
    if found := strangers(path):
        raise checks.InputError(
            f"--out {path} would overwrite {', '.join(p.name for p in found)}, which belongs to no "
            "metric there; move it away or choose another name"
        )
    if path.exists():
        try:
            load_metric_file(path)
        except checks.InputError as error:
            raise checks.InputError(f"--out {path} would overwrite something: {error}") from None


def _readout(bank: Bank, taps: str, form: str) -> Readout:
    """The readout, found to take relevance and to be held by the bank."""
    found = _asked_readout(bank, taps, form)
    check_channelwise(found.form)
    for tap in found.taps:
        moments(bank, tap, found.moments)
    return found


def _asked_readout(bank: Bank, taps: str, form: str) -> Readout:
    if taps != "stages":
        return Readout(parse_taps(taps), *parse_form(form))
    held, stages = taps_of(bank), architecture_of(bank).stages
    found = tuple(stage for stage in stages if stage in held)
    if not found:
        raise checks.InputError(
            f"{bank.path} holds {', '.join(held)} and none of the stages {', '.join(stages)}; "
            "name some of its taps with --taps"
        )
    return Readout(found, *parse_form(form))


def _folds(bank: Bank, fit: Choices, choices) -> int:
    """How many folds there are, once they are found to be possible."""
    checks.choose(choices.split, SPLITS, kind="split", listing=f"choose from {', '.join(SPLITS)}")
    opinions = rated_for(bank, fit)
    if choices.folds == 0 and choices.split != "reference":
        raise checks.InputError(
            f"--folds 0 holds nothing out, and --split {choices.split} says what to hold out; "
            "leave one of them out"
        )
    if choices.folds == 0:
        return 0
    if choices.folds is not None and choices.split != "reference":
        raise checks.InputError(
            f"--folds is about --split reference, and {choices.split} holds out one at a time; "
            "leave one of them out, or give --folds 0 to hold out nothing"
        )
    folds = FOLDS if choices.folds is None else choices.folds
    return len(folds_of(opinions, by=choices.split, folds=folds, seed=choices.seed))


def job_of(choices) -> Job:
    """Returns what the options ask for.

    Raises:
      InputError: whatever is found wrong before a fit: numbers, names, banks that do not hold what
        is needed, splits that they do not allow, or a file that cannot be written.
    """
    for name, least, odd in (("resamples", 0, 1), ("seed", 0, None)):
        given = getattr(choices, name)
        if given < least or given == odd:
            numbers = "2 or more, or 0 for no intervals" if odd else "0 or more"
            raise checks.InputError(f"--{name} must be {numbers}, got {given}")
    names = [field.name for field in dataclasses.fields(Choices)]
    fit = Choices(**{name: getattr(choices, name) for name in names})
    out = _named(choices.out)
    bank = choose_bank(choices.path, net=choices.net, data=choices.data)
    readout = _readout(bank, choices.taps, choices.readout)
    folds = _folds(bank, fit, choices)
    tests = banks_to_test(choices.test, bank, readout)
    _check_place(out)
    rest = choices.split, folds, tests, choices.resamples, choices.seed
    return Job(out, bank, readout, fit, *rest)
