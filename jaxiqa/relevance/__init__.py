"""Relevance of channels fitted to human opinion, off a bank, and what it is worth held out."""

from jaxiqa.relevance.ablation import ablation_rows, layer_rows, path_rows
from jaxiqa.relevance.across import Transfer, shared_scenes, transfer
from jaxiqa.relevance.choices import OPTIMISERS, Choices
from jaxiqa.relevance.design import SHARINGS
from jaxiqa.relevance.file import metric_file
from jaxiqa.relevance.fit import fit_relevance
from jaxiqa.relevance.fitted import Fit
from jaxiqa.relevance.held_out import Gain, HeldOut, choice_scores, gain_of, hold_out
from jaxiqa.relevance.objectives import OBJECTIVES
from jaxiqa.relevance.splits import SPLITS
from jaxiqa.relevance.tables import channel_rows, channels_for

__all__ = [
    "OBJECTIVES",
    "OPTIMISERS",
    "SHARINGS",
    "SPLITS",
    "Choices",
    "Fit",
    "Gain",
    "HeldOut",
    "Transfer",
    "ablation_rows",
    "channel_rows",
    "channels_for",
    "choice_scores",
    "fit_relevance",
    "gain_of",
    "hold_out",
    "layer_rows",
    "metric_file",
    "path_rows",
    "shared_scenes",
    "transfer",
]
