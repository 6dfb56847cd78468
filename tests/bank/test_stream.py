"""Reading ahead: order, bounds and the end of threads."""

import threading
import time

import numpy as np
import pytest
from rated import Held, picture

from jaxiqa.bank.stream import prefetch


@pytest.mark.parametrize("ahead", [0, 1, 4, 100])
def test_images_come_in_order(ahead):
    images = {str(k): picture(k, (4, 5)) for k in range(9)}
    keys = [*images, "0", "3"]

    def read(key):
        time.sleep(0.001 * (int(key) % 3))
        return images[key]

    for key, found in zip(keys, prefetch(keys, read, ahead), strict=True):
        np.testing.assert_array_equal(found, images[key])


def test_no_more_is_read_ahead_than_asked_for():
    held = Held({str(k): picture(k, (4, 5)) for k in range(40)})
    images = prefetch(list(held.images), held, 3)
    for taken in range(1, 11):
        next(images)
        assert sum(held.reads.values()) <= taken + 3
    images.close()


def test_a_bad_image_is_a_reason_and_the_others_come():
    good = picture(0, (4, 5))

    def read(key):
        match key:
            case "gone":
                raise FileNotFoundError(2, "No such file or directory", "gone")
            case "range":
                return good * np.float32(255)
            case "grey":
                return good[..., 0]
            case "nan":
                return np.full_like(good, np.nan)
        return good

    keys = ["good", "gone", "range", "grey", "nan", "good"]
    found = list(prefetch(keys, read, 2))
    np.testing.assert_array_equal(found[0], found[-1])
    for key, reason in zip(keys[1:-1], found[1:-1], strict=True):
        assert isinstance(reason, str)
        assert key in reason
    assert "expected [0, 1]" in found[2]


def test_a_fault_of_the_program_is_not_taken_for_a_bad_image():
    def read(key):
        raise ZeroDivisionError(key)

    with pytest.raises(ZeroDivisionError):
        list(prefetch(["a"], read, 2))


def test_closing_ends_the_threads_and_drops_what_waits():
    before, held = set(threading.enumerate()), Held({"a": picture(0, (4, 5))})

    def slow(key):
        time.sleep(0.02)
        return held(key)

    images = prefetch(["a"] * 50, slow, 20)
    next(images)
    images.close()
    for thread in set(threading.enumerate()) - before:
        thread.join(5)
    assert set(threading.enumerate()) <= before
    assert held.reads["a"] <= 5
