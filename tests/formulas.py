"""Pairs of images that are hard on a formula, and what its values and slopes have to be there."""

import dataclasses
import functools
from collections.abc import Callable

import jax
import numpy as np

from jaxiqa.images import read_pair

# Gradients of many shifted sums take long to compile well.
QUICK = {"xla_backend_optimization_level": 0}
# Pairs of TID2013 for which chaofengc/IQA-PyTorch lists values of the authors' programs.
CALIBRATION = ("I03", "I04", "I06")


def calibration(shared):
    """The references and the distorted images of ``CALIBRATION``, (3, 384, 512, 3) each."""
    folder = shared / "data/metrics/pairs/calibration"
    pairs = [read_pair(folder / f"ref/{k}.bmp", folder / f"dist/{k}.bmp") for k in CALIBRATION]
    return tuple(np.stack(images) for images in zip(*pairs, strict=True))


def pair(shared, reference, distorted):
    """One pair of the folder, (1, H, W, 3) each."""
    folder = shared / "data/metrics/pairs"
    return tuple(image[None] for image in read_pair(folder / reference, folder / distorted))


def seeded(height, width):
    """Two references and two distorted images, (2, H, W, 3) each: noise, and another image."""
    rng = np.random.default_rng(7)
    first = rng.random((2, height, width, 3))
    noisy = np.clip(first[0] + rng.normal(0, 0.1, first[0].shape), 0, 1)
    return first.astype(np.float32), np.stack([noisy, first[0]]).astype(np.float32)


def pairs(height, width):
    """References and distorted images by what they are."""
    (one, two), (noisy, _) = seeded(height, width)
    flat, black, white = (np.full_like(one, level) for level in (0.5, 0, 1))
    return {
        "noisy": (one, noisy),
        "unlike": (one, two),
        "faint": (one, one + np.float32(1e-3) * (noisy - one)),
        "equal": (one, one),
        "equal flat": (flat, flat),
        "equal black": (black, black),
        "equal white": (white, white),
        "flat and not": (flat, one),
        "black and not": (black, one),
        "black and white": (black, white),
    }


@dataclasses.dataclass(frozen=True)
class Case:
    """A metric, what it has to give by float64, and the size of its images."""

    metric: Callable
    oracle: Callable
    size: tuple[int, int]

    @functools.cached_property
    def images(self):
        return tuple(np.stack(images) for images in zip(*pairs(*self.size).values(), strict=True))

    @functools.cached_property
    def names(self):
        return list(pairs(*self.size))

    @functools.cached_property
    def found(self):
        """Values (N,) and slopes with respect to both images, compiled as one program."""

        def total(reference, distorted):
            values = self.metric(reference, distorted)
            return values.sum(), values

        both = jax.value_and_grad(total, argnums=(0, 1), has_aux=True)
        (_, values), slopes = jax.jit(both, compiler_options=QUICK)(*self.images)
        return np.asarray(values), tuple(np.asarray(slope) for slope in slopes)

    def exact(self, reference, distorted):
        return self.oracle(reference.astype(np.float64), distorted.astype(np.float64))

    def check_values(self, equal, **tolerance):
        """Float64 agrees for all pairs, and equal images give ``equal`` exactly."""
        for name, value, *images in zip(self.names, self.found[0], *self.images, strict=True):
            if name.startswith("equal"):
                assert value == equal, name
            else:
                np.testing.assert_allclose(value, self.exact(*images), err_msg=name, **tolerance)

    def check_eager(self):
        """The metric gives the same when it is called as it is."""
        values = self.metric(*self.images)
        assert values.shape == (len(self.names),)
        assert values.dtype == np.float32
        np.testing.assert_allclose(values, self.found[0], rtol=2e-5, atol=2e-6)

    def check_slopes(self, rtol=2e-3):
        """All are finite, 0 for equal images, and as float64's values change."""
        for name, *slopes in zip(self.names, *self.found[1], strict=True):
            for slope in slopes:
                assert np.isfinite(slope).all(), name
                if name.startswith("equal"):
                    np.testing.assert_array_equal(slope, 0, err_msg=name)
        for k in (self.names.index("noisy"), self.names.index("unlike")):
            for which in (0, 1):
                self._check_direction(k, which, rtol)

    def _check_direction(self, k, which, rtol):
        images = [batch[k].astype(np.float64) for batch in self.images]
        slope = self.found[1][which][k].astype(np.float64)
        # Half of it along the slope, so that the change is no sum of many that cancel.
        direction = slope / np.abs(slope).max()
        direction += np.random.default_rng(k).normal(size=slope.shape) / 10
        ends = []
        for step in (1e-6, -1e-6):
            moved = list(images)
            moved[which] = images[which] + step * direction
            ends.append(self.oracle(*moved))
        expected = (ends[0] - ends[1]) / 2e-6
        np.testing.assert_allclose(np.sum(slope * direction), expected, rtol=rtol)

    def check_map(self, local):
        """A map of ``local(reference, distorted)`` is 0 for equal images, else above 0 somewhere.

        Args:
          local: takes two batches, returns (N, h, w).
        """
        found = np.asarray(local(*self.images))
        assert np.isfinite(found).all()
        for name, losses in zip(self.names, found, strict=True):
            assert (losses == 0).all() if name.startswith("equal") else losses.max() > 0, name
        weaker, stronger = (found[self.names.index(name)].mean() for name in ("faint", "noisy"))
        assert weaker < stronger


def conv2_same(image, kernel):
    """MATLAB's conv2(image, kernel, 'same')."""
    rows, columns = kernel.shape
    wide = np.pad(image, [(rows, rows), (columns, columns)])
    height, width = image.shape
    total = np.zeros_like(image)
    for i in range(rows):
        for j in range(columns):
            top, left = rows + rows // 2 - i, columns + columns // 2 - j
            total += kernel[i, j] * wide[top : top + height, left : left + width]
    return total


def prewitt_magnitude(image):
    """Lengths of the gradients that GMSD and MDSI take."""
    kernel = np.array([[1, 0, -1]] * 3) / 3
    return np.hypot(conv2_same(image, kernel), conv2_same(image, kernel.T))
