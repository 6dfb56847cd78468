"""Contrast thresholds as points to draw: a metric's log sensitivities beside those of people."""

import base64
import io
from collections.abc import Sequence

import numpy as np

from jaxiqa import checks
from jaxiqa.bank.store import Bank
from jaxiqa.data import ContrastThresholds, as_pairs
from jaxiqa.metrics import METRICS
from jaxiqa.study.judge import sample
from jaxiqa.study.plan import SHIPPED

AXES = ("log10 sensitivity of the distance", "log10 sensitivity of people")
# Half of the range of code values that a pattern is raised to, and pixels across a small picture.
_SWING, _ACROSS, _QUALITY = 0.4, 128, 88


def stimuli_of(bank: Bank) -> ContrastThresholds:
    """Returns the stimuli that a bank was made of.

    Raises:
      InputError: this version computes other ones under that name.
    """
    table = bank.record["table"]
    data = SHIPPED[table["name"]]()
    if as_pairs(data).digest != table["digest"]:
        raise checks.InputError(f"the stimuli of {table['name']} have changed since; run it again")
    return data


def sensitivities(data: ContrastThresholds, distance: np.ndarray) -> np.ndarray:
    """Returns (m,) log10 sensitivities as they are correlated, NaN where nothing is seen."""
    return -sample(data, distance).distance


def from_zero(name: str, values: np.ndarray) -> np.ndarray:
    """Returns a metric's values as a distance from 0 up; of a net they are that already."""
    formula = METRICS.get(name.partition(",")[0])
    return values if formula is None else np.asarray(formula.distance(values), np.float64)


def table_of(data: ContrastThresholds) -> dict[str, list[str]]:
    """Returns what is told of each stimulus, as columns of text."""
    return {
        "distorted": [one.name for one in data.stimuli],
        "distortion": [_kind(one.set, one.direction) for one in data.stimuli],
        "frequency": [f"{one.frequency:.3g} cycles per degree" for one in data.stimuli],
        "size": [f"{one.size:.3g} degrees ({one.form})" for one in data.stimuli],
    }


def _kind(name: str, direction: Sequence[float]) -> str:
    """The experiment, and by the largest change of L, M and S what kind of colour it is in."""
    change_l, change_m, change_s = direction
    if np.allclose(direction, change_l):
        return f"{name}, achromatic"
    if abs(change_s) > 2 * max(abs(change_l), abs(change_m)):
        return f"{name}, yellow-blue"
    return f"{name}, red-green" if change_l * change_m < 0 else f"{name}, mixed"


def _picture(image: np.ndarray) -> str:
    """A pattern with its contrast raised until it is plain to see, as a JPEG in a data URI."""
    from PIL import Image

    ground = image[0, 0]
    change = image - ground
    plain = np.clip(ground + change * (_SWING / max(np.abs(change).max(), 1e-9)), 0, 1)
    small = Image.fromarray(np.rint(plain * 255).astype(np.uint8))
    small.thumbnail((_ACROSS, _ACROSS))
    held = io.BytesIO()
    small.save(held, "JPEG", quality=_QUALITY)
    return "data:image/jpeg;base64," + base64.b64encode(held.getvalue()).decode("ascii")


def patterns(data: ContrastThresholds, places: Sequence[int]) -> dict:
    """Returns small pictures of some stimuli, as ``thumbnails`` does of pairs: one image each."""
    pairs = as_pairs(data)
    top = len(data.ladder)
    images = [_picture(pairs.read(pairs.distorted[(k + 1) * top - 1])) for k in places]
    return {"images": images, "shown": {int(place): [k] for k, place in enumerate(places)}}
