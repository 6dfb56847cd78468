"""`jaxiqa completion SHELL`: a script by which a shell completes what is typed of jaxiqa."""

import argparse
import functools
from collections.abc import Iterator, Sequence

from jaxiqa import checks
from jaxiqa.arch import ARCHITECTURES
from jaxiqa.checkpoints.sources import sources
from jaxiqa.data.databases import DATABASES
from jaxiqa.data.prepare import FORMATS
from jaxiqa.metrics import METRICS
from jaxiqa.metrics.learned import LEARNED
from jaxiqa.readouts.forms import FORMS
from jaxiqa.relevance.choices import OPTIMISERS
from jaxiqa.relevance.design import SHARINGS
from jaxiqa.relevance.objectives import OBJECTIVES
from jaxiqa.relevance.splits import SPLITS

SHELLS = ("bash", "zsh", "tcsh")

_DESCRIPTION = """\
Prints a script by which bash, zsh or tcsh completes verbs, options, files, and the names of nets,
weights, metrics and databases. Write it where the shell looks, once for each version of jaxiqa:

  bash  jaxiqa completion bash > ~/.local/share/bash-completion/completions/jaxiqa
        (with the package bash-completion; else `source` that file in ~/.bashrc)
  zsh   jaxiqa completion zsh > ~/.zfunc/_jaxiqa
        (with `fpath+=~/.zfunc` before `compinit` in ~/.zshrc)
  tcsh  jaxiqa completion tcsh > ~/.jaxiqa.tcsh
        (with `source ~/.jaxiqa.tcsh` in ~/.tcshrc)
"""

# What stands for a path in the help of an option.
FOLDERS = ("DIR", "BANK_OR_STUDY")
FILES = (
    *("FILE", "CSV", "SCORES.csv", "FILE.toml", "FILE.safetensors", "OUT.png"),
    *("REFERENCE", "DISTORTED"),
)


def add_verbs(verbs, top: argparse.ArgumentParser) -> None:
    """Adds `completion`, which has to know the parser of all verbs."""
    verb = verbs.add_parser(
        "completion",
        help="print a script that makes a shell complete what is typed",
        description=_DESCRIPTION,
        epilog="example: jaxiqa completion bash",
    )
    verb.add_argument("shell", metavar="SHELL", help=", ".join(SHELLS))
    verb.set_defaults(run=functools.partial(show_completion, top))


def names() -> dict[tuple[str, str], Sequence[str]]:
    """Returns, for a verb and its argument, the names that complete it."""
    nets = [*ARCHITECTURES, *sources(), *(f"{name}.random-0" for name in ARCHITECTURES)]
    metrics = [*METRICS, *LEARNED]
    weights = [f"weights {action}" for action in ("get", "add", "verify")]
    data = [f"data {action}" for action in ("prepare", "show", "check")]
    return {
        ("completion", "shell"): SHELLS,
        ("layers", "net"): nets,
        ("weights convert", "net"): list(ARCHITECTURES),
        **{(verb, "name"): list(sources()) for verb in weights},
        **{(verb, "name"): list(DATABASES) for verb in data},
        ("data prepare", "store"): FORMATS,
        ("score", "metric"): metrics,
        ("study", "metric"): metrics,
        ("study", "net"): nets,
        ("study", "readout"): list(FORMS),
        ("fit", "readout"): list(FORMS),
        ("fit", "objective"): list(OBJECTIVES),
        ("fit", "optimiser"): list(OPTIMISERS),
        ("fit", "per"): list(SHARINGS),
        ("fit", "split"): list(SPLITS),
    }


def arguments_of(
    parser: argparse.ArgumentParser, verb: str = ""
) -> Iterator[tuple[str, argparse.Action]]:
    """Yields each argument of each verb below a parser, with the verb's words."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, below in action.choices.items():
                yield from arguments_of(below, f"{verb} {name}".strip())
        else:
            yield verb, action


def script(top: argparse.ArgumentParser, shell: str) -> str:
    """Returns the script of a shell.

    Raises:
      InputError: an unknown shell, or no shtab.
    """
    checks.choose(shell, SHELLS, kind="shell", listing=f"There are {', '.join(SHELLS)}.")
    try:
        import shtab
    except ImportError:
        raise checks.InputError(
            "completion needs shtab, which writes the script: pip install shtab"
        ) from None
    paths = dict.fromkeys(FOLDERS, shtab.DIRECTORY) | dict.fromkeys(FILES, shtab.FILE)
    known = names()
    for verb, action in arguments_of(top):
        if (verb, action.dest) in known:
            action.choices = known[verb, action.dest]
        elif action.metavar in paths:
            action.complete = paths[action.metavar]
    return shtab.complete(top, shell)


def show_completion(top: argparse.ArgumentParser, choices) -> int:
    """Prints the script."""
    print(script(top, choices.shell))
    return 0
