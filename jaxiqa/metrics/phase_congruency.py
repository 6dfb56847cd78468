"""Phase congruency of grey images, as FSIM measures it: how well four scales agree in phase.

With e_s the complex response of a log-Gabor filter of scale s, u = sum_s e_s / (|sum_s e_s| + eps)
and T what noise alone would give,

    congruency = sum over orientations max(sum_s Re(e_s u*) - |Im(e_s u*)| - T, 0) / sum |e_s|
"""

import functools
import math

import jax
import jax.numpy as jnp
import numpy as np

from jaxiqa.readouts.forms import safe_divide, safe_sqrt

_SCALES, _ORIENTATIONS = 4, 4
_SHORTEST, _RATIO, _BANDWIDTH = 6, 2, 0.55
_ANGULAR = math.pi / _ORIENTATIONS / 1.2
_CUTOFF, _SHARPNESS = 0.45, 15
_DEVIATIONS, _RESCALED, _EPSILON = 2.0, 1.7, 1e-4


def frequencies(extent: int) -> np.ndarray:
    """Returns the frequencies -0.5..0.5 of an axis with 0 in the middle, as Kovesi numbers them.

    An odd extent is divided by one less, so that both ends are 0.5.
    """
    return (np.arange(extent) - extent // 2) / (extent - extent % 2)


@functools.lru_cache(maxsize=8)
def filters(height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns the log-Gabor filters and what noise of unit median gives them.

    Returns:
      (4 orientations, 4 scales, H, W) transfer functions with frequency 0 first, (4,) thresholds.
    """
    y, x = np.meshgrid(frequencies(height), frequencies(width), indexing="ij")
    radius, theta = np.hypot(x, y), np.arctan2(-y, x)
    inside = 1 / (1 + (radius / _CUTOFF) ** (2 * _SHARPNESS))
    radius[height // 2, width // 2] = 1
    radial = []
    for scale in range(_SCALES):
        octaves = np.log(radius * (_SHORTEST * _RATIO**scale))
        radial.append(inside * np.exp(-(octaves**2) / (2 * math.log(_BANDWIDTH) ** 2)))
        radial[-1][height // 2, width // 2] = 0
    angular = []
    for angle in np.arange(_ORIENTATIONS) * math.pi / _ORIENTATIONS:
        away = np.arctan2(np.sin(theta - angle), np.cos(theta - angle))
        angular.append(np.exp(-(away**2) / (2 * _ANGULAR**2)))
    bank = np.stack(angular)[:, None] * np.stack(radial)
    bank = np.fft.ifftshift(bank, axes=(-2, -1))
    return bank, _thresholds(bank)


def _thresholds(bank: np.ndarray) -> np.ndarray:
    """The energy of noise, mean plus two deviations, if the finest scale has a median square of 1.

    A square of two Gaussian parts has the mean median / log 2; the sum of the scales' responses to
    white noise is Rayleigh distributed with tau^2 = power sum_st <f_s, f_t>.
    """
    height, width = bank.shape[-2:]
    impulses = np.fft.ifft2(bank).real * math.sqrt(height * width)
    together = np.square(impulses.sum(axis=1)).sum(axis=(-2, -1))
    power = 1 / math.log(2) / np.square(bank[:, 0]).sum(axis=(-2, -1))
    tau = np.sqrt(power * together)
    spread = math.sqrt(math.pi / 2) + _DEVIATIONS * math.sqrt(2 - math.pi / 2)
    return tau * spread / _RESCALED


def phase_congruency(grey: jax.Array) -> jax.Array:
    """Returns the phase congruency of grey images in 0..255, in [0, 1]; 0 where they are flat.

    The noise is estimated per orientation from the median response of the finest scale.

    Args:
      grey: (N, H, W).

    Returns:
      (N, H, W).

    References:
      Kovesi, "Image features from phase congruency", Videre 1(3), 1999, in the form of
      `phasecong2` inside FeatureSIM.m by Zhang, Zhang, Mou and Zhang.
    """
    bank, thresholds = filters(*grey.shape[1:])
    # The filters ignore the mean. Without it little is lost to rounding, and flat images give 0.
    middle = (grey.max(axis=(1, 2), keepdims=True) + grey.min(axis=(1, 2), keepdims=True)) / 2
    spectrum = jnp.fft.fft2(grey - jax.lax.stop_gradient(middle))
    each = jnp.asarray(bank, spectrum.dtype), jnp.asarray(thresholds, grey.dtype)
    # One orientation at a time: less to compile, and a quarter of the memory.
    energy, amplitude = jax.lax.map(lambda one: _energy(spectrum, *one), each)
    return safe_divide(energy.sum(axis=0), amplitude.sum(axis=0))


def _energy(spectrum: jax.Array, transfer: jax.Array, threshold: jax.Array) -> tuple:
    """The energy of one orientation above noise, and the summed amplitudes, (N, H, W) each."""
    responses = jnp.fft.ifft2(spectrum[:, None] * transfer[None])
    even, odd = responses.real, responses.imag
    squares = jnp.square(even) + jnp.square(odd)
    sum_even, sum_odd = even.sum(axis=1), odd.sum(axis=1)
    inverse = 1 / (safe_sqrt(jnp.square(sum_even) + jnp.square(sum_odd)) + _EPSILON)
    cosine, sine = (sum_even * inverse)[:, None], (sum_odd * inverse)[:, None]
    energy = jnp.sum(even * cosine + odd * sine - jnp.abs(even * sine - odd * cosine), axis=1)
    noise = threshold * safe_sqrt(_median(squares[:, 0].reshape(len(squares), -1)))[:, None, None]
    return jnp.maximum(energy - noise, 0), safe_sqrt(squares).sum(axis=1)


def _median(values: jax.Array) -> jax.Array:
    """Of (N, P) values, (N,)."""
    ordered, half = jnp.sort(values, axis=1), values.shape[1] // 2
    return (ordered[:, half] + ordered[:, -half - 1]) / 2
