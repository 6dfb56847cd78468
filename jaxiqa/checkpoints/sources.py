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
      address: where its publisher keeps the file.
      sha256: digest of the file, or the first digits that the publisher puts in its name.
      licence: of the weights.
      paper: where they are described.
      preprocess: what is done to RGB images in [0, 1] before the net.
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

    @property
    def file(self) -> str:
        """The publisher's file name."""
        return self.address.rpartition("/")[2]


def shipped() -> pathlib.Path:
    """Returns the folder of what ships: inside an installed package, beside it in a checkout."""
    package = pathlib.Path(__file__).resolve().parents[1]
    installed = package / "weights"
    return installed if installed.is_dir() else package.parent / "weights"


def _read(path: pathlib.Path) -> Source:
    fields = tomllib.loads(path.read_text(encoding="utf-8"))
    preprocess = from_record(fields.pop("preprocess"))
    return Source(preprocess=preprocess, **fields)


@functools.cache
def sources() -> dict[str, Source]:
    """Returns all source records by name."""
    return {path.stem: _read(path) for path in sorted(shipped().glob("*.toml"))}


def source(name: str) -> Source:
    """Returns the source record of a name such as ``alexnet.imagenet``.

    Raises:
      InputError: no such record; the near matches are named.
    """
    checks.choose(name, sources(), kind="set of weights", listing="`jaxiqa nets` lists them.")
    return sources()[name]
