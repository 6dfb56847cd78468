"""`jaxiqa score`: values of pairs, as table, JSON and CSV, and what could not be scored."""

import csv
import io
import json
import math

import numpy as np
import pytest
import safetensors.numpy
from PIL import Image
from planted import planted_arrays

import jaxiqa
from jaxiqa import metrics
from jaxiqa.arch import ARCHITECTURES

GENERATOR = np.random.default_rng(0)
PIXELS = GENERATOR.integers(0, 256, (24, 30, 3), np.uint8)
NOISY = np.clip(PIXELS + GENERATOR.normal(0, 9, PIXELS.shape), 0, 255).astype(np.uint8)
PSNR = 10 * math.log10(255**2 / ((PIXELS.astype(float) - NOISY) ** 2).mean())


def save(path, pixels):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)
    return path


@pytest.fixture
def pair(tmp_path):
    return save(tmp_path / "a reference.png", PIXELS), save(tmp_path / "distorted.bmp", NOISY)


def in_net(net):
    images = (PIXELS[None] / np.float32(255), NOISY[None] / np.float32(255))
    return float(jaxiqa.euclidean(net, *images, taps=("relu1",))[0])


def ssim():
    images = (PIXELS[None] / np.float32(255), NOISY[None] / np.float32(255))
    return float(metrics.ssim(*images)[0])


def test_json(run, pair):
    code, out, err = run("score", *pair, "--metric", "ssim", "--metric=psnr", "--json")
    assert (code, err) == (0, "")
    names = {"reference": str(pair[0]), "distorted": str(pair[1])}
    first, second = json.loads(out)
    assert first == names | {
        "metric": "ssim",
        "value": pytest.approx(ssim(), rel=1e-6),
        "higher_is_better": True,
    }
    assert second["metric"] == "psnr"
    assert second["value"] == pytest.approx(PSNR, rel=1e-6)


def test_csv_holds_the_same(run, tmp_path, pair):
    odd = save(tmp_path / 'comma, "quote".png', PIXELS)
    code, out, err = run("score", odd, pair[1], "--csv")
    assert (code, err) == (0, "")
    assert "\r" not in out
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [row["metric"] for row in rows] == ["psnr", "ssim"]
    assert {row["reference"] for row in rows} == {str(odd)}
    values = [float(row["value"]) for row in rows]
    assert values == pytest.approx([PSNR, ssim()], rel=1e-6)
    assert [row["higher_is_better"] for row in rows] == ["True", "True"]


def test_table_holds_the_same(run, pair, monkeypatch):
    monkeypatch.chdir(pair[0].parent)
    code, out, err = run("score", *(path.name for path in pair))
    assert (code, err) == (0, "")
    header, *rows = (line.split() for line in out.splitlines())
    assert header[:4] == ["reference", "distorted", "metric", "value"]
    assert [(row[-4], row[-2:]) for row in rows] == [
        *(("psnr", ["more", "alike"]), ("ssim", ["more", "alike"]))
    ]
    assert float(rows[0][-3]) == pytest.approx(PSNR, rel=1e-4)


@pytest.mark.parametrize("form", ["--json", "--csv"])
def test_equal_images(run, pair, form):
    code, out, _ = run("score", pair[0], pair[0], form)
    assert code == 0
    rows = json.loads(out) if form == "--json" else list(csv.DictReader(io.StringIO(out)))
    assert float(rows[0]["value"]) == math.inf
    assert float(rows[1]["value"]) == 1


def test_a_tap_of_a_net(run, pair, tmp_path):
    architecture = ARCHITECTURES["squeezenet1_1"]
    path = tmp_path / "first.safetensors"
    safetensors.numpy.save_file(planted_arrays(architecture, "features.0."), path)
    names = ("squeezenet1_1:relu1", "squeezenet1_1.random-1:features.1")
    words = (word for name in names for word in ("--metric", name))
    code, out, err = run("score", *pair, *words, "--weights", path, "--json")
    assert (code, err) == (0, "")
    found = json.loads(out)
    nets = (
        jaxiqa.load_net("squeezenet1_1", path),
        jaxiqa.load_net("squeezenet1_1.random-1"),
    )
    assert [record["metric"] for record in found] == list(names)
    assert [record["higher_is_better"] for record in found] == [False, False]
    assert [record["value"] for record in found] == pytest.approx(
        [in_net(net) for net in nets], rel=1e-6
    )
    assert found[0]["value"] != found[1]["value"]


RANDOM = "squeezenet1_1.random-0"


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["--metric", "ssm"], "unknown metric 'ssm', did you mean 'ssim' or"),
        (["--metric", "alexnt:relu3"], "unknown net 'alexnt', did you mean 'alexnet'"),
        (["--metric", "alexnet:relu3"], "alexnet needs weights"),
        (["--metric", f"{RANDOM}:fire12"], "unknown tap of squeezenet1_1 'fire12', did you mean"),
        (["--metric", f"{RANDOM}:"], "unknown tap of squeezenet1_1 ''"),
        (["--metric", f"{RANDOM}:relu1+rel"], "unknown tap of squeezenet1_1 'rel'"),
        (["--metric", f"{RANDOM}:logits"], "classifier.1.weight"),
        (["--metric", ":relu1"], "unknown net ''"),
        (["--weights", "a.pth"], "--weights belongs to a metric that reads a net"),
        (["--weights", ""], "--weights belongs to a metric that reads a net"),
        (["--weights", "a", "--metric", f"{RANDOM}:relu1"], "--weights belongs to a metric"),
        (["--weights", "no.pth", "--metric", "alexnet:relu1"], "no.pth: does not exist"),
    ],
)
def test_metrics_that_cannot_be_had(refused, pair, words, part):
    assert part in refused("score", *pair, *words)


def test_a_tap_that_weights_do_not_reach(refused, pair, tmp_path):
    path = tmp_path / "first.safetensors"
    safetensors.numpy.save_file(planted_arrays(ARCHITECTURES["squeezenet1_1"], "features.0."), path)
    message = refused("score", *pair, "--weights", path, "--metric", "squeezenet1_1:fire2")
    assert "features.3.squeeze.weight" in message


def test_images_that_cannot_be_scored(refused, pair, tmp_path):
    good = pair[0]
    wide = save(tmp_path / "wide.png", PIXELS.transpose(1, 0, 2))
    assert "30 x 24" in refused("score", good, wide)
    (tmp_path / "text.png").write_text("not a picture")
    assert "text.png" in refused("score", good, tmp_path / "text.png")
    (tmp_path / "empty.png").write_bytes(b"")
    assert "empty.png: an empty file" in refused("score", tmp_path / "empty.png", good)
    (tmp_path / "cut.png").write_bytes(good.read_bytes()[:-200])
    assert "cut.png" in refused("score", good, tmp_path / "cut.png")
    assert "no.png does not exist" in refused("score", good, tmp_path / "no.png")
    assert "expected two images or two folders" in refused("score", good, tmp_path)
    small = save(tmp_path / "small.png", PIXELS[:9, :9])
    for metric in ("ssim", f"{RANDOM}:pool5"):
        message = refused("score", small, small, "--metric", metric)
        assert message.startswith(f"jaxiqa: {small}: ")
        assert "9 x 9" in message


@pytest.fixture
def folders(tmp_path):
    for name in ("one", "two", "three"):
        save(tmp_path / "ref" / f"{name}.png", PIXELS)
        save(tmp_path / "dis" / f"{name.upper()}.bmp", NOISY)
    return tmp_path / "ref", tmp_path / "dis"


def test_folders_are_matched_by_name(run, folders):
    save(folders[0] / "alone.png", PIXELS)
    save(folders[1] / "other.png", PIXELS)
    code, out, err = run("score", *folders, "--metric", "psnr", "--json")
    assert code == 0
    assert err.splitlines() == [
        f"jaxiqa: no partner for {folders[0] / 'alone.png'}",
        f"jaxiqa: no partner for {folders[1] / 'other.png'}",
    ]
    found = json.loads(out)
    assert [record["reference"].rsplit("/")[-1] for record in found] == [
        *("one.png", "three.png", "two.png")
    ]
    assert all(record["value"] == pytest.approx(PSNR, rel=1e-6) for record in found)


def test_what_fails_is_named_and_the_rest_is_scored(run, folders):
    (folders[1] / "TWO.bmp").write_bytes(b"BM")
    save(folders[1] / "THREE.bmp", NOISY[:20])
    code, out, err = run("score", *folders, "--metric", "psnr", "--csv")
    assert code == 2
    assert len(list(csv.DictReader(io.StringIO(out)))) == 1
    assert len(err.splitlines()) == 2
    assert "left out" in err
    assert "THREE.bmp is 30 x 20" in err
    assert "TWO.bmp" in err


def test_where_all_fail_all_are_named(refused, folders):
    for file in folders[1].iterdir():
        file.write_bytes(b"BM")
    message = refused("score", *folders)
    assert all(name in message for name in ("ONE.bmp", "TWO.bmp", "THREE.bmp"))


def test_a_file_with_a_name_in_no_encoding(run, folders, tmp_path):
    name = b"\xff\xe9.png".decode("utf-8", "surrogateescape")
    try:
        path = save(tmp_path / name, PIXELS)
    except OSError:
        pytest.skip("this file system takes no such name")
    code, out, err = run("score", path, path, "--metric", "ssim", "--csv")
    assert (code, err) == (0, "")
    assert "\\udcff\\udce9.png" in out


# Values of the original implementations for I03, I04 and I06 of TID2013, as chaofengc/IQA-PyTorch
# lists them.
PUBLISHED = {"psnr": [21.11, 20.99, 27.01], "ssim": [0.6993, 0.9978, 0.9989]}


def test_published_values_of_two_folders(run, shared):
    folder = shared / "data/metrics/pairs/calibration"
    code, out, err = run("score", folder / "ref", folder / "dist", "--csv")
    assert (code, err) == (0, "")
    rows = list(csv.DictReader(io.StringIO(out)))
    for metric, values in PUBLISHED.items():
        found = [float(row["value"]) for row in rows if row["metric"] == metric]
        assert found == pytest.approx(values, abs=5e-3 if metric == "psnr" else 6e-5)


def test_a_variant_and_a_map(run, refused, pair, tmp_path):
    code, out, _ = run("score", *pair, "--metric", "psnr,colour=grey", "--json")
    assert code == 0
    assert json.loads(out)[0]["value"] != pytest.approx(PSNR, rel=1e-3)
    where = tmp_path / "where.png"
    code, _, err = run("score", *pair, "--metric", "psnr", "--heatmap", where)
    assert code == 0
    assert f"wrote {where}: dark is 0, bright" in err
    with Image.open(where) as picture:
        assert picture.size == PIXELS.shape[1::-1]
    for words, part in (
        (["--heatmap", where], "takes one pair and one metric, got 1 and 2"),
        (["--metric", "psnr", "--heatmap", "a.jpg"], "a heat map is written as PNG, got 'a.jpg'"),
        (["--metric", "psnr", "--heatmap", tmp_path / "no/a.png"], "there is no folder"),
        (["--metric", "psnr", "--heatmap", pair[0]], "would overwrite an image that is compared"),
        (["--metric", "psnr,net=a"], "each OPTION of the metric once"),
        (["--metric", "psnr,colour"], "expected NAME,OPTION=VALUE"),
    ):
        assert part in refused("score", *pair, *words)
