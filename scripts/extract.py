"""Extracts the banks of a study, on all devices of one process or of many; correlates nothing.

What a cluster job calls, once per process, each with the same arguments and the same file system:

    python scripts/extract.py study.toml                                 # one host, all its devices
    srun python scripts/extract.py study.toml --distributed              # SLURM, TPU pods, MPI
    python scripts/extract.py study.toml --coordinator HOST:PORT --processes 2 --process 0

Processes share the work block by block and write into one bank. Killed and called again, they go on
where they stopped. `jaxiqa study study.toml` then reads the banks, on any machine.
"""

import sys

import jax

from jaxiqa.checks import InputError
from jaxiqa.cli.main import Parser, guarded
from jaxiqa.cli.progress import Report
from jaxiqa.cli.study_options import add_options, study_of
from jaxiqa.report.table import console
from jaxiqa.study.plan import plan_of
from jaxiqa.study.run import banks


def parser() -> Parser:
    """Returns the parser: what `jaxiqa study` takes, and how the processes find each other."""
    found = Parser(prog="extract.py", description=__doc__)
    add_options(found)
    group = found.add_argument_group("processes")
    group.add_argument(
        "--distributed",
        action="store_true",
        help="many processes, told by SLURM, a TPU pod or MPI which they are",
    )
    group.add_argument(
        "--coordinator", metavar="HOST:PORT", help="of process 0, where none is told"
    )
    group.add_argument("--processes", type=int, help="how many there are")
    group.add_argument("--process", type=int, help="which one this is, from 0")
    return found


def join(choices) -> None:
    """Makes this process one of many, where it is."""
    places = (choices.coordinator, choices.processes, choices.process)
    if any(place is not None for place in places):
        if choices.distributed or None in places:
            raise InputError(
                "give --coordinator, --processes and --process together, or --distributed alone"
            )
        jax.distributed.initialize(*places)
    elif choices.distributed:
        jax.distributed.initialize()


def extract(words: list[str]) -> int:
    """Returns 0 once all banks are finished."""
    choices = parser().parse_args(words)
    study = study_of(choices)
    join(choices)
    plan = plan_of(study, batch=choices.batch)
    with Report(console(stderr=True)) as progress:
        for bank in banks(plan, progress):
            if jax.process_index() == 0:
                print(bank.path, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(guarded(extract, sys.argv[1:]))
