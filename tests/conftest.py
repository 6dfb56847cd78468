"""Strictness for every test, and the real data that tests may use where it is at hand."""

import pathlib

import jax
import pytest

jax.config.update("jax_numpy_rank_promotion", "raise")
jax.config.update("jax_numpy_dtype_promotion", "strict")

SHARED = pathlib.Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> pathlib.Path:
    """The folder of real weights, images and opinion beside the checkout."""
    if not (SHARED / "data").is_dir():
        pytest.skip("needs the folder ../shared with real weights and rated images")
    return SHARED


@pytest.fixture(scope="session", autouse=True)
def no_cache(tmp_path_factory):
    """An empty cache of weights, so that no test sees or touches the user's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JAXIQA_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield
