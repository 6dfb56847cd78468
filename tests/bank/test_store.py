"""What goes into a bank comes out; names, reuse, and what is refused."""

import dataclasses
import json

import numpy as np
import pytest
from banks import (
    ARRAYS,
    BLOCKS,
    FAILED,
    PAIRS,
    RECORD,
    commit_block,
    filled,
    made,
    refused,
    tree,
    whole,
)

from jaxiqa.bank import store

# Of a block of one pair.
ROWS = {name: np.zeros((1, *shape)) for name, shape in ARRAYS.items()}


def test_what_goes_in_comes_out_in_the_order_of_the_pairs(tmp_path):
    bank = filled(tmp_path / "bank")
    for name in ARRAYS:
        found = store.read(bank, name)
        assert found.dtype == np.float32
        np.testing.assert_array_equal(found, whole(name))
    assert store.failures(bank) == FAILED
    expected = [(100 + pair, 200 - pair) for pair in range(PAIRS)]
    np.testing.assert_array_equal(store.sizes(bank), expected)
    assert len(bank) == PAIRS


@pytest.mark.parametrize(("name", "index"), [("relu1/moments", 0), ("relu1/moments", 2)])
def test_an_index_is_a_place_of_the_second_axis(tmp_path, name, index):
    found = store.read(filled(tmp_path / "bank"), name, index)
    np.testing.assert_array_equal(found, whole(name)[:, index])


def test_an_index_of_an_array_without_channels(tmp_path):
    found = store.read(filled(tmp_path / "bank"), "relu1/gram", 0)
    np.testing.assert_array_equal(found, whole("relu1/gram")[:, 0])


def test_an_index_reads_nothing_beside_it(tmp_path):
    bank = filled(tmp_path / "bank")
    [shard] = tmp_path.glob("bank/arrays/*-relu1-moments/c.2.0.0")
    content = bytearray(shard.read_bytes())
    content[5] ^= 1
    shard.write_bytes(content)
    np.testing.assert_array_equal(
        store.read(bank, "relu1/moments", 2), whole("relu1/moments")[:, 2]
    )
    with refused("relu1/moments of .* is damaged; remove 000002.json "):
        store.read(bank, "relu1/moments", 0)


def test_a_bank_fills_block_by_block_and_is_read_when_whole(tmp_path):
    bank = made(tmp_path / "bank")
    assert store.pending(bank) == (0, 1, 2, 3)
    for block, left in ((2, (0, 1, 3)), (0, (1, 3)), (3, (1,))):
        commit_block(bank, block)
        assert store.pending(store.open_bank(bank.path)) == left
        for ask in (lambda: store.read(bank, "psnr"), lambda: store.sizes(bank)):
            with refused(f"is unfinished: {len(left)} of 4 blocks are missing; .* resumes"):
                ask()
    assert store.failures(bank) == FAILED
    assert not store.is_complete(bank)
    commit_block(bank, 1)
    assert store.is_complete(bank)


def test_a_finished_block_is_left_alone(tmp_path):
    bank = filled(tmp_path / "bank")
    before = tree(bank.path)
    store.commit(bank, 1, ROWS, np.zeros((1, 2), int), {})
    assert tree(bank.path) == before


def test_opened_and_created_again_it_is_the_same(tmp_path):
    bank = filled(tmp_path / "bank")
    assert store.open_bank(tmp_path / "bank") == bank == made(tmp_path / "bank")
    assert (bank.record, bank.arrays, bank.blocks) == (RECORD, ARRAYS, BLOCKS)
    assert store.identity_of(bank) == RECORD["identity"]


def test_equal_values_are_equal_bytes_in_any_order_and_with_any_nan(tmp_path):
    expected = tree(filled(tmp_path / "bank").path)
    backwards = dict(reversed(RECORD.items())), dict(reversed(ARRAYS.items()))
    bank = store.create(tmp_path / "again", *backwards, [list(block) for block in BLOCKS])
    odd = np.array(0xFFC12345, np.uint32).view(np.float32)
    for block in reversed(range(len(BLOCKS))):
        pairs = list(BLOCKS[block])
        rows = {name: whole(name)[pairs].astype(np.float64) for name in reversed(ARRAYS)}
        rows = {name: np.where(np.isnan(row), odd, row) for name, row in rows.items()}
        failed = {pair: FAILED[pair] for pair in sorted(pairs) if pair in FAILED}
        size = [(100 + pair, 200 - pair) for pair in pairs]
        store.commit(bank, block, rows, np.array(size, np.uint16), failed)
    assert tree(bank.path) == expected


def test_nothing_of_the_place_or_time_is_in_it(tmp_path):
    files = tree(filled(tmp_path / "bank").path)
    assert not any(str(tmp_path).encode() in content for content in files.values())
    names = {name.rpartition("/")[2] for name in files}
    done = {f"00000{block}.json" for block in range(4)}
    shards = {f"c.{block}{rest}" for block in range(4) for rest in ("", ".0", ".0.0")}
    assert names == {"bank.json", "lock", "zarr.json", *done, *shards}


ODD = ("a", "A", "a/c", "..", "../up", "/abs", "", "é #?%\\:*", "x" * 300, ".__lock", "c.0", "\0\n")


def test_any_name_is_a_name_of_an_array(tmp_path):
    bank = store.create(tmp_path / "odd é #?%", {}, dict.fromkeys(ODD, (2,)), [[0]])
    rows = {name: np.full((1, 2), number, np.float32) for number, name in enumerate(ODD)}
    store.commit(bank, 0, rows, np.ones((1, 2), int), {})
    opened = store.open_bank(bank.path)
    assert [store.read(opened, name)[0, 0] for name in ODD] == list(range(len(ODD)))
    assert [path.name for path in tmp_path.iterdir()] == ["odd é #?%"]


def test_a_place_relative_to_the_current_folder(tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    bank = filled("../bank")
    np.testing.assert_array_equal(store.read(bank, "psnr"), whole("psnr"))
    assert tree(tmp_path / "bank") == tree(bank.path)


@pytest.mark.parametrize(
    "label", ["AlexNet on TID", "../../up", "", "é/ü", "x" * 300, "a\nb", "-."]
)
def test_a_slot_is_a_readable_folder_of_its_own(tmp_path, label):
    slot = store.slot_folder(tmp_path, label, RECORD)
    assert slot.parent == tmp_path
    assert slot == store.slot_folder(tmp_path, label, json.loads(json.dumps(RECORD)))
    assert slot != store.slot_folder(tmp_path, label, RECORD | {"more": 1})
    assert slot.name.isascii()
    assert len(slot.name) < 80
    assert not slot.name.startswith((".", "-"))
    assert store.create(slot, RECORD, {"psnr": ()}, [[0]]).path == slot


def test_the_label_of_a_slot_is_told():
    assert store.slot_folder("x", "alexnet, TID 2013", {}).name.startswith("alexnet-TID-2013-")


def test_find_takes_what_is_equal_and_holds_enough_and_the_most_finished(tmp_path):
    wanted = {"psnr": (), "relu1/moments": [3, 40]}
    identity = RECORD["identity"]
    assert store.find(tmp_path / "none", identity, wanted) == []
    partial = made(tmp_path / "banks" / "a")
    assert store.find(tmp_path, identity, wanted)[0] == partial
    commit_block(made(tmp_path / "banks" / "b"), 0)
    assert store.find(tmp_path, identity, wanted)[0].path.name == "b"
    complete = filled(tmp_path / "banks" / "deep" / "er" / "z")
    assert store.find(tmp_path, identity, wanted)[0] == complete
    assert store.find(tmp_path, identity | {"net": "vgg16"}, wanted) == []
    assert store.find(tmp_path, {}, wanted) == []
    assert store.find(tmp_path, identity, wanted | {"psnr": (1,)}) == []
    assert store.find(tmp_path, identity, wanted | {"ssim": ()}) == []


def test_find_passes_over_what_is_damaged_foreign_or_hidden(tmp_path):
    damaged, hidden = filled(tmp_path / "a"), filled(tmp_path / ".hidden" / "a")
    record = damaged.path / "bank.json"
    record.write_text(record.read_text().replace("ab12", "ab13"))
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign" / "bank.json").write_text("[1]")
    (tmp_path / "folder" / "bank.json").mkdir(parents=True)
    for net in ("ab12", "ab13"):
        assert store.find(tmp_path, {"net": "alexnet", "weights": net}, ARRAYS) == []
    assert store.find(hidden.path, RECORD["identity"], ARRAYS)[0] == hidden


def test_an_identity_with_tuples_is_found(tmp_path):
    identity = {"taps": ("relu1", "relu2")}
    bank = store.create(tmp_path / "a", {"identity": identity}, {"psnr": ()}, [[0]])
    assert store.find(tmp_path, identity, {"psnr": ()}) == [bank]


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"record": {"x": np.float32(1)}}, "expected plain JSON"),
        ({"record": {"x": float("nan")}}, "expected plain JSON"),
        ({"arrays": {}}, "arrays of a bank: expected names"),
        ({"arrays": {"psnr": (0,)}}, "arrays of a bank: expected names"),
        ({"blocks": []}, "got 0 indices in 0 blocks"),
        ({"blocks": [[0], []]}, "none empty, got 1 indices in 2 blocks"),
        ({"blocks": [[0, 2]]}, "each of 0 .. n-1 in one of them"),
        ({"blocks": [[0, 1], [1]]}, "each of 0 .. n-1 in one of them"),
    ],
)
def test_what_is_no_bank_is_not_made(tmp_path, change, match):
    with refused(match):
        store.create(
            tmp_path / "a", **{"record": {}, "arrays": {"a": ()}, "blocks": [[0]]} | change
        )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("change", [{"record": {}}, {"arrays": {"psnr": ()}}, {"blocks": [[0]]}])
def test_another_bank_in_its_place_is_kept(tmp_path, change):
    before = tree(filled(tmp_path / "bank").path)
    given = {"record": RECORD, "arrays": ARRAYS, "blocks": BLOCKS} | change
    with refused("bank holds another bank; remove it, or name another folder"):
        store.create(tmp_path / "bank", **given)
    assert tree(tmp_path / "bank") == before


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"block": 4}, r"block 4: expected 0 \.\. 3"),
        ({"block": -1}, r"block -1: expected 0 \.\. 3"),
        ({"values": {}}, "of block 1: no values"),
        ({"values": ROWS | {"ssim": np.zeros(1)}}, "ssim of block 1: no such array in the bank"),
        ({"values": ROWS | {"psnr": np.zeros(2)}}, r"psnr of block 1: .*\(1,\), got \(2,\)"),
        ({"sizes": np.zeros((2, 2), int)}, r"sizes of block 1: expected .*got int64 of shape"),
        ({"sizes": np.zeros((1, 2))}, "sizes of block 1: .*got float64"),
        ({"failures": {0: "bad"}}, "failures: pair 0 is not in the block"),
    ],
)
def test_a_block_that_does_not_fit_is_refused_and_nothing_written(tmp_path, change, match):
    bank = made(tmp_path / "bank")
    before = tree(bank.path)
    given = {"block": 1, "values": ROWS, "sizes": np.zeros((1, 2), int), "failures": {}}
    with refused(match):
        store.commit(bank, **given | change)
    assert tree(bank.path) == before


def test_what_is_not_held_cannot_be_read(tmp_path):
    bank = filled(tmp_path / "bank")
    with refused("holds no array 'relu1/moment', did you mean 'relu1/moments'"):
        store.read(bank, "relu1/moment")
    for name, index in (("relu1/moments", 3), ("relu1/moments", -1), ("psnr", 0)):
        with refused(f"index {index} of {name}"):
            store.read(bank, name, index)


def test_a_bank_is_a_value(tmp_path):
    bank = made(tmp_path / "bank")
    assert dataclasses.replace(bank) == bank
    with pytest.raises(dataclasses.FrozenInstanceError):
        bank.path = tmp_path
