"""Converted weights on disk: an orbax checkpoint with the record of where they came from."""

import errno
import hashlib
import importlib.metadata
import logging
import os
import pathlib
import re
import shutil
import tempfile

import jax
import numpy as np

from jaxiqa import checks

# Raised when what is written changes in a way that older versions cannot read.
FORMAT = 1

# Digests of all files, in the form that `sha256sum --check` reads. Damage is found here, since
# orbax, when one of its parallel reads fails, writes tracebacks of its own to the terminal.
DIGESTS = "SHA256SUMS"
_LINE = re.compile("[0-9a-f]{64}  .+")
_MARKS = (DIGESTS, "_CHECKPOINT_METADATA")


def versions() -> dict[str, str]:
    """Returns the installed versions of what computes and stores, by package."""
    packages = ("jaxiqa", "jax", "jaxlib", "flax", "orbax-checkpoint", "numpy")
    return {package: importlib.metadata.version(package) for package in packages}


def is_stored(path: str | os.PathLike) -> bool:
    """Returns whether a folder holds weights that ``save`` wrote, whole or damaged."""
    return any(os.path.isfile(os.path.join(path, mark)) for mark in _MARKS)


def _orbax():
    import orbax.checkpoint as ocp

    # Orbax tells on the root logger which files it visits and what fails; failures still raise.
    logging.getLogger("absl").setLevel(logging.CRITICAL)
    return ocp


def save(path: str | os.PathLike, variables: dict, record: dict) -> pathlib.Path:
    """Returns the folder to which variables and their record were written, whole or not at all.

    Args:
      path: a folder that does not exist yet.
      variables: nested dict of arrays.
      record: what JSON can hold.

    Raises:
      InputError: something of that name exists already, or the folder cannot be written.
    """
    target = pathlib.Path(path).absolute()
    if os.path.lexists(target):
        raise checks.InputError(f"{path} exists already; name a new folder, or remove it first")
    ocp = _orbax()
    # Orbax and the storage below it raise many kinds of errors where a disk is full or read-only.
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _check_space(target.parent, variables)
        with tempfile.TemporaryDirectory(prefix=".jaxiqa-", dir=target.parent) as beside:
            unfinished = pathlib.Path(beside) / "weights"
            parts = ocp.args.Composite(
                variables=ocp.args.StandardSave(jax.tree.map(np.asarray, variables)),
                record=ocp.args.JsonSave(record),
            )
            with ocp.Checkpointer(ocp.CompositeCheckpointHandler()) as writer:
                writer.save(unfinished, args=parts)
            _write_digests(unfinished)
            unfinished.rename(target)
    except Exception as error:
        reason = getattr(error, "strerror", None) or f"{type(error).__name__}: {error}"
        raise checks.InputError(f"cannot write {path}: {' '.join(reason.split())}") from error
    return target


def _check_space(folder: pathlib.Path, variables: dict) -> None:
    needed = sum(array.nbytes for array in jax.tree.leaves(variables))
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise OSError(errno.ENOSPC, f"it needs {needed:,} bytes and {free:,} are free")


def _digest(path: pathlib.Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write_digests(folder: pathlib.Path) -> None:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    lines = [f"{_digest(path)}  {path.relative_to(folder).as_posix()}\n" for path in files]
    (folder / DIGESTS).write_text("".join(lines), encoding="utf-8")


def _is_intact(path: pathlib.Path, digest: str) -> bool:
    try:
        return _digest(path) == digest
    except OSError:
        return False


def _damaged(path: str | os.PathLike, what: str) -> checks.InputError:
    return checks.InputError(
        f"the converted weights in {path} are damaged ({what}); convert them again"
    )


def _check_digests(path: str | os.PathLike, part: str) -> None:
    """Passes if every file below ``part`` is as it was written; files added later do not matter.

    Raises:
      InputError: no converted weights there, or damaged ones.
    """
    if not is_stored(path):
        raise checks.InputError(
            f"{path} holds no converted weights; `jaxiqa weights convert` makes them"
        )
    folder = pathlib.Path(path)
    try:
        lines = (folder / DIGESTS).read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError) as error:
        raise _damaged(path, DIGESTS) from error
    if not lines or not all(map(_LINE.fullmatch, lines)):
        raise _damaged(path, DIGESTS)
    for digest, _, name in (line.partition("  ") for line in lines):
        if name.startswith(part) and not _is_intact(folder / name, digest):
            raise _damaged(path, name)


def _restore(path: str | os.PathLike, part: str, **wanted):
    """Restores the parts named, once the files below ``part`` are found to be undamaged."""
    _check_digests(path, part)
    ocp = _orbax()
    try:
        with ocp.Checkpointer(ocp.CompositeCheckpointHandler()) as reader:
            found = reader.restore(pathlib.Path(path).absolute(), args=ocp.args.Composite(**wanted))
    except Exception as error:
        raise _damaged(path, type(error).__name__) from error
    if not isinstance(found["record"], dict):
        raise _damaged(path, "its record is no table")
    if found["record"].get("format") != FORMAT:
        raise checks.InputError(
            f"{path} was written in format {found['record'].get('format')} and this version "
            f"reads {FORMAT}; convert the weights again"
        )
    return found


def load_record(path: str | os.PathLike) -> dict:
    """Returns the record that was saved with converted weights.

    Raises:
      InputError: no converted weights there, or damaged ones.
    """
    ocp = _orbax()
    return _restore(path, "record/", record=ocp.args.JsonRestore())["record"]


def load(path: str | os.PathLike) -> tuple[dict, dict]:
    """Returns (variables as NumPy arrays, record) of converted weights.

    Raises:
      InputError: no converted weights there, or damaged ones.
    """
    ocp = _orbax()
    found = _restore(path, "", variables=ocp.args.StandardRestore(), record=ocp.args.JsonRestore())
    return jax.tree.map(np.asarray, found["variables"]), found["record"]
