"""`jaxiqa study` in process: what it prints and writes, what it keeps, and what it refuses."""

import argparse
import csv
import dataclasses
import io
import itertools
import json
import os
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest
from PIL import Image
from planted import planted_arrays
from rated import picture, save, write_set, write_table
from rich.console import Console

from jaxiqa.arch import ARCHITECTURES
from jaxiqa.bank.extract import extract
from jaxiqa.checkpoints import cache
from jaxiqa.checkpoints.load import convert
from jaxiqa.cli import study_data, study_options
from jaxiqa.cli.progress import NAMED_FAILURES, Report
from jaxiqa.cli.study import add_page
from jaxiqa.study.choices import DataChoice
from jaxiqa.study.rows import COLUMNS

NET = ("--net", "pocket.random-0")
LATER = {"results.png", "comparisons.csv", "breakdown.csv"}
FILES = {"results.csv", "study.json", "study.toml"} | LATER


@pytest.fixture(scope="module")
def rated(tmp_path_factory):
    """A folder with rated pictures of two sizes and `ok.csv`."""
    folder = tmp_path_factory.mktemp("rated")
    write_table(folder / "ok.csv", write_set(folder))
    return folder


@pytest.fixture(autouse=True)
def no_page(monkeypatch):
    """Figures take as long as a small study; a test of their own makes them."""
    monkeypatch.setattr("jaxiqa.cli.study.add_page", lambda folder, choices, read: [])


@pytest.fixture
def study(run, tmp_path):
    """Runs a quick study into tmp_path / "out"; returns exit code, stdout, stderr and the rows."""

    def study(*words, moments="needed"):
        out = tmp_path / "out"
        asked = ("--resamples", 20, "--moments", moments, "--out", out)
        found = run("study", *asked, *words)
        return (*found, read(out))

    return study


def written(folder):
    """Names of the files of a study, its banks aside."""
    return {path.name for path in (folder / "out").iterdir() if path.name != "banks"}


def read(out):
    path = out / "results.csv"
    return list(csv.DictReader(path.read_text().splitlines())) if path.exists() else []


def test_a_study_of_ones_own_data(study, rated, tmp_path):
    taps = ("--taps", "relu1", "--taps", "relu1+features.4")
    code, out, err, rows = study("--data", rated / "ok.csv", *NET, *taps)
    assert code == 0
    assert written(tmp_path) == FILES
    assert tuple(rows[0]) == COLUMNS
    assert [(row["net"], row["readout"], row["taps"]) for row in rows] == [
        ("psnr", "psnr", ""),
        ("ssim", "ssim", ""),
        ("pocket.random-0", "euclidean", "relu1"),
        ("pocket.random-0", "euclidean", "relu1+features.4"),
    ]
    assert {(row["data"], row["n"], row["failed"]) for row in rows} == {("ok", "9", "0")}
    assert min(float(row["srocc"]) for row in rows) > 0.5
    assert err.splitlines() == ["ok: psnr and ssim: 9 pairs ..", "ok: pocket.random-0: 9 pairs .."]
    lines = out.splitlines()
    assert lines[1].split()[:5] == ["net", "tap", "PLCC", "SROCC", "KROCC"]
    assert lines[4].startswith("pocket.random-0  relu1 ")
    assert f"{float(rows[2]['srocc']):.3f} [" in lines[4]
    assert "best with people" in lines[-4]
    assert lines[-3].startswith("ok: beside PSNR, of 2 readouts of nets ")
    assert lines[-1].startswith("wrote ")
    assert str(tmp_path / "out") in lines[-1]
    assert all(name in lines[-1] for name in ("results.csv", "results.png", "comparisons.csv"))
    assert "\x1b" not in out + err
    record = json.loads((tmp_path / "out" / "study.json").read_text())
    assert record["data"][0]["pairs"] == 9
    assert record["nets"][0]["source"] == "seed 0"


@pytest.fixture(scope="module")
def damaged(rated):
    """`bad.csv` beside the good pictures: every kind of bad image, and a bad reference."""
    (rated / "cut.png").write_bytes((rated / "r0_0.png").read_bytes()[:700])
    (rated / "text.png").write_text("hello")
    save(rated / "tiny.png", picture(5, (16, 16)))
    save(rated / "tiny2.png", picture(6, (16, 16)))
    bad = [
        *(("r0.png", "missing.png", 1), ("r0.png", "cut.png", 1.5), ("r1.png", "text.png", 2)),
        *(("r0.png", "r1_0.png", 3), ("tiny.png", "tiny2.png", 3.5)),
        *(("text.png", "r0_0.png", 2.5), ("text.png", "r0_1.png", 4)),
    ]
    with (rated / "ok.csv").open() as file:
        good = [tuple(row.values()) for row in csv.DictReader(file)]
    write_table(rated / "bad.csv", [*bad[:3], *good, *bad[3:]])
    write_table(rated / "worse.csv", [*bad, *good[:2]])
    return rated


def test_bad_images_are_named_once_and_counted_and_the_rest_is_kept(study, damaged):
    words = (*NET, "--taps", "relu1", "--taps", "pool2")
    clean = study("--data", damaged / "ok.csv", *words)[3]
    code, out, err, rows = study("--data", damaged / "bad.csv", *words)
    assert code == 0
    for name in ("missing", "cut", "text", "r1_0", "tiny2"):
        assert err.count(f"bad: left out: {damaged / name}.png") == 1
    assert len(err.splitlines()) == 2 + 5
    assert [(row["n"], row["failed"]) for row in rows] == [("10", "6")] * 2 + [("9", "7")] * 2
    for row, expected in zip(rows[2:], clean[2:], strict=True):
        for name in COLUMNS[6:]:
            assert row[name] == expected[name]
    assert "bad: pocket.random-0: 9 of 16 pairs computed." in out
    assert "failed" in out.splitlines()[1]


def test_fewer_than_three_pairs_left_skip_a_net_and_end_in_a_line(study, damaged):
    code, out, err, rows = study("--data", damaged / "worse.csv", *NET, "--taps", "pool2")
    assert code == 2
    assert [row["net"] for row in rows] == ["psnr", "ssim"]
    assert "PSNR" in out
    last = err.splitlines()[-1]
    why = "worse: only 2 of 9 pairs could be computed, at least 3 are"
    assert last.startswith(f"jaxiqa: 1 skipped, the first: {why}")
    assert f"worse: pocket.random-0: skipped: {why}" in err
    assert "Traceback" not in err


def test_a_study_ends_with_its_page_and_survives_its_failure(
    study, rated, tmp_path, monkeypatch, no_drawing
):
    monkeypatch.setattr("jaxiqa.cli.study.add_page", add_page)
    monkeypatch.setattr("jaxiqa.cli.study.draw", lambda path, rows: path.touch())
    words, out = ("--data", rated / "ok.csv", "--metric", "psnr"), tmp_path / "out"
    page = out / "report.html"
    code, told, err, _ = study(*words, "--quiet")
    assert (code, err) == (0, "")
    assert "</html>" in page.read_text()
    wrote = told.splitlines()[-1]
    assert wrote.startswith("wrote results.csv, ")
    assert f"study.toml, report.html, references.bib, tables/ to {out} in " in wrote
    assert wrote.endswith(f"; {page} opens in a browser")

    monkeypatch.setattr("jaxiqa.cli.study.written_report", None)
    code, told, err, rows = study(*words, "--quiet")
    assert code == 2
    assert err.startswith("jaxiqa: the page could not be made (TypeError: ")
    assert f"the results are in {out}, and `jaxiqa report {out}` tries again\n" in err
    assert len(rows) == 2
    assert not page.exists()
    assert told.splitlines()[-1].startswith("wrote results.csv, ")
    assert "browser" not in told

    monkeypatch.setitem(sys.modules, "altair", None)
    code, _, err, _ = study(*words)
    assert code == 0
    assert "pip install 'jaxiqa[report]', then `jaxiqa report" in err.splitlines()[-1]
    assert written(tmp_path) >= FILES


@pytest.mark.slow
def test_what_an_earlier_study_drew_does_not_stay_beside_new_rows(
    study, damaged, tmp_path, monkeypatch
):
    study("--data", damaged / "ok.csv", *NET, "--taps", "relu1")
    assert written(tmp_path) == FILES

    def interrupted(*rows):
        raise KeyboardInterrupt

    monkeypatch.setattr("jaxiqa.cli.study.comparisons", interrupted)
    study("--data", damaged / "ok.csv", *NET, "--taps", "pool2")
    assert written(tmp_path) == FILES - LATER


def test_an_interruption_keeps_what_is_finished(study, rated, monkeypatch, tmp_path):
    before, passes = set(threading.enumerate()), []

    def interrupted(*arguments, advance, **options):
        passes.append(arguments)

        def interrupting(count):
            if len(passes) == 3:
                raise KeyboardInterrupt
            advance(count)

        yield from extract(*arguments, advance=interrupting, **options)

    monkeypatch.setattr("jaxiqa.bank.make.extract", interrupted)
    words = (*NET, "--net", "pocket.random-1", "--taps", "relu1")
    code, out, err, rows = study("--data", rated / "ok.csv", *words)
    assert (code, out) == (130, "")
    assert [row["net"] for row in rows] == ["psnr", "ssim", "pocket.random-0"]
    assert written(tmp_path) == FILES - LATER
    assert err.splitlines()[-1] == "jaxiqa: interrupted"
    assert "Traceback" not in err
    for thread in set(threading.enumerate()) - before:
        thread.join(5)
    assert set(threading.enumerate()) <= before


@pytest.mark.slow
def test_control_c_ends_a_running_study(tmp_path):
    path = write_table(tmp_path / "many.csv", write_set(tmp_path, levels=200))
    nets = ("--net", "squeezenet1_1.random-0", "--net", "vgg16.random-0", "--taps", "pool5")
    words = ["study", "--data", path, *nets, "--out", str(tmp_path)]
    # What a shell runs in the background ignores the signal, unless it asks for it.
    heard = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    program = f"{heard}; import sys; from jaxiqa.cli.main import main; sys.exit(main({words}))"
    with subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.PIPE) as child:
        assert any(b"vgg16" in line for line in child.stderr)
        child.send_signal(signal.SIGINT)
        kept, last = child.stderr.read().decode().splitlines()
        assert child.wait(20) == 130
    assert last == "jaxiqa: interrupted"
    assert kept == f"jaxiqa: what was finished is in {tmp_path}"
    assert {row["net"] for row in read(tmp_path)} == {"psnr", "ssim", "squeezenet1_1.random-0"}


ROWS = [(f"r{k}.png", f"d{k}.png", k) for k in range(4)]
REFUSED = [
    (("--data", "ok.csv", "--net", "alexnt"), "unknown net 'alexnt', did you mean 'alexnet'"),
    (("--data", "ok.csv", *NET, "--taps", "relu9"), "unknown tap of pocket 'relu9', did you mean"),
    (("--data", "ok.csv", *NET, "--taps", "relu1+relu1"), "holds tap 'relu1' twice"),
    (("--data", "ok.csv", "--net", "alexnet"), "`jaxiqa weights get alexnet.imagenet` gets those"),
    (("--net", "vgg16", "--net", "vgg11", "--weights", "x"), "2 of the nets need weights (vgg16"),
    (("--data", "ok.csv", "--weights", "x.pth"), "0 of the nets need weights (none) and 1 were"),
    (("--data", "ok.csv", "--net", "alexnet", "--weights", "x.pth"), "x.pth"),
    (("--data", "ok.csv", *NET, *NET), "asked for twice"),
    (("--data", "none.csv"), "no such file: none.csv"),
    (("--data", "contrast-treshold"), "did you mean 'contrast-thresholds'"),
    (("--data", "columns.csv"), "no column 'distorted'"),
    (("--data", "constant.csv"), "every opinion is 3"),
    (("--data", "ok.csv", "--data", "ok.csv"), "two data sets are named ok"),
    (("--data",), "--data: expected one argument"),
    (("--dta", "ok.csv"), "unknown option '--dta', did you mean '--data'"),
    (("--data", "ok.csv", "--batch", "0"), "--batch must be 1 or more, got 0"),
    (("--data", "ok.csv", "--batch", "many"), "--batch"),
    (("--data", "ok.csv", "--resamples", "-1"), "--resamples must be 0 or more, got -1"),
    (("--data", "ok.csv", "--seed", "-1"), "--seed must be 0 or more, got -1"),
    (("--data", "ok.csv", "--pairs", "2"), "--pairs must be 3 or more, got 2"),
    (("--data", "ok.csv", "--pairs", "5"), "ok has 4 pairs, and 5 of them were asked for"),
    (("--pairs", "5"), "--pairs belongs to rated pairs; give --data"),
    (("--lower-is-better",), "the sign of an opinion belongs to a --data file"),
    (("study.toml", "--net", "alexnet"), "write into study.toml what --net says"),
    (("study.toml", "--lower-is-better"), "write into study.toml what --higher-is-better or --low"),
    (("none.toml",), "none.toml"),
    (("study.toml",), "study.toml: [[net]] 1: name: unknown net 'alexnt', did you mean 'alexnet'"),
    (("--data", "ok.csv", *NET, "--readout", "grm"), "'grm', did you mean 'gram'"),
    (("--data", "ok.csv", *NET, "--readout", "gram/dataset-mean"), "takes no relevance"),
    (("--data", "ok.csv", *NET, "--moments", "some"), "--moments"),
    (("--data", "ok.csv", "--metric", "ms_sim"), "unknown metric 'ms_sim', did you mean 'ms_ssim'"),
    (("--data", "ok.csv", "--metric", "vif,frm=wavelet"), "unknown option of vif: 'frm', did you"),
    (("--data", "ok.csv", "--metric", "vif,form"), "metric vif,form: expected NAME,OPTION=VALUE"),
    (("--data", "ok.csv", "--metric", "no.safetensors"), "no such file: "),
    (
        ("--data", "ok.csv", "--metric", "lpips.alexnet"),
        "`jaxiqa weights get alexnet.imagenet` gets",
    ),
    (("--data", "ok.csv", "--metric", "pocket.random-0:relu9"), "unknown tap of pocket 'relu9'"),
    (("--data", "ok.csv", "--metric", "vif", "--taps", "relu1"), "--taps belongs to a --net"),
    (
        ("--data", "ok.csv", "--metric", "vif", "--weights", "x"),
        "0 of the nets need weights (none)",
    ),
    (("study.toml", "--metric", "vif"), "write into study.toml what --metric says"),
    (("--data", "two\nlines.csv", *NET), "cannot be the name of a data set"),
    (("--data", os.fsdecode(b"bad\xff.csv"), *NET), "cannot be the name of a data set"),
    (("--data", "ok.csv", *NET, "--out", "ok.csv"), "ok.csv is a file, expected a folder"),
    (("--data", "ok.csv", *NET, "--out", "ok.csv/below"), "cannot write to ok.csv/below"),
]


@pytest.mark.parametrize(("words", "message"), REFUSED)
def test_mistakes_are_one_line(refused, tmp_path, monkeypatch, words, message):
    write_table(tmp_path / "ok.csv", ROWS)
    write_table(tmp_path / "columns.csv", ROWS, ("reference", "test", "opinion"))
    write_table(tmp_path / "constant.csv", [(*row[:2], 3) for row in ROWS])
    for name in ("two\nlines.csv", os.fsdecode(b"bad\xff.csv")):
        write_table(tmp_path / name, ROWS)
    net = '[[data]]\ncsv = "ok.csv"\n[[net]]\nname = "alexnt"\n'
    (tmp_path / "study.toml").write_text(net)
    before = set(tmp_path.iterdir())
    monkeypatch.chdir(tmp_path)
    assert message in refused("study", *words)
    assert set(tmp_path.iterdir()) == before


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_the_right_to_write_is_one_line(refused, rated, tmp_path):
    tmp_path.chmod(0o500)
    words = ("study", "--data", rated / "ok.csv", *NET, "--out", tmp_path)
    assert "cannot write to" in refused(*words)


def test_the_sign_is_declared_on_the_command_line(study, tmp_path):
    rows = [(r, d, -opinion) for r, d, opinion in write_set(tmp_path)]
    path = write_table(tmp_path / "dmos.csv", rows)
    up = study("--data", path, *NET, "--taps", "relu1", "--higher-is-better")[3]
    down = study("--data", path, *NET, "--taps", "relu1", "--lower-is-better")[3]
    for one, other in zip(up, down, strict=True):
        assert float(other["srocc"]) > 0.5
        assert float(one["srocc"]) == -float(other["srocc"])


@pytest.mark.slow
def test_without_arguments_it_answers_for_what_ships(run, tmp_path, monkeypatch):
    """With two seeds of three of the nets; a run of the command with all of them takes a minute."""
    goals = ("pocket.autoencoding", "pocket.jigsaw", "pocket.random")
    some = {f"{goal}-{seed}" for goal in goals for seed in (0, 1)}
    assert some < set(study_options.pocket_nets())
    monkeypatch.setattr(study_options, "pocket_nets", lambda: sorted(some))
    monkeypatch.chdir(tmp_path)
    code, out, _ = run("study")
    assert code == 0
    rows = read(tmp_path / "jaxiqa-study")
    assert {row["data"] for row in rows} == {"contrast-thresholds"}
    assert {row["net"] for row in rows if row["taps"]} == some
    assert {row["net"] for row in rows} > {"psnr", "ssim"}
    assert all(row["srocc"] and row["rms_db"] for row in rows)
    questions = "which goal: ", "which depth: ", "better than SSIM: "
    assert all(out.count(f"contrast-thresholds, {question}") == 1 for question in questions)
    with Image.open(tmp_path / "jaxiqa-study" / "results.png") as image:
        assert np.asarray(image).std() > 1


def told(terminal, quiet=False):
    file = io.StringIO()
    console = Console(file=file, force_terminal=terminal, width=100, highlight=False, quiet=quiet)
    with Report(console) as report:
        advance = report.start("[bold]tid[/x]: alexnet", 3)
        for _ in range(3):
            advance(1)
        report.failed(
            "tid", {0: "a.png: [bold]bad[/y]", 2: "b.png: cut short", 3: "b.png: cut short"}
        )
        report.failed("tid", {0: "a.png: [bold]bad[/y]"})
    return file.getvalue()


def test_a_pipe_is_told_plain_lines():
    assert told(False).splitlines() == [
        "[bold]tid[/x]: alexnet: 3 pairs ..",
        "tid: left out: a.png: [bold]bad[/y]",
        "tid: left out: b.png: cut short",
    ]


def test_a_log_is_told_rate_and_time_left_now_and_then(monkeypatch):
    clock = iter([0.0, 10.0, 61.0, 70.0, 130.0])
    monkeypatch.setattr("jaxiqa.cli.progress.time.monotonic", lambda: next(clock))
    file = io.StringIO()
    advance = Report(Console(file=file, width=100)).start("tid: alexnet", 1000, 400)
    for _ in range(4):
        advance(61)
    assert file.getvalue().splitlines() == [
        "tid: alexnet: 1000 pairs, 400 of them done ..",
        "tid: alexnet: 522 of 1000 pairs, 2.0 pairs/s, 0:03:59 left",
        "tid: alexnet: 644 of 1000 pairs, 1.9 pairs/s, 0:03:10 left",
    ]


def test_what_was_extracted_is_said_to_be_and_not_computed_again(study, rated, monkeypatch):
    words = ("--data", rated / "ok.csv", *NET, "--taps", "relu1")
    first = study(*words, moments="all")
    monkeypatch.setattr("jaxiqa.bank.make.extract", None)
    code, _, err, rows = study(*words, "--readout", "gram", "--readout", "unit/dataset-mean")
    assert code == 0
    assert err.splitlines()[1] == "ok: pocket.random-0: 9 pairs, extracted before .."
    assert [row["readout"] for row in rows[2:]] == ["gram", "unit/dataset-mean"]
    assert first[3][:2] == rows[:2]


@pytest.mark.slow
def test_a_study_file_says_what_options_say(study, rated, tmp_path, run):
    asked = ("--taps", "relu1", "--taps", "relu1+relu2", "--readout", "unit", "--readout", "gram")
    expected = study("--data", rated / "ok.csv", *NET, *asked)
    again = tmp_path / "out" / "study.toml"
    (tmp_path / "out" / "results.csv").unlink()
    code, out, _ = run("study", again)
    assert code == 0
    assert out.splitlines()[:-1] == expected[1].splitlines()[:-1]
    assert read(tmp_path / "out") == expected[3]
    assert {(r["architecture"], r["function"], r["environment"]) for r in expected[3][2:]} == {
        ("pocket", "none", "none")
    }


@pytest.mark.slow
def test_weights_are_found_where_they_are_kept(study, rated, tmp_path, monkeypatch):
    monkeypatch.setenv("JAXIQA_CACHE", str(tmp_path / "cache"))
    arrays = planted_arrays(ARCHITECTURES["alexnet"], "features.0.")
    np.savez(tmp_path / "mine.npz", **arrays)
    words = ("--data", rated / "ok.csv", "--net", "alexnet.imagenet", "--taps", "relu1")
    given = study(*words, "--weights", tmp_path / "mine.npz")
    convert("alexnet.imagenet", tmp_path / "mine.npz", cache.converted("alexnet.imagenet"))
    kept = study(*words)
    assert kept[0] == given[0] == 0
    assert kept[3] == given[3]


@pytest.mark.slow
def test_a_label_may_be_any_text(run, rated, tmp_path):
    text = (
        f'out = "{tmp_path}"\ntaps = ["relu1", "relu2"]\nreadouts = ["unit", "gram"]\n'
        '[statistics]\nresamples = 20\n[[data]]\ncsv = "ok.csv"\n'
        '[[net]]\nname = "pocket.random-0"\nlabel = "my net, jigsaw"\n'
    )
    (rated / "label.toml").write_text(text)
    code, out, _ = run("study", rated / "label.toml")
    assert code == 0
    assert "my net, jigsaw" in out
    assert (tmp_path / "results.png").stat().st_size > 10_000


def test_metrics_stand_beside_nets_and_without_them(study, rated, tmp_path, run, monkeypatch):
    asked = ("--metric", "psnr,colour = grey", "--metric", "psnr")
    code, out, err, rows = study("--data", rated / "ok.csv", *NET, "--taps", "relu1", *asked)
    assert code == 0
    labels = ["psnr", "ssim", "psnr,colour=grey"]
    assert [row["readout"] for row in rows] == [*labels, "euclidean"]
    assert [row["net"] for row in rows[:3]] == labels
    assert min(float(row["srocc"]) for row in rows) > 0.5
    assert "ok: psnr,colour=grey: 9 pairs .." in err.splitlines()
    assert out.splitlines()[4].startswith("PSNR (colour grey) ")
    # Sentences on readouts of nets count those of nets alone.
    assert "ok: beside PSNR, of 1 readouts of nets " in out
    with (tmp_path / "out" / "comparisons.csv").open() as file:
        pairs = {frozenset((row["label"], row["against"])) for row in csv.DictReader(file)}
    names = [*labels, "pocket.random-0 euclidean relu1"]
    assert pairs == {frozenset(few) for few in itertools.combinations(names, 2)}
    record = json.loads((tmp_path / "out" / "study.json").read_text())
    assert [one["label"] for one in record["metrics"]] == ["psnr,colour=grey", "psnr"]
    assert record["metrics"][0]["options"] == {"colour": "grey"}
    assert record["unfinished"] == []
    monkeypatch.setattr("jaxiqa.cli.study.draw", lambda path, rows: None)
    again = tmp_path / "out" / "study.toml"
    code, second, _ = run("study", again)
    assert (code, second.splitlines()[:-1]) == (0, out.splitlines()[:-1])
    assert read(tmp_path / "out") == rows
    code, _, _, alone = study("--data", rated / "ok.csv", *asked[:2])
    assert (code, alone) == (0, rows[:3])


def test_comparisons_and_breakdown_stand_beside_the_rows(document, rated, tmp_path):
    with (rated / "ok.csv").open() as file:
        rows = [
            (*row.values(), name)
            for row, name in zip(csv.DictReader(file), "ababababa", strict=True)
        ]
    columns = ("reference", "distorted", "opinion", "distortion")
    path = write_table(rated / "kinds.csv", rows, columns)
    out = tmp_path / "out"
    words = ("--resamples", 20, "--moments", "needed", "--out", out)
    words = ("--data", path, *NET, "--taps", "relu1", "--taps", "relu2", *words)
    found = document("study", *words, verb=("study",))
    for told, row in zip(found["rows"], read(out), strict=True):
        assert f"{told['srocc']:.6f}" == row["srocc"]
        assert told["rms_db"] is None
        assert list(told) == list(COLUMNS)
    assert {str(out / name) for name in FILES} == set(found["files"])
    assert any("best with people" in line for line in found["sentences"])
    with (tmp_path / "out" / "comparisons.csv").open() as file:
        compared = [(row["label"], row["against"]) for row in csv.DictReader(file)]
    taps = [f"pocket.random-0 euclidean relu{k}" for k in (1, 2)]
    assert {frozenset(pair) for pair in compared} == {
        *(frozenset(pair) for pair in (("psnr", "ssim"), taps)),
        *(frozenset((metric, tap)) for metric in ("psnr", "ssim") for tap in taps),
    }
    with (tmp_path / "out" / "breakdown.csv").open() as file:
        parts = [
            (row["readout"], row["by"], row["value"], row["n"]) for row in csv.DictReader(file)
        ]
    assert ("psnr", "distortion", "a", "5") in parts
    assert len(parts) == 4 * 2


def test_the_noise_ceiling_is_told_where_the_standard_error_is_known(run, rated, tmp_path):
    with (rated / "ok.csv").open() as file:
        rows = [(*row.values(), 0.2) for row in csv.DictReader(file)]
    write_table(rated / "sure.csv", rows, ("reference", "distorted", "opinion", "opinion_std"))
    text = (
        f'out = "{tmp_path}"\ntaps = ["relu1"]\n[[data]]\ncsv = "sure.csv"\n'
        'standard_error_of_opinion = "opinion_std"\n[[net]]\nname = "pocket.random-0"\n'
    )
    (rated / "sure.toml").write_text(text)
    code, out, _ = run("study", rated / "sure.toml")
    assert code == 0
    assert "sure: noise ceiling 0.9" in out
    ceiling = json.loads((tmp_path / "study.json").read_text())["noise_ceilings"]["sure"]
    assert ceiling["n"] == 9
    assert ceiling["srocc_low"] <= ceiling["srocc"] <= 1


def test_a_terminal_is_shown_bars_and_failures():
    text = told(True)
    assert "\x1b" in text
    assert "━" in text
    assert "3/3" in text
    assert "[bold]tid[/x]: alexnet" in text
    assert text.count("tid: left out: a.png: [bold]bad[/y]") == 1


@pytest.mark.parametrize("terminal", [True, False])
def test_quiet_is_quiet(terminal):
    assert told(terminal, quiet=True) == ""


def test_of_many_failures_the_first_are_named_and_the_rest_counted():
    file = io.StringIO()
    report = Report(Console(file=file, width=60))
    long = "folder/" * 20
    report.failed("tid", {k: f"{long}{k}.png: missing" for k in range(NAMED_FAILURES + 5)})
    lines = file.getvalue().splitlines()
    assert len(lines) == NAMED_FAILURES + 1
    assert lines[0] == f"tid: left out: {long}0.png: missing"
    assert lines[-1] == "tid: left out: 5 more"


def test_a_study_that_names_no_data_takes_what_ships_and_what_is_prepared(monkeypatch):
    shipped = DataChoice(name="contrast-thresholds")
    assert study_data.data_at_hand() == (shipped,)
    monkeypatch.setattr(study_data, "state", lambda name: "files" * (name == "tid2013-kodak"))
    photos = DataChoice(name="tid2013-kodak", pairs=120)
    assert study_data.data_at_hand() == (shipped, photos)
    parser = argparse.ArgumentParser()
    study_options.add_options(parser)
    chosen = study_options.study_of(parser.parse_args(["--pairs", "720"])).data
    assert chosen == (shipped, dataclasses.replace(photos, pairs=720))


def test_moments_are_all_kept_of_the_data_that_is_named():
    parser = argparse.ArgumentParser()
    study_options.add_options(parser)
    chosen = {
        words: study_options.study_of(parser.parse_args(words.split())).moments
        for words in ("", "--data tid2013", "--moments all", "--data tid2013 --moments needed")
    }
    assert list(chosen.values()) == ["needed", None, "all", "needed"]


def test_a_study_that_names_no_net_takes_all_that_ship_and_their_control():
    names = study_options.pocket_nets()
    assert len(names) == len(set(names)) == 24
    assert {name.rpartition("-")[0] for name in names} > {"pocket.random", "pocket.jigsaw"}
