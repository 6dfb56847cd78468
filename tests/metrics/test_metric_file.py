"""A metric's file: written whole, read as it was, and refused where it is something else."""

import dataclasses
import json
import re

import numpy as np
import pytest
import safetensors.numpy

import jaxiqa
from jaxiqa.arch.digest import weights_digest
from jaxiqa.checks import InputError
from jaxiqa.images import to_record
from jaxiqa.metrics.load import load_metric
from jaxiqa.metrics.metric_file import MetricFile, load_metric_file, save_metric

READOUT = jaxiqa.Readout(("relu1", "conv3"), "unit", combination="averaged")
DRAW = np.random.default_rng(0)
METRIC = MetricFile(
    "mine",
    "alexnet.random-0",
    "alexnet",
    READOUT,
    {"relu1": DRAW.random(64, np.float32), "conv3": DRAW.random(384, np.float32)},
    {"source": "a test"},
)


def test_round_trip(tmp_path):
    save_metric(tmp_path / "deeper" / "mine.safetensors", METRIC)
    found = load_metric_file(tmp_path / "deeper" / "mine.safetensors")
    assert (found.name, found.net, found.architecture) == ("mine", "alexnet.random-0", "alexnet")
    assert found.readout == READOUT
    assert found.provenance == METRIC.provenance
    for tap, values in METRIC.relevance.items():
        np.testing.assert_array_equal(found.relevance[tap], values)
    assert [path.name for path in (tmp_path / "deeper").iterdir()] == ["mine.safetensors"]


def test_loads_as_a_metric(tmp_path):
    save_metric(tmp_path / "mine.safetensors", METRIC)
    images = DRAW.random((2, 1, 40, 40, 3), np.float32)
    expected = jaxiqa.distance(
        jaxiqa.load_net("alexnet.random-0"), *images, readout=READOUT, relevance=METRIC.relevance
    )
    np.testing.assert_allclose(
        load_metric(tmp_path / "mine.safetensors")(*images), expected, rtol=1e-6
    )


def test_fitted_to_other_weights_or_preprocessing(tmp_path):
    net = jaxiqa.load_net("alexnet.random-0")
    origin = {"weights": weights_digest(net.variables), "preprocess": to_record(net.preprocess)}
    path = tmp_path / "mine.safetensors"
    save_metric(path, dataclasses.replace(METRIC, provenance=origin))
    images = DRAW.random((2, 1, 40, 40, 3), np.float32)
    np.testing.assert_array_equal(load_metric(path)(*images), load_metric(path, net=net)(*images))
    other = jaxiqa.load_net("alexnet.random-1")
    expected = f"mine was fitted to weights {origin['weights'][:12]}.., alexnet.random-1 has"
    with pytest.raises(InputError, match=re.escape(expected)):
        load_metric(path, net=other)
    shifted = jaxiqa.load_net("alexnet.random-0", preprocess=jaxiqa.Preprocess((0,) * 3, (1,) * 3))
    with pytest.raises(InputError, match="mine was fitted behind the preprocessing"):
        load_metric(path, net=shifted)
    for odd in ({"weights": 5}, {"preprocess": "none"}):
        save_metric(path, dataclasses.replace(METRIC, provenance=odd))
        with pytest.raises(InputError, match="mine was fitted"):
            load_metric(path, net=net)


def write(path, content):
    path.write_bytes(content)
    return path


def test_other_files(tmp_path):
    with pytest.raises(InputError, match="is not a metric's file"):
        load_metric_file(write(tmp_path / "a.safetensors", b"no tensors"))
    tensors = safetensors.numpy.save({"a": np.zeros(1, np.float32)})
    with pytest.raises(InputError, match="holds tensors, but no metric"):
        load_metric_file(write(tmp_path / "b.safetensors", tensors))
    for record, message in (
        ("[", "is not a metric's file"),
        (json.dumps({"format": 9}), "is of format 9, this version reads 1"),
        (json.dumps({"format": 1}), "is not a metric's file: KeyError"),
        (json.dumps({"format": 1, "relevance": ["b"]}), "the relevance of a, its record says b"),
        (json.dumps([1]), "is not a metric's file: TypeError"),
    ):
        header = {"jaxiqa.metric": record}
        content = safetensors.numpy.save({"a": np.zeros(1, np.float32)}, header)
        with pytest.raises(InputError, match=message):
            load_metric_file(write(tmp_path / "c.safetensors", content))
