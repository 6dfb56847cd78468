"""The page of nets is what the registry and the kept results of the comparison make of it."""

import pathlib
import runpy

import pytest

from jaxiqa.arch import ARCHITECTURES

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOLERANCE = 1e-4  # of the tap's maximum magnitude


@pytest.fixture(scope="module")
def script():
    return runpy.run_path(str(ROOT / "scripts" / "make_nets_table.py"))


def test_the_page_is_not_stale(script):
    page = (ROOT / "docs" / "nets.md").read_text(encoding="utf-8")
    assert page == script["table"](script["read_rows"]()), "run scripts/make_nets_table.py"


def test_every_net_was_compared_at_two_sizes_and_agreed(script):
    rows = script["read_rows"]()
    compared = {(row["architecture"], row["size"]) for row in rows}
    sizes = {row["size"] for row in rows}
    assert compared == {(name, size) for name in ARCHITECTURES for size in sizes}
    assert len(sizes) == 2
    for row in rows:
        architecture = ARCHITECTURES[row["architecture"]]
        assert row["worst_tap"] in architecture.by_tap
        assert float(row["error"]) <= TOLERANCE, row
        assert bool(row["logits_error"]) == ("logits" in architecture.by_tap)


def test_the_table_counts_what_training_finds(script):
    """As torchvision and Keras document them, the latter as trainable."""
    documented = {"resnet50": 25_557_032, "resnet50_keras": 25_583_592}
    documented |= {"mobilenet_v1_keras": 4_231_976, "inception_v3_keras": 23_817_352}
    for name, count in documented.items():
        assert script["learned"](ARCHITECTURES[name]) == count
