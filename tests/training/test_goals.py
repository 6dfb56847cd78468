"""Goals by table: what is shown, what is asked, and what an answer is worth."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxiqa.training.goal import CROP, SCENE, answered, crops, explained
from jaxiqa.training.goals import GOALS
from jaxiqa.training.goals.jigsaw import ORDERS, TILE
from jaxiqa.training.heads import BLOCK, GRID, unfolded
from jaxiqa.training.width import CHANNELS

COUNT = 4
DRAW = np.random.default_rng(0)
SCENES = jnp.asarray(DRAW.random((COUNT, SCENE, SCENE, 3), np.float32))
LABELS = jnp.arange(COUNT, dtype=jnp.int32)
EACH = pytest.mark.parametrize("name", GOALS)
KEY = jax.random.key(3)


def shown(name):
    return GOALS[name].examples(KEY, SCENES, LABELS)


@pytest.mark.slow
@EACH
def test_examples_are_images_and_depend_on_the_key_alone(name):
    once, again = shown(name), shown(name)
    assert once["images"].ndim == 4
    assert once["images"].shape[0] % COUNT == 0
    for field in once:
        np.testing.assert_array_equal(once[field], again[field])
    other = GOALS[name].examples(jax.random.key(4), SCENES, LABELS)
    assert any((once[field] != other[field]).any() for field in once)


@pytest.mark.slow
@EACH
def test_silent_responses_are_worth_chance(name):
    goal, examples = GOALS[name], shown(name)
    responses = jnp.zeros((len(examples["images"]), 3, 3, CHANNELS))
    loss, merit = goal.score(responses, goal.head(KEY), examples)
    assert loss > 0
    assert goal.merit in ("accuracy", "variance explained")
    if goal.merit == "accuracy":
        assert 0 <= merit <= 1
    else:
        assert merit < 0.05


@EACH
def test_the_record_says_what_is_asked_and_where_it_is_from(name):
    goal = GOALS[name]
    assert goal.function == name
    assert goal.note
    assert any(digits.isdigit() for digits in goal.paper)


def test_all_windows_are_parts_of_their_scene_or_of_its_mirror_image():
    windows = np.asarray(crops(KEY, SCENES, CROP))
    for scene, window in zip(np.asarray(SCENES), windows, strict=True):
        offsets = itertools.product(range(SCENE - CROP + 1), repeat=2)
        parts = [scene[y : y + CROP, x : x + CROP] for y, x in offsets]
        assert any((part == window).all() or (part[:, ::-1] == window).all() for part in parts)


def test_a_turned_scene_turned_back_is_a_window():
    examples = shown("rotation")
    for image, turns, scene in zip(examples["images"], examples["turns"], SCENES, strict=True):
        back = np.rot90(np.asarray(image), -int(turns))
        corner = np.asarray(scene)[..., 0]
        rows = [back[0, :, 0], back[0, ::-1, 0]]
        places = itertools.product(range(SCENE - CROP + 1), repeat=2)
        assert any((corner[y, x : x + CROP] == row).all() for y, x in places for row in rows)


def test_tiles_in_their_order_lie_in_the_quarters_of_the_scene():
    examples = shown("jigsaw")
    tiles = np.asarray(examples["images"]).reshape(COUNT, 4, TILE, TILE, 3)
    half = SCENE // 2
    for scene, row, order in zip(np.asarray(SCENES), tiles, examples["orders"], strict=True):
        for tile, quarter in zip(row, ORDERS[int(order)], strict=True):
            y, x = (half * (quarter // 2), half * (quarter % 2))
            places = itertools.product(range(half - TILE + 1), repeat=2)
            found = [scene[y + a : y + a + TILE, x + b : x + b + TILE] for a, b in places]
            assert any((part == tile).all() for part in found)


def test_colour_is_hidden_and_asked_for():
    examples = shown("colorization")
    grey = np.asarray(examples["images"])
    np.testing.assert_array_equal(grey[..., 0], grey[..., 2])
    assert examples["chroma"].shape == (COUNT, GRID, GRID, 2)
    goal = GOALS["colorization"]
    assert not goal.sees_colour
    assert len({*goal.preprocess.mean}) == len({*goal.preprocess.std}) == 1


def test_noise_is_as_strong_as_said():
    examples = shown("denoising")
    added = np.asarray(examples["images"] - examples["clean"]).std((1, 2, 3))
    assert ((added > 0.045) & (added < 0.31)).all()


def test_the_merit_of_labels_is_the_share_that_is_right():
    logits = jnp.eye(4) * 50
    loss, share = answered(logits, jnp.array([0, 1, 2, 0]))
    np.testing.assert_allclose(loss, 50 / 4, rtol=1e-5)
    assert share == 0.75


def test_variance_explained_is_1_for_the_truth_and_0_for_the_centre():
    true = SCENES[:, :8, :8]
    centre = true.mean((1, 2), keepdims=True)
    assert explained(true, true, centre) == (0, 1)
    np.testing.assert_allclose(explained(centre, true, centre)[1], 0, atol=1e-6)


def test_blocks_unfold_to_the_pixels_they_stand_for():
    blocks = jnp.zeros((1, GRID, GRID, BLOCK, BLOCK, 3)).at[0, 2, 5, 1, 3, 0].set(1)
    image = unfolded(blocks.reshape(1, GRID, GRID, -1))
    assert image.shape == (1, CROP, CROP, 3)
    assert image[0, 2 * BLOCK + 1, 5 * BLOCK + 3, 0] == 1
    assert image.sum() == 1
