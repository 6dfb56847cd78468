"""Pairs of TID2013 rebuilt: the figures, the distortions, and a rebuilding that goes wrong."""

import collections
import csv
import dataclasses
import functools
import http.server
import io
import math
import pathlib
import threading

import jax
import numpy as np
import pytest
from PIL import Image

import jaxiqa
from jaxiqa.checkpoints import download
from jaxiqa.checkpoints.read import read
from jaxiqa.checks import InputError
from jaxiqa.data import kodak, kodak_photos, kodak_table, load, pairs_from_csv, prepare
from jaxiqa.data.kodak_photos import download_photographs, read_pixels, read_references
from jaxiqa.data.kodak_table import Crop, Rated, crops, pixels_digest, rated
from jaxiqa.data.tid_distortions import DISTORTIONS, jpeg, quantise, shift
from jaxiqa.metrics.psnr import psnr


def test_the_figures_are_complete():
    assert [crop.reference for crop in crops()] == [f"I{k:02d}" for k in range(1, 25)]
    counts = collections.Counter((row.kind, row.level) for row in rated())
    assert counts == {(kind, level): 24 for kind in DISTORTIONS for level in range(1, 6)}
    assert sum(bool(row.tid2008) for row in rated()) == 480
    assert sum(math.isnan(row.psnr) for row in rated()) == 120
    assert all(math.isnan(row.mos_tid2008) != bool(row.tid2008) for row in rated())
    assert len({row.sha256 for row in rated()}) == 720


def test_the_figures_are_those_of_the_publisher(shared):
    tables = shared / "data/iqa/tables"
    lines = map(str.split, (tables / "tid2013_mos_with_names.txt").read_text().splitlines())
    errors = [line.split(",")[1] for line in (tables / "tid2013_mos_std.csv").read_text().split()]
    published = {
        name.upper()[:8]: (float(mos), float(error))
        for (mos, name), error in zip(lines, errors[1:], strict=True)
    }
    with (tables / "tid2008_image_pairs_mos.csv").open() as file:
        earlier = {row["Distorted"].lower()[:8]: float(row["MOS"]) for row in csv.DictReader(file)}
    for row in rated():
        assert (row.mos, row.mos_std) == published[row.distorted]
        if row.tid2008:
            assert row.mos_tid2008 == earlier[row.tid2008]
            assert row.tid2008[:7].upper() == row.distorted[:7]


def test_distortions_by_hand():
    image = np.array([[[0, 9, 10], [28, 29, 255]]], np.uint8)
    assert quantise(image, 19).tolist() == [[[0, 0, 19], [19, 38, 247]]]
    assert shift(image, -6).tolist() == [[[0, 3, 4], [22, 23, 249]]]
    assert shift(image, 10)[0, 1].tolist() == [38, 39, 255]
    mean = image.mean()
    assert DISTORTIONS[17](image, 0.5)[0, 0, 0] == round(mean / 2)
    spot = np.zeros((21, 21, 3), np.uint8)
    spot[10, 10] = 255
    assert DISTORTIONS[8](spot, 1.0)[10, 10].tolist() == 3 * [round(255 / (2 * np.pi))]
    assert DISTORTIONS[8](np.full_like(spot, 200), 4.0)[0, 0, 0] < 100  # black outside
    grey = np.full((4, 4, 3), 77, np.uint8)
    np.testing.assert_array_equal(DISTORTIONS[18](grey, 0.1), grey)
    assert np.ptp(DISTORTIONS[18](np.array([[[200, 50, 90]]], np.uint8), 0.0)) == 0


def test_jpeg_is_the_librarys_where_no_step_is_cut(capfd):
    image = np.random.default_rng(0).integers(0, 256, (24, 40, 3)).astype(np.uint8)
    for quality in (30, 80):
        path = io.BytesIO()
        Image.fromarray(image).save(path, "JPEG", quality=quality, subsampling=2)
        np.testing.assert_array_equal(jpeg(image, quality), np.asarray(Image.open(path)))
    assert jpeg(image, 4).shape == image.shape
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("name", ["I04", "I18"])
def test_images_are_those_of_tid2013(shared, name):
    (crop,) = (crop for crop in crops() if crop.reference == name)
    photograph = read_pixels(shared / f"data/photos/kodak24/{crop.photograph}.png")
    reference = photograph[crop.top : crop.top + 384, crop.left : crop.left + 512]
    assert pixels_digest(reference) == crop.sha256
    for row in rated():
        if row.reference == name:
            found = DISTORTIONS[row.kind](reference, row.parameter)
            assert pixels_digest(found) == row.sha256, row


def test_references_are_files_of_tid2013(shared):
    for name in ("I01", "I21"):
        (crop,) = (crop for crop in crops() if crop.reference == name)
        real = read_pixels(shared / f"data/iqa/tid_real/reference/{name}.png")
        assert pixels_digest(real) == crop.sha256


TALL, WIDE = 390, 520


@pytest.fixture
def small(monkeypatch, tmp_path):
    """A suite of two photographs that are noise, with two distorted images of each."""
    generator = np.random.default_rng(0)
    known, rows = [], []
    (tmp_path / "photos").mkdir()
    for k in (1, 2):
        pixels = generator.integers(0, 256, (TALL, WIDE, 3)).astype(np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"photos/KODIM{k:02d}.PNG")
        reference = pixels[k : k + 384, 3 : 3 + 512]
        known.append(Crop(f"I{k:02d}", k, 3, pixels_digest(reference)))
        for kind, parameter in ((7, 76), (16, -40)):
            digest = pixels_digest(DISTORTIONS[kind](reference, parameter))
            name, psnr = f"I{k:02d}_{kind:02d}_5", math.nan
            rows.append(Rated(name, parameter, kind / 9, 0.1, "", psnr, psnr, psnr, digest))
    for module in (kodak, kodak_photos, kodak_table):
        monkeypatch.setattr(module, "crops", lambda: tuple(known))
    monkeypatch.setattr(kodak, "rated", lambda: tuple(rows))
    return rows


def test_rebuilding_writes_pairs_that_load(small, tmp_path):
    told = []
    path = kodak.rebuild(
        tmp_path / "photos", tmp_path / "out", progress=lambda *now: told.append(now)
    )
    assert path == tmp_path / "out/pairs.csv"
    assert told == [(k, 6) for k in range(1, 7)]
    pairs = pairs_from_csv(path)
    assert pairs.reference_id == ("I01", "I01", "I02", "I02")
    assert pairs.distortion == ("7", "16", "7", "16")
    assert set(pairs.level) == {"5"}
    np.testing.assert_array_equal(pairs.opinion, [row.mos for row in small])
    assert pairs.higher_is_better is True
    for key, row in zip(pairs.distorted, small, strict=True):
        assert pixels_digest(read_pixels(key)) == row.sha256
    assert sorted(p.name for p in (tmp_path / "out").rglob("*.*")) == [
        *("I01.png", "I01_07_5.png", "I01_16_5.png", "I02.png", "I02_07_5.png", "I02_16_5.png"),
        "pairs.csv",
    ]


def test_photographs_are_checked_and_prepared_as_they_are(small, tmp_path):
    from jaxiqa.data.check import check_folder

    tfds = pytest.importorskip("tensorflow_datasets", reason="needs the extra `data`")
    photos = tmp_path / "photos"
    assert check_folder("tid2013-kodak", photos) == []
    builder = tfds.builder("tid2013_kodak", data_dir=tmp_path / "data")
    settings = tfds.download.DownloadConfig(manual_dir=photos)
    builder.download_and_prepare(download_config=settings, file_format="array_record")
    assert [one["opinion"] for one in builder.as_data_source("pairs")] == pytest.approx(
        [row.mos for row in small]
    )
    assert (tmp_path / "data/tid2013_kodak_images/pairs.csv").exists()
    next(photos.iterdir()).unlink()
    with pytest.raises(InputError, match="1 of 2 photographs are missing"):
        check_folder("tid2013-kodak", photos)


def test_an_interrupted_rebuilding_does_not_load_and_goes_on(small, tmp_path, monkeypatch):
    out, photos = tmp_path / "out", tmp_path / "photos"
    kodak.rebuild(photos, out)
    times = {path: path.stat().st_mtime_ns for path in out.rglob("*.png")}
    damaged = out / "distorted/I02_07_5.png"
    damaged.write_bytes(damaged.read_bytes()[:500])

    def interrupted(image, parameter):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setitem(DISTORTIONS, 7, interrupted)
        with pytest.raises(KeyboardInterrupt):
            kodak.rebuild(photos, out)
    assert not (out / "pairs.csv").exists()
    assert len(pairs_from_csv(kodak.rebuild(photos, out))) == 4
    again = {path for path, time in times.items() if path.stat().st_mtime_ns != time}
    assert again == {damaged}


def test_other_pixels_or_another_psnr_than_published(small, tmp_path):
    small[0] = dataclasses.replace(small[0], psnr=30.0)
    with pytest.raises(InputError, match=r"I01_07_5: PSNR \d+\.\d{4} dB, published are 30\.0000"):
        kodak.rebuild(tmp_path / "photos", tmp_path / "out")
    small[0] = dataclasses.replace(small[0], parameter=75)
    with pytest.raises(InputError, match="I01_07_5: what is installed here computes other pixels"):
        kodak.rebuild(tmp_path / "photos", tmp_path / "out")
    assert not (tmp_path / "out/distorted/I01_07_5.png").exists()
    assert not (tmp_path / "out/pairs.csv").exists()


def test_wrong_and_missing_photographs_are_named(small, tmp_path):
    photos = tmp_path / "photos"
    first, second = sorted(photos.iterdir())
    Image.open(first).rotate(180).save(first)
    Image.open(second).crop((0, 0, 100, 100)).save(second)
    with pytest.raises(InputError, match=r"KODIM01\.PNG, KODIM02\.PNG: other pixels"):
        read_references(photos)
    first.unlink()
    with pytest.raises(InputError, match="1 of 2 photographs are missing: kodim01;"):
        kodak.rebuild(photos, tmp_path / "out")
    with pytest.raises(InputError, match=r"nowhere: no folder of photographs"):
        kodak.rebuild(tmp_path / "nowhere", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_written(small, tmp_path):
    (tmp_path / "out").write_text("a file")
    with pytest.raises(InputError, match=r"out/reference: cannot be written"):
        kodak.rebuild(tmp_path / "photos", tmp_path / "out")


class _Files(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def server(tmp_path, monkeypatch):
    monkeypatch.setattr(download, "PAUSE", 0.0)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    published = tmp_path / "published"
    published.mkdir()
    handler = functools.partial(_Files, directory=published)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as found:
        thread = threading.Thread(target=found.serve_forever, daemon=True)
        thread.start()
        yield published, f"http://127.0.0.1:{found.server_port}"
        found.shutdown()
        thread.join()


def test_photographs_are_downloaded_and_checked(small, tmp_path, server):
    published, address = server
    for path in (tmp_path / "photos").iterdir():
        path.rename(published / path.name.lower())
    second = (published / "kodim02.png").read_bytes()
    (published / "kodim02.png").write_bytes((published / "kodim01.png").read_bytes())
    with pytest.raises(InputError, match=r"kodim02\.png is not the photograph of the Kodak suite"):
        download_photographs(tmp_path / "got", address=address)
    assert [path.name for path in (tmp_path / "got").iterdir()] == ["kodim01.png"]
    (published / "kodim01.png").unlink()  # not asked for again
    (published / "kodim02.png").write_bytes(second)
    told = []
    folder = download_photographs(
        tmp_path / "got", address=address, progress=lambda *now: told.append(now)
    )
    assert told == [(1, 2), (2, 2)]
    assert sorted(read_references(folder)) == ["I01", "I02"]


# SROCC over all 720 pairs, of an independent program over the same images and weights in torch.
KNOWN = {
    "relu1": 0.800,
    "relu2": 0.842,
    "relu3": 0.841,
    "relu4": 0.837,
    "relu5": 0.828,
    "psnr": 0.526,
    "lpips": 0.820,
}
# Over 360 of them, three kinds of distortion, of the same program.
KNOWN_OF_HALF = {
    "relu1": 0.925,
    "relu2": 0.932,
    "relu3": 0.945,
    "relu4": 0.939,
    "relu5": 0.912,
    "psnr": 0.936,
}


@pytest.fixture(scope="module")
def whole(shared, tmp_path_factory):
    """All 720 pairs, prepared and opened by name."""
    root = tmp_path_factory.mktemp("tid2013-kodak")
    prepare("tid2013-kodak", shared / "data" / "photos" / "kodak24", root=root)
    return load("tid2013-kodak", root=root)


@pytest.mark.slow
def test_all_pairs_by_name(whole):
    assert (len(whole), len(set(whole.reference)), whole.opinion_std) == (720, 24, None)
    assert whole.opinion_error.min() > 0.05
    assert whole.distortion.count("16") > 0


@pytest.fixture(scope="module")
def measured(shared, whole, tmp_path_factory):
    """Distances of all 720 pairs."""
    weights = shared / "data/weights"
    net = jaxiqa.load_net("alexnet", weights / "alexnet_torchvision/alexnet-features.pth")
    taps = tuple(f"relu{k}" for k in range(1, 6))
    needed = ("energy", "unit_energy")
    bank = jaxiqa.extract_bank(
        net, whole, tmp_path_factory.mktemp("banks"), taps=taps, moments=needed
    )
    plain = jaxiqa.distances(bank, [jaxiqa.Readout((tap,)) for tap in taps])
    found = dict(zip(taps, plain, strict=True))
    heads = sorted(read(weights / "lpips_lin/v0.1/alex.pth").items())
    relevance = {tap: head.reshape(-1) for tap, (_, head) in zip(taps, heads, strict=True)}
    (found["lpips"],) = jaxiqa.distances(bank, [jaxiqa.Readout(taps, "unit")], relevance=relevance)
    references = {key: whole.read(key)[None] for key in set(whole.reference)}
    compiled = jax.jit(psnr)
    found["psnr"] = -np.array(
        [
            compiled(references[reference], whole.read(distorted)[None])[0]
            for reference, distorted in zip(whole.reference, whole.distorted, strict=True)
        ]
    )
    return found


def correlations(distances, opinion):
    return {
        name: jaxiqa.correlate(distance, opinion, higher_is_better=True, resamples=0).srocc
        for name, distance in distances.items()
    }


@pytest.mark.slow
def test_known_correlations_on_all_pairs(whole, measured):
    found = correlations(measured, whole.opinion)
    assert found == {name: pytest.approx(value, abs=1e-3) for name, value in KNOWN.items()}


@pytest.mark.slow
def test_known_correlations_on_half_of_the_pairs(shared, whole, measured):
    def column(file, name):
        with (shared / "data/iqa/tid2013_rebuilt" / file).open() as lines:
            rows = list(csv.DictReader(lines))
        return {pathlib.PurePath(row["distorted"]).name: row[name] for row in rows}

    names = [pathlib.PurePath(key).name for key in whole.distorted]
    decibels = column("scores.csv", "psnrc_rebuilt")
    np.testing.assert_allclose(
        -measured["psnr"], [float(decibels[name]) for name in names], atol=1e-3
    )
    opinion = column("pairs.csv", "opinion")
    half = np.array([name in opinion for name in names])
    assert half.sum() == 360
    few = {name: np.asarray(measured[name])[half] for name in KNOWN_OF_HALF}
    found = correlations(few, whole.opinion[half])
    assert found == {name: pytest.approx(value, abs=1e-3) for name, value in KNOWN_OF_HALF.items()}
