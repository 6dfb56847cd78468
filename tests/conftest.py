"""Strictness for every test, and the real data that tests may use where it is at hand."""

import atexit
import os
import pathlib
import shutil
import tempfile

# What one test compiled no other compiles again, in whichever process, for as long as they run.
COMPILED = "JAX_COMPILATION_CACHE_DIR"
if COMPILED not in os.environ:
    os.environ[COMPILED] = tempfile.mkdtemp(prefix="compiled-")
    atexit.register(shutil.rmtree, os.environ[COMPILED], ignore_errors=True)
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0.3")
# Of bytes, far more than is needed: with a limit, writers and readers lock the folder.
os.environ.setdefault("JAX_COMPILATION_CACHE_MAX_SIZE", str(2**34))

import jax  # noqa: E402
import pytest  # noqa: E402

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
