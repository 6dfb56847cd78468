"""A data set's digest changes with what is computed from it, and with nothing else."""

import dataclasses
import os
import shutil

import numpy as np
import pytest
from rated import pairs_of, picture, save, write_set, write_table

from jaxiqa.data import as_pairs, fingerprint, pairs_from_csv, short_contrast_thresholds, subset


@pytest.fixture
def table(tmp_path):
    folder = tmp_path / "set"
    folder.mkdir()
    return write_table(folder / "mine.csv", write_set(folder))


def test_a_copy_elsewhere_and_new_dates_change_nothing(table, tmp_path):
    first = fingerprint(pairs_from_csv(table))
    shutil.copytree(tmp_path / "set", tmp_path / "copy")
    os.utime(tmp_path / "copy" / "r0.png", (1, 1))
    assert fingerprint(pairs_from_csv(tmp_path / "copy" / "mine.csv")) == first


def test_a_changed_image_a_missing_one_and_another_table_are_seen(table, tmp_path):
    seen = {fingerprint(pairs_from_csv(table))}
    image = tmp_path / "set" / "r0_1.png"
    save(image, picture(77))
    seen.add(fingerprint(pairs_from_csv(table)))
    image.unlink()
    seen.add(fingerprint(pairs_from_csv(table)))
    seen.add(fingerprint(subset(pairs_from_csv(table), np.arange(5))))
    seen.add(fingerprint(pairs_from_csv(table, higher_is_better=False)))
    assert len(seen) == 5


def test_a_set_in_memory_is_told_by_its_pixels_and_its_table():
    rows = [("a", "b"), ("a", "c"), ("b", "c")]
    images = {key: picture(k) for k, key in enumerate("abc")}
    pairs = pairs_of(rows, images)
    changed = pairs_of(rows, images | {"c": images["c"] * np.float32(0.5)})
    missing = pairs_of(rows, {key: images[key] for key in "ab"})
    opinion = dataclasses.replace(pairs, opinion=pairs.opinion + 1)
    assert fingerprint(pairs) == fingerprint(pairs_of(rows, images))
    assert len(set(map(fingerprint, (pairs, changed, missing, opinion)))) == 4


def test_images_that_follow_from_the_table_are_not_read():
    def read(key):
        raise AssertionError(key)

    thresholds = as_pairs(short_contrast_thresholds())
    assert fingerprint(dataclasses.replace(thresholds, read=read)) == fingerprint(thresholds)
