"""The bank of a net on a data set: found where it was made before, else computed and stored.

A bank is reused only if everything that its numbers depend on is the same: weights, table of the
architecture, preprocessing, precision, rated pairs and their images. One that was interrupted goes
on where it stopped.
"""

import dataclasses
import os
import pathlib
import time
from collections.abc import Callable, Sequence
from typing import Protocol

import jax

from jaxiqa import checks
from jaxiqa.arch.net import Net, available_taps, needed_variables
from jaxiqa.bank import store
from jaxiqa.bank.extract import default_batch, extract
from jaxiqa.bank.failing import problem_of
from jaxiqa.bank.layout import Layout, blocks_of, layout_for
from jaxiqa.bank.origin import origin_of
from jaxiqa.bank.probes import NetProbe, net_probe
from jaxiqa.bank.store import Bank
from jaxiqa.bank.subject import Subject, identity, record_of
from jaxiqa.data import Pairs, fingerprint
from jaxiqa.readouts.moments import MOMENTS

# Seconds between two looks at what other processes have finished.
_POLL = 0.5


class Progress(Protocol):
    """Who is told how far an extraction has come."""

    def start(self, label: str, pairs: int, done: int) -> Callable[[int], None]:
        """Announces a pass over ``pairs`` pairs of which some are in the bank already.

        What is returned is called with each advance.
        """


def _mended(bank: Bank, subject: Subject) -> list[int]:
    """Blocks with a pair that failed and would now fail otherwise or not at all.

    A disk that was away for a moment, or a tap too deep for an image, is not for ever.
    """
    failures = store.failures(bank)
    changed = {
        index
        for index, why in failures.items()
        if problem_of(subject.pairs, index, subject.probe) != why
    }
    return [place for place, block in enumerate(bank.blocks) if changed & set(block)]


def _complete(folder: pathlib.Path, subject: Subject) -> Bank | None:
    """A finished bank that has what is asked for, or more moments, or more taps."""
    probes = [subject.probe]
    if isinstance(subject.probe, NetProbe):
        probes.append(dataclasses.replace(subject.probe, moments=MOMENTS))
    for probe in probes:
        for found in store.find(folder, identity(subject), probe.arrays()):
            if store.is_complete(found) and not _mended(found, subject):
                return found
    return None


def _is_begun(bank: Bank, subject: Subject, record: dict, batch: int | None) -> bool:
    """Whether a bank is the one to go on with: of this very thing, in batches as asked for."""
    layouts = bank.record["layout"], record["layout"]
    return (
        bank.arrays == subject.probe.arrays()
        and store.same_record(bank, record | {"layout": layouts[0]})
        and layouts[0]["lanes"] == layouts[1]["lanes"]
        and batch in (None, layouts[0]["batch"])
    )


def _begun(folder: pathlib.Path, subject: Subject, batch: int | None) -> Bank:
    """The bank to fill: one that was begun, what was mended open again, or a new one."""
    layout = layout_for(
        len(subject.pairs),
        batch=default_batch() if batch is None else batch,
        devices=jax.local_device_count(),
        processes=jax.process_count(),
    )
    record = record_of(subject, layout)
    for bank in store.find(folder, identity(subject), subject.probe.arrays()):
        if _is_begun(bank, subject, record, batch):
            for block in _mended(bank, subject):
                store.reopen(bank, block)
            return bank
    path = store.slot_folder(folder, subject.label, record)
    rows = [block.pairs for block in blocks_of(subject.pairs, layout)]
    return store.create(path, record, subject.probe.arrays(), rows)


def _fill(bank: Bank, subject: Subject, progress: Progress) -> None:
    """Computes what is missing of this process's share of the blocks."""
    layout = Layout(**bank.record["layout"])
    blocks = blocks_of(subject.pairs, layout)
    share = range(jax.process_index(), len(blocks), jax.process_count())
    todo = [index for index in store.pending(bank) if index in share]
    mine = sum(len(blocks[index].pairs) for index in share)
    left = sum(len(blocks[index].pairs) for index in todo)
    computed = extract(
        subject.pairs,
        subject.probe,
        subject.variables,
        [blocks[index] for index in todo],
        layout=layout,
        advance=progress.start(subject.label, mine, mine - left),
    )
    for index, found in zip(todo, computed, strict=True):
        store.commit(bank, index, found.values, found.sizes, found.failures)


def _await_others(bank: Bank, subject: Subject, progress: Progress) -> None:
    """Waits until other processes have finished their blocks; they may be slower by any time."""
    left = store.pending(bank)
    if not left:
        return
    sizes = {index: len(bank.blocks[index]) for index in left}
    label = f"{subject.label}: by other processes"
    advance = progress.start(label, sum(sizes.values()), 0)
    while left:
        time.sleep(_POLL)
        before, left = left, store.pending(bank)
        advance(sum(sizes[index] for index in before if index not in left))


def bank_of(
    subject: Subject, folder: pathlib.Path, *, batch: int | None, progress: Progress
) -> Bank:
    """Returns the finished bank of a subject, which is read, resumed or made.

    Args:
      subject: what it is about.
      folder: where banks are kept.
      batch: images that one device computes at once; None for what an unfinished bank was begun
        with, else for 1 on a CPU and 16 elsewhere.
      progress: told how far it has come.

    Raises:
      InputError: the folder cannot be written, or the devices have not enough memory.
    """
    if found := _complete(folder, subject):
        progress.start(subject.label, len(subject.pairs), len(subject.pairs))
        return found
    bank = _begun(folder, subject, batch)
    _fill(bank, subject, progress)
    _await_others(bank, subject, progress)
    return bank


class Silent:
    """Progress that is told to nobody."""

    def start(self, label: str, pairs: int, done: int) -> Callable[[int], None]:
        """Returns what does nothing."""
        del label, pairs, done
        return lambda count: None


def extract_bank(
    net: Net,
    pairs: Pairs,
    folder: str | os.PathLike[str],
    *,
    taps: Sequence[str] = (),
    moments: Sequence[str] = MOMENTS,
    precision: str = "highest",
    batch: int | None = None,
    progress: Progress | None = None,
) -> Bank:
    """Returns the finished bank of a net on a data set, which is read, resumed or made.

    Threads of its own compute it: what a ``with jax...`` sets for one thread does not reach them.

    Args:
      net: from ``load_net``.
      pairs: the rated pairs.
      folder: where banks are kept, this one in a folder of its own below.
      taps: as for ``responses``; none stands for every tap that the weights reach.
      moments: names of ``MOMENTS``; fewer take less time.
      precision: of products, as for ``responses``.
      batch: images that one device computes at once, see ``bank_of``.
      progress: told how far it has come, None for nobody.

    Returns:
      The bank, to be read with ``distances``.

    Raises:
      InputError: an unknown tap or moment, a folder that cannot be written, or devices without
        enough memory. Bad images cost their pairs only: ``failures`` names them.

    Examples:
      >>> import numpy as np
      >>> from jaxiqa import extract_bank, load_net
      >>> from jaxiqa.data import Pairs
      >>> scenes = np.random.default_rng(0).random((6, 48, 48, 3), np.float32)
      >>> images = {f"{k}, {p}": x**p for k, x in enumerate(scenes) for p in (1, 2, 3, 4)}
      >>> rows = [(f"{k}, 1", f"{k}, {p}") for k in range(6) for p in (2, 3, 4)]
      >>> reference, distorted = zip(*rows, strict=True)
      >>> opinion = np.array([-float(name[-1]) for name in distorted])
      >>> pairs = Pairs(
      ...     "powers", reference, distorted, opinion, higher_is_better=True,
      ...     read=images.__getitem__, reference_id=reference,
      ... )
      >>> net = load_net("squeezenet1_1.random-0")
      >>> taps, moments = ("relu1", "fire2"), ("unit_energy", "mean_difference")
      >>> bank = extract_bank(net, pairs, "banks", taps=taps, moments=moments)
      >>> len(bank), bank.record["label"]
      (18, 'powers: squeezenet1_1.random-0')
    """
    for name in moments:
        checks.choose(name, MOMENTS, kind="moment", listing=f"choose from {', '.join(MOMENTS)}")
    probe = net_probe(net, tuple(taps) or available_taps(net), moments=moments, precision=precision)
    variables = needed_variables(net, probe.names)
    label = f"{pairs.name}: {net.name}"
    subject = Subject(pairs, fingerprint(pairs), probe, variables, origin_of(net), label)
    return bank_of(subject, pathlib.Path(folder), batch=batch, progress=progress or Silent())
