"""Source records: what is known of each published set of weights, read from ``weights/*.toml``."""

import dataclasses
import functools
import pathlib
import tomllib

from jaxiqa import checks
from jaxiqa.images import Preprocess, from_record


@dataclasses.dataclass(frozen=True)
class Source:
    """A published set of weights.

    Attributes:
      name: ``architecture.training``.
      architecture: a name in the registry of architectures.
      training: what the net was trained to do, on which images, and by whom.
      function: what it was trained to do, in a word that nets of one function share.
      environment: the images that it was trained on, likewise.
      address: where its publisher keeps the file; of weights that ship, the file's path in the
        folder ``shipped``.
      sha256: digest of the file, or the first digits that the publisher puts in its name.
      licence: of the weights.
      paper: where they are described.
      preprocess: what is done to RGB images in [0, 1] before the net.
      md5: of the file, where its publisher gives that; empty where not.
      verified: against what the address was checked; empty where it could not be.
      size: of the file in bytes, to within 1 %; 0 where it is not known.
      top1: per cent of the validation images that the publisher says are named right; 0 where it
        says nothing, or where the net names no classes.
      renames: pairs (regular expression, replacement) that turn the file's keys into the canonical
        ones, each applied to every key, in this order.
      ignored: regular expressions of whole renamed keys that the net has no use for.
      note: what to know before comparing these weights with others.
      also: further names of this record.
    """

    name: str
    architecture: str
    training: str
    function: str
    environment: str
    address: str
    sha256: str
    licence: str
    paper: str
    preprocess: Preprocess
    md5: str = ""
    verified: str = ""
    size: int = 0
    top1: float = 0.0
    renames: tuple[tuple[str, str], ...] = ()
    ignored: tuple[str, ...] = ()
    note: str = ""
    also: tuple[str, ...] = ()

    @property
    def file(self) -> str:
        """The publisher's file name."""
        return self.address.rpartition("/")[2]

    @property
    def ships(self) -> bool:
        """Whether the file comes with the package."""
        return "://" not in self.address


def shipped() -> pathlib.Path:
    """Returns the folder of what ships: inside an installed package, beside it in a checkout."""
    package = pathlib.Path(__file__).resolve().parents[1]
    installed = package / "weights"
    return installed if installed.is_dir() else package.parent / "weights"


def _read(path: pathlib.Path) -> Source:
    fields = tomllib.loads(path.read_text(encoding="utf-8"))
    fields["preprocess"] = from_record(fields["preprocess"])
    fields["renames"] = tuple(fields.get("renames", {}).items())
    for name in ("ignored", "also"):
        fields[name] = tuple(fields.get(name, ()))
    return Source(**fields)


@functools.cache
def sources() -> dict[str, Source]:
    """Returns all source records by name."""
    return {path.stem: _read(path) for path in sorted(shipped().glob("*.toml"))}


def source(name: str) -> Source:
    """Returns the source record of a name such as ``alexnet.imagenet``.

    Raises:
      InputError: no such record; the near matches are named.
    """
    known = sources()
    also = {other: record for record in known.values() for other in record.also}
    names = (*known, *also)
    checks.choose(name, names, kind="set of weights", listing="`jaxiqa weights list` shows them.")
    return known[name] if name in known else also[name]
