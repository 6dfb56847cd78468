"""Why a pair cannot be compared: an image that is not there, sizes that differ, a tap too deep."""

import functools

from jaxiqa import checks
from jaxiqa.bank.probes import Probe
from jaxiqa.bank.stream import image_or_reason
from jaxiqa.data import Pairs


@functools.cache
def _too_small(probe: Probe, height: int, width: int) -> str:
    try:
        probe.check(height, width)
    except checks.InputError as error:
        return str(error)
    return ""


def problem(pairs: Pairs, index: int, image, reference, probe: Probe) -> str:
    """Returns why a pair with these images cannot be compared, or an empty string."""
    for found in (reference, image):
        if isinstance(found, str):
            return found
    if image.shape != reference.shape:
        sizes = [f"{shape[1]} x {shape[0]}" for shape in (image.shape, reference.shape)]
        return (
            f"{pairs.distorted[index]} is {sizes[0]} and its reference {pairs.reference[index]} "
            f"is {sizes[1]} pixels (width x height)"
        )
    small = _too_small(probe, *image.shape[:2])
    return f"{pairs.distorted[index]}: {small}" if small else ""


def problem_of(pairs: Pairs, index: int, probe: Probe) -> str:
    """Returns why a pair cannot be compared, or an empty string; reads its two images."""
    keys = (pairs.distorted[index], pairs.reference[index])
    return problem(pairs, index, *(image_or_reason(pairs.read, key) for key in keys), probe)
