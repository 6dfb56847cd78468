"""Damage is found, told in one line with what to do, and mended by doing just that."""

import errno
import json
import shutil

import numpy as np
import pytest
from banks import commit_block, filled, made, refused, tree, whole

from jaxiqa.bank import store
from jaxiqa.bank.disk import seal
from jaxiqa.checks import InputError

WHOLE = "000-Relu1-moments"


@pytest.fixture
def bank(tmp_path):
    return filled(tmp_path / "bank")


def flipped(content: bytes, place: int) -> bytes:
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


def shard(bank, block):
    return bank.path / "arrays" / WHOLE / f"c.{block}.0.0"


def test_a_flipped_bit_in_a_shard_is_found(bank):
    content = shard(bank, 2).read_bytes()
    for place in range(0, len(content), 41):
        shard(bank, 2).write_bytes(flipped(content, place))
        with refused("Relu1/moments of .* is damaged; remove 000002.json from its folder done"):
            store.read(bank, "Relu1/moments")


@pytest.mark.parametrize("damage", ["empty", "short", "long", "gone", "of another block"])
def test_a_shard_that_is_not_the_one_written_is_found_and_made_anew(bank, damage):
    before, place = tree(bank.path), shard(bank, 3)
    content = place.read_bytes()
    if damage == "gone":
        place.unlink()
    else:
        other = {"empty": b"", "short": content[:-1], "long": content + b"x"}
        other["of another block"] = flipped(shard(bank, 1).read_bytes(), 9)
        place.write_bytes(other[damage])
    with refused("damaged; remove 000003.json from its folder done and run the same command again"):
        store.read(bank, "Relu1/moments")
    np.testing.assert_array_equal(store.read(bank, "psnr"), whole("psnr"))
    bank.done(3).unlink()
    commit_block(bank, 3)
    assert tree(bank.path) == before


def test_what_the_system_refuses_is_not_taken_for_damage(bank):
    shard(bank, 1).unlink()
    shard(bank, 1).symlink_to(shard(bank, 1))
    with refused("cannot read Relu1/moments of .*bank: Too many levels of symbolic links"):
        store.read(bank, "Relu1/moments")


def test_all_damaged_blocks_are_named(bank):
    for block in (1, 3):
        shard(bank, block).write_bytes(b"")
    with refused("remove 000001.json, 000003.json from its folder done"):
        store.read(bank, "Relu1/moments", 1)


@pytest.mark.parametrize("text", [None, "", "{}", "other shape"])
def test_an_array_without_its_metadata_is_damaged_beyond_a_block(bank, text):
    path = bank.path / "arrays" / WHOLE / "zarr.json"
    if text == "other shape":
        text = path.read_text().replace("40", "41")
    path.unlink() if text is None else path.write_text(text)
    with refused("Relu1/moments of .* is damaged; remove the bank and run the same command again"):
        store.read(bank, "Relu1/moments")


def test_a_flipped_bit_in_a_small_file_is_found(bank):
    for path, ask in (
        (bank.path / "bank.json", lambda: store.open_bank(bank.path)),
        (bank.done(2), lambda: store.sizes(bank)),
    ):
        content = path.read_bytes()
        for place in range(0, len(content), 3):
            path.write_bytes(flipped(content, place))
            with refused(f"{path.name} is damaged; remove "):
                ask()
        path.write_bytes(content)
        ask()


@pytest.mark.parametrize("text", [b"", b"null", b"[]", b"{}", b"\xff", b"[" * 100_000, b'"digest"'])
def test_a_record_that_is_none_is_told(bank, text):
    (bank.path / "bank.json").write_bytes(text)
    for ask in (lambda: store.open_bank(bank.path), lambda: made(bank.path)):
        with refused("bank.json is damaged; remove .*bank and run the same command again"):
            ask()


def test_an_edited_record_is_told(bank):
    path = bank.path / "bank.json"
    content = json.loads(path.read_text())
    content["record"]["identity"]["weights"] = "cd34"
    path.write_text(json.dumps(content))
    with refused("bank.json is damaged"):
        store.open_bank(bank.path)


def test_another_format_is_told(bank):
    (bank.path / "bank.json").write_text(seal({"format": store.FORMAT + 1, "more": []}))
    with refused(
        rf"was written in format {store.FORMAT + 1} and this version reads {store.FORMAT}"
    ):
        store.open_bank(bank.path)


def test_the_file_of_another_block_is_told_and_mended(bank):
    before = tree(bank.path)
    shutil.copy(bank.done(0), bank.done(2))
    for ask in (store.sizes, store.failures):
        with refused("000002.json belongs to another block; remove it and run"):
            ask(bank)
    bank.done(2).unlink()
    commit_block(bank, 2)
    assert tree(bank.path) == before


def test_what_is_no_bank_is_told(tmp_path):
    (tmp_path / "file").write_text("mine")
    for name in ("file", "none", "."):
        with refused("holds no bank: expected a folder with a file bank.json"):
            store.open_bank(tmp_path / name)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.tex").write_text("mine")
    for name in ("file", "mine"):
        with refused(f"{name} is no bank; remove it, or name another folder"):
            made(tmp_path / name)
    with refused("cannot write the bank .*below: "):
        made(tmp_path / "file" / "below")
    assert tree(tmp_path) == {"file": b"mine", "mine/thesis.tex": b"mine"}


def test_an_empty_folder_becomes_a_bank(tmp_path):
    (tmp_path / "bank").mkdir()
    assert store.is_complete(filled(tmp_path / "bank"))


def test_a_folder_removed_meanwhile_is_told_and_made_anew(bank, tmp_path):
    before = tree(bank.path)
    shutil.rmtree(bank.path)
    asks = (store.pending, store.sizes, store.failures, lambda bank: store.read(bank, "psnr"))
    for ask in asks:
        with refused("cannot read the bank .*: No such file or directory; run the same command"):
            ask(bank)
    with refused(
        "cannot write the bank .*: No such file or directory; .* the same command resumes"
    ):
        commit_block(bank, 0)
    assert list(tmp_path.iterdir()) == []
    assert tree(filled(bank.path).path) == before


def test_a_lost_lock_is_made_anew(tmp_path):
    bank = made(tmp_path / "bank")
    (bank.path / "lock").unlink()
    assert tree(filled(bank.path).path) == tree(filled(tmp_path / "other").path)


def test_what_killed_runs_left_is_gone_once_the_bank_is_complete(tmp_path):
    bank = made(tmp_path / "bank")
    for name in (f"arrays/{WHOLE}/c.2.0.0_1f2e.__lock", f"arrays/{WHOLE}/c.9.0.0.__lock"):
        (bank.path / name).write_bytes(b"half")
    (bank.path / "done" / "000002.json.__lock").write_text("{")
    shard(bank, 2).write_bytes(b"not yet done")
    filled(bank.path)
    assert tree(bank.path) == tree(filled(tmp_path / "other").path)


def test_what_killed_runs_left_beside_a_new_bank_is_gone(tmp_path):
    filled(tmp_path / ".unfinished-bank-dead")
    (tmp_path / ".unfinished-bank-unborn").mkdir()
    (tmp_path / ".mine").mkdir()
    made(tmp_path / "bank")
    assert {path.name for path in tmp_path.iterdir()} == {"bank", ".mine"}


@pytest.mark.parametrize("error", [errno.ENOLCK, errno.ENOSYS, errno.EBADF])
def test_where_nothing_can_be_locked_nothing_of_others_is_removed(tmp_path, monkeypatch, error):
    fcntl = pytest.importorskip("fcntl")

    def no_lock(*args):
        raise OSError(error, "no locks")

    monkeypatch.setattr(fcntl, "flock", no_lock)
    (tmp_path / ".unfinished-bank-alive").mkdir()
    bank = made(tmp_path / "bank")
    alive = bank.path / "arrays" / WHOLE / "c.2.0.0_1f2e.__lock"
    alive.write_bytes(b"half")
    filled(bank.path)
    assert (tmp_path / ".unfinished-bank-alive").is_dir()
    assert alive.exists()
    np.testing.assert_array_equal(store.read(bank, "psnr"), whole("psnr"))


def test_the_error_keeps_its_cause(bank):
    shard(bank, 0).unlink()
    with pytest.raises(InputError) as caught:
        store.read(bank, "Relu1/moments")
    assert "is missing" in str(caught.value.__cause__)


def test_what_cannot_be_mended_piece_by_piece_is_to_be_removed(bank):
    shutil.rmtree(bank.path / "arrays")
    bank.done(1).unlink()
    with refused("has lost its arrays; remove that folder and run the same command again"):
        commit_block(bank, 1)
    shutil.rmtree(bank.path / "done")
    with refused("No such file or directory; remove that folder and run the same command again"):
        store.pending(bank)
