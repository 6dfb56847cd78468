"""The nets with which the analysis of arXiv 2302.13345 can be repeated, and who publishes them.

The factors and their levels are those of the paper; the files are those of the records in
`weights/`, which publishers of such nets offer, and need not be the very files of its authors.
"""

import dataclasses

from jaxiqa.checkpoints.load import is_random
from jaxiqa.checkpoints.sources import source

# What VISSL calls the last checkpoint of every training.
_LAST = "model_final_checkpoint_phase"


@dataclasses.dataclass(frozen=True)
class Published:
    """Weights that somebody publishes.

    Attributes:
      name: ``architecture.training``.
      architecture: the table that they fit.
      function: what the net was trained to do.
      environment: the images that it was trained on.
      address: of the file.
      sha256: its digest, or the first digits of it, or an empty text.
      licence: as the publisher states it.
      paper: where the training is described.
      note: what to know before comparing them.
    """

    name: str
    architecture: str
    function: str
    environment: str
    address: str = ""
    sha256: str = ""
    licence: str = ""
    paper: str = ""
    note: str = ""

    @property
    def file(self) -> str:
        """The published file name, with its folder where the name alone tells nothing."""
        *_, folder, name = ("", *self.address.split("/"))
        return f"{folder}/{name}" if name.startswith(_LAST) else name


def published(name: str) -> Published:
    """Returns what is known of a net."""
    if is_random(name):
        return Published(name, name.partition(".")[0], "none", "none")
    record = source(name)
    fields = [field.name for field in dataclasses.fields(Published)]
    return Published(**{field: getattr(record, field) for field in fields})
