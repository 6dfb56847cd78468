"""Repeats the analysis of arXiv 2302.13345 with the weights that are at hand.

    python scripts/reproduce_paper.py --plan --weights DIR              # what there is, what not
    python scripts/reproduce_paper.py --weights DIR --data tid2013.csv --out results

Says which nets of the comparisons of function, environment and architecture can be run, which need
a file and where it is published, and which this version cannot run yet; writes a study file for the
former and runs it as `jaxiqa study` does. Nothing is downloaded.
"""

import argparse
import os
import pathlib
import sys
from collections.abc import Sequence

from paper_factors import COMPARISONS, READOUTS
from paper_survey import Standing, report, survey

from jaxiqa.checks import InputError
from jaxiqa.cli.main import main as jaxiqa
from jaxiqa.study.choices import DataChoice, NetChoice, StudyFile
from jaxiqa.whole import write_whole

FACTORS = tuple(dict.fromkeys(comparison.factor for comparison in COMPARISONS))


def _choice(standing: Standing) -> NetChoice:
    net = standing.net
    return NetChoice(
        name=net.name,
        weights=standing.path and standing.path.absolute(),
        function=net.function,
        environment=net.environment,
    )


def study_of(
    found: dict[str, Standing],
    data: Sequence[pathlib.Path],
    out: pathlib.Path,
    *,
    higher_is_better: bool | None = None,
) -> StudyFile:
    """Returns the study of the nets that can be run, with every readout of the paper.

    Raises:
      InputError: no data, or a file that is not there.
    """
    for path in data:
        if not path.is_file():
            raise InputError(f"--data: no such file: {path}")
    if not data:
        raise InputError("give --data, a CSV file of rated pairs such as TID2013's, or --plan")
    return StudyFile(
        data=tuple(DataChoice(p.absolute(), higher_is_better=higher_is_better) for p in data),
        nets=tuple(_choice(standing) for standing in found.values() if standing.ready),
        out=out.absolute(),
        readouts=READOUTS,
        moments="all",
    )


def parser() -> argparse.ArgumentParser:
    """Returns the parser of the script's options."""
    shape = argparse.RawDescriptionHelpFormatter
    found = argparse.ArgumentParser(description=__doc__, formatter_class=shape, allow_abbrev=False)
    add, path = found.add_argument, pathlib.Path
    add("--plan", action="store_true", help="only say what can be run and what is missing")
    add("--factor", choices=FACTORS, action="append", help="only its comparisons; repeats")
    weights = "folder that is searched, with what is below it, for published files; repeats"
    add("--weights", type=path, action="append", default=[], metavar="DIR", help=weights)
    rated = "rated pairs, as `jaxiqa study` takes them; repeats"
    add("--data", type=path, action="append", default=[], metavar="CSV", help=rated)
    add("--lower-is-better", action="store_true", help="opinion is high for bad images")
    add("--out", type=path, default=path("jaxiqa-paper"), metavar="DIR", help="for the results")
    return found


def run(choices: argparse.Namespace) -> int:
    """Prints the plan and, unless that is all that was asked for, runs the study."""
    comparisons = [c for c in COMPARISONS if c.factor in (choices.factor or FACTORS)]
    found = survey(comparisons, choices.weights)
    print(*report(comparisons, found), sep="\n", flush=True)
    if choices.plan:
        return 0
    sign = False if choices.lower_is_better else None
    study = study_of(found, choices.data, choices.out, higher_is_better=sign)
    path = choices.out / "paper.toml"
    write_whole(path, lambda place: place.write_text(study.to_toml(), encoding="utf-8"))
    print(f"jaxiqa study {path}", flush=True)
    return jaxiqa(["study", str(path)])


def main(words: Sequence[str] | None = None) -> int:
    """Returns the exit code: 0, or 2 for a user's mistake, told in one line."""
    try:
        return run(parser().parse_args(words))
    except InputError as error:
        print(f"reproduce_paper: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        # The reader of the plan has gone; nothing is left to be written at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


if __name__ == "__main__":
    sys.exit(main())
