"""Converted weights on disk: an orbax checkpoint with the record of where they came from."""

import importlib.metadata
import logging
import pathlib
import shutil

import jax
import numpy as np

from jaxiqa import checks

# Raised when what is written changes in a way that older versions cannot read.
FORMAT = 1
_MARK = "_CHECKPOINT_METADATA"


def versions() -> dict[str, str]:
    """Returns the installed versions of what computes and stores, by package."""
    packages = ("jaxiqa", "jax", "jaxlib", "flax", "orbax-checkpoint", "numpy")
    return {package: importlib.metadata.version(package) for package in packages}


def is_stored(path: str | pathlib.Path) -> bool:
    """Returns whether a folder holds weights that ``save`` wrote."""
    return (pathlib.Path(path) / _MARK).is_file()


def _orbax():
    import orbax.checkpoint as ocp

    # Orbax tells on the root logger which files it visits; failures still raise.
    logging.getLogger("absl").setLevel(logging.ERROR)
    return ocp


def save(path: str | pathlib.Path, variables: dict, record: dict) -> pathlib.Path:
    """Returns the folder to which variables and their record were written, whole or not at all.

    Args:
      path: a folder that does not exist yet, or an empty one.
      variables: nested dict of arrays.
      record: what JSON can hold.

    Raises:
      InputError: the folder holds something already, or cannot be written.
    """
    target = pathlib.Path(path).expanduser().absolute()
    if target.is_file() or (target.is_dir() and any(target.iterdir())):
        raise checks.InputError(f"{path} exists already; name a new folder, or remove it first")
    ocp = _orbax()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.is_dir():
            target.rmdir()
        with ocp.Checkpointer(ocp.CompositeCheckpointHandler()) as writer:
            writer.save(
                target,
                args=ocp.args.Composite(
                    variables=ocp.args.StandardSave(jax.tree.map(np.asarray, variables)),
                    record=ocp.args.JsonSave(record),
                ),
            )
    except OSError as error:
        for unfinished in target.parent.glob(f"{target.name}.orbax-checkpoint-tmp*"):
            shutil.rmtree(unfinished, ignore_errors=True)
        raise checks.InputError(f"cannot write {path}: {error.strerror or error}") from error
    return target


def _restore(path: str | pathlib.Path, **wanted):
    """Restores the parts named; orbax raises many kinds of errors for a damaged folder."""
    ocp = _orbax()
    folder = pathlib.Path(path).expanduser().absolute()
    if not is_stored(folder):
        raise checks.InputError(
            f"{path} holds no converted weights; `jaxiqa weights convert` makes them"
        )
    try:
        with ocp.Checkpointer(ocp.CompositeCheckpointHandler()) as reader:
            found = reader.restore(folder, args=ocp.args.Composite(**wanted))
    except Exception as error:
        raise checks.InputError(
            f"the converted weights in {path} are damaged ({type(error).__name__}); "
            "convert them again"
        ) from error
    if found["record"].get("format") != FORMAT:
        raise checks.InputError(
            f"{path} was written in format {found['record'].get('format')} and this version "
            f"reads {FORMAT}; convert the weights again"
        )
    return found


def load_record(path: str | pathlib.Path) -> dict:
    """Returns the record that was saved with converted weights.

    Raises:
      InputError: no converted weights there, or damaged ones.
    """
    ocp = _orbax()
    return _restore(path, record=ocp.args.JsonRestore())["record"]


def load(path: str | pathlib.Path) -> tuple[dict, dict]:
    """Returns (variables as NumPy arrays, record) of converted weights.

    Raises:
      InputError: no converted weights there, or damaged ones.
    """
    ocp = _orbax()
    found = _restore(path, variables=ocp.args.StandardRestore(), record=ocp.args.JsonRestore())
    return jax.tree.map(np.asarray, found["variables"]), found["record"]
