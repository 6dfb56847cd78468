"""Relevance of channels fitted to the opinions of a bank's pairs, without running a net."""

import dataclasses
from collections.abc import Mapping

import numpy as np

from jaxiqa import checks
from jaxiqa.bank.store import Bank
from jaxiqa.readouts.readout import Readout
from jaxiqa.relevance.choices import Choices
from jaxiqa.relevance.design import design_of
from jaxiqa.relevance.fitted import Fit
from jaxiqa.relevance.opinions import Opinions, opinions_of, paired_choices
from jaxiqa.relevance.together import Progress, fits, untold


def fit_relevance(
    bank: Bank,
    readout: Readout,
    *,
    train: np.ndarray | None = None,
    progress: Progress = untold,
    **choices,
) -> Fit:
    """Returns non-negative weights of channels at which distances agree best with opinion.

    Weights are squares of free variables. What is identifiable of them: of ``mse`` and ``2afc`` the
    common factor too, with which a distance is in units of opinion, or the log of odds; else it is
    set so that the mean distance is that of the plain readout. And only those combinations in which
    the contributions of channels differ over the pairs: of two channels that always rise together
    the sum counts. A channel without any contribution has the weight 0.

    Args:
      bank: from ``extract_bank``, of rated pairs, with the moments of the readout.
      readout: of one tap or several, of a form that takes relevance.
      train: (n,) True for rows of the bank that are fitted to; None for all.
      progress: called with the number of fits that have ended.
      **choices: as ``Choices``: objective, optimiser, per, l1, l2, group, validation, steps,
        patience, seeds.

    Returns:
      `Fit`.

    Raises:
      InputError: an unfinished bank or one of pairs without opinions, a readout that it does not
        hold or that takes no relevance, too few pairs or references, or a choice out of range.

    Examples:
      >>> from jaxiqa import Readout, fit_relevance
      >>> readout = Readout(("relu1", "fire2"), "unit")  # ``bank`` as for ``extract_bank``
      >>> choices = {"per": "layer", "objective": "mse", "optimiser": "adam", "steps": 50}
      >>> fit = fit_relevance(bank, readout, **choices)
      >>> {tap: weights.shape for tap, weights in fit.relevance.items()}
      {'relu1': (64,), 'fire2': (128,)}
      >>> fit.shares.shape, round(float(fit.shares.sum()), 6)  # one weight a layer
      ((2,), 1.0)

    References:
      Zhang et al., arXiv 1801.03924 (heads of LPIPS); Ding et al., arXiv 2004.07728 (DISTS);
      Vaskevicius, Kanade and Rebeschini, arXiv 1909.05122 (weights as squares).
    """
    made = choices_of(choices)
    opinions = rated_for(bank, made)
    design = design_of(bank, readout, opinions.rows, per=made.per)
    kept = np.ones(len(opinions), bool) if train is None else _kept(train, bank, opinions)
    return fits(design, opinions, [kept], made, progress)[0]


def choices_of(choices: Mapping[str, object]) -> Choices:
    """Returns how to fit, from keywords.

    Raises:
      InputError: an unknown keyword, or a value out of range.
    """
    known = [field.name for field in dataclasses.fields(Choices)]
    for name in choices:
        listing = f"choose from {', '.join(known)}"
        checks.choose(name, known, kind="choice of a fit:", listing=listing)
    return Choices(**choices)


def rated_for(bank: Bank, choices: Choices) -> Opinions:
    """Returns the opinions that an objective is about.

    Raises:
      InputError: no opinions, or for ``2afc`` no choices between two images.
    """
    opinions = opinions_of(bank)
    return paired_choices(opinions) if choices.objective == "2afc" else opinions


def _kept(train: np.ndarray, bank: Bank, opinions: Opinions) -> np.ndarray:
    train = np.asarray(train)
    if train.shape != (len(bank),) or train.dtype != bool:
        raise checks.InputError(
            f"train must be {len(bank)} truth values, one for each row of the bank, got "
            f"{train.dtype} {train.shape}"
        )
    return train[opinions.rows]
