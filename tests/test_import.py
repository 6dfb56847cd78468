"""What importing the package, and asking it for lists, leaves alone."""

import json
import subprocess
import sys

import pytest

HEAVY = ("tensorflow", "tensorflow_datasets", "orbax", "matplotlib", "torch", "scipy.stats")

PROGRAM = """
import contextlib, io, json, sys

written, read = [], []
def watch(event, arguments):
    if event == "open" and isinstance(arguments[0], str):
        path, mode, flags = arguments
        if "__pycache__" not in path and flags & 3:
            written.append(path)
        if path.endswith((".toml", ".csv", ".npz")):
            read.append(path)
    if event.startswith(("socket.connect", "subprocess.")):
        written.append(event)

sys.addaudithook(watch)
import jaxiqa
from jax._src import xla_bridge

def state():
    loaded = [name for name in HEAVY if name in sys.modules]
    return {"loaded": loaded, "devices": xla_bridge.backends_are_initialized()}

found = {"import": state() | {"written": written[:], "read": read[:]}}
from jaxiqa.cli.main import main
for words in (["nets"], ["layers", "alexnet"], ["score", "--help"], ["score", "no", "no"]):
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        main(words)
    found[" ".join(words)] = state()
with open(sys.argv[1], "w") as file:
    json.dump(found, file)
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    path = tmp_path_factory.mktemp("import") / "found.json"
    program = PROGRAM.replace("HEAVY", repr(HEAVY))
    command = [sys.executable, "-W", "error::DeprecationWarning:jaxiqa", "-c", program, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    return json.loads(path.read_text())


def test_import_loads_nothing_heavy_and_touches_nothing(found):
    assert found["import"] == {"loaded": [], "devices": False, "written": [], "read": []}


@pytest.mark.parametrize("words", ["nets", "layers alexnet", "score --help", "score no no"])
def test_listing_loads_nothing_heavy_and_starts_no_device(found, words):
    assert found[words] == {"loaded": [], "devices": False}


def test_public_names_are_there():
    import jaxiqa

    for name in jaxiqa.__all__:
        assert getattr(jaxiqa, name).__doc__
