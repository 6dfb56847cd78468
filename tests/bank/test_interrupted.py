"""Whatever stops a run, the same run again ends with the bytes of one that nothing stopped."""

import os
import pathlib
import subprocess
import sys

import numpy as np
import pytest
from banks import commit_block, filled, made, refused, tree

from jaxiqa.bank import store

resource = pytest.importorskip("resource")

TESTS = pathlib.Path(__file__).parents[1]

# Forks children that fill banks, since each would otherwise spend a second on imports.
NURSERY = """
import os, random, signal, sys, time, traceback
import banks
assert "tensorstore" not in sys.modules
import tensorstore

def child(work, *args):
    pid = os.fork()
    if not pid:
        try:
            work(*args)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return pid

def ends(*pids):
    return {os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids}

def dies_at(event, work, *args):
    left = [event]
    def count(name, arguments):
        left[0] -= name != "os.kill"
        if left[0] < 0 and name != "os.kill":
            os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(count)
    work(*args)
"""


def nursed(program: str, *args, under=()) -> str:
    """Output of a program that forks children from one process with all imports."""
    path = os.pathsep.join([str(TESTS), str(TESTS.parent)])
    done = subprocess.run(
        [*under, sys.executable, "-c", NURSERY + program, *map(str, args)],
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


AT_EVERY_STEP = """
# Each bank is killed at a step of its own, once more a little later, and then finished.
folder, first = sys.argv[1], 0
while (end := ends(child(dies_at, first, banks.filled, f"{folder}/{first}"))) != {0}:
    assert end == {-signal.SIGKILL}, end
    ends(child(dies_at, first // 2, banks.filled, f"{folder}/{first}"))
    assert ends(child(banks.filled, f"{folder}/{first}")) == {0}
    first += 1
print(first)
"""


@pytest.mark.slow
def test_killed_at_any_step_it_ends_with_the_same_bytes(tmp_path):
    steps = int(nursed(AT_EVERY_STEP, tmp_path / "banks"))
    assert steps > 60
    expected = tree(filled(tmp_path / "expected").path)
    found = {path.name: tree(path) for path in (tmp_path / "banks").iterdir()}
    assert found.keys() == {str(first) for first in range(steps + 1)}
    assert all(files == expected for files in found.values())


AT_RANDOM = """
# Killed within the writes of the storage, which are of megabytes.
import numpy as np
from jaxiqa.bank.store import commit, create, pending
folder, wanted = sys.argv[1], int(sys.argv[2])
values = {f"tap{k}": np.random.default_rng(k).random((24, 9, 400), np.float32) for k in range(8)}

def fill(path):
    shapes = {name: rows.shape[1:] for name, rows in values.items()}
    bank = create(path, {}, shapes, [range(24 * b, 24 * b + 24) for b in range(3)])
    for block in pending(bank):
        commit(bank, block, values, np.full((24, 2), block), {})

def seconds(path):
    start = time.perf_counter()
    assert ends(child(fill, path)) == {0}
    return time.perf_counter() - start

whole = min(seconds(f"{folder}/{name}") for name in ("expected", "first", "second"))
random.seed(wanted)
number, stray = 0, 0
# Until that many lives left half-written files behind, else nothing was tried.
while stray < wanted:
    number += 1
    for life in range(3):
        pid = child(fill, f"{folder}/{number}")
        time.sleep(random.uniform(0, whole))
        os.kill(pid, signal.SIGKILL)
        ends(pid)
        files = [file for _, _, files in os.walk(folder) for file in files]
        stray += any(file.endswith(".__lock") for file in files)
    seconds(f"{folder}/{number}")
print(number)
"""


@pytest.mark.parametrize("wanted", [2, pytest.param(30, marks=pytest.mark.slow)])
def test_killed_at_random_points_it_ends_with_the_same_bytes(tmp_path, wanted):
    banks = int(nursed(AT_RANDOM, tmp_path, wanted))
    expected = tree(tmp_path / "expected")
    assert len(expected) == 2 + 8 * 4 + 3
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"expected", "first", "second", *map(str, range(1, banks + 1))}
    for name in names:
        assert tree(tmp_path / name) == expected


AT_ONCE = """
folder, rounds = sys.argv[1], int(sys.argv[2])
from jaxiqa.bank.store import pending

def some(path, share):
    bank = banks.made(path)
    for block in [*range(share, 4, 3), *pending(bank)]:
        banks.commit_block(bank, block)

for number in range(rounds):
    assert ends(*(child(some, f"{folder}/{number}", k) for k in range(3))) == {0}
"""


@pytest.mark.parametrize("rounds", [5, pytest.param(100, marks=pytest.mark.slow)])
def test_several_at_once_make_one_bank(tmp_path, rounds):
    nursed(AT_ONCE, tmp_path / "banks", rounds)
    expected = tree(filled(tmp_path / "expected").path)
    names = {path.name for path in (tmp_path / "banks").iterdir()}
    assert names == {str(number) for number in range(rounds)}
    for name in names:
        assert tree(tmp_path / "banks" / name) == expected


def limited(size: int, work, *args) -> None:
    """Works under a limit to the size of files, which fails like a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        with refused("cannot write the bank .*: File too large; .*the same command resumes"):
            work(*args)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_write_that_fails_is_told_and_resumed(tmp_path):
    limited(300, made, tmp_path / "bank")
    assert list(tmp_path.iterdir()) == []
    bank = made(tmp_path / "bank")
    before = tree(bank.path)
    limited(1000, commit_block, bank, 2)
    commit_block(bank, 0)
    assert store.pending(bank) == (1, 2, 3)
    assert set(before) < set(tree(bank.path))
    assert tree(filled(bank.path).path) == tree(filled(tmp_path / "other").path)


FULL_DISK = """
import pathlib, subprocess
disk = pathlib.Path(sys.argv[1])
if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200k", "none", disk]).returncode:
    sys.exit(print("no disk to fill"))
from jaxiqa.bank.store import read
from jaxiqa.checks import InputError

def told(work, *args):
    try:
        work(*args)
    except InputError as error:
        print(str(error).replace(str(disk), "DISK"))

bank = banks.made(disk / "bank")
banks.commit_block(bank, 0)
filler = disk / "filler"
with open(filler, "wb", buffering=0) as file:
    try:
        while file.write(bytes(512)):
            pass
    except OSError:
        pass
told(banks.made, disk / "other")
told(banks.commit_block, bank, 1)
filler.unlink()
banks.filled(disk / "bank")
subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
assert read(banks.filled(disk / "bank"), "relu1/moments").shape == (10, 3, 40)
told(banks.made, disk / "other")
print(sorted(path.name for path in disk.iterdir()))
print(sum(map(len, banks.tree(disk / "bank").values())))
"""


def test_a_full_disk_and_a_read_only_one(tmp_path):
    alone = ["unshare", "--mount"]
    try:
        subprocess.run([*alone, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("needs the right to mount a small disk")
    (tmp_path / "disk").mkdir()
    lines = nursed(FULL_DISK, tmp_path / "disk", under=alone).splitlines()
    if lines == ["no disk to fill"]:
        pytest.skip("needs the right to mount a small disk")
    expected = sum(map(len, tree(filled(tmp_path / "other").path).values()))
    resumes = "once that is mended, the same command resumes from what is there"
    assert lines == [
        f"cannot write the bank DISK/other: No space left on device; {resumes}",
        f"cannot write the bank DISK/bank: No space left on device; {resumes}",
        f"cannot write the bank DISK/other: Read-only file system; {resumes}",
        "['bank']",
        str(expected),
    ]


@pytest.mark.slow
def test_a_block_costs_milliseconds(tmp_path):
    import time

    rows = np.abs(np.random.default_rng(0).standard_normal((64, 9, 256)).astype(np.float32))
    names = [f"tap{number}" for number in range(13)]
    begin = time.perf_counter()
    blocks = [range(64 * block, 64 * block + 64) for block in range(12)]
    bank = store.create(tmp_path / "bank", {}, dict.fromkeys(names, (9, 256)), blocks)
    for block in range(12):
        store.commit(bank, block, dict.fromkeys(names, rows), np.ones((64, 2), int), {})
    written = time.perf_counter()
    for name in names:
        store.read(bank, name, 3)
    done = time.perf_counter()
    print(
        f"\\nwritten in {written - begin:.2f} s, one moment of all read in {done - written:.2f} s"
    )
    # Idle it is a tenth of this.
    assert written - begin < 5
    assert done - written < 2
