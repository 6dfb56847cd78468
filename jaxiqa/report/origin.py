"""What a report was made from, in words: a line about the study, and its record as a list."""

import html
from collections.abc import Sequence

from jaxiqa.report.folder import Folder
from jaxiqa.report.names import metric_name
from jaxiqa.report.sentences import rated_sets
from jaxiqa.study.rows import Row

_FILES = "results.csv, comparisons.csv, breakdown.csv, study.json, figures, tables, references.bib"


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'s' * (count != 1)}"


def lead(rows: Sequence[Row]) -> str:
    """Returns what a study held against people, in two sentences.

    Args:
      rows: of the study, seeds together.
    """
    nets = len({row.net for row in rows if row.is_net})
    metrics = len({row.readout for row in rows if not row.is_net})
    data = ", ".join(dict.fromkeys(row.data for row in rows))
    rated, most = rated_sets(rows), max(row.n for row in rows)
    seen = "Its stimuli are what people just see, at the contrast at which they do. "
    kinds = "pairs or stimuli" if rated else "stimuli"
    return (
        f"{_counted(nets, 'net')} and {_counted(metrics, 'metric')} held against people on {data}: "
        f"up to {most} {kinds}. "
        + (seen if not rated else "")
        + "Correlations are positive where a distance agrees with people."
    )


def _net(one: dict) -> str:
    function, environment = one["function"], one["environment"]
    goal = "not trained" if function == "none" else f"{function}, {environment}"
    return f"{goal}; {one['source']}"


def _data(one: dict) -> str:
    return f"{one['pairs']} pairs" if "pairs" in one else "stimuli at human thresholds"


def origin(folder: Folder) -> str:
    """Returns the record of a study as an HTML list, nets with where they are from."""
    record = folder.record
    versions = ", ".join(f"{name} {held}" for name, held in record.get("versions", {}).items())
    items = [(one["name"], _data(one)) for one in record.get("data", [])]
    items += [
        (metric_name(one["label"]), one["description"])
        for one in record.get("metrics", [])
        if "description" in one
    ]
    items += [(net["label"], _net(net)) for net in record.get("nets", [])]
    items += [
        ("bootstrap", f"{record.get('resamples')} draws from seed {record.get('seed')}"),
        ("products", f"precision {record.get('precision')}, {record.get('device')}"),
        ("versions", versions),
    ]
    listed = "".join(
        f"<dt>{html.escape(name)}</dt><dd>{html.escape(str(words))}</dd>" for name, words in items
    )
    return f'<dl class="facts">{listed}</dl><p class="note">Beside this page: {_FILES}.</p>'
