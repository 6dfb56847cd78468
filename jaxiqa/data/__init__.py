"""Human opinion: rated image pairs, and stimuli whose human contrast threshold is known.

One type, `Pairs`, holds every opinion database: `load` gives by name those that `prepare` has
looked through, `pairs_from_csv` reads a user's own; `Triplets` holds forced choices. The contrast
thresholds need no file: Gabor patches and gratings are computed from formulas, and
`fit_criterion` holds a metric's contrast sensitivity against the human one.
"""

from jaxiqa.data.balanced import balanced
from jaxiqa.data.criterion import ThresholdFit, fit_criterion, metric_sensitivity
from jaxiqa.data.csv_pairs import pairs_from_csv
from jaxiqa.data.databases import DATABASES
from jaxiqa.data.fingerprint import fingerprint
from jaxiqa.data.load import load, load_triplets
from jaxiqa.data.pairs import Pairs, subset, table_digest
from jaxiqa.data.prepare import prepare
from jaxiqa.data.register import with_tensorflow_datasets
from jaxiqa.data.remembered import remembered
from jaxiqa.data.stimuli import Stimulus, background, render
from jaxiqa.data.threshold_pairs import as_pairs
from jaxiqa.data.thresholds import (
    ContrastThresholds,
    all_contrast_thresholds,
    contrast_thresholds,
    full_contrast_thresholds,
    short_contrast_thresholds,
    wide_contrast_thresholds,
)
from jaxiqa.data.triplets import Triplets, agreement, choices_as_pairs

with_tensorflow_datasets()

__all__ = [
    "DATABASES",
    "ContrastThresholds",
    "Pairs",
    "Stimulus",
    "ThresholdFit",
    "Triplets",
    "agreement",
    "all_contrast_thresholds",
    "as_pairs",
    "background",
    "balanced",
    "choices_as_pairs",
    "contrast_thresholds",
    "fingerprint",
    "fit_criterion",
    "full_contrast_thresholds",
    "load",
    "load_triplets",
    "metric_sensitivity",
    "pairs_from_csv",
    "prepare",
    "remembered",
    "render",
    "short_contrast_thresholds",
    "subset",
    "table_digest",
    "wide_contrast_thresholds",
]
