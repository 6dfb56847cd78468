"""How pairs are cut into blocks, rounds and lanes, and the order in which images are read."""

import itertools

import pytest
from rated import pairs_of

from jaxiqa.bank.layout import Layout, blocks_of, layout_for, reading_order, steps

ROWS = [("a", "a1"), ("b", "b1"), ("a", "a2"), ("c", "b1"), ("b", "b"), ("c", "a")]
# Many pairs of few references, one pair of each of many, and one reference of all.
TABLES = {
    "mixed": ROWS,
    "tid": [(f"r{k % 24}", f"d{k}") for k in range(24 * 30)],
    "kadid": [(f"r{k // 125}", f"d{k}") for k in range(5 * 125)],
    "bapps": [(f"r{k}", f"d{k}") for k in range(200)],
    "thresholds": [("background", f"d{k}") for k in range(105)],
}
LAYOUTS = [
    Layout(1, 1, 64),
    Layout(1, 16, 256),
    Layout(4, 1, 30),
    Layout(4, 16, 64),
    Layout(2, 2, 3),
]


def lanes_of(blocks):
    return [lane for block in blocks for lanes in block.rounds for lane in lanes]


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
@pytest.mark.parametrize("table", TABLES)
def test_each_pair_comes_once_in_a_lane_that_keeps_its_reference(table, layout):
    rows = TABLES[table]
    blocks = blocks_of(pairs_of(rows, {}), layout)
    found = [index for block in blocks for index in block.pairs]
    assert sorted(found) == list(range(len(rows)))
    for lane in lanes_of(blocks):
        assert len(lane.references) <= layout.batch
        assert len(lane.pairs) <= layout.rows
        assert set(lane.references) == {rows[index][0] for index in lane.pairs}
    for block in blocks:
        assert len(block.pairs) <= layout.rows * layout.lanes
        assert {len(lanes) for lanes in block.rounds} == {layout.lanes}


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
@pytest.mark.parametrize("table", TABLES)
def test_a_reference_is_in_one_lane_unless_it_has_more_pairs_than_a_lane(table, layout):
    rows = TABLES[table]
    counts = {reference: [r for r, _ in rows].count(reference) for reference, _ in rows}
    held = [
        key for lane in lanes_of(blocks_of(pairs_of(rows, {}), layout)) for key in lane.references
    ]
    for key, count in counts.items():
        assert held.count(key) == -(-count // layout.rows)


def test_a_cut_reference_stands_alone_so_that_it_stays_kept():
    lanes = lanes_of(blocks_of(pairs_of(TABLES["kadid"], {}), Layout(1, 16, 100)))
    assert {len(lane.references) for lane in lanes} == {1}
    assert [len(lane.pairs) for lane in lanes] == [100, 25] * 5


@pytest.mark.parametrize("table", ["tid", "bapps", "thresholds"])
@pytest.mark.parametrize(("devices", "processes"), [(4, 1), (1, 2), (2, 2)])
def test_work_is_even_over_devices_and_processes(table, devices, processes):
    count = len(TABLES[table])
    layout = layout_for(count, batch=4, devices=devices, processes=processes)
    blocks = blocks_of(pairs_of(TABLES[table], {}), layout)
    work = [0] * (devices * processes)
    for place, block in enumerate(blocks):
        for lanes in block.rounds:
            for lane, held in enumerate(lanes):
                work[place % processes * devices + lane] += len(held.pairs)
    assert max(work) <= 1.5 * count / len(work)


def test_a_lane_is_long_beside_its_batch_and_no_longer_than_the_data_set():
    assert layout_for(5000, batch=1).rows == 64
    assert layout_for(5000, batch=16).rows == 256
    assert layout_for(9, batch=16).rows == 9
    assert layout_for(720, batch=16, devices=4).rows == 180


def test_steps_take_a_batch_of_each_lane_in_turn():
    blocks = blocks_of(pairs_of(TABLES["tid"], {}), Layout(2, 2, 60))
    first, second = blocks[0].rounds[0]
    taken = list(steps(blocks[0].rounds[0], 2))
    assert taken[:6] == [*first.pairs[:2], *second.pairs[:2], *first.pairs[2:4]]
    assert sorted(taken) == sorted(first.pairs + second.pairs)


def test_references_are_read_before_what_is_compared_with_them_and_not_again():
    pairs = pairs_of(ROWS, {})
    order = list(reading_order(pairs, blocks_of(pairs, Layout(1, 2, 4)), 2))
    assert order == ["a", "b", "a1", "a2", "b1", "c", "b1", "a"]


def test_a_reference_that_is_kept_over_rounds_is_read_once():
    pairs = pairs_of(TABLES["thresholds"], {})
    for layout in LAYOUTS:
        order = list(reading_order(pairs, blocks_of(pairs, layout), layout.batch))
        assert order.count("background") == 1
        assert len(order) == 106


def test_blocks_follow_from_table_and_layout_alone():
    pairs = pairs_of(TABLES["tid"], {})
    for layout in LAYOUTS:
        assert blocks_of(pairs, layout) == blocks_of(pairs, layout)
    counts = [len(block.pairs) for block in blocks_of(pairs, Layout(1, 1, 64))]
    assert counts == [60] * 12
    assert list(itertools.chain(*(b.pairs for b in blocks_of(pairs, Layout(1, 1, 64)))))[:2] == [
        0,
        24,
    ]
