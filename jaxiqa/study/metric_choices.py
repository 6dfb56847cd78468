"""Which metrics stand beside the nets of a study: read and checked, no net being opened."""

import dataclasses
import os
from collections.abc import Sequence

from jaxiqa.checkpoints.load import architecture_of, is_random
from jaxiqa.checks import InputError
from jaxiqa.metrics import METRICS
from jaxiqa.metrics.load import load_metric, net_of
from jaxiqa.metrics.words import parse_metric, parse_options
from jaxiqa.study import toml_table
from jaxiqa.study.choices import MetricChoice
from jaxiqa.study.toml_table import TEXT, TEXTS, Table, value


def _words(options: dict[str, str]) -> tuple[str, ...]:
    return tuple(f"{option}={chosen}" for option, chosen in options.items())


def options_of(choice: MetricChoice) -> dict[str, str]:
    """Returns the options of a metric as ``load_metric`` takes them, precision among them.

    Raises:
      InputError: an option given twice, or one that is no ``OPTION=VALUE``.
    """
    precision = () if choice.precision is None else (f"precision={choice.precision}",)
    return parse_options((*choice.options, *precision), choice.name)


def metric_choice(text: str) -> MetricChoice:
    """Returns what NAME,OPTION=VALUE,.. asks for; a path of a file starts at the current folder.

    Raises:
      InputError: as ``check_metric``.
    """
    name, options = parse_metric(text)
    found = MetricChoice(name, _words(options))
    if found.is_file:
        found = dataclasses.replace(found, name=os.path.abspath(name))
    check_metric(found)
    return found


def read_metric(table: Table) -> MetricChoice:
    """Returns what a table ``[[metric]]`` of a study file asks for.

    Raises:
      InputError: an unknown or missing key, a wrong value, or as ``check_metric``.
    """
    toml_table.check_keys(table, [field.name for field in dataclasses.fields(MetricChoice)])
    name = value(table, "name", TEXT)
    with toml_table.naming(table.place, "options"):
        words = _words(parse_options(value(table, "options", TEXTS, ()), name))
    found = MetricChoice(
        name,
        words,
        weights=toml_table.existing_path(table, "weights"),
        precision=value(table, "precision", TEXT, None),
        label=value(table, "label", TEXT, None),
    )
    if found.is_file:
        found = dataclasses.replace(found, name=str(toml_table.path_value(table, "name")))
    with toml_table.naming(table.place, "name"):
        check_metric(found)
    return found


def check_metric(choice: MetricChoice) -> None:
    """Passes for a metric that there is.

    Raises:
      InputError: an unknown metric, net, or option of a formula; a file that is none of a metric;
        weights for a metric that takes none.
    """
    options, net = options_of(choice), net_of(choice.name)
    if net is None:
        load_metric(choice.name, **options)
    else:
        architecture_of(net)
    if choice.weights is not None and (net is None or is_random(net)):
        raise InputError(f"{choice.name} reads no weights of a file; leave out {choice.weights}")


def check_called(choices: Sequence[MetricChoice]) -> None:
    """Passes if no two metrics are called the same, and none as a formula that it is not.

    Raises:
      InputError: two are, one is, or a label cannot be printed.
    """
    called = [choice.called for choice in choices]
    for choice, label in zip(choices, called, strict=True):
        if called.count(label) > 1:
            raise InputError(
                f"two metrics are called {label}; give each once, or in a study file a label each"
            )
        plain = choice.name == label and not choice.options and choice.precision is None
        if label in METRICS and not plain:
            raise InputError(
                f"{choice.name} is called {label} as another metric; in a study file it can have "
                "another label"
            )
        if not label.isprintable():
            raise InputError(f"{label!a} cannot be what a metric is called; rename the file")
