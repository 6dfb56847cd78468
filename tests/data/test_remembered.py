"""Images that are decoded once: the same ones, within what memory they may take."""

import dataclasses
from collections import Counter

import numpy as np
import pytest

from jaxiqa.checks import InputError
from jaxiqa.data import Pairs, remembered

EIGHT_BITS = np.arange(256, dtype=np.float32).repeat(3).reshape(16, 16, 3) / np.float32(255)
IMAGES = {
    "8 bits": EIGHT_BITS,
    "again": EIGHT_BITS[::-1],
    "finer": EIGHT_BITS * np.float32(0.999),
    "no colours": np.array([[[np.nan, -1, 300.0]]], np.float32),
}


@pytest.fixture
def reads():
    return Counter()


@pytest.fixture
def pairs(reads):
    def read(key):
        reads[key] += 1
        if key not in IMAGES:
            raise InputError(f"{key} is missing")
        return IMAGES[key]

    keys = tuple(IMAGES)
    return Pairs("toy", keys, keys, np.zeros(len(keys)), higher_is_better=True, read=read)


@pytest.mark.filterwarnings("error")
def test_images_are_the_same_to_the_bit_and_read_once(pairs, reads):
    kept = remembered(pairs)
    for key in (*IMAGES, *IMAGES, *IMAGES):
        image = kept.read(key)
        np.testing.assert_array_equal(image, IMAGES[key])
        assert image.dtype == np.float32
    assert set(reads.values()) == {1}


@pytest.mark.parametrize("wrong", [np.zeros((2, 2, 3), np.uint8), np.zeros((2, 2, 3)), [0.0]])
def test_what_is_no_image_stays_none(pairs, wrong):
    kept = remembered(dataclasses.replace(pairs, read=lambda key: wrong))
    assert kept.read("8 bits") is kept.read("8 bits") is wrong


def test_what_has_no_room_is_read_each_time(pairs, reads):
    # A byte for each number of an image of 8 bits.
    kept = remembered(pairs, most=EIGHT_BITS.size)
    for key in ("8 bits", "again", "8 bits", "again"):
        np.testing.assert_array_equal(kept.read(key), IMAGES[key])
    assert reads == {"8 bits": 1, "again": 2}


def test_an_image_that_cannot_be_read_is_looked_for_again(pairs, reads):
    kept = remembered(pairs)
    for _ in range(2):
        with pytest.raises(InputError, match="gone is missing"):
            kept.read("gone")
    assert reads == {"gone": 2}
