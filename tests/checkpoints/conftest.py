"""A cache of its own for every test, so that none sees or touches the user's."""

import pytest


@pytest.fixture(autouse=True)
def empty_cache(monkeypatch, tmp_path_factory):
    """The folder that the cache is in."""
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("JAXIQA_CACHE", str(folder))
    return folder
