"""Verbs and options, right and mistyped, and the ways in which a program ends."""

import importlib.metadata
import io
import os
import pathlib
import subprocess
import sys

import pytest

from jaxiqa.cli import main as module
from jaxiqa.cli.main import main

VERBS = (
    *("nets", "layers", "weights", "data", "study", "report", "fit", "score", "correlate"),
    "completion",
)


def test_version(run):
    assert run("--version") == (0, f"jaxiqa {importlib.metadata.version('jaxiqa')}\n", "")


@pytest.mark.parametrize("words", [(), ("--help",), ("-h",)])
def test_help_names_every_verb(run, words):
    code, out, err = run(*words)
    assert (code, err) == (0, "")
    assert out.startswith("usage: jaxiqa ")
    for verb in VERBS:
        assert f"\n    {verb}" in out
    for code in (0, 2, 130):
        assert f"\n  {code} " in out.partition("exit codes:")[2]


@pytest.mark.parametrize("words", [("weights",), ("weights", "--help")])
def test_weights_alone_shows_its_help(run, words):
    code, out, err = run(*words)
    assert (code, err) == (0, "")
    assert out.startswith("usage: jaxiqa weights ")
    assert "\n    convert " in out
    assert "\n    show " in out


MISTAKES = {
    "layer alexnet": "unknown verb 'layer', did you mean 'layers'? `jaxiqa --help` lists",
    "NETS": "unknown verb 'NETS', did you mean 'nets'?",
    "x": "unknown verb 'x'. `jaxiqa --help` lists them.",
    "weights sho x": "unknown verb 'sho', did you mean 'show'? `jaxiqa weights --help` lists",
    "weights --hlep": "unknown option '--hlep', did you mean '--help'?",
    "--verison": "unknown option '--verison', did you mean '--version'?",
    "nets --jsno": "unknown option '--jsno', did you mean '--json'? `jaxiqa nets --help` lists",
    "nets --js": "unknown option '--js'",
    "score a b --metrik=ssim": "unknown option '--metrik', did you mean '--metric'?",
    "weights convert a --nte alexnet --out b": "unknown option '--nte', did you mean '--net'",
    "weights show a --out b": "unknown option '--out'",
    "nets --json=1": "argument --json: ignored explicit argument '1'",
    "nets -j": "did not expect -j; `jaxiqa nets --help`",
    "nets extra": "did not expect extra; `jaxiqa nets --help`",
    "weights show a b c": "did not expect b c; `jaxiqa weights show --help`",
    "-x nets": "did not expect -x",
    "layers": "required: NET; `jaxiqa layers --help`",
    "score a": "required: DISTORTED; `jaxiqa score --help`",
    "score a b --metric": "argument --metric: expected one argument",
    "score a b --json --csv": "argument --csv: not allowed with argument --json",
    "weights convert a --net alexnet": "required: --out; `jaxiqa weights convert --help`",
    "--": "`jaxiqa --help`",
    "-- nets": "`jaxiqa --help`",
    "weights -- show a": "`jaxiqa weights --help`",
}


@pytest.mark.parametrize(("words", "part"), MISTAKES.items())
def test_mistakes(refused, words, part):
    assert part in refused(*words.split())


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (("score", "--", "--a.png", "--b.png"), "--a.png does not exist"),
        (("score", "-1", "-2"), "-1 does not exist"),
        (("score", "--metric", "-x", "a", "b"), "argument --metric: expected one argument"),
        (("score", "--metric=-x", "a", "b"), "unknown metric '-x'"),
        (("score", "nets", "study"), "nets does not exist"),
        (("layers", "layers"), "unknown net 'layers'"),
        (("layers", "--", "nets"), "unknown net 'nets'"),
        (("layers", ""), "unknown net ''"),
        (("layers", "two\nlines"), r"unknown net 'two\nlines'"),
        (("score", "two\nlines", "b"), "two lines does not exist"),
        (("score", "two  blanks.png", "b"), "two  blanks.png does not exist"),
        (("score", "x" * 5000, "b"), "does not exist"),
    ],
)
def test_odd_values(refused, words, part):
    assert part in refused(*words)


def test_options_may_stand_before_values_and_be_joined_to_theirs(run):
    expected = run("layers", "alexnet", "--json")
    assert expected[0] == 0
    assert run("layers", "--json", "alexnet") == expected
    assert run("layers", "--json", "--", "alexnet") == expected


@pytest.fixture
def pipe_without_reader(monkeypatch):
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        yield


@pytest.mark.parametrize("words", [["nets"], ["nets", "--json"], ["--help"], ["--version"], []])
def test_a_reader_that_has_gone_is_no_error(pipe_without_reader, capfd, words):
    assert main(words) == 0
    assert capfd.readouterr().err == ""


@pytest.mark.skipif(not pathlib.Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("words", [["nets"], ["nets", "--json"], ["--help"]])
def test_a_full_disk_behind_stdout_is_told_in_one_line(monkeypatch, capsys, words):
    with open("/dev/full", "w") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        assert main(words) == 2
    err = capsys.readouterr().err
    assert err.startswith("jaxiqa: ")
    assert "No space left" in err
    assert len(err.splitlines()) == 1


def test_an_interrupt_is_told_in_one_line(monkeypatch, run):
    def interrupt(words):
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "_dispatch", interrupt)
    assert run("nets") == (130, "", "jaxiqa: interrupted\n")


def test_what_the_terminal_cannot_show_is_no_error(monkeypatch):
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding="ascii"))
    monkeypatch.setattr(module, "_dispatch", lambda words: print("é\udcff") or 0)
    assert main([]) == 0
    assert written.getvalue() == b"\\xe9\\udcff\n"


def test_the_module_and_the_installed_command():
    command = pathlib.Path(sys.executable).with_name("jaxiqa")
    started = [sys.executable, "-m", "jaxiqa.cli.main"], [str(command)]
    for first in started if command.exists() else started[:1]:
        done = subprocess.run(
            [*first, "layers", "inceptionv3"], capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == (
            "jaxiqa: unknown net 'inceptionv3', did you mean 'inception_v3' or "
            "'inception_v3_keras'? "
            "`jaxiqa nets` lists them.\n"
        )


@pytest.mark.slow
def test_a_closed_pipe_ends_the_process_without_a_word():
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "jaxiqa.cli.main", "nets", "--json"]
    done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")
