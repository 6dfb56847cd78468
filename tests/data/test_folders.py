"""Two images, or the images of two folders matched by name."""

import pathlib

import pytest

from jaxiqa.checks import InputError
from jaxiqa.data.folders import Match, match


def folder(path, *names):
    path.mkdir()
    for name in names:
        (path / name).write_bytes(b"x")
    return path


def refusal(*paths):
    with pytest.raises(InputError) as caught:
        match(*map(str, paths))
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


def test_two_files_are_a_pair_whatever_their_names(tmp_path):
    one = folder(tmp_path / "a", "x.png", "y.bmp")
    pairs, unmatched = match(str(one / "x.png"), str(one / "y.bmp"))
    assert pairs == (Match(one / "x.png", one / "y.bmp"),)
    assert unmatched == ()


def test_names_match_without_suffix_and_case_and_every_other_file_is_named(tmp_path):
    one = folder(tmp_path / "a", "I02.BMP", "I01.BMP", "only here.png", "v1.2.png", "v1.png")
    two = folder(tmp_path / "b", "i01.jpg", "I02.png", "v1.2.jpg", "other.png", ".DS_Store")
    (two / "v1").mkdir()
    pairs, unmatched = match(str(one), str(two))
    assert [(pair.reference.name, pair.distorted.name) for pair in pairs] == [
        *(("I01.BMP", "i01.jpg"), ("I02.BMP", "I02.png"), ("v1.2.png", "v1.2.jpg"))
    ]
    assert [path.name for path in unmatched] == ["only here.png", "v1.png", "other.png"]
    assert [path.parent for path in unmatched] == [one, one, two]


def test_a_folder_against_itself(tmp_path):
    one = folder(tmp_path / "a", "x.png")
    assert match(str(one), str(one)) == ((Match(one / "x.png", one / "x.png"),), ())


def test_refusals(tmp_path):
    one = folder(tmp_path / "a", "x.png", "X.bmp")
    two = folder(tmp_path / "b", "x.png")
    three = folder(tmp_path / "c", "z.png")
    assert "X.bmp and" in refusal(one, two)
    assert "differ in suffix or case only" in refusal(two, one)
    assert f"no file in {two} has the name of one in {three}" in refusal(two, three)
    assert "no file in" in refusal(two, folder(tmp_path / "empty"))
    assert "expected two images or two folders" in refusal(one, two / "x.png")
    assert f"got {two / 'x.png'} (a file) and {one}" in refusal(two / "x.png", one)
    assert f"{tmp_path / 'no'} does not exist" in refusal(tmp_path / "no", two)
    assert "does not exist" in refusal(two, tmp_path / ("long" * 100))


def test_a_folder_that_may_not_be_read(tmp_path, monkeypatch):
    one = folder(tmp_path / "a", "x.png")

    def forbid(path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(pathlib.Path, "iterdir", forbid)
    assert f"{one}: cannot be read (Permission denied)" in refusal(one, one)
