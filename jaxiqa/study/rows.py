"""The rows of a study's result, and the file that holds them."""

import csv
import dataclasses
import math
import pathlib
import tempfile
from collections.abc import Sequence

from jaxiqa import checks
from jaxiqa.whole import write_whole


@dataclasses.dataclass(frozen=True)
class Row:
    """How one distance agrees with people on one data set; correlations are positive if it does.

    Attributes:
      data: name of the data set.
      net: label of the net, or of a simple metric.
      readout: the name of a ``Readout`` such as ``euclidean``, or the simple metric.
      taps: a tap, or ``a+b+c`` for a concatenation; empty for a simple metric.
      n: pairs (or stimuli) that the numbers rest on.
      failed: pairs (or stimuli) that had to be left out.
      plcc, srocc, krocc: Pearson, Spearman and Kendall correlation, with the bounds of their
        intervals from a bootstrap over reference images.
      plcc_logistic: Pearson correlation after a fitted logistic.
      rms_db: for thresholds, RMS difference to the human ones at the best common criterion, in dB.
      extrapolated: for thresholds, how many of the n lie outside the contrasts shown.
      architecture, function, environment: of the net: its table, what it was trained to do, and on
        which images; empty for a simple metric.
    """

    data: str
    net: str
    readout: str
    taps: str
    n: int
    failed: int
    plcc: float = math.nan
    plcc_low: float = math.nan
    plcc_high: float = math.nan
    srocc: float = math.nan
    srocc_low: float = math.nan
    srocc_high: float = math.nan
    krocc: float = math.nan
    krocc_low: float = math.nan
    krocc_high: float = math.nan
    plcc_logistic: float = math.nan
    rms_db: float = math.nan
    extrapolated: float = math.nan
    architecture: str = ""
    function: str = ""
    environment: str = ""

    @property
    def is_net(self) -> bool:
        """Whether it is a readout of a net, not a simple metric."""
        return bool(self.taps)

    @property
    def name(self) -> str:
        """Net, readout and taps in one text, different for each row of a data set."""
        return f"{self.net} {self.readout} {self.taps}" if self.is_net else self.readout


COLUMNS = tuple(field.name for field in dataclasses.fields(Row))


def _cell(value: str | int | float) -> str:
    """Six decimals for a number, or digits where it is small; empty for what has no value."""
    if not isinstance(value, float):
        return str(value)
    if math.isnan(value):
        return ""
    return f"{value:.6f}" if value == 0 or abs(value) >= 1e-4 else f"{value:.5e}"


def check_folder(path: pathlib.Path) -> None:
    """Passes if files can be put into a folder, which is made where there is none.

    Raises:
      InputError: the place is a file, or cannot be written.
    """
    if path.exists() and not path.is_dir():
        raise checks.InputError(f"{path} is a file, expected a folder for the results")
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as error:
        raise checks.InputError(f"cannot write to {path}: {error.strerror or error}") from error


def write_table(path: pathlib.Path, rows: Sequence, *, of: type | None = None) -> None:
    """Writes rows as CSV, one column per field, whole or not at all.

    Args:
      path: of the file; folders above it are made.
      rows: instances of one dataclass, of text and numbers.
      of: the dataclass; None takes that of the rows, of which there has to be one then.

    Raises:
      InputError: the place cannot be written, or there is nothing to tell the columns from.
    """
    if of is None and not rows:
        raise checks.InputError(f"{path}: expected at least one row, got none")
    columns = [field.name for field in dataclasses.fields(of or rows[0])]

    def write(unfinished: pathlib.Path) -> None:
        with unfinished.open("w", newline="", encoding="utf-8") as file:
            table = csv.writer(file, lineterminator="\n")
            table.writerow(columns)
            table.writerows([_cell(getattr(row, name)) for name in columns] for row in rows)

    write_whole(path, write)


def write_rows(path: pathlib.Path, rows: Sequence[Row]) -> None:
    """Writes the rows of a study's result as CSV, see `write_table`."""
    write_table(path, rows, of=Row)
