"""The formula of `Preprocess`, by table, and what its records hold."""

import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxiqa.checks import InputError
from jaxiqa.images import IDENTITY, IMAGENET, Preprocess, from_record, preprocess, to_record

IMAGES = np.random.default_rng(0).random((2, 4, 5, 3)).astype(np.float32)
# BGR, 0..255 minus the mean: the input of VGG16 in Caffe and Keras.
CAFFE = Preprocess((103.939, 116.779, 123.68), (1.0, 1.0, 1.0), scale=255.0, channels="bgr")
# Another scale and order than any net, to tell the steps apart.
ODD = Preprocess((1.0, 2.0, 3.0), (0.5, 4.0, 8.0), scale=10.0, channels="bgr")
ALL = pytest.mark.parametrize("choice", [IDENTITY, IMAGENET, CAFFE, ODD])


@ALL
def test_formula(choice):
    wide = IMAGES.astype(np.float64)
    wide = np.stack([wide[..., "rgb".index(c)] for c in choice.channels], axis=-1)
    mean, std = (np.reshape(x, (1, 1, 1, 3)) for x in (choice.mean, choice.std))
    expected = (wide * choice.scale - mean) / std
    got = preprocess(IMAGES, choice)
    assert got.dtype == jnp.float32
    np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(
        jax.jit(preprocess, static_argnums=1)(IMAGES, choice), got, atol=1e-5
    )


def test_known_values():
    red = jnp.zeros((1, 1, 1, 3)).at[..., 0].set(1.0)
    np.testing.assert_allclose(
        preprocess(red, CAFFE)[0, 0, 0], [-103.939, -116.779, 131.32], rtol=1e-6
    )
    np.testing.assert_allclose(
        preprocess(red, IMAGENET)[0, 0, 0], [2.2489083, -2.0357143, -1.8044444], rtol=1e-6
    )
    np.testing.assert_array_equal(preprocess(IMAGES, IDENTITY), IMAGES)


def test_a_single_image_and_half_precision():
    np.testing.assert_array_equal(preprocess(IMAGES[0], ODD), preprocess(IMAGES, ODD)[0])
    assert preprocess(jnp.asarray(IMAGES, jnp.bfloat16), ODD).dtype == jnp.bfloat16


@pytest.mark.parametrize(
    "images", [np.zeros((1, 2, 2, 3), np.uint8), IMAGES[..., :1], IMAGES[0, 0, 0, 0]]
)
def test_what_is_no_image(images):
    with pytest.raises(InputError, match="expected floating RGB"):
        preprocess(images, IMAGENET)


@ALL
def test_record_goes_through_json(choice):
    again = from_record(json.loads(json.dumps(to_record(choice))))
    assert again == choice
    assert hash(again) == hash(choice)
    assert isinstance(again.mean, tuple)


def test_record_may_leave_out_the_defaults():
    assert from_record({"mean": [0, 0, 0], "std": [1, 1, 1]}) == IDENTITY


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"mean": [1, 2]}, "mean must be three numbers"),
        ({"mean": 0.5}, "mean must be three numbers"),
        ({"mean": "abc"}, "mean must be three numbers"),
        ({"mean": [1, 2, "3"]}, "mean must be a number, got '3'"),
        ({"std": [1, 0, 1]}, "must not be 0"),
        ({"std": [1, True, 1]}, "std must be a number"),
        ({"std": [1, float("nan"), 1]}, "std must be finite"),
        ({"scale": 0}, "must not be 0"),
        ({"scale": None}, "scale must be a number"),
        ({"channels": "rbg"}, "did you mean 'rgb'"),
        ({"channels": 3}, "channels must be a text"),
        ({"means": [1, 2, 3]}, "unknown field 'means', did you mean 'mean'"),
        ({7: 1}, "unknown field 7"),
    ],
)
def test_bad_records(change, match):
    with pytest.raises(InputError, match=match) as caught:
        from_record({"mean": [0, 0, 0], "std": [1, 1, 1]} | change)
    assert "\n" not in str(caught.value)


def test_missing_fields_and_no_table():
    with pytest.raises(InputError, match="missing mean and std"):
        from_record({"scale": 255})
    with pytest.raises(InputError, match="expected a table of fields, got list"):
        from_record([1, 2])
