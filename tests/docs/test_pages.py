"""What the pages and the README name is there: files, tests, commands, Python names."""

import ast
import pathlib
import re
import shlex

import pytest

import jaxiqa
from jaxiqa.cli.main import parser

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = [*sorted(DOCS.glob("*.md")), ROOT / "README.md"]

# A checkout may be called jaxiqa too, as the package in it is.
FILE = re.compile(
    r"(?:\bjaxiqa/(?=scripts/))?"
    r"\b((?:tests|scripts|jaxiqa|weights)/[\w./-]+\.(?:py|toml))(?:::(\w+))?"
)
PYTHON = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^ {4}(jaxiqa (?:[^\n]*\\\n)*[^\n]*)", re.MULTILINE)


def text_of(path: pathlib.Path) -> str:
    return path.read_text(encoding="utf-8")


def commands() -> list[str]:
    found = (command for path in PAGES for command in COMMAND.findall(text_of(path)))
    return list(dict.fromkeys(command.replace("\\\n", " ") for command in found))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_files_and_tests_are_there(path):
    for name, test in FILE.findall(text_of(path)):
        assert (ROOT / name).is_file(), name
        assert not test or f"def {test}(" in text_of(ROOT / name), (name, test)


def test_every_command_is_one():
    verbs = parser()
    assert len(commands()) > 30
    for command in commands():
        words = shlex.split(command, comments=True)
        assert hasattr(verbs.parse_args(words[1:]), "run"), command


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_python_compiles_and_names_what_there_is(path):
    for block in PYTHON.findall(text_of(path)):
        for node in ast.walk(ast.parse(block)):
            if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "jaxiqa":
                assert hasattr(jaxiqa, node.attr), node.attr
