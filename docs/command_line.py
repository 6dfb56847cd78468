"""A directive for Sphinx that lists every verb with the help that it prints."""

import argparse
from collections.abc import Iterator

from docutils import nodes
from docutils.parsers.rst import Directive

from jaxiqa.cli.main import parser


def _verbs(found: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """By name the parsers below one; one that has two names comes once."""
    below = {}
    for action in found._actions:
        if isinstance(action, argparse._SubParsersAction):
            below |= action.choices
    return {name: verb for name, verb in below.items() if name == verb.prog.split()[-1]}


def pages(found: argparse.ArgumentParser) -> Iterator[tuple[str, str]]:
    """Yields the name of each verb with its help, a verb before those below it."""
    yield found.prog, found.format_help()
    for verb in _verbs(found).values():
        yield from pages(verb)


class CommandLine(Directive):
    """``{command-line}``: a section for each verb."""

    def run(self) -> list[nodes.Node]:
        sections = []
        for name, text in pages(parser()):
            section = nodes.section(ids=[nodes.make_id(name)], names=[name])
            section += nodes.title(name, name)
            section += nodes.literal_block(text, text, language="none")
            sections.append(section)
        return sections


def setup(app) -> dict:
    """Makes the directive known."""
    app.add_directive("command-line", CommandLine)
    return {"parallel_read_safe": True}
