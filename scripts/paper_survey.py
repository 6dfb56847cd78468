"""How the nets of the comparisons stand: at hand, to be fetched, or beyond this version."""

import dataclasses
import pathlib
from collections.abc import Iterator, Sequence

from paper_factors import READOUTS, Comparison
from paper_nets import Published, published

from jaxiqa.arch import ARCHITECTURES
from jaxiqa.checkpoints.load import is_random
from jaxiqa.checkpoints.store import is_stored
from jaxiqa.checks import InputError
from jaxiqa.metrics import METRICS

# The metrics that the paper compares with, and who publishes what they need.
COMPARED = {
    "psnr": "",
    "ssim": "Wang et al., IEEE TIP 2004",
    "lpips": "heads in github.com/richzhang/PerceptualSimilarity (BSD-2-Clause); arXiv 1801.03924",
    "dists": "weights in github.com/dingkeyan93/DISTS (MIT); arXiv 2004.07728",
}


@dataclasses.dataclass(frozen=True)
class Standing:
    """A net, the file that holds it, if any, and what this version lacks for it, if anything."""

    net: Published
    path: pathlib.Path | None
    lacks: str

    @property
    def ready(self) -> bool:
        """Whether the net can be run here and now."""
        return not self.lacks and (self.path is not None or is_random(self.net.name))


def lacking(net: Published) -> str:
    """Returns what keeps this version from running a net, or an empty text."""
    known = net.architecture in ARCHITECTURES
    return "" if known else f"no architecture {net.architecture}"


def weights_in(folders: Sequence[pathlib.Path]) -> list[pathlib.Path]:
    """Returns all files below some folders, and the folders that hold converted weights.

    Raises:
      InputError: a folder is not there.
    """
    for folder in folders:
        if not folder.is_dir():
            raise InputError(f"--weights: no such folder: {folder}")
    below = (path for folder in folders for path in sorted(folder.rglob("*")))
    return [path for path in below if path.is_file() or is_stored(path)]


def file_of(net: Published, paths: Sequence[pathlib.Path]) -> pathlib.Path | None:
    """Returns where a net is: under its published name, then its digest's digits, then its own."""

    def published_name(path: pathlib.Path) -> bool:
        return f"/{path.as_posix()}".endswith(f"/{net.file}")

    def digits(path: pathlib.Path) -> bool:
        return bool(net.sha256) and net.sha256[:8] in path.name

    def own_name(path: pathlib.Path) -> bool:
        return path.name == net.name or path.stem == net.name

    found = (path for test in (published_name, digits, own_name) for path in paths if test(path))
    return next(found, None)


def survey(
    comparisons: Sequence[Comparison], folders: Sequence[pathlib.Path]
) -> dict[str, Standing]:
    """Returns how each net of some comparisons stands, by name, each once."""
    paths = weights_in(folders)
    nets = [published(name) for comparison in comparisons for name in comparison.nets]
    return {
        net.name: Standing(net, None if is_random(net.name) else file_of(net, paths), lacking(net))
        for net in nets
    }


def _line(standing: Standing) -> str:
    """One line: what the net is, and where it is, or how to get it, or why it is of no use."""
    net = standing.net
    described = f"  {net.name:<30} {net.function}, {net.environment}"
    if standing.ready:
        return f"{described}: {standing.path or 'needs no file'}"
    source = f"{net.address} ({net.licence}; {net.paper})" if net.address else "needs no file"
    told = [f"{standing.lacks}; {source}" if standing.lacks else f"get {source}", net.note]
    return f"{described}: {'; '.join(filter(None, told))}"


def _levels(standings: Sequence[Standing], factor: str) -> str:
    levels = dict.fromkeys(getattr(standing.net, factor) for standing in standings)
    return ", ".join(levels) or "nothing"


def report(comparisons: Sequence[Comparison], found: dict[str, Standing]) -> Iterator[str]:
    """Yields the lines of the plan: each net, what each comparison holds, and what is beside."""
    sections = {
        "available": [s for s in found.values() if s.ready],
        "missing": [s for s in found.values() if not s.ready and not s.lacks],
        "not in this version": [s for s in found.values() if s.lacks],
    }
    for title, members in sections.items():
        yield f"{title} ({len(members)})"
        yield from map(_line, members)
    yield "comparisons"
    for comparison in comparisons:
        members = [found[name] for name in comparison.nets]
        ready = [standing for standing in members if standing.ready]
        counts = f"{len(ready)} of {len(members)}, {_levels(ready, comparison.factor)}"
        yield f"  {comparison.factor}: {comparison.title}: {counts}"
    yield f"  readout: {', '.join(READOUTS)}, at every tap and at the stages together, of each net"
    yield "  readout: channel relevance fitted to opinion: not in this version"
    yield "metrics"
    for name, source in COMPARED.items():
        yield f"  {name}: {'available' if name in METRICS else f'not in this version; {source}'}"
