"""The bank of a net on a data set: found where it was made before, else computed and stored.

A bank is reused only if everything that its numbers depend on is the same: weights, table of the
architecture, preprocessing, precision, rated pairs and their images. One that was interrupted goes
on where it stopped.
"""

import dataclasses
import os
import pathlib
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import jax

from jaxiqa import checks
from jaxiqa.arch.net import Net, available_taps, needed_variables
from jaxiqa.bank import store
from jaxiqa.bank.extract import default_batch, extract
from jaxiqa.bank.layout import blocks_of, layout_for
from jaxiqa.bank.origin import origin_of
from jaxiqa.bank.probes import NetProbe, Probe, net_probe
from jaxiqa.bank.store import Bank
from jaxiqa.checkpoints.store import versions
from jaxiqa.data import Pairs, fingerprint
from jaxiqa.readouts.moments import MOMENTS

# Raised when moments are computed otherwise, so that older banks are not taken for new ones.
COMPUTATION = 1

_COLUMNS = ("reference", "distorted", "reference_id", "distortion", "level", "split")


class Progress(Protocol):
    """Who is told how far an extraction has come."""

    def start(self, label: str, pairs: int, done: int) -> Callable[[int], None]:
        """Announces a pass over ``pairs`` pairs of which some are in the bank already.

        What is returned is called with each advance.
        """


@dataclasses.dataclass(frozen=True, eq=False)
class Subject:
    """What a bank is about.

    Attributes:
      pairs: the rated pairs.
      data: their ``fingerprint``.
      probe: what is looked at.
      variables: the weights that the probe needs.
      origin: ``origin_of`` the net; empty for simple metrics.
      label: names it in a folder and to a reader.
    """

    pairs: Pairs
    data: str
    probe: Probe
    variables: Mapping
    origin: Mapping
    label: str


def _identity(subject: Subject) -> dict:
    """Everything that the numbers of a bank depend on, but for the taps and moments that it has."""
    looked = "pixels"
    if isinstance(subject.probe, NetProbe):
        looked = {**subject.origin, "precision": subject.probe.precision}
    return {
        "computation": COMPUTATION,
        "jaxiqa": versions()["jaxiqa"],
        "looked at": looked,
        "data": subject.data,
        "pairs": len(subject.pairs),
    }


def _table(pairs: Pairs) -> dict:
    """The rated pairs, so that a bank can be read without its images."""
    numbers = {name: getattr(pairs, name) for name in ("opinion", "opinion_std", "opinion_error")}
    return {
        "name": pairs.name,
        "higher_is_better": bool(pairs.higher_is_better),
        "citation": pairs.citation,
        "licence": pairs.licence,
        "digest": pairs.digest,
        **{name: getattr(pairs, name) for name in _COLUMNS},
        **{name: None if v is None else [float(x) for x in v] for name, v in numbers.items()},
    }


def _record(subject: Subject, layout) -> dict:
    device, probe = jax.local_devices()[0], subject.probe
    taps, moments = (probe.names, probe.moments) if isinstance(probe, NetProbe) else ((), ())
    return {
        "identity": _identity(subject),
        "label": subject.label,
        "taps": list(taps),
        "moments": list(moments),
        "layout": dataclasses.asdict(layout),
        "device": f"{device.platform} {device.device_kind}",
        "versions": versions(),
        "table": _table(subject.pairs),
    }


def _complete(folder: pathlib.Path, subject: Subject) -> Bank | None:
    """A finished bank that has what is asked for, or more moments, or more taps."""
    probes = [subject.probe]
    if isinstance(subject.probe, NetProbe):
        probes.append(dataclasses.replace(subject.probe, moments=MOMENTS))
    for probe in probes:
        found = store.find(folder, _identity(subject), probe.arrays())
        if found is not None and store.is_complete(found):
            return found
    return None


def bank_of(subject: Subject, folder: pathlib.Path, *, batch: int, progress: Progress) -> Bank:
    """Returns the finished bank of a subject, which is read, resumed or made.

    Args:
      subject: what it is about.
      folder: where banks are kept.
      batch: images that one device computes at once, where it has to be made.
      progress: told how far it has come.

    Raises:
      InputError: the folder cannot be written, or the devices have not enough memory.
    """
    count = len(subject.pairs)
    if found := _complete(folder, subject):
        progress.start(subject.label, count, count)
        return found
    layout = layout_for(
        count, batch=batch, devices=jax.local_device_count(), processes=jax.process_count()
    )
    blocks = blocks_of(subject.pairs, layout)
    record = _record(subject, layout)
    path = store.slot_folder(folder, subject.label, record)
    rows = [block.pairs for block in blocks]
    bank = store.create(path, record, subject.probe.arrays(), rows)
    share = range(jax.process_index(), len(blocks), jax.process_count())
    todo = [index for index in store.pending(bank) if index in share]
    mine = sum(len(rows[index]) for index in share)
    done = mine - sum(len(rows[index]) for index in todo)
    advance = progress.start(subject.label, mine, done)
    computed = extract(
        subject.pairs,
        subject.probe,
        subject.variables,
        [blocks[index] for index in todo],
        layout=layout,
        advance=advance,
    )
    for index, found in zip(todo, computed, strict=True):
        store.commit(bank, index, found.values, found.sizes, found.failures)
    if jax.process_count() > 1:
        from jax.experimental import multihost_utils

        multihost_utils.sync_global_devices(f"bank {path.name}")
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

    Args:
      net: from ``load_net``.
      pairs: the rated pairs.
      folder: where banks are kept, this one in a folder of its own below.
      taps: as for ``responses``; none stands for every tap that the weights reach.
      moments: names of ``MOMENTS``; fewer take less time.
      precision: of products, as for ``responses``.
      batch: images that one device computes at once, None for 1 on a CPU and 16 elsewhere.
      progress: told how far it has come, None for nobody.

    Returns:
      The bank, to be read with ``distances``.

    Raises:
      InputError: an unknown tap or moment, a folder that cannot be written, or devices without
        enough memory. Bad images cost their pairs only: ``failures`` names them.
    """
    for name in moments:
        checks.choose(name, MOMENTS, kind="moment", listing=f"choose from {', '.join(MOMENTS)}")
    probe = net_probe(net, tuple(taps) or available_taps(net), moments=moments, precision=precision)
    variables = needed_variables(net, probe.names)
    label = f"{pairs.name}: {net.name}"
    subject = Subject(pairs, fingerprint(pairs), probe, variables, origin_of(net), label)
    chosen = default_batch() if batch is None else batch
    return bank_of(subject, pathlib.Path(folder), batch=chosen, progress=progress or Silent())
