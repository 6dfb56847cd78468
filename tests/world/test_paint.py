"""Scenes: leaves of the law that they are said to have, of the shapes that name their classes."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.stats

from jaxiqa.images import read_image
from jaxiqa.world import leaves as world
from jaxiqa.world import paint as painter
from jaxiqa.world import statistics
from jaxiqa.world.paint import class_of, paint, scenes

SIZE = 64
COUNT = 192
RADIUS = 12.3
TURN = 0.3
CENTRE = SIZE / 2


@pytest.mark.parametrize("smallest", world.SMALLEST)
def test_radii_have_a_density_of_the_third_power(smallest):
    uniform = np.random.default_rng(0).random(4000, np.float32)
    found = np.asarray(world.radii(jnp.asarray(uniform), smallest))
    assert smallest * 0.999 <= found.min() < found.max() <= world.LARGEST

    # The integral of r^-3, from the smallest to r by that to the largest.
    def share(r):
        return (smallest**-2 - r**-2) / (smallest**-2 - world.LARGEST**-2)

    assert scipy.stats.kstest(found, share).pvalue > 0.05
    # And not that of the second power.
    assert scipy.stats.kstest(found, lambda r: 1 - smallest / r).pvalue < 1e-6


def test_a_class_is_a_shape_and_a_texture():
    labels = [class_of(shape, texture) for shape in world.SHAPES for texture in world.TEXTURES]
    assert labels == list(range(len(world.CLASSES)))
    assert world.CLASSES[class_of("cross", "spots")] == "cross, spots"


@pytest.fixture(scope="module")
def some():
    """Scenes and their classes."""
    found, labels = scenes(jax.random.key(0), count=COUNT, size=SIZE)
    return np.asarray(found), np.asarray(labels)


@pytest.mark.slow
def test_the_same_key_gives_the_same_scenes(some):
    images, labels = some
    again, again_labels = scenes(jax.random.key(0), count=COUNT, size=SIZE)
    np.testing.assert_array_equal(again, images)
    np.testing.assert_array_equal(again_labels, labels)
    others, _ = scenes(jax.random.key(1), count=COUNT, size=SIZE)
    assert all(np.abs(others - images).max((1, 2, 3)) > 0.1)


@pytest.mark.slow
def test_scenes_are_images_of_all_classes(some):
    images, labels = some
    assert images.dtype == np.float32
    assert images.shape == (COUNT, SIZE, SIZE, 3)
    assert images.min() >= 0
    assert images.max() <= 1
    assert set(labels.tolist()) == set(range(len(world.CLASSES)))
    assert len(np.unique(images.reshape(COUNT, -1), axis=0)) == COUNT


@pytest.mark.slow
def test_scenes_have_the_statistics_of_photographs(some, shared):
    paths = sorted((shared / "data" / "photos" / "kodak24").glob("*.png"))
    photographs = np.concatenate(
        [statistics.patches(read_image(path), SIZE)[::3] for path in paths]
    )
    exponents, deviations = [], []
    for images in (photographs, some[0]):
        greys = statistics.luma(images)
        exponents.append(statistics.spectral_exponent(greys))
        deviations.append(statistics.colour_axes(images)[0])
        filtered = (*statistics.derivatives(greys), *statistics.haar(greys, 2))
        assert min(map(statistics.kurtosis, filtered)) > 8
    assert exponents[1] == pytest.approx(exponents[0], abs=0.3)
    np.testing.assert_allclose(deviations[1], deviations[0], rtol=0.15)


def leaves(
    *, angle: float = 0.0, aspect: float = 1.0, light: float = 0.0, noise: int | None = None
) -> world.Leaves:
    """One leaf of an even grey in the middle of black ones far off, or leaves at random."""
    draw = np.random.default_rng(noise)
    count = world.COUNT
    place = np.full((count, 2), -1e3)
    place[0] = CENTRE
    colour = np.zeros((count, 3))
    colour[0] = 0.5
    found = {
        "place": place if noise is None else SIZE * draw.random((count, 2)),
        "radius": np.full(count, RADIUS),
        "angle": np.full(count, angle) if noise is None else draw.normal(size=count),
        "aspect": np.full(count, aspect),
        "colour": colour if noise is None else draw.random((count, 3)),
        "light": np.tile([light, 0.0], (count, 1)),
        "frequency": np.full(count, 0.1),
        "phase": np.zeros(count),
        "contrast": np.full(count, 0.2),
    }
    return world.Leaves(**{name: jnp.asarray(x, jnp.float32) for name, x in found.items()})


def paint_these(these: world.Leaves, label: jax.Array) -> jax.Array:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(painter, "draw_leaves", lambda *_: these)
        return paint(jax.random.key(0), label, size=SIZE)


@pytest.fixture(scope="module")
def painted():
    """Paints given leaves, plain, of one of the shapes."""
    compiled = jax.jit(paint_these)

    def painted(these, shape, texture="plain"):
        return np.asarray(compiled(these, jnp.int32(class_of(shape, texture))))

    return painted


# Distances from the middle along the leaf's axes, by the radius; its upper end is turned left.
MIDDLE = np.moveaxis(np.mgrid[:SIZE, :SIZE] - CENTRE, 0, -1) / RADIUS
DOWN = MIDDLE @ [math.cos(TURN), -math.sin(TURN)]
WIDE, TALL = np.abs(MIDDLE @ [math.sin(TURN), math.cos(TURN)]), np.abs(DOWN)
SIDE = math.sqrt(4 * math.pi / math.sqrt(3))
BAR = math.sqrt(math.pi / 5)
EXPECTED = {
    "pebble": WIDE**2 + TALL**2 < 1,
    "trunk": np.maximum(WIDE, TALL) < math.sqrt(math.pi) / 2,
    # The middle is a third of the height above the lower side.
    "triangle": (SIDE / math.sqrt(12) > DOWN) & (WIDE * math.sqrt(3) < DOWN + SIDE / math.sqrt(3)),
    # Five squares of side BAR.
    "cross": (np.minimum(WIDE, TALL) < BAR / 2) & (np.maximum(WIDE, TALL) < 1.5 * BAR),
}


@pytest.mark.slow
@pytest.mark.parametrize("shape", world.SHAPES)
def test_a_leaf_has_its_shape_and_the_area_of_its_disc(painted, shape):
    # The lens keeps sums, and so does the sky: as much brighter above as darker below.
    found = painted(leaves(angle=TURN), shape)[..., 0] / 0.5
    area = math.pi * RADIUS**2
    assert found.sum() == pytest.approx(area, rel=0.03)
    assert ((found > 0.5) != EXPECTED[shape]).sum() < 0.02 * area


@pytest.mark.slow
def test_aspect_is_height_by_width(painted):
    found = painted(leaves(aspect=0.4), "pebble")[..., 0] > 0.25
    height, width = (np.any(found, axis).sum() for axis in (1, 0))
    assert height == pytest.approx(2 * RADIUS * math.sqrt(0.4), abs=1.5)
    assert width == pytest.approx(2 * RADIUS / math.sqrt(0.4), abs=1.5)


@pytest.mark.slow
def test_light_falls_off_downwards(painted):
    grey = painted(leaves(light=-0.2), "trunk")[:, SIZE // 2, 0]
    even = painted(leaves(), "trunk")[:, SIZE // 2, 0]
    rows = np.arange(24, 41)
    np.testing.assert_allclose(
        grey[rows] / even[rows], 1 - 0.2 * (rows - CENTRE) / RADIUS, atol=1e-3
    )


@pytest.mark.slow
def test_compiled_and_op_by_op_give_the_same(painted):
    these = leaves(noise=0)
    found = painted(these, "triangle", "clouds")
    eager = paint_these(these, jnp.int32(class_of("triangle", "clouds")))
    # A pixel on the very border of a leaf may fall to either side.
    assert (np.abs(found - eager).max(-1) > 1e-5).mean() < 1e-3
    assert found.std() > 0.1
