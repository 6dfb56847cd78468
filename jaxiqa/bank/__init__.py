"""The bank of pair moments: extracted once, on disk, read by any readout without a net.

`extract_bank` makes, resumes or finds it, `distances` reads it.
"""

from jaxiqa.bank.distances import distances, moments, taps_of
from jaxiqa.bank.make import extract_bank
from jaxiqa.bank.store import Bank, failures, open_bank, sizes

__all__ = [
    "Bank",
    "distances",
    "extract_bank",
    "failures",
    "moments",
    "open_bank",
    "sizes",
    "taps_of",
]
