"""The metrics that stand beside the nets of a study, loaded."""

import dataclasses
import functools
from collections.abc import Sequence

from jaxiqa.bank.subject import origin_of_metric
from jaxiqa.checkpoints.load import load_net
from jaxiqa.metrics.load import load_metric, net_of
from jaxiqa.metrics.metric import Metric
from jaxiqa.study.choices import MetricChoice
from jaxiqa.study.metric_choices import check_called, options_of


@dataclasses.dataclass(frozen=True, eq=False)
class MetricEntry:
    """A metric in a study.

    Attributes:
      label: as it appears in the rows.
      metric: with its weights.
    """

    label: str
    metric: Metric

    @functools.cached_property
    def origin(self) -> dict:
        """What the metric's values depend on, as a record."""
        return origin_of_metric(self.metric)


def _loaded(choice: MetricChoice) -> Metric:
    given = choice.weights is not None
    net = load_net(net_of(choice.name), choice.weights) if given else None
    return load_metric(choice.name, net=net, **options_of(choice))


def metric_entries(choices: Sequence[MetricChoice]) -> tuple[MetricEntry, ...]:
    """Returns the metrics of a study, loaded.

    Raises:
      InputError: as ``check_called``, ``load_net`` and ``load_metric``.
    """
    check_called(choices)
    return tuple(MetricEntry(choice.called, _loaded(choice)) for choice in choices)
