"""Near matches and the errors that name them."""

import pytest

from jaxiqa.checks import InputError, choose, near


@pytest.mark.parametrize(
    ("given", "choices", "expected"),
    [
        ("alexnt", ("vgg16", "alexnet"), ", did you mean 'alexnet'?"),
        ("RELU3", ("relu3", "pool1"), ", did you mean 'relu3'?"),
        ("relu3", ("Relu3", "pool1"), ", did you mean 'Relu3'?"),
        ("vgg1", ("vgg16", "vgg19"), ", did you mean 'vgg19' or 'vgg16'?"),
        ("resnet", ("ssim", "psnr"), ""),
        ("", ("ssim", "psnr"), ""),
        ("ssim", (), ""),
    ],
)
def test_near(given, choices, expected):
    assert near(given, choices) == expected


def test_near_names_the_nearest_first_and_no_more_than_asked():
    choices = [f"relu{i}" for i in range(9)]
    assert near("relu77", choices, most=1) == ", did you mean 'relu7'?"
    assert near("relu", choices, most=2).count("relu") == 2
    assert near("relu", choices).count("relu") == 4


def test_choose_returns_what_is_there():
    assert choose("b", iter("abc"), kind="letter", listing="") == "b"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("psnt", "unknown metric 'psnt', did you mean 'psnr'? choose from psnr"),
        ("x\ny", "unknown metric 'x\\ny'. choose from psnr"),
    ],
)
def test_choose_names_near_matches_in_one_line(given, message):
    with pytest.raises(InputError) as caught:
        choose(given, ("psnr",), kind="metric", listing="choose from psnr")
    assert str(caught.value) == message
    assert isinstance(caught.value, ValueError)
