"""From a name to a metric."""

import os
import pathlib

import jax.numpy as jnp

from jaxiqa import checks
from jaxiqa.arch.digest import weights_digest
from jaxiqa.arch.geometry import channels
from jaxiqa.arch.graph import resolve
from jaxiqa.arch.net import PRECISIONS, Net, check_taps, needed_variables
from jaxiqa.checkpoints.load import architecture_of, load_net
from jaxiqa.images import to_record
from jaxiqa.metrics import METRICS
from jaxiqa.metrics.formula import formula_metric
from jaxiqa.metrics.learned import LEARNED, as_trunk, learned
from jaxiqa.metrics.metric import Metric
from jaxiqa.metrics.metric_file import MetricFile, load_metric_file
from jaxiqa.metrics.net_program import NetProgram
from jaxiqa.metrics.reduced import DTYPES, ReducedProgram
from jaxiqa.readouts.distance import Relevance, check_pairwise, check_relevance
from jaxiqa.readouts.readout import Readout, parse_form

_RESIZES = {"none": None, "256": 256}


def _is_file(name: str) -> bool:
    return name.lower().endswith(".safetensors")


def net_of(name: str) -> str | None:
    """Returns the name of the net that a metric of ``LEARNED``, a file or ``NET:TAP`` reads.

    None for a formula, and for a name that no metric has.

    Raises:
      InputError: a file that is none of a metric.
    """
    if name in LEARNED:
        return learned(name).net
    if _is_file(name):
        return load_metric_file(name).net
    net, colon, _ = name.partition(":")
    return net if colon else None


def _check_choices(name: str, precision: str, dtype: str, options: dict[str, str]) -> None:
    listing = f"choose from {', '.join(PRECISIONS)}"
    checks.choose(str(precision), PRECISIONS, kind="precision", listing=listing)
    checks.choose(str(dtype), DTYPES, kind="dtype", listing=f"choose from {', '.join(DTYPES)}")
    for option in options:
        checks.choose(option, ("resize",), kind=f"option of {name}:", listing="it takes resize")
    listing = f"choose from {', '.join(_RESIZES)}"
    resize = str(options.get("resize", "none"))
    checks.choose(resize, _RESIZES, kind=f"resize of {name}:", listing=listing)


def net_metric(
    net: Net,
    readout: Readout,
    *,
    relevance: Relevance | None = None,
    name: str | None = None,
    precision: str = "highest",
    dtype: str = "float32",
    resize: str = "none",
) -> Metric:
    """Returns a readout of a net as a ``Metric``.

    Args:
      net: from ``load_net``.
      readout: taps, form and combination; one that needs no data set.
      relevance: by tap (C,) non-negative weights of its channels, as for ``distance``.
      name: of the metric; by default net, taps and form.
      precision: of products in the net: "highest", "high" or "default".
      dtype: of maps and products in the net, a name of ``DTYPES``.
      resize: "256" brings images whose shorter side is larger to 256 pixels there.

    Raises:
      InputError: taps that the net does not have, a readout that needs a data set, relevance that
        does not fit, or an unknown choice.
    """
    name = name or f"{net.name}:{'+'.join(readout.taps)}/{readout.name}"
    _check_choices(name, precision, dtype, {"resize": resize})
    check_pairwise(net, readout)
    width = channels(net.architecture)
    found = {tap: width[resolve(net.architecture, tap)] for tap in readout.taps}
    weights = {
        "net": needed_variables(net, check_taps(net, readout.taps)),
        "relevance": check_relevance(relevance, readout, found),
    }
    program = NetProgram(
        net.architecture, net.preprocess, readout, precision, _RESIZES[str(resize)]
    )
    reduced = program if dtype == "float32" else ReducedProgram(program, dtype)
    return Metric(weights, reduced, name)


def _check_origin(name: str, found: MetricFile, net: Net) -> None:
    """Passes for the net that relevance was fitted to, where the file says which that was."""
    expected = found.provenance.get("weights")
    digest = expected and weights_digest(net.variables)
    if digest != expected:
        raise checks.InputError(
            f"{name} was fitted to weights {str(expected)[:12]}.., {net.name} has "
            f"{digest[:12]}.. (a checkpoint of more layers or fewer counts as another); give "
            "those, fit anew, or use net_metric with its relevance"
        )
    preprocess = found.provenance.get("preprocess")
    if preprocess not in (None, to_record(net.preprocess)):
        raise checks.InputError(
            f"{name} was fitted behind the preprocessing {preprocess}, {net.name} has "
            f"{to_record(net.preprocess)}; load it with that one, or fit anew"
        )


def _from_file(name: str, found: MetricFile, net: Net | None, **choices: str) -> Metric:
    try:
        net = load_net(found.net) if net is None else net
    except checks.InputError as error:
        raise checks.InputError(f"{name} reads {found.net}: {error}") from None
    trunk = as_trunk(net, found.architecture)
    _check_origin(name, found, trunk)
    relevance = {tap: jnp.asarray(values) for tap, values in found.relevance.items()}
    return net_metric(trunk, found.readout, relevance=relevance or None, name=name, **choices)


def _parsed_readout(words: str) -> Readout:
    taps, slash, form = words.partition("/")
    names = tuple(tap.strip() for tap in taps.split("+"))
    return Readout(names, *parse_form(form if slash else "euclidean"))


def load_metric(
    name: str | os.PathLike,
    *,
    net: Net | None = None,
    precision: str = "highest",
    dtype: str = "float32",
    **options: str,
) -> Metric:
    """Returns a metric by its name.

    Args:
      name: a formula of ``jaxiqa.metrics.METRICS`` (``ssim``); ``lpips.alexnet``, ``lpips.vgg16``,
        ``lpips.squeezenet`` or ``dists``; ``NET:TAP`` for the Euclidean distance of responses,
        ``NET:TAP+TAP/FORM`` for other readouts (``alexnet.imagenet:relu3/unit``); or a file of
        fitted relevance, ``FILE.safetensors``.
      net: that the caller has loaded; by default the one that the name says, of the weights that
        ``jaxiqa weights get`` keeps.
      precision: of products in the net: "highest" is float32 on every device, "high" about as
        exact and faster on a TPU or GPU, "default" whatever is fastest there.
      dtype: of the maps in the net, "float32", "bfloat16" or "float16"; where the narrow one gives
        no number, or 0 for images that differ, float32 takes over. Near threshold ``bfloat16`` is
        off by tens of percent; `jaxiqa/metrics/reduced.py` has the measured error. A narrow one
        is differentiated in reverse mode only.
      **options: of a formula, as its function documents them; of a net ``resize="256"``.

    Returns:
      The metric: ``metric(reference, distorted)`` -> (N,).

    Raises:
      InputError: an unknown name or option, no weights, a net of another architecture or with
        other weights than a fitted file is of, or a choice that a formula does not have.

    Examples:
      >>> from jaxiqa import load_metric
      >>> load_metric("ssim", downsample="256").higher_is_better, load_metric("gmsd").has_map
      (True, True)
      >>> load_metric("squeezenet1_1.random-0:relu1+fire3/unit").higher_is_better
      False
    """
    if not isinstance(name, str | pathlib.PurePath):
        raise checks.InputError(f"expected the name of a metric, such as 'ssim', got {name!r}")
    name = os.fspath(name)
    if not (name in LEARNED or _is_file(name) or ":" in name):
        listing = f"choose from {', '.join((*METRICS, *LEARNED))}, NET:TAP such as alexnet:relu3"
        checks.choose(name, (*METRICS, *LEARNED), kind="metric", listing=listing)
        if net is not None or (precision, dtype) != ("highest", "float32"):
            raise checks.InputError(
                f"{name} has no net: it takes no net, and computes in float32 (precision, dtype)"
            )
        return formula_metric(METRICS[name], name, options)
    _check_choices(name, precision, dtype, options)
    choices = {"precision": precision, "dtype": dtype, **options}
    if name in LEARNED:
        return _from_file(name, learned(name), net, **choices)
    if _is_file(name):
        return _from_file(pathlib.Path(name).stem, load_metric_file(name), net, **choices)
    net_name, _, words = name.partition(":")
    readout = _parsed_readout(words)
    expected = architecture_of(net_name).name
    if isinstance(net, Net) and net.architecture.name != expected:
        raise checks.InputError(f"{name} reads {expected}, the net given is {net.name}")
    net = load_net(net_name) if net is None else net
    return net_metric(net, readout, name=name, **choices)
