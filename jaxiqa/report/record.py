"""The record of a study, ``study.json``, read back: what was computed from what."""

import json
import pathlib

from jaxiqa import checks

# What each entry must tell, by the name of their list.
_TOLD = {
    "data": ("name",),
    "nets": ("label", "architecture", "function", "environment", "source"),
    "metrics": ("label",),
}


def _texts(found: object) -> bool:
    return isinstance(found, list) and all(isinstance(one, str) for one in found)


def _wrong(found: object) -> str:
    """What a page could not be made of, empty where there is nothing."""
    if not isinstance(found, dict) or not _texts(found.get("banks")):
        return "it names no banks"
    if not _texts(found.get("unfinished", [])):
        return "unfinished is no list of names"
    for name, keys in _TOLD.items():
        entries = found.get(name, [])
        if not isinstance(entries, list) or not all(isinstance(one, dict) for one in entries):
            return f"{name} is no list of objects"
        if not all(one.keys() >= set(keys) for one in entries):
            return f"each of {name} must have {', '.join(keys)}"
    ceilings = found.get("noise_ceilings") or {}
    if not isinstance(ceilings, dict) or not isinstance(found.get("versions", {}), dict):
        return "noise_ceilings and versions must be objects"
    if not all(isinstance(one, dict) and "srocc" in one for one in ceilings.values()):
        return "each of noise_ceilings must have srocc"
    return ""


def read_record(path: pathlib.Path) -> dict:
    """Returns the record of a study.

    Raises:
      InputError: the file cannot be read, or is none of those that a study writes.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise checks.InputError(f"cannot read {path}: {error.strerror or error}") from error
    except ValueError as error:
        raise checks.InputError(f"{path} is damaged: {error}; run the study again") from error
    if wrong := _wrong(found):
        raise checks.InputError(f"{path} is no record of a study: {wrong}; run the study again")
    return found


def unfinished(record: dict) -> list[str]:
    """Returns a sentence on what a study was asked for and lacks rows of."""
    names = record.get("unfinished", [])
    return [f"Not finished, so that rows are missing: {', '.join(names)}."] * bool(names)
