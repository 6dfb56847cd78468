"""The records of published weights, each held against the registry of architectures."""

import dataclasses
import re
import tomllib

import pytest

from jaxiqa.arch import ARCHITECTURES
from jaxiqa.checkpoints.sources import Source, shipped, source, sources
from jaxiqa.checks import InputError
from jaxiqa.images import IMAGENET, to_record

FILES = sorted(shipped().glob("*.toml"))
# Levels of the factors of arXiv 2302.13345; a word in two spellings would split a group.
FUNCTIONS = {"classification", "jigsaw", "rotation", "colorization", "clustering", "contrastive"}
ENVIRONMENTS = {"ImageNet-1k", "ImageNet-22k", "Places365", "YFCC100M", "CIFAR-10"}
FIELDS = {field.name for field in dataclasses.fields(Source)}


def test_every_file_is_a_record():
    assert set(sources()) == {path.stem for path in FILES}
    assert len(FILES) >= 11


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_record(path):
    fields = tomllib.loads(path.read_text(encoding="utf-8"))
    assert set(fields) == FIELDS
    found = source(path.stem)
    assert found.name == path.stem == f"{found.architecture}.{path.stem.partition('.')[2]}"
    assert found.architecture in ARCHITECTURES
    assert re.fullmatch("[0-9a-f]{8}|[0-9a-f]{64}", found.sha256)
    assert re.fullmatch(r"https://[\w.-]+(/[\w.-]+)+", found.address)
    assert found.file == found.address.split("/")[-1]
    assert f"-{found.sha256[:8]}." in found.file
    assert all(getattr(found, name).strip() for name in ("training", "licence", "paper"))
    assert found.function in FUNCTIONS
    assert found.environment in ENVIRONMENTS
    assert found.training.startswith(f"{found.function}, {found.environment}")
    assert to_record(found.preprocess) | fields["preprocess"] == to_record(found.preprocess)


def test_two_records_never_share_a_file():
    assert len({found.address for found in sources().values()}) == len(sources())


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_every_architecture_has_weights_on_imagenet(name):
    found = source(f"{name}.imagenet")
    assert found.preprocess == IMAGENET
    assert (found.function, found.environment) == ("classification", "ImageNet-1k")


def test_unknown_record_names_near_ones():
    with pytest.raises(InputError, match=r"'alexnet\.imagnet', did you mean 'alexnet\.imagenet'"):
        source("alexnet.imagnet")
