"""One pass over images: equal to direct calls, whatever the batch, the order and the failures."""

import collections
import dataclasses
import itertools
import threading
import weakref
from typing import ClassVar

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from rated import Held, noisy, pairs_of, picture

from jaxiqa import load_net
from jaxiqa.arch.net import needed_variables
from jaxiqa.bank import extract as blockwise
from jaxiqa.bank.extract import default_batch
from jaxiqa.bank.found import Extracted
from jaxiqa.bank.layout import blocks_of, layout_for
from jaxiqa.bank.probes import PixelProbe, net_probe
from jaxiqa.metrics import psnr, ssim
from jaxiqa.readouts.euclidean import euclidean

TAPS = ("relu1", "pool2")
SIZES = {"a": (48, 56), "b": (63, 40), "c": (48, 56), "d": (48, 56)}
REFERENCES = {key: picture(k, SIZES[key]) for k, key in enumerate(SIZES)}
IMAGES = REFERENCES | {
    f"{key}{level}": noisy(image, 6 * level, level)
    for key, image in REFERENCES.items()
    for level in (1, 2, 3)
}
# Out of order, ragged for every batch, sizes mixed; a reference against itself and another one,
# and a distorted image with two references.
ROWS = [
    *(("b", "b1"), ("a", "a1"), ("c", "c2"), ("a", "a3"), ("b", "b3"), ("d", "d1"), ("c", "c")),
    *(("a", "a2"), ("c", "a"), ("d", "d3"), ("b", "b"), ("d", "d2"), ("d", "a2"), ("b", "b2")),
]
EQUAL = [ROWS.index(pair) for pair in (("c", "c"), ("b", "b"))]
SMALL = 20


def extract(pairs, probe, variables, *, batch, **options):
    """The blocks put together, in the order of the pairs."""
    layout = layout_for(len(pairs), batch=batch)
    blocks = blocks_of(pairs, layout)
    found = list(blockwise.extract(pairs, probe, variables, blocks, layout=layout, **options))
    order = np.argsort([index for block in blocks for index in block.pairs])
    values = {
        name: np.concatenate([part.values[name] for part in found])[order]
        for name in probe.arrays()
    }
    sizes = np.concatenate([part.sizes for part in found])[order]
    return Extracted(values, sizes, {k: v for part in found for k, v in part.failures.items()})


@pytest.fixture(scope="module")
def net():
    return load_net("pocket.random-0")


@pytest.fixture(scope="module")
def run(net):
    probe = net_probe(net, TAPS, moments=("energy",))
    variables = needed_variables(net, probe.names)
    return lambda pairs, batch, **options: extract(pairs, probe, variables, batch=batch, **options)


@pytest.fixture(scope="module")
def direct(net):
    """Distances by readout, one pair at a time."""
    readouts = (TAPS[:1], TAPS[1:])
    return {
        taps: np.array(
            [float(euclidean(net, IMAGES[r][None], IMAGES[d][None], taps=taps)[0]) for r, d in ROWS]
        )
        for taps in readouts
    }


def values_of(found):
    """(n, channels of all taps) energies."""
    return np.concatenate([values[:, 0] for values in found.values.values()], axis=1)


@pytest.mark.parametrize("batch", [1, 3, 16])
def test_distances_are_those_of_direct_calls_and_each_image_is_read_once(net, run, direct, batch):
    held, done = Held(IMAGES), []
    found = run(pairs_of(ROWS, held), batch, advance=done.append)
    for tap in TAPS:
        distance = np.sqrt(found.values[f"{tap}/moments"][:, 0].sum(axis=1))
        np.testing.assert_allclose(distance, direct[tap,], rtol=2e-6)
        assert (distance[EQUAL] == 0).all()
        assert (np.delete(distance, EQUAL) > 0).all()
    assert not found.failures
    assert sum(done) == len(ROWS)
    np.testing.assert_array_equal(found.sizes, [SIZES[reference] for reference, _ in ROWS])
    twice = {key for key, count in held.reads.items() if count > 1}
    assert twice <= {"a", "a2"}
    assert max(held.reads.values()) <= 2


@pytest.mark.parametrize("batch", [1, 3])
def test_steps_side_by_side_change_no_digit(run, monkeypatch, batch):
    found = []
    for count in (1, 2, 4):
        monkeypatch.setattr(blockwise, "_abreast", lambda computer, count=count: count)
        found.append(values_of(run(pairs_of(ROWS, IMAGES), batch)))
    np.testing.assert_array_equal(found[0], found[1])
    np.testing.assert_array_equal(found[0], found[2])


def test_simple_metrics_are_those_of_direct_calls():
    rows = [(r, d) for r, d in ROWS if SIZES[r] == SIZES["a"]]
    found = extract(pairs_of(rows, IMAGES), PixelProbe(("psnr", "ssim")), {}, batch=3)
    for name, metric in (("psnr", psnr), ("ssim", ssim)):
        expected = [float(metric(IMAGES[r][None], IMAGES[d][None])[0]) for r, d in rows]
        np.testing.assert_allclose(found.values[name], expected, rtol=1e-6)


@pytest.mark.parametrize("batch", [1, 3])
def test_values_do_not_depend_on_the_order_of_the_pairs(run, batch):
    whole = values_of(run(pairs_of(ROWS, IMAGES), batch))
    order = np.random.default_rng(0).permutation(len(ROWS))
    shuffled = values_of(run(pairs_of([ROWS[k] for k in order], IMAGES), batch))
    np.testing.assert_allclose(shuffled, whole[order], rtol=1e-5, atol=1e-9)


BAD = [
    (("a", "gone"), "gone: no such image"),
    (("gone", "a1"), "gone: no such image"),
    (("lost", "also lost"), "lost: no such image"),
    (("b", "a1"), "a1 is 56 x 48 and its reference b is 40 x 63 pixels"),
    (("tiny", "tiny"), f"tiny: images of {SMALL} x {SMALL} pixels are too small for pool2"),
    (("a", "range"), "range: values from"),
]


@pytest.mark.parametrize("batch", [1, 3, 16])
def test_a_bad_image_costs_its_pairs_and_changes_no_other(run, batch):
    images = IMAGES | {"tiny": picture(9, (SMALL, SMALL)), "range": IMAGES["a1"] * np.float32(255)}
    rows, kept = [], []
    for row, (bad, _) in itertools.zip_longest(ROWS, BAD, fillvalue=(None, "")):
        rows += [row] if bad is None else [bad, row]
        kept.append(len(rows) - 1)
    done = []
    found = run(pairs_of(rows, images), batch, advance=done.append)
    reasons = {rows[index]: reason for index, reason in found.failures.items()}
    assert set(reasons) == {row for row, _ in BAD}
    for row, reason in BAD:
        assert reason in reasons[row]
    failed = np.isnan(values_of(found)).any(axis=1)
    assert set(np.flatnonzero(failed)) == set(found.failures)
    assert (found.sizes[failed] == 0).all()
    assert sum(done) == len(rows)
    clean = run(pairs_of(ROWS, IMAGES), batch)
    np.testing.assert_allclose(values_of(found)[kept], values_of(clean), rtol=1e-5, atol=1e-9)
    assert found.sizes[kept].tolist() == clean.sizes.tolist()


def test_where_every_pair_fails_there_are_reasons_in_place_of_values(run):
    found = run(pairs_of([("x", "y"), ("x", "z"), ("a", "y")], IMAGES), 3)
    assert set(found.failures) == {0, 1, 2}
    assert np.isnan(values_of(found)).all()


@dataclasses.dataclass(frozen=True)
class Counting:
    """A probe that counts how often it is traced, and may fail."""

    name: str
    fails: bool = False

    TRACES: ClassVar = collections.Counter()

    def arrays(self):
        return {"mean": (3,)}

    def check(self, height, width):
        pass

    def features(self, variables, images):
        return {"images": images}

    def compare(self, variables, reference, distorted):
        if self.fails:
            raise ZeroDivisionError(self.name)
        self.TRACES[self.name] += 1
        return {"mean": jnp.mean(distorted["images"] - reference["images"], axis=(1, 2))}


@pytest.fixture
def compiles(caplog):
    """What was compiled, by any thread: a context of one would not reach the others."""
    before = jax.config.jax_log_compiles
    jax.config.update("jax_log_compiles", True)
    yield lambda: [m for m in caplog.messages if m.startswith("Compiling") and "_step" in m]
    jax.config.update("jax_log_compiles", before)


@pytest.mark.parametrize("batch", [1, 3, 16])
def test_one_program_per_image_size(batch, compiles):
    probe = Counting(f"batch {batch}")
    extract(pairs_of(ROWS, IMAGES), probe, {}, batch=batch)
    sizes = len(set(SIZES.values()))
    assert Counting.TRACES[probe.name] == sizes
    assert len(compiles()) == sizes


def test_nets_that_differ_in_weights_only_share_a_program(net, run, compiles):
    pairs = pairs_of(ROWS[:3], IMAGES)
    run(pairs, 1)
    before = len(compiles())
    other = load_net("pocket.random-1")
    probe = net_probe(other, TAPS, moments=("energy",))
    found = extract(pairs, probe, needed_variables(other, probe.names), batch=1)
    assert len(compiles()) == before
    assert not np.allclose(values_of(found), values_of(run(pairs, 1)), rtol=0.01)


def test_a_tap_asked_for_twice_or_by_two_names_is_computed_once(net):
    assert net_probe(net, ("relu1", "features.1", "relu1", "pool2"), moments=("energy",)).names == (
        "relu1",
        "pool2",
    )


def test_images_are_let_go_when_their_pairs_are_done():
    alive, most = set(), 0

    def read(key):
        nonlocal most
        image = np.full((16, 16, 3), 0.5, np.float32)
        alive.add(token := object())
        weakref.finalize(image, alive.discard, token)
        most = max(most, len(alive))
        return image

    batch, rows = 2, [(f"r{k // 4}", f"d{k}") for k in range(160)]
    pairs = dataclasses.replace(pairs_of(rows, {}), read=read)
    extract(pairs, PixelProbe(("psnr",)), {}, batch=batch)
    # Read ahead, being read, references, a batch of distorted images and the next of a run.
    assert most <= 2 * batch + 2 + 2 * batch + batch + 2


def test_threads_end_when_the_computation_fails():
    before = set(threading.enumerate())
    rows = [("a", f"a{1 + k % 3}") for k in range(60)]
    held = Held(IMAGES)
    with pytest.raises(ZeroDivisionError) as caught:
        extract(pairs_of(rows, held), Counting("fails", fails=True), {}, batch=1)
    for thread in set(threading.enumerate()) - before:
        thread.join(5)
    assert set(threading.enumerate()) <= before
    assert sum(held.reads.values()) <= 10
    assert caught.tb is not None


def test_an_interruption_goes_through_and_ends_the_threads():
    before = set(threading.enumerate())

    def advance(count):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        extract(pairs_of(ROWS, IMAGES), PixelProbe(("psnr",)), {}, batch=1, advance=advance)
    for thread in set(threading.enumerate()) - before:
        thread.join(5)
    assert set(threading.enumerate()) <= before


def test_the_batch_is_one_on_a_cpu():
    assert default_batch() == (1 if jax.default_backend() == "cpu" else 16)
