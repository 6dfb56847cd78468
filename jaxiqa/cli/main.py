"""The command line: verbs, and one line in place of a traceback for what a user got wrong."""

import argparse
import importlib.metadata
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from jaxiqa import checks
from jaxiqa.cli import nets, score, study, weights

USER_ERROR = 2
INTERRUPTED = 130


class Parser(argparse.ArgumentParser):
    """An argument parser that raises `InputError` in place of printing its usage."""

    def __init__(self, **options):
        super().__init__(
            **options, allow_abbrev=False, formatter_class=argparse.RawDescriptionHelpFormatter
        )

    def error(self, message: str) -> NoReturn:
        raise checks.InputError(f"{message}; `{self.prog} --help` tells what it takes")


def parser() -> Parser:
    """Returns the parser of all verbs."""
    top = Parser(
        prog="jaxiqa",
        description="How well, and why, pretrained convnets judge image quality like people do.",
        epilog="`jaxiqa study` without arguments runs offline, in about a minute.",
    )
    version = importlib.metadata.version("jaxiqa")
    top.add_argument("--version", action="version", version=f"jaxiqa {version}")
    verbs = top.add_subparsers(dest="verb", metavar="VERB", parser_class=Parser)
    for module in (nets, weights, study, score):
        module.add_verbs(verbs)
    return top


def _subparsers(found: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    for action in found._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    return {}


def _check_words(top: Parser, words: Sequence[str]) -> None:
    """Names the near match of a mistyped verb or option, which argparse does not.

    Raises:
      InputError: a verb, a verb of `weights`, or an option is unknown.
    """
    found = top
    for word in words:
        if verbs := _subparsers(found):
            if not word.startswith("-"):
                listing = f"`{found.prog} --help` lists them."
                found = verbs[checks.choose(word, verbs, kind="verb", listing=listing)]
        elif word.startswith("--") and len(word) > 2:
            listing = f"`{found.prog} --help` lists them."
            options = [option for option in found._option_string_actions if option[:2] == "--"]
            checks.choose(word.partition("=")[0], options, kind="option", listing=listing)


def _dispatch(words: Sequence[str]) -> int:
    top = parser()
    _check_words(top, words)
    choices = top.parse_args(words)
    if not hasattr(choices, "run"):
        words = [choices.verb] if choices.verb else []
        top.parse_args([*words, "--help"])
    return choices.run(choices)


def _silence(stream) -> None:
    """Points a stream whose reader has gone at nothing, so that its last flush is no error."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def main(words: Sequence[str] | None = None) -> int:
    """Returns the exit code: 0, or 2 for a user's mistake, or 130 when interrupted."""
    try:
        return _dispatch(sys.argv[1:] if words is None else words)
    except checks.InputError as error:
        print(f"jaxiqa: {' '.join(str(error).split())}", file=sys.stderr)
        return USER_ERROR
    except KeyboardInterrupt:
        print("jaxiqa: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        _silence(sys.stdout)
        return 0


if __name__ == "__main__":
    sys.exit(main())
