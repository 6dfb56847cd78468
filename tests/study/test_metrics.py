"""Metrics beside the nets of a study: their values, their banks, their rows, what is refused."""

import dataclasses
import json
import pathlib

import numpy as np
import pytest
from rated import noisy, pairs_of, picture

from jaxiqa.bank import store
from jaxiqa.bank.distances import taps_of
from jaxiqa.bank.make import bank_of
from jaxiqa.bank.subject import identity
from jaxiqa.checkpoints.load import load_net
from jaxiqa.checks import InputError
from jaxiqa.cli.fit_bank import banks_in
from jaxiqa.data import short_contrast_thresholds
from jaxiqa.images import IDENTITY
from jaxiqa.metrics.load import load_metric
from jaxiqa.study.choices import MetricChoice
from jaxiqa.study.judge import Statistics
from jaxiqa.study.metric_choices import check_called, check_metric, metric_choice
from jaxiqa.study.metric_entries import MetricEntry, metric_entries
from jaxiqa.study.plan import Plan
from jaxiqa.study.run import _subjects, banks, run

SIZES = {"a": (40, 48), "b": (51, 36), "c": (40, 48)}
IMAGES = {key: picture(k, SIZES[key]) for k, key in enumerate(SIZES)}
ROWS = [(key, f"{key}{level}") for level in (1, 2, 3) for key in SIZES]
IMAGES |= {name: noisy(IMAGES[key], 5 * int(name[1]), 7) for key, name in ROWS}
# A reference against itself, and a distorted image with a reference that is not its own.
ROWS += [("a", "a"), ("a", "c2")]
OPINION = [*(5 - int(name[1]) - ord(key) / 1000 for key, name in ROWS[:-2]), 5, 0]


class Quiet:
    """Progress that remembers what is skipped, and may interrupt."""

    def __init__(self, after=None):
        self.skips, self.failures, self.left = [], {}, after

    def start(self, label, pairs, done):
        return self._advance

    def _advance(self, count):
        if self.left is not None:
            self.left -= count
            if self.left < 0:
                raise KeyboardInterrupt

    def failed(self, data, failures):
        self.failures |= failures

    def skipped(self, label, why):
        self.skips.append(label)


@pytest.fixture(scope="module")
def trunk():
    return load_net("alexnet.random-0")


@pytest.fixture(scope="module")
def lpips(trunk):
    return MetricEntry("lpips.alexnet", load_metric("lpips.alexnet", net=trunk))


def rated(rows=ROWS, images=IMAGES, opinion=OPINION):
    return pairs_of(rows, images, opinion=opinion)


def plan(folder, *metrics, data=None, batch=1):
    data = rated() if data is None else data
    return Plan((data,), (), Statistics(0), batch, folder, metrics=metrics)


def entry(text):
    return metric_entries([metric_choice(text)])[0]


def called(metric):
    """The values of the pairs, one by one, of the metric as it is called."""
    return [float(metric(*(IMAGES[key][None] for key in row))[0]) for row in ROWS]


@pytest.fixture(scope="module")
def asked(trunk):
    tap = MetricEntry("alexnet:relu1", load_metric("alexnet:relu1", net=trunk))
    return entry("psnr,colour=grey"), entry("gmsd"), tap


@pytest.fixture(scope="module")
def finished(tmp_path_factory, asked):
    """Each of those asked for beside PSNR; what is there already counts once."""
    folder = tmp_path_factory.mktemp("banks")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("jaxiqa.study.run._metrics", lambda data: ("psnr",))
        return list(run(plan(folder, entry("psnr"), *asked), Quiet()))


@pytest.fixture(scope="module")
def expected(asked):
    return [called(one.metric) for one in asked]


def check_values(found, expected):
    for bank, values in zip(found, expected, strict=True):
        # Similarities near 0 are differences of terms near 1, which float32 rounds by 1e-7.
        np.testing.assert_allclose(store.read(bank, "value"), values, rtol=1e-6, atol=2e-7)
        assert np.nanstd(np.where(np.isfinite(values), values, np.nan)) > 0.003
    equal = ROWS.index(("a", "a"))
    assert [store.read(bank, "value")[equal] for bank in found] == [np.inf, 0, 0]


def test_values_are_those_of_the_metric_pair_by_pair_in_two_sizes(finished, expected):
    check_values([one.bank for one in finished[1:]], expected)


@pytest.mark.slow
def test_the_batch_does_not_matter_to_them(tmp_path, asked, expected):
    check_values(list(banks(plan(tmp_path, *asked, batch=3), Quiet()))[1:], expected)


@pytest.mark.slow
def test_lpips_and_ssim_in_two_sizes(tmp_path, lpips):
    for one in (lpips, entry("ssim,grey=channels")):
        _, bank = banks(plan(tmp_path, one, batch=3), Quiet())
        expected = called(one.metric)
        np.testing.assert_allclose(store.read(bank, "value"), expected, rtol=1e-6, atol=2e-6)


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        *("vif", "mdsi", "cw_ssim"),
        *("alexnet.random-1:relu2+relu3/unit/averaged", "alexnet.random-1:relu2,dtype=bfloat16"),
    ],
)
def test_every_kind_of_metric_keeps_its_values(tmp_path, text):
    images = {key: np.tile(image, (5, 5, 1))[:180, :180] for key, image in IMAGES.items()}
    rows, asked = ROWS[:4], entry(text)
    data = rated([(r, d) for r, d in rows if images[r].shape == images[d].shape], images, range(4))
    _, bank = banks(plan(tmp_path, asked, data=data), Quiet())
    pairs = zip(data.reference, data.distorted, strict=True)
    expected = [float(asked.metric(images[r][None], images[d][None])[0]) for r, d in pairs]
    np.testing.assert_allclose(store.read(bank, "value"), expected, rtol=2e-6)


def test_rows_are_signed_and_named_as_psnr_and_ssim_are(finished, expected):
    rows = [row for one in finished for row in one.rows]
    names = ["psnr", "psnr,colour=grey", "gmsd", "alexnet:relu1"]
    assert [row.net for row in rows] == [row.readout for row in rows] == names
    assert [row.name for row in rows] == names
    assert {(row.taps, row.n, row.failed) for row in rows} == {("", len(ROWS), 0)}
    assert not any(row.is_net for row in rows)
    assert min(row.srocc for row in rows) > 0.8
    for one, values, sign in zip(finished[1:], expected, (-1, 1, 1), strict=True):
        distance = one.judged[0].distance
        np.testing.assert_allclose(distance, sign * np.array(values), rtol=1e-6, atol=2e-7)


def test_on_thresholds_they_are_distances_from_0(tmp_path):
    shipped = short_contrast_thresholds()
    few = dataclasses.replace(shipped, stimuli=shipped.stimuli[:4])
    asked = entry("ssim"), entry("ssim_unrounded"), entry("psnr,colour=grey")
    _, (subject, judged_by) = _subjects(plan(tmp_path, *asked, data=few), few)
    bank = bank_of(subject, tmp_path, batch=1, progress=Quiet())
    (judged,) = judged_by(bank)
    assert judged.net == judged.readout == "psnr,colour=grey"
    values = store.read(bank, "value").astype(np.float64)
    np.testing.assert_array_equal(judged.distance, 10 ** (-values / 20))


def test_small_images_cost_pairs_and_where_all_are_it_is_skipped(tmp_path, asked, monkeypatch):
    monkeypatch.setattr("jaxiqa.study.run._metrics", lambda data: ("psnr",))
    images = IMAGES | {"s": picture(8, (6, 40)), "s1": picture(9, (6, 40))}
    told = Quiet()
    data = rated([("s", "s1"), *ROWS], images, [3, *OPINION])
    *_, tap = run(plan(tmp_path, entry("ms_ssim"), asked[2], data=data), told)
    assert told.skips == ["held: ms_ssim"]
    assert (tap.rows[0].n, tap.rows[0].failed) == (len(ROWS), 1)
    assert list(store.failures(tap.bank).values()) == [told.failures[0]]
    assert "s1: images of 40 x 6 pixels are too small for relu1 of alexnet" in told.failures[0]


def test_interrupted_and_resumed_it_has_the_same_bytes(tmp_path, monkeypatch):
    monkeypatch.setattr("jaxiqa.bank.layout._ROWS", 3)
    monkeypatch.setattr("jaxiqa.bank.layout._BATCHES", 3)

    def made(folder, **options):
        return list(banks(plan(folder, entry("gmsd")), Quiet(**options)))[1]

    whole = made(tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        made(tmp_path / "cut", after=len(ROWS) + 5)
    (begun,) = (tmp_path / "cut").glob("held-gmsd-*")
    assert 0 < len(list((begun / "done").iterdir())) < len(whole.blocks)
    assert files(made(tmp_path / "cut").path) == files(whole.path)


def files(folder):
    found = (path for path in pathlib.Path(folder).rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def halved(net):
    first = {k: v / np.float32(2) for k, v in net.variables["params"]["conv1"].items()}
    params = net.variables["params"] | {"conv1": first}
    return dataclasses.replace(net, variables={**net.variables, "params": params})


def looked_at(metric, folder):
    _, (subject, _) = _subjects(plan(folder, MetricEntry("any label", metric)), rated())
    return json.dumps(identity(subject), sort_keys=True)


def test_what_values_depend_on_is_in_the_identity_and_what_not_is_not(tmp_path, trunk):
    read = {"net": trunk, "name": "lpips.alexnet"}
    tap = {"net": trunk, "name": "alexnet:relu2"}
    different = [
        *({"name": "ssim"}, {"name": "ssim", "grey": "exact"}, {"name": "ssim_unrounded"}),
        *({"name": "vif"}, {"name": "vif", "form": "wavelet"}),
        *(
            read,
            read | {"net": halved(trunk)},
            read | {"resize": "256"},
            read | {"precision": "high"},
        ),
        *(read | {"dtype": "bfloat16"}, read | {"dtype": "float16"}),
        read | {"net": dataclasses.replace(trunk, preprocess=IDENTITY)},
        *(tap, tap | {"name": "alexnet:relu2/unit"}, tap | {"name": "alexnet:relu3"}),
    ]
    found = [looked_at(load_metric(**words), tmp_path) for words in different]
    assert len(set(found)) == len(found)
    for words, same in (
        ({"name": "ssim", "grey": "rounded"}, 0),
        (read | {"precision": "highest", "dtype": "float32", "resize": "none"}, 5),
        (read | {"net": load_net("alexnet.random-0")}, 5),
    ):
        assert looked_at(load_metric(**words), tmp_path) == found[same]


def test_a_finished_bank_is_read_and_nothing_is_fitted_to_it(finished, asked, monkeypatch):
    monkeypatch.setattr("jaxiqa.bank.make.extract", None)
    monkeypatch.setattr("jaxiqa.study.run._metrics", lambda data: ("psnr",))
    first = [one.bank.path for one in finished]
    assert [bank.path for bank in banks(plan(first[0].parent, *asked), Quiet())] == first
    with pytest.raises(InputError, match="holds simple metrics and no responses of a net"):
        taps_of(finished[-1].bank)
    with pytest.raises(InputError, match="holds held: alexnet:relu1, and no net on rated pairs"):
        banks_in(str(first[-1]))


FILE = "/x/psnr.safetensors"
REFUSED = [
    ("ms_sim", "unknown metric 'ms_sim', did you mean 'ms_ssim'"),
    ("vif,frm=wavelet", "unknown option of vif: 'frm', did you mean 'form'"),
    ("vif,form=wavelets", "unknown form of vif: 'wavelets', did you mean 'wavelet'"),
    ("vif,form", "metric vif,form: expected NAME,OPTION=VALUE"),
    ("vif,form=pixel,form=pixel", "each OPTION of the metric once"),
    ("vif,net=alexnet", "each OPTION of the metric once"),
    ("vif,precision=high", "vif has no net"),
    ("alexnt:relu3", "unknown net 'alexnt', did you mean 'alexnet'"),
    ("none.safetensors", "no such file: "),
    (MetricChoice("ssim", weights=pathlib.Path("a.pth")), "ssim reads no weights of a file"),
    (MetricChoice("alexnet.random-0:relu1", weights=pathlib.Path("a.pth")), "leave out a.pth"),
    (MetricChoice("lpips.vgg16", ("precision=high",), precision="high"), "each OPTION of"),
]


@pytest.mark.parametrize(("asked", "message"), REFUSED, ids=[why for _, why in REFUSED])
def test_what_is_no_metric_is_one_line(asked, message):
    with pytest.raises(InputError) as caught:
        metric_choice(asked) if isinstance(asked, str) else check_metric(asked)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


CALLED = [
    ([MetricChoice("vif"), MetricChoice("vif")], "two metrics are called vif"),
    ([MetricChoice("vif"), MetricChoice("gmsd", label="vif")], "two metrics are called vif"),
    ([MetricChoice("gmsd", label="psnr")], "gmsd is called psnr as another metric"),
    ([MetricChoice("psnr", ("colour=grey",), label="psnr")], "is called psnr as another metric"),
    ([MetricChoice(FILE)], f"{FILE} is called psnr as another metric"),
    ([MetricChoice("/x/two\nlines.safetensors")], "cannot be what a metric is called"),
]


@pytest.mark.parametrize(("asked", "message"), CALLED, ids=range(len(CALLED)))
def test_names_that_would_be_mistaken_are_refused(asked, message):
    with pytest.raises(InputError, match=message):
        check_called(asked)
