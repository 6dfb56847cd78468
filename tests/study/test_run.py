"""A whole study: its rows, what it keeps when images are bad, and real data."""

import dataclasses
import itertools
import math

import jax
import numpy as np
import pytest
from rated import noisy, pairs_of, picture

from jaxiqa.arch.net import Net
from jaxiqa.data import short_contrast_thresholds
from jaxiqa.readouts.moments import MOMENTS
from jaxiqa.readouts.readout import Readout
from jaxiqa.study.choices import NetChoice
from jaxiqa.study.entries import entries
from jaxiqa.study.judge import Statistics
from jaxiqa.study.plan import Plan
from jaxiqa.study.run import run

QUICK = Statistics(resamples=20)
ROWS = [(f"r{k}", f"r{k}_{level}") for k in range(3) for level in range(4)]
IMAGES = {f"r{k}": picture(k, (40, 48)) for k in range(3)}
IMAGES |= {d: noisy(IMAGES[r], 5 * (int(d[-1]) + 1), k) for k, (r, d) in enumerate(ROWS)}
OPINION = [5 - int(d[-1]) - int(r[1]) / 10 for r, d in ROWS]


class Told:
    """Progress that remembers what it was told."""

    def __init__(self):
        self.started, self.failures, self.skips = [], [], []

    def start(self, label, pairs, done):
        self.started.append([label, pairs, done])

        def advance(count, here=self.started[-1]):
            here[2] += count

        return advance

    def skipped(self, label, why):
        self.skips.append(why)

    def failed(self, data, failures):
        self.failures.append((data, failures))


@pytest.fixture(scope="module")
def nets():
    taps = ("relu1", "relu2", "relu1+relu2")
    names = ("pocket.random-0", "pocket.random-1")
    return entries([NetChoice(name, taps=taps) for name in names], ["euclidean"])


@pytest.fixture(scope="module")
def rows_of(tmp_path_factory):
    """Runs a study, its banks in a new folder unless one is given; returns its rows."""

    def rows_of(data, nets, *, progress=None, batch=1, banks=None):
        banks = banks or tmp_path_factory.mktemp("banks")
        plan = Plan(
            data if isinstance(data, tuple) else (data,), nets, QUICK, batch, banks, "needed"
        )
        found = run(plan, progress or Told())
        return list(itertools.chain.from_iterable(finished.rows for finished in found))

    return rows_of


def rated(rows=ROWS, images=IMAGES, opinion=OPINION, **options):
    return pairs_of(rows, images, opinion=opinion, **options)


@pytest.fixture(scope="module")
def plain(nets, rows_of):
    return rows_of(rated(), nets)


def numbers(rows):
    """The numeric columns."""
    return np.array([dataclasses.astuple(row)[4:18] for row in rows])


def test_a_row_per_metric_and_per_readout_of_each_net_in_order(plain):
    names = [(row.data, row.net, row.readout, row.taps) for row in plain]
    readouts = ("relu1", "relu2", "relu1+relu2")
    assert names == [
        ("held", "psnr", "psnr", ""),
        ("held", "ssim", "ssim", ""),
        *(("held", f"pocket.random-{k}", "euclidean", t) for k in (0, 1) for t in readouts),
    ]
    assert {(row.n, row.failed) for row in plain} == {(len(ROWS), 0)}
    assert min(row.srocc for row in plain) > 0.5
    assert np.isfinite(numbers(plain)[:, :-2]).all()


def test_opinion_that_rises_with_damage_only_says_so(plain, nets, rows_of):
    opinion = [-value for value in OPINION]
    turned = rows_of(rated(opinion=opinion, higher_is_better=False), nets)
    np.testing.assert_allclose(numbers(turned), numbers(plain), rtol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("batch", [5])
def test_the_batch_changes_no_result(plain, nets, batch, rows_of):
    np.testing.assert_allclose(numbers(rows_of(rated(), nets, batch=batch)), numbers(plain), 1e-4)


def test_rows_come_as_soon_as_a_net_is_done_and_progress_is_told_before(nets, tmp_path):
    told = Told()
    other = dataclasses.replace(rated(), digest="other")
    passes = run(Plan((rated(), other), nets, QUICK, 1, tmp_path, "needed"), told)
    for done, count in enumerate((2, 3, 3) * 2, start=1):
        assert len(next(passes).rows) == count
        assert len(told.started) == len(told.failures) == done
    labels = ["held: psnr and ssim", "held: pocket.random-0", "held: pocket.random-1"] * 2
    assert told.started == [[label, len(ROWS), len(ROWS)] for label in labels]


def test_bad_images_are_told_counted_and_change_nothing_else(plain, nets, rows_of):
    bad = [("r0", "gone"), ("gone", "r1_0"), ("gone", "r1_1"), ("r1", "wide"), ("small", "small")]
    images = IMAGES | {"wide": picture(7, (40, 49)), "small": picture(8, (11, 11))}
    data, told = rated([*bad, *ROWS], images, [*range(len(bad)), *OPINION]), Told()
    found = rows_of(data, nets, progress=told)
    metrics, responses = found[:2], found[2:]
    assert {(row.n, row.failed) for row in metrics} == {(len(ROWS) + 1, len(bad) - 1)}
    assert {(row.n, row.failed) for row in responses} == {(len(ROWS), len(bad))}
    expected = numbers(plain[2:])
    np.testing.assert_allclose(numbers(responses)[:, 2:], expected[:, 2:], rtol=1e-9)
    assert [len(failures) for _, failures in told.failures] == [4, 5, 5]
    for index, name in enumerate(("gone", "gone", "gone", "wide", "small")):
        assert name in told.failures[1][1][index]
    assert all(done == total for _, total, done in told.started)


def test_a_net_too_deep_for_the_images_is_skipped_and_the_others_go_on(nets, tmp_path):
    images, told = {key: image[:11, :11] for key, image in IMAGES.items()}, Told()
    shallow = dataclasses.replace(nets[1], readouts=nets[1].readouts[:1])
    plan = Plan((rated(images=images),), (nets[0], shallow), QUICK, 1, tmp_path, "needed")
    found = list(run(plan, told))
    assert [row.net for one in found for row in one.rows] == ["psnr", "ssim", "pocket.random-1"]
    (why,) = told.skips
    assert why.startswith("held: only 0 of 12 pairs could be computed")
    assert "11 x 11 pixels are too small for relu2 of pocket" in why


def test_an_identical_pair_leaves_only_pearson_of_psnr_empty(nets, rows_of):
    rows, opinion = [*ROWS, ("r0", "r0")], [*OPINION, 5.5]
    psnr, *others = rows_of(rated(rows, opinion=opinion), nets)
    assert math.isnan(psnr.plcc)
    assert psnr.srocc > 0.5
    assert min(row.plcc for row in others) > 0
    assert {row.n for row in (psnr, *others)} == {len(rows)}


def test_a_data_set_of_identical_pairs_has_rows_without_correlations(nets, rows_of):
    rows = [(key, key) for key in list(IMAGES)[:5]]
    found = rows_of(rated(rows, opinion=range(5)), nets)
    assert len(found) == 8
    assert np.isnan(numbers(found)[:, 2:]).all()
    assert {(row.n, row.failed) for row in found} == {(5, 0)}


def scaled(net, node, factor):
    variables = jax.tree.map_with_path(
        lambda path, array: array * np.float32(factor) if path[1].key == node else array,
        net.variables,
    )
    return Net(variables, net.architecture, net.preprocess, net.name, net.source)


def test_a_dead_tap_has_an_empty_row_and_leaves_the_others(plain, nets, rows_of):
    entry = dataclasses.replace(nets[0], net=scaled(nets[0].net, "conv2", 0))
    relu1, relu2, both = rows_of(rated(), (entry,))[2:]
    np.testing.assert_array_equal(numbers([relu1]), numbers(plain[2:3]))
    assert np.isnan(numbers([relu2])[:, 2:]).all()
    assert (relu2.n, relu2.failed) == (len(ROWS), 0)
    assert both.srocc == pytest.approx(relu1.srocc)


def test_threshold_stimuli_are_finer_than_8_bits(nets, rows_of):
    data = short_contrast_thresholds()
    data = dataclasses.replace(data, stimuli=data.stimuli[:4])
    found = rows_of(data, (dataclasses.replace(nets[0], readouts=(Readout(("relu1",)),)),))
    assert [row.net for row in found] == ["psnr", "ssim", "pocket.random-0"]
    assert [row.readout for row in found] == ["psnr", "ssim_unrounded", "euclidean"]
    assert {(row.n, row.failed) for row in found} == {(4, 0)}
    assert max(row.rms_db for row in found) < 20
    assert np.isfinite([row.srocc for row in found[1:]]).all()
    # To the pixels, patterns of one size and shape are the same whatever their frequency.
    assert np.isnan(found[0].srocc)


def test_all_moments_of_rated_pairs_are_kept_and_what_is_needed_of_stimuli(nets, tmp_path):
    thresholds = short_contrast_thresholds()
    thresholds = dataclasses.replace(thresholds, stimuli=thresholds.stimuli[:4])
    entry = dataclasses.replace(nets[0], readouts=(Readout(("relu1",)),))
    plan = Plan((rated(), thresholds), (entry,), QUICK, 1, tmp_path)
    kept = [tuple(one.bank.record["moments"]) for one in run(plan, Told())]
    assert kept == [(), MOMENTS, (), ("energy",)]
