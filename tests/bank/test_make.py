"""Banks made, found again, resumed, and shared by devices and processes."""

import dataclasses
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time

import jax
import numpy as np
import pytest
from rated import Held, noisy, pairs_of, picture, write_set, write_table

from jaxiqa.arch.net import needed_variables
from jaxiqa.bank import store
from jaxiqa.bank.distances import distances
from jaxiqa.bank.make import bank_of
from jaxiqa.bank.origin import origin_of
from jaxiqa.bank.probes import net_probe
from jaxiqa.bank.store import open_bank
from jaxiqa.bank.subject import Subject
from jaxiqa.checkpoints.load import load_net
from jaxiqa.images import IDENTITY
from jaxiqa.readouts.moments import MOMENTS
from jaxiqa.readouts.readout import FORMS, Readout

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "extract.py"
ROWS = [(f"r{k % 5}", f"d{k}") for k in range(40)]
IMAGES = {f"r{k}": picture(k, (24, 32)) for k in range(5)}
IMAGES |= {d: noisy(IMAGES[r], 4 + k, k) for k, (r, d) in enumerate(ROWS)}


class Quiet:
    """Progress that remembers how many pairs were done before, and may interrupt."""

    def __init__(self, after=None):
        self.before, self.advanced, self._after = [], 0, after

    def start(self, label, pairs, done):
        self.before.append(done)
        return self._advance

    def _advance(self, count):
        self.advanced += count
        if self._after is not None and self.advanced > self._after:
            raise KeyboardInterrupt


@pytest.fixture(scope="module")
def net():
    return load_net("pocket.random-0")


def subject(
    net, *, taps=("relu1", "relu2"), moments=("energy",), data="digest", precision="highest"
):
    probe = net_probe(net, taps, moments=moments, precision=precision)
    variables = needed_variables(net, probe.names)
    pairs = pairs_of(ROWS, IMAGES)
    return Subject(pairs, data, probe, variables, origin_of(net), "held: alexnet")


def made(folder, asked, **options):
    progress = Quiet()
    return bank_of(asked, folder, batch=1, progress=progress, **options), progress


def contents(folder):
    files = (path for path in pathlib.Path(folder).rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_a_finished_bank_is_read_and_no_net_is_computed_again(net, tmp_path, monkeypatch):
    first, progress = made(tmp_path, subject(net, moments=MOMENTS))
    assert (progress.before, progress.advanced) == ([0], len(ROWS))
    monkeypatch.setattr("jaxiqa.bank.make.extract", None)
    for asked in (
        subject(net, moments=MOMENTS),
        subject(net, moments=("energy", "gram")),
        subject(net, taps=("relu2",), moments=("unit_energy",)),
        subject(net, taps=("features.1",), moments=MOMENTS),
    ):
        found, progress = made(tmp_path, asked)
        assert found.path == first.path
        assert progress.before == [len(ROWS)]


def halved(net):
    variables = jax.tree.map(lambda array: array * np.float32(0.5), net.variables)
    return dataclasses.replace(net, variables=variables)


OTHERS = {
    "weights": lambda net: subject(halved(net)),
    "preprocessing": lambda net: subject(dataclasses.replace(net, preprocess=IDENTITY)),
    "architecture": lambda net: subject(load_net("vgg11.random-0"), taps=("relu1_1", "relu2_1")),
    "taps": lambda net: subject(net, taps=("relu1", "relu3")),
    "moments": lambda net: subject(net, moments=("energy", "unit_energy")),
    "data": lambda net: subject(net, data="other"),
    "precision": lambda net: subject(net, precision="high"),
}


@pytest.mark.parametrize("what", OTHERS)
def test_a_bank_of_something_else_is_never_taken(net, tmp_path, what):
    first, _ = made(tmp_path, subject(net))
    second, progress = made(tmp_path, OTHERS[what](net))
    assert second.path != first.path
    assert progress.before == [0]
    assert made(tmp_path, subject(net))[0].path == first.path


def test_interrupted_anywhere_and_resumed_it_has_the_same_bytes(net, tmp_path, monkeypatch):
    monkeypatch.setattr("jaxiqa.bank.layout._ROWS", 8)
    monkeypatch.setattr("jaxiqa.bank.layout._BATCHES", 8)
    asked = subject(net, moments=MOMENTS)
    whole, _ = made(tmp_path / "whole", asked)
    done = -1
    for after in (3, 9, 19, 4, 14, 40):
        progress = Quiet(after)
        try:
            bank = bank_of(asked, tmp_path / "cut", batch=1, progress=progress)
        except KeyboardInterrupt:
            assert progress.before[0] >= done
            done = progress.before[0]
    assert done == 24
    assert store.is_complete(bank)
    assert contents(bank.path) == contents(whole.path)


def test_it_goes_on_in_the_batches_it_was_begun_with_unless_told_otherwise(net, tmp_path):
    asked = subject(net)
    with pytest.raises(KeyboardInterrupt):
        bank_of(asked, tmp_path, batch=2, progress=Quiet(after=35))
    bank = bank_of(asked, tmp_path, batch=None, progress=Quiet())
    assert bank.record["layout"]["batch"] == 2
    store.reopen(bank, 0)
    other, _ = made(tmp_path, asked)
    assert other.path != bank.path
    assert other.record["layout"]["batch"] == 1


class Away(Held):
    """Images of which one cannot be read for a while."""

    def __call__(self, key):
        if key == "d7" and self.away:
            raise OSError(5, "Input/output error")
        return super().__call__(key)


def test_a_pair_that_failed_is_tried_again_when_its_image_is_back(net, tmp_path, monkeypatch):
    whole, _ = made(tmp_path / "whole", subject(net))
    images = Away(IMAGES)
    images.away = True
    asked = dataclasses.replace(subject(net), pairs=pairs_of(ROWS, images))
    bank, _ = made(tmp_path / "cut", asked)
    assert store.failures(bank) == {7: "d7: [Errno 5] Input/output error"}
    assert np.isnan(store.read(bank, "relu1/moments")[7]).all()
    assert made(tmp_path / "cut", asked)[1].before == [len(ROWS)]
    images.away = False
    bank, _ = made(tmp_path / "cut", asked)
    assert store.failures(bank) == {}
    np.testing.assert_array_equal(
        store.read(bank, "relu1/moments"), store.read(whole, "relu1/moments")
    )


def test_pairs_too_small_for_a_deep_tap_count_for_a_shallow_one(net, tmp_path):
    images = {key: image[:9, :9] for key, image in IMAGES.items()}
    deep, shallow = (
        dataclasses.replace(subject(net, taps=taps), pairs=pairs_of(ROWS, images))
        for taps in (("relu1", "relu3"), ("relu1",))
    )
    assert len(store.failures(made(tmp_path, deep)[0])) == len(ROWS)
    assert store.failures(made(tmp_path, shallow)[0]) == {}


def run_script(*words, devices=1, **options):
    environment = os.environ | {"XLA_FLAGS": f"--xla_force_host_platform_device_count={devices}"}
    words = [sys.executable, str(SCRIPT), *map(str, words)]
    return subprocess.Popen(words, env=environment, stderr=subprocess.PIPE, text=True, **options)


@pytest.fixture(scope="module")
def options(tmp_path_factory):
    """Words of a small study, two image sizes in it."""
    folder = tmp_path_factory.mktemp("rated")
    path = write_table(folder / "ok.csv", write_set(folder, references=6, levels=4))
    return ("--data", path, "--net", "pocket.random-0", "--taps", "relu2", "--moments", "all")


def bank_below(folder):
    (path,) = folder.glob("banks/*pocket*")
    return open_bank(path)


@pytest.fixture(scope="module")
def alone(options, tmp_path_factory):
    """The bank of one process with one device."""
    out = tmp_path_factory.mktemp("alone")
    with run_script(*options, "--out", out, stdout=subprocess.PIPE) as child:
        assert child.wait(120) == 0, child.stderr.read()
    return bank_below(out)


def assert_same(bank, expected):
    for name in expected.arrays:
        np.testing.assert_allclose(
            store.read(bank, name), store.read(expected, name), rtol=1e-5, atol=1e-9
        )
    readouts = [Readout(("relu2",), form) for form in FORMS]
    for ours, theirs in zip(distances(bank, readouts), distances(expected, readouts), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5)
    np.testing.assert_array_equal(store.sizes(bank), store.sizes(expected))


@pytest.mark.slow
def test_four_devices_make_the_same_bank(options, alone, tmp_path):
    with run_script(*options, "--out", tmp_path, "--batch", 2, devices=4) as child:
        assert child.wait(120) == 0, child.stderr.read()
    assert bank_below(tmp_path).record["layout"]["lanes"] == 4
    assert_same(bank_below(tmp_path), alone)


@pytest.mark.slow
def test_two_processes_make_one_and_the_same_bank(options, alone, tmp_path):
    with socket.socket() as free:
        free.bind(("localhost", 0))
        place = f"localhost:{free.getsockname()[1]}"
    words = (*options, "--out", tmp_path, "--coordinator", place, "--processes", 2, "--process")
    with run_script(*words, 1) as other, run_script(*words, 0) as first:
        assert first.wait(120) == 0, first.stderr.read()
        assert other.wait(120) == 0, other.stderr.read()
    assert_same(bank_below(tmp_path), alone)


@pytest.mark.slow
def test_killed_at_random_points_and_called_again_it_has_the_same_bytes(options, alone, tmp_path):
    generator, kills = np.random.default_rng(0), 0
    for _ in range(60):
        with run_script(*options, "--out", tmp_path, stdout=subprocess.DEVNULL) as child:
            # Until the first pass is announced it only imports.
            next(child.stderr)
            # Each lives longer than those before it, so that one of them ends on any machine.
            time.sleep(generator.uniform(0, 0.3 * (1 + kills)))
            child.send_signal(signal.SIGKILL)
            if child.wait() == 0:
                break
            kills += 1
    assert kills > 2
    assert contents(bank_below(tmp_path).path) == contents(alone.path)
