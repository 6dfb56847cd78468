"""What all verbs share: help with examples, one strict JSON document, quiet, and completion."""

import re
import shlex
import subprocess

import numpy as np
import pytest
from made_study import row, write_study
from PIL import Image

from jaxiqa.cli import main as module
from jaxiqa.cli.completion import FILES, FOLDERS, SHELLS, arguments_of, names, script
from jaxiqa.cli.main import parser

ESCAPE = "\x1b"


def all_of(found, words=()):
    yield words, found
    for name, below in module._subparsers(found).items():
        yield from all_of(below, (*words, name))


PARSERS = dict(all_of(parser()))
LEAVES = [words for words, found in PARSERS.items() if not module._subparsers(found)]
PRINTING = [words for words in LEAVES if words != ("completion",)]


def examples(found):
    """The commands in the examples at the end of a help, continued lines joined."""
    told = re.split(r"^examples?:\s", found.epilog, flags=re.MULTILINE)[-1]
    told = re.sub(r"\\\n\s*", "", told)
    lines = [line.partition("   ")[0].strip() for line in told.splitlines()]
    assert all(line.startswith("jaxiqa ") for line in map(str.strip, told.strip().splitlines()))
    return [shlex.split(line)[1:] for line in lines if line]


@pytest.mark.parametrize("words", PARSERS, ids=" ".join)
def test_help_ends_with_examples_that_are_right(words):
    found = PARSERS[words]
    assert found.format_help().startswith(f"usage: {' '.join(('jaxiqa', *words))} ")
    given = examples(found)
    assert any(tuple(one[: len(words)]) == words for one in given)
    for one in given:
        if "--help" not in one:
            module._check_words(parser(), one)
            choices, unknown = parser().parse_known_args(one)
            assert unknown == []
            assert callable(choices.run)


@pytest.mark.parametrize("words", PARSERS, ids=" ".join)
def test_every_verb_and_option_says_what_it_does(words):
    found = PARSERS[words]
    assert found.description
    for action in found._actions:
        assert action.help or action.dest in ("verb", "action")


@pytest.mark.parametrize("words", PRINTING, ids=" ".join)
def test_options_of_output_stand_last_and_alike(words):
    told = PARSERS[words].format_help().partition("\noutput:")[2]
    options = re.findall(r"^  (--\w+) ", told, flags=re.MULTILINE)
    assert options in (["--json", "--quiet"], ["--json", "--csv", "--quiet"])


@pytest.fixture
def images(tmp_path):
    for name, value in (("a", 0), ("b", 9)):
        pixels = np.full((24, 24, 3), value, np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"{name}.png")
    return tmp_path / "a.png", tmp_path / "b.png"


SIMPLE = ("nets", "layers alexnet", "weights list", "weights where", "data list", "data show live")


@pytest.mark.parametrize("words", SIMPLE)
def test_lists_are_documents(document, words):
    words = words.split()
    assert document(*words, verb=words[: 1 + (words[0] in ("weights", "data"))])


def test_scores_are_documents(document, images):
    same, other = (
        document("score", images[0], image, "--metric", "psnr", verb=("score",))[0]
        for image in images
    )
    assert same["value"] == "inf"
    assert 20 < other["value"] < 40


def test_a_table_is_a_document_and_its_notes_are_left_out(run, document, tmp_path):
    path = tmp_path / "scores.csv"
    rows = [f"{k},{k * k % 7},-{k},x" for k in range(9)]
    path.write_text("\n".join(["opinion,one,two,three", *rows]))
    assert "three is left out" in run("correlate", path, "--resamples", 5)[2]
    found = document("correlate", path, "--resamples", 0, verb=("correlate",))
    assert [score["score"] for score in found["scores"]] == ["one", "two"]
    assert found["scores"][0]["srocc_low"] is None


def test_a_report_is_a_document(document, tmp_path, no_drawing):
    write_study(tmp_path, [row("ssim", 0.5)], banks=["gone"])
    found = document("report", tmp_path, verb=("report",))
    assert str(tmp_path / "report.html") in found["files"]
    assert "no longer there" in found["notes"][0]


@pytest.mark.parametrize("words", ["nets", "weights list", "data show tid2013", "layers alexnet"])
def test_what_goes_into_a_pipe_has_no_colour_and_no_bar(run, words):
    code, out, err = run(*words.split())
    assert (code, err) == (0, "")
    assert ESCAPE not in out


@pytest.fixture(scope="module")
def scripts():
    pytest.importorskip("shtab", reason="completion needs shtab")
    return {shell: script(parser(), shell) for shell in SHELLS}


def completed(scripts, folder, *words):
    """What bash offers for the last word."""
    (name,) = re.findall(r"^complete .*-F (\S+) jaxiqa$", scripts["bash"], re.MULTILINE)
    typed = f"COMP_WORDS=({shlex.join(('jaxiqa', *words))}); COMP_CWORD={len(words)}; {name}"
    program = f'{scripts["bash"]}\n{typed}\nprintf "%s\\n" "${{COMPREPLY[@]}}"'
    done = subprocess.run(
        ["bash", "-c", program], cwd=folder, capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    return done.stdout.split()


COMPLETED = {
    "corr": ["correlate"],
    "weights ve": ["verify"],
    "study --mo": ["--moments"],
    "study --moments ": ["all", "needed"],
    "study --metric ssim --metric lpips.a": ["lpips.alexnet"],
    "weights get alexnet.im": ["alexnet.imagenet"],
    "data prepare kad": ["kadid10k"],
    "score here": ["here.png"],
    "score here.png he": ["here.png"],
    "report ": ["below"],
    "completion z": ["zsh"],
}


def test_bash_completes(scripts, tmp_path):
    (tmp_path / "here.png").touch()
    (tmp_path / "below").mkdir()
    for typed, offered in COMPLETED.items():
        assert completed(scripts, tmp_path, *typed.split(" ")) == offered, typed


def test_scripts_of_all_shells_know_every_verb_and_option(scripts):
    assert subprocess.run(["bash", "-n"], input=scripts["bash"], text=True, check=True)
    for told in scripts.values():
        for verb, action in arguments_of(parser()):
            for word in (*verb.split(), *(o for o in action.option_strings if o[:2] == "--")):
                assert word.lstrip("-") in told


def test_every_path_and_name_is_completed():
    known = {(verb, action.dest): action.metavar for verb, action in arguments_of(parser())}
    assert set(names()) <= set(known)
    others = {metavar for place, metavar in known.items() if place not in names()}
    plain = {"NAME", "N", "PART", "PENALTY", "TAP", "VERB", "ACTION", None}
    assert others - plain == set(FILES + FOLDERS)


def test_shells_that_are_not_known_and_a_missing_library(refused, monkeypatch):
    assert "unknown shell 'fsh', did you mean 'zsh'?" in refused("completion", "fsh")
    monkeypatch.setitem(__import__("sys").modules, "shtab", None)
    assert "pip install shtab" in refused("completion", "bash")
