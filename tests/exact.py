"""Pair moments and distances by their definitions, in NumPy and double precision."""

import zlib

import numpy as np

SPACE = (1, 2)


def planted_pair(shape, *, change, offset=0.0):
    """Two (N, h, w, C) responses as after a ReLU, with dead positions and a dead channel.

    Args:
      shape: of each.
      change: standard deviation of b - a, where a is not 0 and of the order of 1.
      offset: added to both.
    """
    draw = np.random.default_rng(zlib.crc32(repr(shape).encode()))
    a = np.maximum(draw.standard_normal(shape), 0) * draw.uniform(0.5, 2, shape[-1])
    b = np.maximum(a + change * draw.standard_normal(shape) * (a > 0), 0)
    a[..., -1], b[..., -1] = 0, 0
    if shape[1] > 1:
        a[:, 0], b[:, 0] = 0, 0
        a[:, 1, 0] = 0
    return (a + offset).astype(np.float32), (b + offset).astype(np.float32)


def unit(x):
    return x / (np.sqrt((x**2).sum(-1, keepdims=True)) + 1e-10)


def gram_matrix(x):
    flat = x.reshape(len(x), -1, x.shape[-1])
    return flat.swapaxes(1, 2) @ flat / flat.shape[1]


def moments(a, b):
    """All moments by name; the covariance by its textbook form."""
    a, b = a.astype(np.float64), b.astype(np.float64)
    rest_a, rest_b = a - a.mean(SPACE, keepdims=True), b - b.mean(SPACE, keepdims=True)
    change = gram_matrix(b) - gram_matrix(a)
    return {
        "energy": ((b - a) ** 2).mean(SPACE),
        "unit_energy": ((unit(b) - unit(a)) ** 2).mean(SPACE),
        "mean_reference": a.mean(SPACE),
        "mean_distorted": b.mean(SPACE),
        "mean_difference": b.mean(SPACE) - a.mean(SPACE),
        "var_reference": a.var(SPACE),
        "var_distorted": b.var(SPACE),
        "var_difference": b.var(SPACE) - a.var(SPACE),
        "covariance": (rest_a * rest_b).mean(SPACE),
        "gram": (change**2).sum((1, 2))[:, None],
    }


def _norm(x):
    return np.sqrt((x.reshape(len(x), -1) ** 2).sum(1))


def _cosine(a, b):
    """1 - cos = |a^ - b^|^2 / 2 of the flattened responses made of unit length."""
    a, b = (x.reshape(len(x), -1) / _norm(x)[:, None] for x in (a, b))
    return _norm(a - b) ** 2 / 2


def _spatial(x):
    return np.sqrt(x.shape[1] * x.shape[2])


def _dists(a, b):
    """The losses of DISTS as its authors write them, (N, C, 2)."""
    means = a.mean(SPACE), b.mean(SPACE)
    covariance = (a * b).mean(SPACE) - means[0] * means[1]
    texture = (2 * means[0] * means[1] + 1e-6) / (means[0] ** 2 + means[1] ** 2 + 1e-6)
    structure = (2 * covariance + 1e-6) / (a.var(SPACE) + b.var(SPACE) + 1e-6)
    return np.stack([1 - texture, 1 - structure], axis=-1)


DISTANCES = {
    "euclidean": lambda a, b: _norm(b - a) / _spatial(a),
    "unit": lambda a, b: ((unit(b) - unit(a)) ** 2).sum(-1).mean(SPACE),
    "mean": lambda a, b: _norm((b - a).mean(SPACE)),
    "std": lambda a, b: _norm(b.std(SPACE) - a.std(SPACE)),
    "mean-std": lambda a, b: np.hypot(
        _norm((b - a).mean(SPACE)), _norm(b.std(SPACE) - a.std(SPACE))
    ),
    "gram": lambda a, b: _norm(gram_matrix(b) - gram_matrix(a)),
    "cosine": _cosine,
    "dists": lambda a, b: _dists(a, b).sum((1, 2)),
}


def weighed_dists(a, b, weights):
    """DISTS with alpha and beta (C, 2) of its channels at one tap, (N,)."""
    return (_dists(a.astype(np.float64), b.astype(np.float64)) * weights).sum((1, 2))


def distance(form, a, b):
    """The distance of a form between the responses at one tap, (N,)."""
    return DISTANCES[form](a.astype(np.float64), b.astype(np.float64))
