"""The experiments whose stimuli are known, each as a list of `Stimulus`.

Detection thresholds, except for lucassen2018 and five_centres, where people told the orientation of
the bars. rovamo1993-large holds the gratings of Rovamo et al. that do not fit ModelFest's images.
"""

import functools
from collections.abc import Callable

from jaxiqa import checks
from jaxiqa.data import threshold_tables as tables
from jaxiqa.data.stimuli import Stimulus


def _modelfest() -> list[Stimulus]:
    return [
        Stimulus(f"modelfest-{number:02d}", "modelfest", "gabor", frequency, sigma, 90,
                 tables.ACHROMATIC, 10**log_threshold, "watson2000", 30)
        for number, (frequency, sigma, log_threshold) in enumerate(tables.MODELFEST, 1)
    ]  # fmt: skip


def _colorfest() -> list[Stimulus]:
    return [
        Stimulus(f"colorfest-{number:02d}", "colorfest", "gabor", frequency,
                 tables.COLORFEST_SIGMA, 0, tables.COLORFEST_DIRECTIONS[direction],
                 10**log_threshold, "wuerger2002", 40)
        for number, (frequency, direction, log_threshold) in enumerate(tables.COLORFEST, 1)
    ]  # fmt: skip


def _rovamo1993() -> list[Stimulus]:
    return [
        Stimulus(f"rovamo1993-{number:02d}", "rovamo1993", "grating", frequency, side, 0,
                 tables.ACHROMATIC, 10**log_threshold, "rovamo1993", 50)
        for number, (frequency, side, log_threshold) in enumerate(tables.ROVAMO1993, 1)
    ]  # fmt: skip


def _tabulated(name: str) -> list[Stimulus]:
    return [
        Stimulus(
            name=f"{name}-{int(row['number']):03d}",
            set=name,
            form=row["form"],
            frequency=float(row["frequency"]),
            size=float(row["size"]),
            orientation=int(row["orientation"]),
            direction=(float(row["l"]), float(row["m"]), float(row["s"])),
            threshold=10 ** float(row["log_threshold"]),
            citation=tables.TABULATED[name],
            luminance=float(row["luminance"]),
            ground=row["ground"],
        )
        for row in tables.tabulated()
        if row["set"] == name
    ]


_BUILDERS: dict[str, Callable[[], list[Stimulus]]] = {
    "modelfest": _modelfest,
    "colorfest": _colorfest,
    "rovamo1993": _rovamo1993,
    **{name: functools.partial(_tabulated, name) for name in tables.TABULATED},
}
# The sets whose stimuli fit ModelFest's geometry.
SETS = ("modelfest", "colorfest", "rovamo1993")
ALL_SETS = tuple(_BUILDERS)


def catalogue(sets: tuple[str, ...] = SETS) -> tuple[Stimulus, ...]:
    """Returns all stimuli of the named sets, in the order given.

    Args:
      sets: names among `ALL_SETS`.

    Raises:
      InputError: an unknown set.
    """
    found: list[Stimulus] = []
    for name in sets:
        checks.choose(name, ALL_SETS, kind="stimulus set", listing=f"Known: {', '.join(ALL_SETS)}.")
        found += _BUILDERS[name]()
    return tuple(found)
