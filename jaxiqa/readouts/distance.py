"""A readout of a net, straight from images to distances."""

import functools
from collections.abc import Mapping, Sequence

import jax
import jax.numpy as jnp
import numpy as np

from jaxiqa import checks
from jaxiqa.arch.net import Net, check_taps, responses
from jaxiqa.images import check_pair
from jaxiqa.readouts.forms import FORMS
from jaxiqa.readouts.moments import pair_moments, state
from jaxiqa.readouts.readout import Readout, check_channelwise, combine, tap_totals

Relevance = Mapping[str, np.ndarray | jax.Array]


def check_concatenation(net: Net, taps: Sequence[str]) -> None:
    """Passes if a net has the taps, each of them once under whichever name.

    Raises:
      InputError: a tap is unknown, not reached by the weights, or comes twice.
    """
    names = check_taps(net, taps)
    for tap, name in zip(taps, names, strict=True):
        if names.count(name) > 1:
            raise checks.InputError(f"{'+'.join(taps)} holds tap {tap!r} twice; give it once")


def check_pairwise(net: Net, readout: Readout) -> None:
    """Passes if a readout can be taken of a net on a pair of images.

    Raises:
      InputError: no readout, one that needs a data set, or taps that the net does not have.
    """
    if not isinstance(readout, Readout):
        raise checks.InputError(f"readout must be a Readout, got {readout!r}")
    for word in (readout.combination, readout.relevance):
        if word in ("balanced", "dataset-mean"):
            raise checks.InputError(
                f"{word!r} of readout {readout.name!r} needs a data set, not a pair of images: "
                "read it from a bank of pair moments"
            )
    check_concatenation(net, readout.taps)


def _check_weights(weights: np.ndarray | jax.Array, tap: str, channels: int, form: str):
    parts = FORMS[form].parts
    if np.shape(weights) not in ((channels,), *[(channels, len(parts))] * bool(parts)):
        also = f", or ({channels}, {len(parts)}) for {' and '.join(parts)}" if parts else ""
        raise checks.InputError(
            f"relevance of tap {tap!r} has the shape {np.shape(weights)}, expected ({channels},): "
            f"one weight for each channel{also}"
        )
    if not isinstance(weights, jax.core.Tracer):
        weights = np.asarray(weights)
        if not (weights >= 0).all() or not np.isfinite(weights).all():
            raise checks.InputError(f"relevance of tap {tap!r} holds weights below 0 or not finite")
    return jnp.asarray(weights, jnp.float32)


def check_relevance(relevance: Relevance | None, readout: Readout, channels: Mapping) -> dict:
    """Returns float32 weights (C,) of the channels by tap, an empty dict for none.

    Args:
      relevance: by tap, as named in the readout, (C,) non-negative weights; None for 1. For a form
        that has parts maybe (C, K).
      readout: that they are meant for.
      channels: by tap C.

    Raises:
      InputError: a form without relevance of channels, a tap too many or too few, another shape,
        or weights below 0 or not finite.
    """
    if relevance is None:
        return {}
    check_channelwise(readout.form)
    for tap in relevance:
        if tap not in readout.taps:
            raise checks.InputError(
                f"relevance is given for {tap!r}{checks.near(tap, readout.taps)}; "
                f"the taps of the readout are {', '.join(readout.taps)}"
            )
    if lacking := [tap for tap in readout.taps if tap not in relevance]:
        raise checks.InputError(f"relevance is missing for tap {', '.join(map(repr, lacking))}")
    return {
        tap: _check_weights(relevance[tap], tap, channels[tap], readout.form)
        for tap in readout.taps
    }


def compare(
    reference: Mapping, distorted: Mapping, relevance: Mapping, *, readout: Readout
) -> jax.Array:
    """Returns (N,) distances from states of responses; traceable and without checks.

    Args:
      reference: by tap ``state`` of the responses, made for the moments of the readout.
      distorted: likewise.
      relevance: by tap, as from ``check_relevance``.
      readout: which needs no data set.
    """
    totals, positions, channels = [], [], []
    for tap in readout.taps:
        _, height, width, count = reference[tap]["response"].shape
        moments = pair_moments(reference[tap], distorted[tap], moments=readout.moments)
        totals.append(tap_totals(moments, readout.form, relevance=relevance.get(tap)))
        positions.append(height * width)
        channels.append(count)
    return combine(totals, readout, positions=positions, channels=channels)


def _equal(reference: jax.Array, distorted: jax.Array) -> jax.Array:
    return jnp.all(reference == distorted, axis=(1, 2, 3))


def zero_if_equal(values: jax.Array, reference: jax.Array, distorted: jax.Array) -> jax.Array:
    """Returns (N,) distances, 0 with all derivatives 0 where two images (N, H, W, 3) are the same.

    A vector of a processor's lanes rounds exp or erf otherwise than the odd numbers left over, so
    that the same image at another place of a batch may have responses that differ by 1e-8, of
    which a root makes 1e-4.
    """
    return jnp.where(_equal(reference, distorted), 0.0, values)


def without_rounding(
    values: jax.Array, reference: jax.Array, distorted: jax.Array, *, form: str
) -> jax.Array:
    """Returns (N,) distances of a form, exactly 0 where two images (N, H, W, 3) are the same.

    Of a form without a root the derivatives stay, of one with a root they are 0.
    """
    if FORMS[form].rooted:
        return zero_if_equal(values, reference, distorted)
    kept = jnp.where(_equal(reference, distorted), values, 0.0)
    return values - jax.lax.stop_gradient(kept)


@functools.partial(jax.jit, static_argnames="readout")
def _measure(found: Mapping, relevance: Mapping, *, readout: Readout) -> jax.Array:
    """Distances from responses (2N, h, w, C) by tap, references first."""
    halves = {tap: jnp.split(response, 2) for tap, response in found.items()}
    a, b = (
        {tap: state(half[k], moments=readout.moments) for tap, half in halves.items()}
        for k in (0, 1)
    )
    return compare(a, b, relevance, readout=readout)


def distance(
    net: Net,
    reference: np.ndarray | jax.Array,
    distorted: np.ndarray | jax.Array,
    *,
    readout: Readout,
    relevance: Relevance | None = None,
    precision: str = "highest",
) -> jax.Array:
    """Returns the distance that a readout gives between two batches of images.

    Differentiable in both batches, in the weights of the net and in the relevance; the gradient is
    finite also at equal, flat and all-zero images.

    Args:
      net: from ``load_net``.
      reference: (N, H, W, 3) RGB in [0, 1].
      distorted: (N, H, W, 3) RGB in [0, 1].
      readout: taps, form and combination; ``balanced`` and ``dataset-mean`` need a data set.
      relevance: by tap, as named in the readout, (C,) non-negative weights of its channels'
        contributions; with the form ``unit`` the linear heads of LPIPS. For a form that has parts,
        as ``dists``, maybe (C, K): alpha and beta of DISTS.
      precision: of products in the net, as for ``responses``.

    Returns:
      (N,) distances, 0 for equal images, larger = less alike.

    Raises:
      InputError: images that are no NHWC RGB in [0, 1] or differ in shape, a readout that needs a
        data set, relevance that does not fit, and as ``responses``.

    Examples:
      >>> distance(net, reference, distorted, readout=Readout(("relu1",), "unit")).round(1)
      Array([0., 1.], dtype=float32)

    References:
      Zhang et al., "The Unreasonable Effectiveness of Deep Features as a Perceptual Metric",
      arXiv 1801.03924 (LPIPS).
    """
    reference, distorted = check_pair(reference, distorted)
    check_pairwise(net, readout)
    both = jnp.concatenate([jnp.asarray(reference), jnp.asarray(distorted)])
    found = responses(net, both, taps=readout.taps, precision=precision)
    channels = {tap: response.shape[-1] for tap, response in found.items()}
    values = _measure(found, check_relevance(relevance, readout, channels), readout=readout)
    return without_rounding(values, reference, distorted, form=readout.form)
