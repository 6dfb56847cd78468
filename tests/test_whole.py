"""Files that are whole or not there."""

import pytest

from jaxiqa.checks import InputError
from jaxiqa.whole import write_whole


@pytest.mark.parametrize("error", [ValueError("bad"), KeyboardInterrupt(), MemoryError()])
def test_a_write_that_fails_leaves_what_was_there_and_nothing_else(tmp_path, error):
    path = tmp_path / "results.csv"
    path.write_text("earlier")

    def write(unfinished):
        unfinished.write_text("half")
        raise error

    with pytest.raises(type(error)):
        write_whole(path, write)
    assert path.read_text() == "earlier"
    assert list(tmp_path.iterdir()) == [path]


def test_the_file_is_never_seen_half_written(tmp_path):
    path = tmp_path / "results.png"
    path.write_text("earlier")

    def write(unfinished):
        assert unfinished.suffix == ".png"
        unfinished.write_text("la")
        assert path.read_text() == "earlier"
        unfinished.write_text("later")

    write_whole(path, write)
    assert path.read_text() == "later"
    assert list(tmp_path.iterdir()) == [path]


def full_disk(unfinished):
    raise OSError(28, "No space left on device")


def test_a_full_disk_or_a_folder_in_the_way_is_one_line(tmp_path):
    with pytest.raises(InputError, match=r"cannot write .*results.csv: No space left"):
        write_whole(tmp_path / "results.csv", full_disk)
    (tmp_path / "results.csv").mkdir()
    with pytest.raises(InputError, match=r"cannot write .*results.csv: Is a directory"):
        write_whole(tmp_path / "results.csv", lambda path: path.write_text("whole"))
    assert [path.name for path in tmp_path.iterdir()] == ["results.csv"]
