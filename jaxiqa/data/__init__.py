"""Human opinion: rated image pairs, and stimuli whose human contrast threshold is known.

One type, `Pairs`, holds every opinion database; `pairs_from_csv` reads a user's own. The contrast
thresholds need no file: Gabor patches and gratings are computed from formulas, and
`fit_criterion` holds a metric's contrast sensitivity against the human one.
"""

from jaxiqa.data.criterion import ThresholdFit, fit_criterion, metric_sensitivity
from jaxiqa.data.csv_pairs import pairs_from_csv
from jaxiqa.data.fingerprint import fingerprint
from jaxiqa.data.pairs import Pairs, subset, table_digest
from jaxiqa.data.stimuli import Stimulus, background, render
from jaxiqa.data.thresholds import (
    ContrastThresholds,
    as_pairs,
    contrast_thresholds,
    full_contrast_thresholds,
    short_contrast_thresholds,
)

__all__ = [
    "ContrastThresholds",
    "Pairs",
    "Stimulus",
    "ThresholdFit",
    "as_pairs",
    "background",
    "contrast_thresholds",
    "fingerprint",
    "fit_criterion",
    "full_contrast_thresholds",
    "metric_sensitivity",
    "pairs_from_csv",
    "render",
    "short_contrast_thresholds",
    "subset",
    "table_digest",
]
