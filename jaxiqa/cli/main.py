"""The command line: verbs, and one line in place of a traceback for what a user got wrong."""

import argparse
import contextlib
import importlib.metadata
import io
import itertools
import os
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

from jaxiqa import checks
from jaxiqa.cli import completion, correlate, data, fit, nets, report, score, study, weights

USER_ERROR = 2
INTERRUPTED = 130

_EPILOG = """\
Results go to stdout; progress, notes and errors to stderr. Every verb that prints a result takes
--json (one document with the keys that its help names; NaN is null, infinity the text inf) and
--quiet (no progress, no notes).

exit codes:
  0    done
  2    a mistake in what was asked for, or a part that could not be done: stderr says in one line
       what it is and what to do; other parts are done and kept
  130  interrupted, as by Ctrl-C: what was finished is kept, and the same command goes on there

examples:
  jaxiqa study                 (offline, with what ships)
  jaxiqa score reference.png distorted.png --metric ssim
  jaxiqa study --help"""


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
        epilog=_EPILOG,
    )
    version = importlib.metadata.version("jaxiqa")
    top.add_argument("--version", action="version", version=f"jaxiqa {version}")
    verbs = top.add_subparsers(dest="verb", metavar="VERB", parser_class=Parser)
    for module in (nets, weights, data, study, report, fit, score, correlate):
        module.add_verbs(verbs)
    completion.add_verbs(verbs, top)
    return top


def _subparsers(found: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    for action in found._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    return {}


def _check_words(top: Parser, words: Sequence[str]) -> argparse.ArgumentParser:
    """The parser of the verb that is meant; names near matches, which argparse does not.

    Raises:
      InputError: a verb, a verb below it, or an option is unknown.
    """
    found = top
    for word in itertools.takewhile(lambda word: word != "--", words):
        listing, verbs = f"`{found.prog} --help` lists them.", _subparsers(found)
        if word.startswith("--"):
            options = [option for option in found._option_string_actions if option[:2] == "--"]
            checks.choose(word.partition("=")[0], options, kind="option", listing=listing)
        elif verbs and not word.startswith("-"):
            found = verbs[checks.choose(word, verbs, kind="verb", listing=listing)]
    return found


def _dispatch(words: Sequence[str]) -> int:
    top = parser()
    meant = _check_words(top, words)
    choices, unknown = top.parse_known_args(words)
    if unknown:
        meant.error(f"did not expect {' '.join(unknown)}")
    if not hasattr(choices, "run"):
        meant.print_help()
        return 0
    return choices.run(choices)


def _finish(words: Sequence[str]) -> int:
    """Runs a verb and empties stdout, while an error of that can still be told in one line."""
    # A file's name may hold what the terminal cannot show.
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        code = _dispatch(words)
    except SystemExit:
        # Of --help and --version, and rich's where the reader of a pipe has gone.
        code = 0
    print(end="", flush=True)
    return code


def _fail(message: str) -> int:
    print(f"jaxiqa: {' '.join(message.splitlines())}", file=sys.stderr)
    return USER_ERROR


def _silence(stream) -> None:
    """Points a stream whose reader has gone at nothing, so that its last flush is no error."""
    with contextlib.suppress(OSError), open(os.devnull, "w") as nothing:
        os.dup2(nothing.fileno(), stream.fileno())


def guarded(verb: Callable[[Sequence[str]], int], words: Sequence[str]) -> int:
    """Returns the exit code of a verb: its own, 2 for a user's mistake, 130 when interrupted."""
    try:
        return verb(words)
    except checks.InputError as error:
        return _fail(str(error))
    except KeyboardInterrupt:
        print("jaxiqa: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        _silence(sys.stdout)
        return 0
    except OSError as error:
        _silence(sys.stdout)
        return _fail(str(error))


def main(words: Sequence[str] | None = None) -> int:
    """Returns the exit code: 0, or 2 for a user's mistake, or 130 when interrupted."""
    return guarded(_finish, sys.argv[1:] if words is None else words)


if __name__ == "__main__":
    sys.exit(main())
