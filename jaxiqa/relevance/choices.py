"""How relevance is fitted, as a value."""

import dataclasses
import math

from jaxiqa import checks
from jaxiqa.relevance.design import SHARINGS
from jaxiqa.relevance.objectives import OBJECTIVES

OPTIMISERS: dict[str, str] = {
    "lbfgs": "L-BFGS with a line search on all pairs at once",
    "adam": "Adam on all pairs at once",
}


@dataclasses.dataclass(frozen=True)
class Choices:
    """How relevance is fitted.

    Attributes:
      objective: a name of ``OBJECTIVES``.
      optimiser: a name of ``OPTIMISERS``.
      per: a name of ``SHARINGS``: a weight for each channel or one for each layer.
      l1: penalty on the sum of all shares.
      l2: penalty on the sum of their squares, times their number.
      group: penalty on each tap's root of the sum of squares, so that whole layers go.
      validation: part of the training references set aside to tell when to stop; 0 for none.
      steps: the most steps.
      patience: steps of L-BFGS without an improvement after which a fit ends, or six times as many
        of Adam's small ones.
      seeds: how many fits, the mean of which counts: from different starts, and with other
        references set aside. The first starts half way between the plain readout and equal shares,
        the others at random about it.

    Shares are weights in units of 1 / mean contribution, so that a weight of the plain readout has
    as its share the part of the distance that comes from its channel; for an objective that does
    not mind a common factor they are taken where distances have the standard deviation 1.

    Raises:
      InputError: an unknown name, or a number out of range.
    """

    objective: str = "pearson"
    optimiser: str = "lbfgs"
    per: str = "channel"
    l1: float = 0.0
    l2: float = 0.0
    group: float = 0.0
    validation: float = 0.2
    steps: int = 1000
    patience: int = 50
    seeds: int = 1

    def __post_init__(self):
        for name, known, kind in (
            (self.objective, OBJECTIVES, "objective"),
            (self.optimiser, OPTIMISERS, "optimiser"),
            (self.per, SHARINGS, "sharing of weights"),
        ):
            checks.choose(str(name), known, kind=kind, listing=f"choose from {', '.join(known)}")
        for name in ("l1", "l2", "group"):
            value = getattr(self, name)
            if not _is_number(value) or value < 0:
                raise checks.InputError(f"{name} must be a number of 0 or more, got {value!r}")
        if not _is_number(self.validation) or not 0 <= self.validation < 1:
            raise checks.InputError(
                f"validation must be a part of the references, from 0 (none) to below 1, got "
                f"{self.validation!r}"
            )
        for name in ("steps", "patience", "seeds"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise checks.InputError(f"{name} must be a whole number above 0, got {value!r}")


def _is_number(value) -> bool:
    real = isinstance(value, int | float) and not isinstance(value, bool)
    return real and math.isfinite(value)
