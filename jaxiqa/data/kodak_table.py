"""What is known of the 720 pairs of TID2013 that can be rebuilt from the Kodak photographs.

`tables/tid2013_kodak.csv` has a row per distorted image: its name (reference, type, level), the
parameter of its distortion, mean opinion score and its standard error as TID2013 publishes them (in
mos_std.txt), the image of TID2008 that is the same and its score, where there is one (level l there
is level l + 1 here; inferred from the parameters), the published PSNR (none for type 7), and the
sha256 of its pixels. `tables/tid2013_kodak_crops.csv` has where each reference lies in its
photograph.

References:
  N. Ponomarenko et al., "Image database TID2013: peculiarities, results and perspectives", Signal
  Processing: Image Communication 30, 2015, 57-77.
  N. Ponomarenko et al., "TID2008 - a database for evaluation of full-reference visual quality
  assessment metrics", Advances of Modern Radioelectronics 10, 2009, 30-45.
"""

import csv
import dataclasses
import functools
import hashlib
import importlib.resources

import numpy as np

HEIGHT, WIDTH = 384, 512


@dataclasses.dataclass(frozen=True)
class Crop:
    """Where a reference lies in its photograph.

    Attributes:
      reference: its name, as "I01".
      top, left: the pixel of the photograph at its upper left.
      sha256: in hex, of its pixels (384, 512, 3) of 8 bits.
    """

    reference: str
    top: int
    left: int
    sha256: str

    @property
    def photograph(self) -> str:
        """The name without suffix under which the photograph is published."""
        return f"kodim{self.reference[1:]}"


@dataclasses.dataclass(frozen=True)
class Rated:
    """A distorted image and what people said of it.

    Attributes:
      distorted: its name, as "I01_08_3": reference, type of distortion, level.
      parameter: of the distortion.
      mos, mos_std: mean opinion in TID2013, high = good, and the standard error of that mean.
      tid2008: name of the same image in TID2008, or "".
      mos_tid2008, mos_std_tid2008: opinion there, nan without such an image.
      psnr: as published, in dB, or nan.
      sha256: in hex, of its pixels (384, 512, 3) of 8 bits.
    """

    distorted: str
    parameter: float
    mos: float
    mos_std: float
    tid2008: str
    mos_tid2008: float
    mos_std_tid2008: float
    psnr: float
    sha256: str

    @property
    def reference(self) -> str:
        """The name of its reference."""
        return self.distorted[:3]

    @property
    def kind(self) -> int:
        """TID2013's number of the type of distortion."""
        return int(self.distorted[4:6])

    @property
    def level(self) -> int:
        """How strong, 1 to 5."""
        return int(self.distorted[7])


def _records(name: str, kind: type) -> tuple:
    path = importlib.resources.files(__package__) / "tables" / name
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    types = {field.name: field.type for field in dataclasses.fields(kind)}
    return tuple(
        kind(
            **{n: types[n](t or "nan") if types[n] is float else types[n](t) for n, t in r.items()}
        )
        for r in rows
    )


@functools.cache
def crops() -> tuple[Crop, ...]:
    """Returns the 24 references, I01 to I24."""
    return _records("tid2013_kodak_crops.csv", Crop)


@functools.cache
def rated() -> tuple[Rated, ...]:
    """Returns the 720 distorted images, by reference, type and level."""
    return _records("tid2013_kodak.csv", Rated)


def pixels_digest(image: np.ndarray) -> str:
    """Returns the sha256 in hex of the pixels of an image of 8 bits, row by row."""
    return hashlib.sha256(np.ascontiguousarray(image).data).hexdigest()
