"""Reading, checking and preparing images: RGB float32 in [0, 1], (H, W, 3) or (N, H, W, 3).

`read_image` turns any stored kind of picture into this one form, `check_images` says what is
wrong with an array that is not in it, and `Preprocess` records what the training of a net expects.
"""

from jaxiqa.images.check import check_images, check_pair
from jaxiqa.images.preprocess import (
    IDENTITY,
    IMAGENET,
    Preprocess,
    from_record,
    preprocess,
    to_record,
)
from jaxiqa.images.read import image_from_bytes, read_image, read_pair

__all__ = [
    "IDENTITY",
    "IMAGENET",
    "Preprocess",
    "check_images",
    "check_pair",
    "from_record",
    "image_from_bytes",
    "preprocess",
    "read_image",
    "read_pair",
    "to_record",
]
