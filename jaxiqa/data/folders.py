"""Images of two folders matched by name."""

import dataclasses
import os
import pathlib

from jaxiqa.checks import InputError


@dataclasses.dataclass(frozen=True)
class Match:
    """A reference image and its distorted version."""

    reference: pathlib.Path
    distorted: pathlib.Path


def _by_name(folder: pathlib.Path) -> dict[str, pathlib.Path]:
    """Files of a folder, hidden ones left out, by name without suffix and regardless of case.

    Raises:
      InputError: the folder cannot be read, or two of its files have one such name.
    """
    try:
        paths = sorted(path for path in folder.iterdir() if path.is_file())
    except OSError as error:
        raise InputError(f"{folder}: cannot be read ({error.strerror})") from error
    found: dict[str, pathlib.Path] = {}
    for path in paths:
        if not path.name.startswith("."):
            name = path.stem.lower()
            if name in found:
                raise InputError(
                    f"{found[name]} and {path} differ in suffix or case only; "
                    "keep one of the two to match folders by name"
                )
            found[name] = path
    return found


def match(reference: str, distorted: str) -> tuple[tuple[Match, ...], tuple[pathlib.Path, ...]]:
    """Returns the pairs of two images or two folders, and the files that have no partner.

    Files of two folders belong together if their names without suffix are the same, regardless of
    case: I01.BMP and i01.jpg are a pair.

    Args:
      reference: an image file, or a folder.
      distorted: likewise.

    Raises:
      InputError: a path that does not exist, a file against a folder, folders that cannot be
        read, of which no two files match, or in which two files have one name.
    """
    paths = pathlib.Path(reference), pathlib.Path(distorted)
    for path in paths:
        if not os.path.exists(path):
            raise InputError(f"{path} does not exist; expected an image or a folder of images")
    kinds = [path.is_dir() for path in paths]
    if not any(kinds):
        return (Match(*paths),), ()
    if not all(kinds):
        raise InputError(
            f"expected two images or two folders, got {paths[0]} "
            f"({'a folder' if kinds[0] else 'a file'}) and {paths[1]}"
        )
    found = [_by_name(path) for path in paths]
    matched = {name: None for name in found[0] if name in found[1]}
    if not matched:
        raise InputError(f"no file in {paths[0]} has the name of one in {paths[1]}")
    unmatched = [files[name] for files in found for name in files if name not in matched]
    return tuple(Match(*(files[name] for files in found)) for name in matched), tuple(unmatched)
